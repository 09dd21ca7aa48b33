import { Button } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { type ApiError, sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { Confirm } from "../ui/confirm";
import { CopyButton } from "../ui/copy-button";
import { Failed } from "../ui/states";
import { Ago, exact } from "../ui/time";
import { IdentitySecretQuery, RotateIdentitySecretMutation } from "./documents";
import css from "./visitors.module.css";

/** The key with which the client's server says who a visitor is: shown once, when it is made. */
export function IdentitySection({ widgetId }: { readonly widgetId: string }) {
  const { data, error, again } = useAsk(IdentitySecretQuery, { widgetId });
  const [secret, setSecret] = useState<string | null>(null);
  const [asking, setAsking] = useState<number | null>(null);
  const [failed, setFailed] = useState<ApiError | null>(null);
  const rotate = async (keepHours: number) => {
    setAsking(null);
    setFailed(null);
    try {
      const made = await change(RotateIdentitySecretMutation, { widgetId, keepHours });
      setSecret(made.rotateIdentitySecret.secret);
      again();
    } catch (thrown) {
      setFailed(toApiError(thrown));
    }
  };
  if (error) return <Failed error={error} retry={again} />;
  const state = data?.identitySecret;
  return (
    <div className={css.identity} data-testid="identity">
      <h3>Identity</h3>
      <p className={css.dim}>
        The site's own server signs who a visitor is with this secret. Then they have the same conversation on
        every device, and operators see that their name is verified.
      </p>
      {secret ? (
        <div className={css.secret}>
          <code data-testid="identity-secret">{secret}</code>
          <CopyButton text={secret} what="the secret" />
          <p className={css.dim}>It is shown this once. Keep it on the server, never in a page.</p>
        </div>
      ) : null}
      {state?.hint && state.createdAt ? (
        <p>
          The secret ends in <code>{state.hint}</code>, made <Ago at={state.createdAt} />.
          {state.previousUntil ? ` The one before counts until ${exact(state.previousUntil)}.` : ""}
        </p>
      ) : null}
      {state ? (
        <div className={css.bar}>
          <Button variant="default" onClick={() => (state.hint ? setAsking(24) : void rotate(0))}>
            {state.hint ? "Replace the secret" : "Make a secret"}
          </Button>
          {state.hint ? (
            <Button variant="subtle" color="red" onClick={() => setAsking(0)}>
              Replace it at once
            </Button>
          ) : null}
        </div>
      ) : null}
      {failed ? (
        <p role="alert" className={css.problem}>
          {sentence(failed)}
        </p>
      ) : null}
      <Confirm
        opened={asking !== null}
        title="Replace the secret"
        action="Replace"
        onConfirm={() => void rotate(asking ?? 24)}
        onClose={() => setAsking(null)}
      >
        {asking === 0
          ? "Whoever signs with the secret that is used now is refused from this moment on."
          : "The secret that is used now counts for another day: put the new one into place until then."}
      </Confirm>
    </div>
  );
}
