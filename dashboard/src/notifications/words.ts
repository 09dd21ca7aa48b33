import type { Decision, Digest, Events, Preference } from "./documents";

export const eventLabels: Readonly<Record<Events, { readonly label: string; readonly text: string }>> = {
  ALL: {
    label: "All messages",
    text: "Requests for a person, and what visitors and colleagues write after.",
  },
  REQUESTS: { label: "Requests only", text: "Who asks for a person, was missed, or is handed to you." },
  NONE: { label: "None", text: "Only what concerns your own access." },
};

export const digestLabels: Readonly<Record<Digest, { readonly label: string; readonly text: string }>> = {
  NEVER: { label: "No digest", text: "Nothing besides what is chosen above." },
  DAILY: { label: "Every morning", text: "How many chats began, were answered and missed the day before." },
  WEEKLY: { label: "Every Monday morning", text: "The same of the week before." },
};

export const kindLabels: Readonly<Record<Decision["kind"], string>> = {
  HANDOFF_REQUESTED: "Request for a person",
  HANDOFF_WAITING: "Request still waiting",
  HANDOFF_MISSED: "Missed request",
  OFFLINE_QUERY: "Offline query",
  OFFLINE_REPLY: "Reply to an offline query",
  VISITOR_MESSAGE: "Message of a visitor",
  CLAIMED: "Taken by a colleague",
  TRANSFERRED: "Transferred chat",
  RELEASED: "Released chat",
  MENTIONED: "Mention in a note",
  RATED: "Rating",
  KEYWORD_ALERT: "Keyword alert",
  ACCESS_CHANGED: "Changed access",
  DELIVERY_FAILING: "Failing delivery",
  DEVICE_GONE: "Lost device",
  TEST: "Test",
  DIGEST: "Digest",
};

export const wayLabels: Readonly<Record<Decision["way"], string>> = {
  BELL: "Bell",
  EMAIL: "Email",
  PUSH: "Push",
};

/** What has become of a mail, in a log whose sentence says already that one was written. */
export const mailLabels: Readonly<Record<NonNullable<Decision["mailState"]>, string>> = {
  QUEUED: "The mail is on its way",
  SENT: "A mail server has taken it",
  BOUNCED: "The mail came back",
  FAILED: "The mail could not be sent",
  REFUSED: "The mail is held back",
  DROPPED: "The mail was not needed any more",
};

/** Where what counts comes from. */
export function originWords(
  origin: Preference["origin"],
  of: "person" | "organization",
): { readonly label: string; readonly own: boolean } {
  switch (origin) {
    case "OWN":
      return { label: "Chosen by you", own: of === "person" };
    case "ORGANIZATION":
      return of === "organization"
        ? { label: "Set here", own: true }
        : { label: "From the organization", own: false };
    case "PLATFORM":
      return { label: "Standard", own: false };
  }
}

/** Whether what one chose for an organization is what one chose for all of them: then it is said so, whoever it was. */
export function followsAll(one: Preference, ofAll: Preference | null): boolean {
  if (!ofAll || one.organizationId === null || one.origin !== "OWN" || ofAll.origin !== "OWN") return false;
  const chosen = ({ email, push, events, quietFrom, quietUntil, muted, mutedAiAgents, digest }: Preference) =>
    JSON.stringify([email, push, events, quietFrom, quietUntil, muted, [...mutedAiAgents].sort(), digest]);
  return chosen(one) === chosen(ofAll);
}

/** What both forms hold of quiet hours: two times of the day, which stay when the hours are switched off and on. */
export interface QuietDraft {
  readonly quiet: boolean;
  readonly from: string;
  readonly until: string;
}

export function clockOf(minutes: number): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;
}

/** Null for what is no time of the day. */
export function minutesOf(clock: string): number | null {
  const [, hour, minute] = /^(\d{1,2}):(\d{2})/.exec(clock) ?? [];
  if (hour === undefined || minute === undefined) return null;
  const minutes = Number(hour) * 60 + Number(minute);
  return Number(hour) < 24 && Number(minute) < 60 ? minutes : null;
}

export function quietDraft(saved: {
  readonly quietFrom: number | null;
  readonly quietUntil: number | null;
}): QuietDraft {
  const { quietFrom, quietUntil } = saved;
  const quiet = quietFrom !== null && quietUntil !== null;
  return { quiet, from: clockOf(quietFrom ?? 22 * 60), until: clockOf(quietUntil ?? 7 * 60) };
}

export function quietInput(draft: QuietDraft): {
  readonly quietFrom: number | null;
  readonly quietUntil: number | null;
} {
  if (!draft.quiet) return { quietFrom: null, quietUntil: null };
  return { quietFrom: minutesOf(draft.from), quietUntil: minutesOf(draft.until) };
}

/** What is wrong with the two times, before anybody is asked. */
export function quietProblem(draft: QuietDraft): string | null {
  if (!draft.quiet) return null;
  const [from, until] = [minutesOf(draft.from), minutesOf(draft.until)];
  if (from === null || until === null) return "Give both times.";
  return from === until ? "Give two different times." : null;
}
