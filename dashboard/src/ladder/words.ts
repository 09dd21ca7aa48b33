import type { Step, Taken } from "./documents";

type Whom = Step["whom"];

export const whomLabels: Readonly<Record<Whom, string>> = {
  TEAM: "The team",
  SUPERVISORS: "Supervisors",
  AGENCY: "The agency",
  ADDRESS: "An address",
  OFFLINE_QUERY: "Missed: offer the offline query",
};

export const wayLabels = {
  RING: "Ring in the dashboard",
  EMAIL: "Email",
  BOTH: "Ring and email",
} as const;

export type Way = keyof typeof wayLabels;

export function wayOf(channels: Step["channels"]): Way {
  if (channels.includes("RING") && channels.includes("EMAIL")) return "BOTH";
  return channels.includes("EMAIL") ? "EMAIL" : "RING";
}

export function channelsOf(way: Way): ("RING" | "EMAIL")[] {
  return way === "BOTH" ? ["RING", "EMAIL"] : [way];
}

/** What a step came to, as a sentence. */
export function takenWords(taken: Omit<Taken, "at">): string {
  const whom = taken.whom === "ADDRESS" ? (taken.address ?? "The address") : whomLabels[taken.whom];
  switch (taken.outcome) {
    case "RANG":
      return `${whom}: rang in the dashboard`;
    case "MAILED":
      return `${whom}: email to ${taken.people === 1 ? "1 person" : `${taken.people} people`}`;
    case "NOBODY":
      return `${whom}: nobody there who could be told`;
    case "MISSED":
      return "Missed: the offline query was offered";
    case "CLAIMED":
      return `${skipped(taken)}: not needed, somebody had accepted`;
    case "CANCELLED":
      return `${skipped(taken)}: not needed, the request had ended`;
    case "REHEARSAL":
      return `${whom}: no email, this is a rehearsal`;
  }
}

function skipped(taken: Omit<Taken, "at">): string {
  if (taken.whom === "OFFLINE_QUERY") return "Last step";
  const whom = taken.whom === "ADDRESS" ? (taken.address ?? "The address") : whomLabels[taken.whom];
  return taken.channel === "EMAIL" ? `${whom}, by email` : whom;
}
