import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import type { ResultOf } from "../gql/graphql";
import { CopyIcon } from "../ui/icons";
import { toast } from "../ui/toast";
import css from "./account.module.css";
import { ConfirmSecondFactorMutation, StartSecondFactorMutation } from "./documents";
import { passwordProblem } from "./password-section";
import { qrPath } from "./qr";
import { RecoveryCodes } from "./recovery-codes";

type Setup = ResultOf<typeof StartSecondFactorMutation>["startSecondFactor"];

/** Password, code on the screen, code from the phone, recovery codes: in this order, and nothing holds before the third. */
export function SecondFactorSetup(props: { readonly onDone: () => void; readonly onCancel?: () => void }) {
  const [setup, setSetup] = useState<Setup | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  if (codes) return <RecoveryCodes codes={codes} onDone={props.onDone} />;
  if (setup) return <Scan setup={setup} onCodes={setCodes} onCancel={props.onCancel} />;
  return <AskPassword onSetup={setSetup} onCancel={props.onCancel} />;
}

function AskPassword(props: {
  readonly onSetup: (setup: Setup) => void;
  readonly onCancel: (() => void) | undefined;
}) {
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      props.onSetup((await change(StartSecondFactorMutation, { password })).startSecondFactor);
    } catch (thrown) {
      setProblem(passwordProblem(toApiError(thrown)));
      setBusy(false);
    }
  };
  return (
    <form onSubmit={submit} className={css.form}>
      <TextInput
        label="Your password"
        description="So that nobody sets this up who only found your screen unlocked."
        type="password"
        autoComplete="current-password"
        required
        withAsterisk={false}
        data-autofocus
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        error={problem}
      />
      <div className={css.bar}>
        <Button type="submit" disabled={!password} loading={busy}>
          Begin
        </Button>
        {props.onCancel ? (
          <Button variant="subtle" color="gray" onClick={props.onCancel}>
            Cancel
          </Button>
        ) : null}
      </div>
    </form>
  );
}

function Scan(props: {
  readonly setup: Setup;
  readonly onCodes: (codes: readonly string[]) => void;
  readonly onCancel: (() => void) | undefined;
}) {
  const { secret, uri, qr } = props.setup;
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const size = qr.length;
  const grouped = secret.replace(/(.{4})(?=.)/g, "$1 ");

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      const { confirmSecondFactor } = await change(
        ConfirmSecondFactorMutation,
        { code: code.replaceAll(" ", "") },
        ["Session"],
      );
      props.onCodes(confirmSecondFactor.codes);
    } catch (thrown) {
      const error = toApiError(thrown);
      setProblem(
        error.reason === "SECOND_FACTOR_WRONG"
          ? "This code is not right. Take the one the app shows now, and check the clock of the phone."
          : sentence(error),
      );
      setBusy(false);
    }
  };
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret);
      toast("The key is copied");
    } catch {
      toast("The browser did not allow copying", { detail: "Select the key and copy it by hand." });
    }
  };

  return (
    <form onSubmit={submit} className={css.form}>
      <ol className={css.steps}>
        <li>
          Open an authenticator app and scan this. On the phone that has the app,{" "}
          <a href={uri}>open it there</a>.
          <div className={css.qr}>
            {/* The quiet zone of four squares belongs to the code, and it has to stay light in the dark as well. */}
            <svg
              viewBox={`-4 -4 ${size + 8} ${size + 8}`}
              role="img"
              aria-label="QR code for an authenticator app"
              shapeRendering="crispEdges"
              data-testid="second-factor-qr"
            >
              <rect x="-4" y="-4" width={size + 8} height={size + 8} fill="white" />
              <path d={qrPath(qr)} fill="black" />
            </svg>
          </div>
        </li>
        <li>
          If it cannot be scanned, type this key into the app:
          <div className={css.secret}>
            <code data-testid="second-factor-secret">{grouped}</code>
            <Button variant="default" leftSection={<CopyIcon size={14} />} onClick={() => void copy()}>
              Copy the key
            </Button>
          </div>
        </li>
        <li>
          <TextInput
            label="Code"
            description="The six digits that the app shows now."
            inputMode="numeric"
            autoComplete="one-time-code"
            required
            withAsterisk={false}
            maw={220}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
            error={problem}
          />
        </li>
      </ol>
      <div className={css.bar}>
        <Button type="submit" disabled={code.trim().length < 6} loading={busy}>
          Turn it on
        </Button>
        {props.onCancel ? (
          <Button variant="subtle" color="gray" onClick={props.onCancel}>
            Cancel
          </Button>
        ) : null}
      </div>
    </form>
  );
}
