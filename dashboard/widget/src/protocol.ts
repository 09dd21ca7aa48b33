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

export type ToLoader = { t: "look"; look: Look } | { t: "unread"; n: number } | { t: "close" };

/** `page`: the address of the page, without query and fragment. `focus`: the visitor asked for it, so take the focus. */
export type ToPanel = { t: "open"; page: string; focus: boolean } | { t: "closed"; page: string };

export function parseToPanel(data: unknown): ToPanel | null {
  if (typeof data !== "object" || data === null) return null;
  const { t, page, focus } = data as Record<string, unknown>;
  if (typeof page !== "string" || page.length > 2_000) return null;
  if (t === "open") return { t, page, focus: focus === true };
  return t === "closed" ? { t, page } : null;
}
