import type { Hit, KeywordAlert, Term } from "./documents";

export const kindLabels: Readonly<Record<Term["kind"], string>> = {
  WORD: "Word",
  PHRASE: "Phrase",
  PATTERN: "Pattern",
};

export const kinds = Object.keys(kindLabels) as readonly Term["kind"][];

export const speakerLabels: Readonly<Record<Hit["speaker"], string>> = {
  VISITOR: "Visitors",
  AI_AGENT: "The AI agent",
  OPERATOR: "Operators",
};

export const speakers = Object.keys(speakerLabels) as readonly Hit["speaker"][];

const LISTED = 4;

/** What an alert watches for, in one line: the first few terms, and how many more there are. */
export function termsLine(terms: readonly Term[]): string {
  const shown = terms
    .slice(0, LISTED)
    .map((term) => (term.kind === "PATTERN" ? `/${term.text}/` : `“${term.text}”`));
  const more = terms.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}

/** How often it found something, in words. */
export function hitsLine(alert: Pick<KeywordAlert, "hits">): string {
  if (alert.hits === 0) return "Nothing found in 30 days";
  return alert.hits === 1 ? "Found in 1 message in 30 days" : `Found in ${alert.hits} messages in 30 days`;
}

/** Who said it. */
export function sayer(hit: Pick<Hit, "speaker" | "visitorName">): string {
  switch (hit.speaker) {
    case "VISITOR":
      return hit.visitorName ?? "A visitor";
    case "AI_AGENT":
      return "The AI agent";
    case "OPERATOR":
      return "An operator";
  }
}

/** What is sent of terms: those that nothing was written into are no terms, and what the cache adds to them is none of theirs. */
export function written(terms: readonly Term[]): Term[] {
  return terms.filter((term) => term.text.trim() !== "").map(({ kind, text }) => ({ kind, text }));
}

/** A sentence per silence that can be chosen, in minutes; one that was set elsewhere stands there as well. */
export function silences(present: number): readonly { readonly value: string; readonly label: string }[] {
  const usual = [0, 5, 10, 30, 60, 240, 1440];
  const all = usual.includes(present) ? usual : [...usual, present].sort((a, b) => a - b);
  return all.map((minutes) => ({ value: String(minutes), label: silence(minutes) }));
}

function silence(minutes: number): string {
  if (minutes === 0) return "For each message";
  if (minutes % 60 !== 0) return `Once in ${minutes} minutes`;
  return minutes === 60 ? "Once in an hour" : `Once in ${minutes / 60} hours`;
}
