import { Button } from "@mantine/core";
import { useState } from "react";
import { auth, callSignedOut } from "../api/auth";
import { sentence, toApiError } from "../api/errors";
import { useStore } from "../api/store";
import { brand } from "../brand/brand";
import { useTitle } from "../ui/hooks";
import { UnsubscribeMutation } from "./documents";
import { Notice, SignedOutLayout } from "./layout";
import { ToSignIn } from "./leave";
import css from "./signed-out.module.css";

/** Asks for a click: programs that look into mails follow links, and must not switch anything off by that. */
export function UnsubscribePage({ token }: { readonly token: string | null }) {
  const [stopped, setStopped] = useState<{ readonly organizationName: string | null } | null>(null);
  const [unknown, setUnknown] = useState(token === null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const signedIn = useStore(auth).status === "signedIn";
  useTitle(`Stop mails · ${brand.name}`);

  const stop = async () => {
    if (!token || busy) return;
    setBusy(true);
    setProblem(null);
    try {
      setStopped((await callSignedOut(UnsubscribeMutation, { token })).unsubscribe);
    } catch (thrown) {
      const error = toApiError(thrown);
      if (error.reason === "UNSUBSCRIBE_UNKNOWN") setUnknown(true);
      else setProblem(sentence(error));
    } finally {
      setBusy(false);
    }
  };
  const out = <ToSignIn label={signedIn ? "Go on" : "Go to sign in"} />;

  if (stopped) {
    const where = stopped.organizationName === null ? "" : ` about ${stopped.organizationName}`;
    return (
      <SignedOutLayout title="No more mails">
        <p className={css.text} role="status">
          You get no more mails{where}. The bell and your devices go on. Under Notifications you can have
          mails again at any time.
        </p>
        {out}
      </SignedOutLayout>
    );
  }
  if (unknown) {
    return (
      <SignedOutLayout title="This link is not complete">
        <p className={css.text} role="status">
          Open it again from the mail, or sign in and choose under Notifications what you want to be told of.
        </p>
        {out}
      </SignedOutLayout>
    );
  }
  return (
    <SignedOutLayout title="Stop these mails?">
      {problem ? <Notice alert>{problem}</Notice> : null}
      <p className={css.text}>
        You will not be told by mail any more, not even of a visitor who asks for a person. The bell and your
        devices go on.
      </p>
      <Button size="md" fullWidth loading={busy} onClick={() => void stop()}>
        Stop these mails
      </Button>
    </SignedOutLayout>
  );
}
