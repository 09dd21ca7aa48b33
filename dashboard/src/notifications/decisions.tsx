import { Link } from "@tanstack/react-router";
import { Ago } from "../ui/time";
import css from "./decisions.module.css";
import type { Decision } from "./documents";
import { kindLabels, mailLabels, wayLabels } from "./words";

/** One line for each event, person and way: what was decided, and what came of it (W02). */
export function DecisionTable(props: {
  readonly decisions: readonly Decision[];
  readonly label: string;
  /** Of one conversation for everybody, or of one person for everything. */
  readonly of: "person" | "conversation";
}) {
  const { decisions, label, of } = props;
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
  const trouble = mailState === "FAILED" || mailState === "REFUSED";
  return (
    <span className={css.mail} data-trouble={trouble || undefined} data-testid="decision-mail">
      {mailLabels[mailState]}
      {decision.attempts > 1 ? `, ${decision.attempts} tries` : ""}
      {decision.trouble ? `: ${decision.trouble}` : ""}
    </span>
  );
}
