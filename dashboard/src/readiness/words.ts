import type { Check, RehearsalData } from "./documents";

type Outcome = Check["outcome"];
type Step = RehearsalData["steps"][number];

/** Where a check is mended; none where there is no page for it. */
export const pageOf: Readonly<
  Record<Check["code"], "/team" | "/settings" | "/sender" | "/live-chats" | null>
> = {
  AI_AGENT_ASSIGNED: null,
  ORGANIZATION_AT_WORK: null,
  HANDOFF_ENABLED: null,
  HANDOFF_SHOWN: null,
  WITHIN_HOURS: null,
  HOURS_AHEAD: null,
  SOMEBODY_MAY_ANSWER: "/team",
  SOMEBODY_CAN_SIGN_IN: "/team",
  SOMEBODY_IS_THERE: "/live-chats",
  SOMEBODY_HAS_ROOM: "/settings",
  DASHBOARD_CONNECTED: "/live-chats",
  MAIL_GOES_OUT: "/sender",
  LADDER_REACHES: "/settings",
  OFFLINE_QUERY_OFFERED: "/settings",
};

export const pageNames: Readonly<Record<"/team" | "/settings" | "/sender" | "/live-chats", string>> = {
  "/team": "Open Team",
  "/settings": "Open Settings",
  "/sender": "Open Sender",
  "/live-chats": "Open Live Chats",
};

/** What the whole look comes to, in a sentence. */
export function verdict(outcome: Outcome, checks: readonly Pick<Check, "outcome">[]): string {
  const failed = checks.filter((one) => one.outcome === "FAILED").length;
  if (outcome === "FAILED") {
    return failed === 1
      ? "A request would reach nobody now: one thing is in its way."
      : `A request would reach nobody now: ${failed} things are in its way.`;
  }
  if (outcome === "WARNING") return "A request would be heard, though later than it could.";
  return "A request would reach somebody at once.";
}

const stepWords: Readonly<Record<Step["name"], readonly [done: string, waiting: string]>> = {
  OPENED: ["The widget opened", "The widget opens"],
  WROTE: ["The visitor's message was kept", "The visitor writes"],
  AI_ANSWERED: ["The AI agent answered", "The AI agent may answer"],
  REQUESTED: ["The request stands in the queue", "A person is asked for"],
  ACCEPTED: ["The request was accepted", "Somebody has to accept the request in Live Chats"],
  ANSWERED: ["The visitor got an answer", "Whoever accepted has to write to the visitor"],
  FINISHED: ["The chat was completed", "The chat has to be completed, or passed to the AI"],
};

/** People may be faster than the AI, and that is no failure. */
export const isSkipped = (step: Step): boolean => step.name === "AI_ANSWERED" && step.state === "FAILED";

export function stepLabel(step: Step, acceptedBy: string | null): string {
  const [done, waiting] = stepWords[step.name];
  if (isSkipped(step)) return "The AI agent had not answered by then";
  if (step.state !== "DONE") return waiting;
  return step.name === "ACCEPTED" && acceptedBy ? `${acceptedBy} accepted the request` : done;
}

/** What came of a rehearsal: a word, and whether it is a good one. */
export function result(rehearsal: Pick<RehearsalData, "steps" | "endedAt">): {
  readonly label: string;
  readonly tone: "good" | "trouble" | "plain";
} {
  const needed = rehearsal.steps.filter((one) => one.name !== "AI_ANSWERED");
  if (needed.every((one) => one.state === "DONE")) return { label: "Passed", tone: "good" };
  const failed = needed.find((one) => one.state === "FAILED");
  if (failed || rehearsal.endedAt) return { label: "Not answered", tone: "trouble" };
  return { label: "Running", tone: "plain" };
}
