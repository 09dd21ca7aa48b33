import type { Row } from "../conversations/documents";
import { duration, exact, useNow } from "../ui/time";
import { dueLevel } from "./due";
import css from "./words.module.css";

type Due = Pick<Row, "state" | "handoff">;

/** How long somebody has left to answer for the first time, or for how long that has been overdue (A01). */
export function FirstResponse({ conversation }: { readonly conversation: Due }) {
  const now = useNow();
  const { handoff, state } = conversation;
  if (!handoff?.respondBy || (state !== "HUMAN" && state !== "REQUESTED")) return null;
  const left = Date.parse(handoff.respondBy) - now;
  const whole = Date.parse(handoff.respondBy) - Date.parse(handoff.requestedAt);
  return (
    <span
      className={css.due}
      data-level={dueLevel(left, whole)}
      data-testid="first-response"
      title={`A first answer is due by ${exact(handoff.respondBy)}`}
    >
      {left >= 0 ? `Answer within ${duration(left)}` : `Overdue by ${duration(-left)}`}
    </span>
  );
}
