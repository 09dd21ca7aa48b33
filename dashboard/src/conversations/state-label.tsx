import { exact, relative, useNow } from "../ui/time";
import css from "./conversations.module.css";
import type { Row } from "./documents";

export function stateWords(row: Pick<Row, "state" | "assignee">, userId: string): string {
  switch (row.state) {
    case "AI":
      return "AI";
    case "COLLECTING":
      return "Leaving details";
    case "REQUESTED":
      return "Waiting";
    case "HUMAN":
      if (row.assignee?.id === userId) return "You";
      return row.assignee?.name ?? "A person";
    case "MISSED":
      return "Missed";
    case "ENDED":
      return "Ended";
  }
}

/** Why a request or a chat ended without anybody in it having ended it. */
export function closureWords(because: NonNullable<NonNullable<Row["handoff"]>["closedBecause"]>): string {
  switch (because) {
    case "ORGANIZATION_SUSPENDED":
      return "the organization was suspended";
    case "ORGANIZATION_DELETED":
      return "the organization was deleted";
    case "AI_AGENT_UNASSIGNED":
      return "the AI agent was taken from the organization";
    case "AI_AGENT_DELETED":
      return "the AI agent was deleted";
    case "VISITOR_FORGOTTEN":
      return "the visitor wanted to be forgotten";
  }
}

/** A live conversation has its sign and its red words; any other one says when something last happened. */
export function LastActivity({ row }: { readonly row: Pick<Row, "live" | "lastActivityAt"> }) {
  const from = useNow(15_000);
  if (row.live) {
    return (
      <span className={css.live} title={exact(row.lastActivityAt)}>
        <span className={css.liveSign} role="img" aria-label="Live">
          !
        </span>
        a few seconds ago
      </span>
    );
  }
  return (
    <time className={css.when} dateTime={row.lastActivityAt} title={exact(row.lastActivityAt)}>
      {relative(row.lastActivityAt, from)}
    </time>
  );
}
