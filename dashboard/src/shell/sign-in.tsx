import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { signIn } from "../api/auth";
import { sentence, toApiError } from "../api/errors";
import { brand } from "../brand/brand";
import { useTitle } from "../ui/hooks";
import { BrandMark } from "./brand-mark";
import css from "./sign-in.module.css";

export function SignIn({ notice }: { readonly notice: string | null }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  useTitle(`Sign in · ${brand.name}`);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await signIn(email.trim(), password);
    } catch (thrown) {
      const error = toApiError(thrown);
      const wrong = error.code === "UNAUTHENTICATED" || error.code === "INVALID";
      setProblem(wrong ? "This address and this password do not fit together." : sentence(error));
      setBusy(false);
    }
  };

  return (
    <main className={css.page}>
      <div className={css.card}>
        <div className={css.brand}>
          <BrandMark large />
        </div>
        <h1 className={css.title}>Sign in</h1>
        {notice && !problem ? (
          <p className={css.notice} role="status">
            {notice}
          </p>
        ) : null}
        {problem ? (
          <p className={css.notice} role="alert">
            {problem}
          </p>
        ) : null}
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
          <Button type="submit" size="md" fullWidth loading={busy} mt={4}>
            Sign in
          </Button>
        </form>
        <Footer />
      </div>
    </main>
  );
}

function Footer() {
  if (!brand.supportEmail && !brand.termsUrl && !brand.privacyUrl) return null;
  return (
    <footer className={css.footer}>
      {brand.supportEmail ? <a href={`mailto:${brand.supportEmail}`}>Help</a> : null}
      {brand.termsUrl ? <a href={brand.termsUrl}>Terms</a> : null}
      {brand.privacyUrl ? <a href={brand.privacyUrl}>Privacy</a> : null}
    </footer>
  );
}
