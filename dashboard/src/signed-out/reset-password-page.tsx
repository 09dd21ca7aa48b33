import { Button } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { auth, callSignedOut, signOut } from "../api/auth";
import { sentence, toApiError } from "../api/errors";
import { brand } from "../brand/brand";
import { useTitle } from "../ui/hooks";
import { ResetPasswordMutation } from "./documents";
import { Notice, SignedOutLayout } from "./layout";
import { BackToSignIn, ToSignIn } from "./leave";
import { NewPasswordFields } from "./new-password-fields";
import { newPasswordProblem } from "./password";
import { openPublicPage } from "./public-page";
import css from "./signed-out.module.css";

export function ResetPasswordPage({ token }: { readonly token: string | null }) {
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [state, setState] = useState<"asking" | "done" | "spent">(token ? "asking" : "spent");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  useTitle(`Choose a new password · ${brand.name}`);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy || !token) return;
    const unfit = newPasswordProblem(password, again);
    setProblem(unfit);
    if (unfit) return;
    setBusy(true);
    try {
      await callSignedOut(ResetPasswordMutation, { token, password });
      setState("done");
      // All sessions have ended, also one that this browser may have held.
      if (auth.get().status === "signedIn") await signOut();
    } catch (thrown) {
      const error = toApiError(thrown);
      if (error.reason === "RESET_SPENT") setState("spent");
      else setProblem(sentence(error));
    } finally {
      setBusy(false);
    }
  };

  if (state === "spent") {
    return (
      <SignedOutLayout title="This link does not work any more">
        <p className={css.text} role="status">
          A link to choose a new password works once and for 30 minutes. Ask for another one; or, if you
          reloaded this page, open the link in your mail again.
        </p>
        <Button size="md" fullWidth onClick={() => openPublicPage("forgot-password")}>
          Ask for a new link
        </Button>
        <BackToSignIn />
      </SignedOutLayout>
    );
  }

  if (state === "done") {
    return (
      <SignedOutLayout title="Your password is changed">
        <p className={css.text} role="status">
          You were signed out everywhere. Sign in with the new password.
        </p>
        <ToSignIn />
      </SignedOutLayout>
    );
  }

  return (
    <SignedOutLayout title="Choose a new password">
      {problem ? <Notice alert>{problem}</Notice> : null}
      <form onSubmit={submit} className={css.form}>
        <NewPasswordFields
          password={password}
          again={again}
          onPassword={setPassword}
          onAgain={setAgain}
          autoFocus
        />
        <Button type="submit" size="md" fullWidth loading={busy} mt={4}>
          Change the password
        </Button>
      </form>
      <BackToSignIn />
    </SignedOutLayout>
  );
}
