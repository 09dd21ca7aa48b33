import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { callSignedOut } from "../api/auth";
import { sentence, toApiError } from "../api/errors";
import { brand } from "../brand/brand";
import { useTitle } from "../ui/hooks";
import { RequestResetMutation } from "./documents";
import { Notice, SignedOutLayout } from "./layout";
import { BackToSignIn } from "./leave";
import css from "./signed-out.module.css";

export function ForgotPasswordPage() {
  const [email, setEmail] = useState("");
  const [sentTo, setSentTo] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  useTitle(`Forgot your password? · ${brand.name}`);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await callSignedOut(RequestResetMutation, { email: email.trim() });
      setSentTo(email.trim());
    } catch (thrown) {
      setProblem(sentence(toApiError(thrown)));
    } finally {
      setBusy(false);
    }
  };

  if (sentTo !== null) {
    return (
      <SignedOutLayout title="Look into your mail">
        <p className={css.text} role="status">
          If <strong>{sentTo}</strong> belongs to an account here, a link to choose a new password is on its
          way. It works for 30 minutes and once. Nothing has arrived? Look among the unwanted mail, or try
          again.
        </p>
        <Button variant="default" size="md" fullWidth onClick={() => setSentTo(null)}>
          Try another address
        </Button>
        <BackToSignIn />
      </SignedOutLayout>
    );
  }

  return (
    <SignedOutLayout title="Forgot your password?">
      {problem ? <Notice alert>{problem}</Notice> : null}
      <p className={css.text}>Give the address you sign in with. You get a link to choose a new password.</p>
      <form onSubmit={submit} className={css.form}>
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
        <Button type="submit" size="md" fullWidth loading={busy} mt={4}>
          Send the link
        </Button>
      </form>
      <BackToSignIn />
    </SignedOutLayout>
  );
}
