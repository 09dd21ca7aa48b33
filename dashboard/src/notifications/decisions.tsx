import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { isGivenUp } from "../sender/words";
import { usePolling } from "../ui/hooks";
import rows from "../ui/rows.module.css";
import { Ago } from "../ui/time";
import { toast } from "../ui/toast";
import css from "./decisions.module.css";
import { type Decision, ResendNotificationMutation } from "./documents";
import { kindLabels, mailLabels, wayLabels } from "./words";

const LOOK_AGAIN_MS = 5_000;

/** Asks again, as long as something among these is still on its way. */
export function useLookAgain(decisions: readonly Decision[], again: () => void): void {
  usePolling(() => {
    if (decisions.some((one) => one.mailState === "QUEUED" || one.verdict === "LATER")) again();
  }, LOOK_AGAIN_MS);
}

/** One line for each event, person and way: what was decided, and what came of it (W02). */
export function DecisionTable(props: {
  readonly decisions: readonly Decision[];
  readonly label: string;
  /** Of one conversation for everybody, or of one person for everything. */
  readonly of: "person" | "conversation";
  /** Something was sent again: what became of it is to be asked anew. */
  readonly onResent: () => void;
}) {
  const { decisions, label, of, onResent } = props;
  return (
    <table className={css.table} aria-label={label}>
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">What</th>
          <th scope="col">{of === "person" ? "Visitor" : "Who"}</th>
          <th scope="col">Way</th>
          <th scope="col">What came of it</th>
        </tr>
      </thead>
      <tbody>
        {decisions.map((one) => (
          <tr key={one.id} data-testid="decision" data-verdict={one.verdict} data-reason={one.reason}>
            <td className={css.when}>
              <Ago at={one.at} />
            </td>
            <td>
              {kindLabels[one.kind]}
              {of === "person" && one.organizationName ? (
                <span className={css.dim}>{one.organizationName}</span>
              ) : null}
            </td>
            <td>{of === "person" ? <Visitor decision={one} /> : one.userName}</td>
            <td>{wayLabels[one.way]}</td>
            <td>
              {one.explanation}
              <Mail decision={one} />
              {one.canResend ? <Resend id={one.id} to={one.userName} onResent={onResent} /> : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Visitor({ decision }: { readonly decision: Decision }) {
  const name = decision.visitorName?.trim() || (decision.conversationId ? "Anonymous" : "–");
  if (!decision.conversationId) return <>{name}</>;
  return (
    <Link to="/conversations/$id" params={{ id: decision.conversationId }}>
      {name}
    </Link>
  );
}

function Mail({ decision }: { readonly decision: Decision }) {
  const { mailState } = decision;
  if (!mailState) return null;
  const trouble = isGivenUp(mailState);
  return (
    <span className={css.mail} data-trouble={trouble || undefined} data-testid="decision-mail">
      {mailLabels[mailState]}
      {decision.attempts > 1 ? `, ${decision.attempts} tries` : ""}
      {decision.trouble ? `: ${decision.trouble}` : ""}
    </span>
  );
}

function Resend(props: { readonly id: string; readonly to: string; readonly onResent: () => void }) {
  const { id, to, onResent } = props;
  const [busy, setBusy] = useState(false);
  const resend = async () => {
    setBusy(true);
    try {
      await change(ResendNotificationMutation, { id });
      toast(`On its way to ${to} again`);
      onResent();
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    } finally {
      setBusy(false);
    }
  };
  return (
    <button
      type="button"
      className={rows.linkButton}
      disabled={busy}
      onClick={() => void resend()}
      aria-label={`Send to ${to} again`}
    >
      {busy ? "Sending…" : "Send again"}
    </button>
  );
}
