import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { change } from "../api/client";
import { type ApiError, sentence, toApiError } from "../api/errors";
import { NewPasswordFields } from "../signed-out/new-password-fields";
import { newPasswordProblem } from "../signed-out/password";
import { Section } from "../ui/page";
import { toast } from "../ui/toast";
import css from "./account.module.css";
import { ChangePasswordMutation, RequestAddressChangeMutation } from "./documents";

export function passwordProblem(error: ApiError): string {
  return error.reason === "WRONG_CREDENTIALS" ? "This is not your password." : sentence(error);
}

export function PasswordSection({ email }: { readonly email: string | null }) {
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const unfit = newPasswordProblem(password, again);
    setProblem(unfit);
    if (unfit) return;
    setBusy(true);
    try {
      await change(ChangePasswordMutation, { currentPassword: current, newPassword: password }, ["Session"]);
      setCurrent("");
      setPassword("");
      setAgain("");
      toast("Your password is changed", { detail: "You were signed out everywhere else." });
    } catch (thrown) {
      setProblem(passwordProblem(toApiError(thrown)));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Section id="password" title="Password" text="Changing it signs you out everywhere but here.">
      <form onSubmit={submit} className={css.form}>
        <input
          className="hidden-text"
          name="email"
          autoComplete="username"
          value={email ?? ""}
          readOnly
          tabIndex={-1}
          aria-hidden="true"
        />
        <TextInput
          label="Current password"
          type="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <NewPasswordFields
          size="sm"
          password={password}
          again={again}
          onPassword={setPassword}
          onAgain={setAgain}
        />
        <div className={css.bar}>
          <Button type="submit" disabled={!current || !password || !again} loading={busy}>
            Change the password
          </Button>
          {problem ? (
            <span role="alert" className={css.problem}>
              {problem}
            </span>
          ) : null}
        </div>
      </form>
    </Section>
  );
}

export function AddressSection({ email }: { readonly email: string | null }) {
  const [fresh, setFresh] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [asked, setAsked] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await change(RequestAddressChangeMutation, { email: fresh.trim(), password });
      setAsked(fresh.trim());
      setFresh("");
      setPassword("");
    } catch (thrown) {
      setProblem(passwordProblem(toApiError(thrown)));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Section
      id="address"
      title="Address"
      text={
        <>
          You sign in with <strong className={css.strong}>{email ?? "—"}</strong>. A change has to be
          confirmed at both addresses.
        </>
      }
    >
      {asked ? (
        <p className={css.note} role="status">
          Mails are on their way to <strong>{asked}</strong> and to your present address. Open the link in
          both; until then nothing changes.
        </p>
      ) : null}
      <form onSubmit={submit} className={css.form}>
        <TextInput
          label="New address"
          type="email"
          autoComplete="email"
          required
          withAsterisk={false}
          value={fresh}
          onChange={(event) => setFresh(event.currentTarget.value)}
        />
        <TextInput
          label="Your password"
          type="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <div className={css.bar}>
          <Button type="submit" disabled={!fresh.trim() || !password} loading={busy}>
            Change the address
          </Button>
          {problem ? (
            <span role="alert" className={css.problem}>
              {problem}
            </span>
          ) : null}
        </div>
      </form>
    </Section>
  );
}
