/** What live chats need of a browser, and what it is called for people (S170). */
const needs = {
  socket: "live connections",
  random: "secure random numbers",
  channel: "message channels",
} as const;

/** What a browser lacks for live chats; empty when it has all of it. */
export function lacking(has: Readonly<Record<keyof typeof needs, boolean>>): readonly string[] {
  return Object.entries(needs)
    .filter(([key]) => !has[key as keyof typeof needs])
    .map(([, word]) => word);
}

/** What this browser lacks. */
export function lackingHere(): readonly string[] {
  return lacking({
    socket: typeof WebSocket === "function",
    random: typeof crypto?.getRandomValues === "function",
    channel: typeof MessageChannel === "function",
  });
}

export const lackingWords = (missing: readonly string[]): string =>
  `This browser lacks ${missing.join(" and ")}: live chats do not work in it.`;

export const useAnother = "Use a current Chrome, Edge, Firefox or Safari.";
