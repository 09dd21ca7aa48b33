import { Button, Modal, Skeleton, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { reloadViewer } from "../api/auth";
import { change } from "../api/client";
import { type ApiError, sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { CodeField } from "../signed-out/code-field";
import { Section } from "../ui/page";
import { Failed } from "../ui/states";
import { toast } from "../ui/toast";
import css from "./account.module.css";
import { DemandQuery, RemoveSecondFactorMutation, RenewRecoveryCodesMutation } from "./documents";
import { RecoveryCodes } from "./recovery-codes";
import { SecondFactorSetup } from "./second-factor-setup";

type Doing = "renew" | "remove";

export function SecondFactorSection() {
  const { data, error, again } = useAsk(DemandQuery, {});
  const [setting, set] = useState(false);
  const [doing, begin] = useState<Doing | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const demanded = data?.viewer.agency.demandsSecondFactor ?? false;

  const done = async () => {
    set(false);
    setCodes(null);
    again();
    await reloadViewer().catch(() => undefined);
  };

  return (
    <Section
      id="second-factor"
      title="Second factor"
      text="A code from your phone beside the password: somebody who learns the password still cannot sign in."
    >
      {error ? <Failed error={error} retry={again} /> : null}
      {!data && !error ? <Skeleton height={60} /> : null}
      {codes ? <RecoveryCodes codes={codes} onDone={() => void done()} /> : null}
      {data && !codes && data.viewer.hasSecondFactor && !setting ? (
        <>
          <p className={css.state} data-testid="second-factor-state">
            <span className={css.current}>On</span>
            {demanded ? "Your agency demands it, so it cannot be removed." : null}
          </p>
          <div className={css.bar}>
            <Button variant="default" onClick={() => begin("renew")}>
              New recovery codes
            </Button>
            <Button
              variant="default"
              disabled={demanded}
              title={demanded ? "Your agency demands a second factor" : undefined}
              onClick={() => begin("remove")}
            >
              Remove the second factor
            </Button>
          </div>
        </>
      ) : null}
      {data && !codes && !data.viewer.hasSecondFactor && !setting ? (
        <>
          <p className={css.state} data-testid="second-factor-state">
            <span className={css.current}>Off</span>
          </p>
          <Button onClick={() => set(true)}>Set it up</Button>
        </>
      ) : null}
      {setting ? <SecondFactorSetup onDone={() => void done()} onCancel={() => set(false)} /> : null}
      <Modal
        opened={doing !== null}
        onClose={() => begin(null)}
        title={doing === "remove" ? "Remove the second factor" : "New recovery codes"}
        centered
      >
        {doing ? (
          <Prove
            doing={doing}
            onDone={(made) => {
              begin(null);
              if (made) setCodes(made);
              else void done();
            }}
          />
        ) : null}
      </Modal>
    </Section>
  );
}

function problemOf(error: ApiError): string {
  switch (error.reason) {
    case "WRONG_CREDENTIALS":
      return "This is not your password.";
    case "SECOND_FACTOR_WRONG":
      return "This code is not right, or it was used already. Wait for the next one.";
    default:
      return sentence(error);
  }
}

/** Both factors, once more: what follows would let somebody else in, or lock oneself out. */
function Prove(props: { readonly doing: Doing; readonly onDone: (codes: readonly string[] | null) => void }) {
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      if (props.doing === "renew") {
        const made = await change(RenewRecoveryCodesMutation, { password, code: code.trim() });
        props.onDone(made.renewRecoveryCodes.codes);
      } else {
        await change(RemoveSecondFactorMutation, { password, code: code.trim() });
        toast("The second factor is removed", { detail: "From now on the password alone lets you in." });
        props.onDone(null);
      }
    } catch (thrown) {
      setProblem(problemOf(toApiError(thrown)));
      setBusy(false);
    }
  };
  return (
    <form onSubmit={submit} className={css.form}>
      <p className={css.dim}>
        {props.doing === "renew"
          ? "The codes you have now stop working."
          : "From then on, whoever knows your password can sign in as you."}
      </p>
      <TextInput
        label="Your password"
        type="password"
        autoComplete="current-password"
        required
        withAsterisk={false}
        data-autofocus
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <CodeField value={code} onChange={setCode} error={problem} autoFocus={false} />
      <Button type="submit" disabled={!password || !code} loading={busy}>
        {props.doing === "renew" ? "Make new codes" : "Remove"}
      </Button>
    </form>
  );
}
