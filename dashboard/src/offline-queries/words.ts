import type { OfflineQuery } from "./documents";

type State = OfflineQuery["state"];

export const stateLabels: Readonly<Record<State, string>> = {
  OPEN: "Open",
  ANSWERED: "Answered",
  CLOSED: "Closed",
};

export type Action = "RECEIVED" | "ANSWERED" | "REPLIED" | "CLOSED" | "REOPENED";

/** Who did what, as a sentence. */
export function eventWords(action: Action, by: string | null): string {
  switch (action) {
    case "RECEIVED":
      return `Left by ${by ?? "the visitor"}`;
    case "ANSWERED":
      return `Answered by ${by ?? "somebody"}`;
    case "REPLIED":
      return `Reply by email from ${by ?? "the visitor"}`;
    case "CLOSED":
      return `Closed by ${by ?? "somebody"}`;
    case "REOPENED":
      return `Opened again by ${by ?? "somebody"}`;
  }
}

export function senderName(query: Pick<OfflineQuery, "name" | "email">): string {
  return query.name?.trim() || query.email;
}
