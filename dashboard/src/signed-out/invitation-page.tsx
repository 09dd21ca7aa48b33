import { Button, Skeleton, TextInput } from "@mantine/core";
import { type FormEvent, useCallback, useEffect, useState } from "react";
import { acceptInvitation, callSignedOut } from "../api/auth";
import { type ApiError, sentence, toApiError } from "../api/errors";
import { brand } from "../brand/brand";
import type { ResultOf } from "../gql/graphql";
import { useTitle } from "../ui/hooks";
import { Until } from "../ui/time";
import { CodeField } from "./code-field";
import { InvitationQuery } from "./documents";
import { Notice, SignedOutLayout } from "./layout";
import { ToSignIn } from "./leave";
import { NewPasswordFields } from "./new-password-fields";
import { newPasswordProblem } from "./password";
import { openPublicPage } from "./public-page";
import css from "./signed-out.module.css";

type Offer = ResultOf<typeof InvitationQuery>["invitation"];

export function InvitationPage({ token }: { readonly token: string | null }) {
  const [offer, setOffer] = useState<Offer | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [spent, spend] = useState(token === null);
  useTitle(`Invitation · ${brand.name}`);

  const read = useCallback(async () => {
    if (!token) return;
    setError(null);
    try {
      setOffer((await callSignedOut(InvitationQuery, { token })).invitation);
    } catch (thrown) {
      const refused = toApiError(thrown);
      if (refused.code === "NOT_FOUND") spend(true);
      else setError(refused);
    }
  }, [token]);
  useEffect(() => void read(), [read]);

  if (spent || !token) {
    return (
      <SignedOutLayout title="This invitation does not work any more">
        <p className={css.text} role="status">
          An invitation works once and for seven days. It was used, taken back or has run out. Ask whoever
          invited you to send it again; or, if you reloaded this page, open the link in your mail again. If
          you have accepted it, sign in.
        </p>
        <ToSignIn />
      </SignedOutLayout>
    );
  }
  if (error) {
    return (
      <SignedOutLayout title="The invitation could not be loaded">
        <Notice alert>{sentence(error)}</Notice>
        <Button size="md" fullWidth onClick={() => void read()}>
          Try again
        </Button>
      </SignedOutLayout>
    );
  }
  if (!offer) {
    return (
      <SignedOutLayout title="Invitation">
        <div aria-busy="true" role="status" aria-label="Loading">
          <Skeleton height={12} mb={10} />
          <Skeleton height={12} width="60%" mb={24} />
          <Skeleton height={42} />
        </div>
      </SignedOutLayout>
    );
  }
  return <Accept token={token} offer={offer} onSpent={() => spend(true)} />;
}

function Accept(props: { readonly token: string; readonly offer: Offer; readonly onSpent: () => void }) {
  const { offer } = props;
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [code, setCode] = useState("");
  const [askCode, setAskCode] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const refused = (error: ApiError): string | null => {
    switch (error.reason) {
      case "INVITATION_SPENT":
        props.onSpent();
        return null;
      case "SECOND_FACTOR_REQUIRED":
        setAskCode(true);
        return null;
      case "SECOND_FACTOR_WRONG":
        setCode("");
        return "This code is not right, or it was used already. Wait for the next one.";
      case "WRONG_CREDENTIALS":
        setAskCode(false);
        return "This is not the password of your account.";
      case "INVITER_LACKS":
        return "Whoever invited you may not give this role any more. Ask them, or somebody else who manages the team.";
      default:
        return sentence(error);
    }
  };

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const unfit = offer.hasAccount ? null : newPasswordProblem(password, again);
    setProblem(unfit);
    if (unfit) return;
    setBusy(true);
    try {
      await acceptInvitation({
        token: props.token,
        password,
        ...(offer.hasAccount ? {} : { name: name.trim() }),
        ...(code ? { code: code.trim() } : {}),
      });
      openPublicPage(null);
    } catch (thrown) {
      setProblem(refused(toApiError(thrown)));
      setBusy(false);
    }
  };

  return (
    <SignedOutLayout title={`Join ${offer.place}`}>
      {problem ? <Notice alert>{problem}</Notice> : null}
      <p className={css.text}>
        {offer.inviter ?? brand.name} invites <strong>{offer.email}</strong> as <strong>{offer.role}</strong>.
        The invitation ends <Until at={offer.expiresAt} />.
      </p>
      <form onSubmit={submit} className={css.form}>
        {/* Password managers keep the password under this. */}
        <input
          className="hidden-text"
          name="email"
          autoComplete="username"
          value={offer.email}
          readOnly
          tabIndex={-1}
          aria-hidden="true"
        />
        {offer.hasAccount ? (
          <TextInput
            label="Your password"
            description="You have an account here already. It stays the same; this adds a place to it."
            type="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            autoFocus
            size="md"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
        ) : (
          <>
            <TextInput
              label="Your name"
              description="Colleagues and, in a chat, visitors see it."
              autoComplete="name"
              required
              withAsterisk={false}
              autoFocus
              size="md"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <NewPasswordFields
              password={password}
              again={again}
              onPassword={setPassword}
              onAgain={setAgain}
            />
          </>
        )}
        {askCode ? <CodeField value={code} onChange={setCode} /> : null}
        <Button type="submit" size="md" fullWidth loading={busy} mt={4}>
          {offer.hasAccount ? "Accept" : "Create my account"}
        </Button>
      </form>
    </SignedOutLayout>
  );
}
