import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { signIn } from "../api/auth";
import { type ApiError, sentence, toApiError } from "../api/errors";
import { brand } from "../brand/brand";
import { useTitle } from "../ui/hooks";
import { CodeField } from "./code-field";
import { Notice, SignedOutLayout } from "./layout";
import { NewPasswordFields } from "./new-password-fields";
import { newPasswordProblem } from "./password";
import { openPublicPage } from "./public-page";
import css from "./signed-out.module.css";

/** Address and password first; a code or a new password only when the server asks for it. */
type Step = "password" | "code" | "newPassword";

const titles: Readonly<Record<Step, string>> = {
  password: "Sign in",
  code: "Confirm that it is you",
  newPassword: "Choose your own password",
};

export function SignIn({ notice }: { readonly notice: string | null }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [fresh, setFresh] = useState("");
  const [again, setAgain] = useState("");
  const [step, setStep] = useState<Step>("password");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  useTitle(`${titles[step]} · ${brand.name}`);

  const refused = (error: ApiError) => {
    switch (error.reason) {
      case "SECOND_FACTOR_REQUIRED":
        setStep("code");
        return null;
      case "PASSWORD_CHANGE_REQUIRED":
        setStep("newPassword");
        return null;
      case "SECOND_FACTOR_WRONG":
        // A code holds for one use: whoever went on to the next step has to give a new one.
        setStep("code");
        setCode("");
        return "This code is not right, or it was used already. Wait for the next one.";
      case "PASSWORD_TOO_WEAK":
        return error.message;
      default: {
        const wrong = error.code === "UNAUTHENTICATED" || error.code === "INVALID";
        if (wrong) setStep("password");
        return wrong ? "This address and this password do not fit together." : sentence(error);
      }
    }
  };

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const unfit = step === "newPassword" ? newPasswordProblem(fresh, again) : null;
    setProblem(unfit);
    if (unfit) return;
    setBusy(true);
    try {
      await signIn({
        email: email.trim(),
        password,
        ...(code ? { code: code.trim() } : {}),
        // Kept over a second code: the server asks for that when the first one was used up meanwhile.
        ...(fresh ? { newPassword: fresh } : {}),
      });
    } catch (thrown) {
      setProblem(refused(toApiError(thrown)));
      setBusy(false);
    }
  };

  const startOver = () => {
    setStep("password");
    setPassword("");
    setCode("");
    setProblem(null);
  };

  return (
    <SignedOutLayout title={titles[step]}>
      {notice && !problem && step === "password" ? <Notice>{notice}</Notice> : null}
      {problem ? <Notice alert>{problem}</Notice> : null}
      <form onSubmit={submit} className={css.form}>
        {step === "password" ? (
          <>
            <TextInput
              label="Email"
              type="email"
              name="email"
              autoComplete="username"
              required
              withAsterisk={false}
              autoFocus
              size="md"
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
            />
            <TextInput
              label="Password"
              type="password"
              name="password"
              autoComplete="current-password"
              required
              withAsterisk={false}
              size="md"
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
          </>
        ) : null}
        {step === "code" ? <CodeField value={code} onChange={setCode} /> : null}
        {step === "newPassword" ? (
          <>
            <p className={css.text}>
              The password you were given was only for the first time. From now on nobody but you knows yours.
            </p>
            <NewPasswordFields
              password={fresh}
              again={again}
              onPassword={setFresh}
              onAgain={setAgain}
              autoFocus
            />
          </>
        ) : null}
        <Button type="submit" size="md" fullWidth loading={busy} mt={4}>
          {step === "password" ? "Sign in" : "Go on"}
        </Button>
      </form>
      <div className={css.links}>
        {step === "password" ? (
          <button type="button" className={css.link} onClick={() => openPublicPage("forgot-password")}>
            Forgot your password?
          </button>
        ) : (
          <button type="button" className={css.link} onClick={startOver}>
            Use another account
          </button>
        )}
      </div>
    </SignedOutLayout>
  );
}
