import { Button } from "@mantine/core";
import { useState } from "react";
import { auth, callSignedOut, reloadViewer } from "../api/auth";
import { sentence, toApiError } from "../api/errors";
import { useStore } from "../api/store";
import { brand } from "../brand/brand";
import { useTitle } from "../ui/hooks";
import { ConfirmAddressMutation } from "./documents";
import { Notice, SignedOutLayout } from "./layout";
import { ToSignIn } from "./leave";
import css from "./signed-out.module.css";

type State = "asking" | "waiting" | "done" | "spent";

/** Asks for a click: programs that look into mails follow links, and must not confirm anything by that. */
export function ConfirmAddressPage({ token }: { readonly token: string | null }) {
  const [state, setState] = useState<State>(token ? "asking" : "spent");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const signedIn = useStore(auth).status === "signedIn";
  useTitle(`Confirm your address · ${brand.name}`);

  const confirm = async () => {
    if (!token || busy) return;
    setBusy(true);
    setProblem(null);
    try {
      const { confirmAddressChange } = await callSignedOut(ConfirmAddressMutation, { token });
      setState(confirmAddressChange === "DONE" ? "done" : "waiting");
      if (confirmAddressChange === "DONE") await reloadViewer().catch(() => undefined);
    } catch (thrown) {
      const error = toApiError(thrown);
      if (error.reason === "ADDRESS_CHANGE_SPENT") setState("spent");
      else setProblem(sentence(error));
    } finally {
      setBusy(false);
    }
  };
  const out = <ToSignIn label={signedIn ? "Go on" : "Go to sign in"} />;

  if (state === "spent") {
    return (
      <SignedOutLayout title="This link does not work any more">
        <p className={css.text} role="status">
          It was used already, or the change was given up or has run out. Ask for the change again in your
          account. If you reloaded this page, open the link in your mail again.
        </p>
        {out}
      </SignedOutLayout>
    );
  }
  if (state === "waiting") {
    return (
      <SignedOutLayout title="One half is done">
        <p className={css.text} role="status">
          The change is confirmed at this address. Now confirm it at the other one as well: both got a mail.
          Until then you sign in with the old address.
        </p>
        {out}
      </SignedOutLayout>
    );
  }
  if (state === "done") {
    return (
      <SignedOutLayout title="Your address is changed">
        <p className={css.text} role="status">
          From now on you sign in with the new address.
        </p>
        {out}
      </SignedOutLayout>
    );
  }
  return (
    <SignedOutLayout title="Confirm the new address">
      {problem ? <Notice alert>{problem}</Notice> : null}
      <p className={css.text}>
        Somebody who was signed in asked to change the address of your account. Confirm only if that was you.
      </p>
      <Button size="md" fullWidth loading={busy} onClick={() => void confirm()}>
        Confirm the change
      </Button>
    </SignedOutLayout>
  );
}
