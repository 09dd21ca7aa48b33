import type { Ending, Resolution } from "./documents";

export const resolutions: readonly (readonly [Resolution, string])[] = [
  ["RESOLVED", "Resolved"],
  ["VISITOR_CONFIRMED", "Resolved, and the visitor confirmed it"],
  ["NOT_RESOLVED", "Not resolved"],
  ["NO_ANSWER", "The visitor did not answer any more"],
  ["SPAM", "Spam"],
];

export function resolutionWords(resolution: Resolution): string {
  return resolutions.find(([word]) => word === resolution)?.[1] ?? resolution;
}

/** What made a handoff. */
export function intentWords(intent: Ending["intent"]): string {
  switch (intent) {
    case "BUTTON":
      return "The visitor pressed the button";
    case "WORDS":
      return "The visitor asked for a person in their own words";
    case "AI_DECISION":
      return "The AI said that it needs a person";
    case "LOW_CONFIDENCE":
      return "The AI's answer did not help";
    case "REPEATED_FAILURE":
      return "Several answers in a row did not help";
    case "INTERVENTION":
      return "A person took over unasked";
    case "RESUMED":
      return "The visitor answered from a link in a mail";
  }
}

interface Entry {
  readonly kind: string;
  readonly author: { readonly kind: string };
}

/** Whether the last thing that was said is the visitor's (A04). */
export function isUnanswered(entries: readonly Entry[]): boolean {
  return entries.filter((entry) => entry.kind === "TEXT").at(-1)?.author.kind === "VISITOR";
}
