// What loader and panel say to each other. The panel opens the talk with HELLO and a MessagePort, posted to the one origin
// that embeds it; everything after that goes through the port, which nobody else holds. Whatever arrives is checked here:
// the page around the loader is not trusted by the panel, and the panel's messages are not trusted by the loader.

/** Data of the one window message: panel to page. The port comes with it. */
export const HELLO = "chat-widget:hello";

/** The part of the configuration that the launcher shows. */
export interface Look {
  title: string;
  accent: string;
  accentText: string;
  position: string;
  radius: number;
}

/** `event`: something that the page may want to know of; who said it or what became of it, never what was said. */
export type ToLoader =
  | { t: "look"; look: Look }
  | { t: "unread"; n: number }
  | { t: "close" }
  | { t: "event"; name: "message"; from: "VISITOR" | "AI" | "OPERATOR" }
  | { t: "event"; name: "handoff"; state: "REQUESTED" | "HUMAN" | "ENDED" | "AI" | "MISSED" }
  | { t: "event"; name: "identity"; reason: string };

/**
 * `page`: the address of the page, without query and fragment; told anew when it changes. `focus`: the visitor asked for it, so take the focus.
 * `identify`: what the client's server signed; null when whoever it was has signed out.
 */
export type ToPanel =
  | { t: "open"; page: string; focus: boolean }
  | { t: "closed"; page: string }
  | { t: "identify"; token: string | null; referrer: string | null }
  | { t: "attributes"; attributes: Record<string, string> };

/** What opens and closes; the rest is for page.ts, which is loaded later. */
export type Shown = Extract<ToPanel, { page: string }>;

export function parseShown(data: unknown): Shown | null {
  if (typeof data !== "object" || data === null) return null;
  const { t, page, focus } = data as Record<string, unknown>;
  if (typeof page !== "string" || page.length > 2_000) return null;
  if (t === "open") return { t, page, focus: focus === true };
  return t === "closed" ? { t, page } : null;
}
