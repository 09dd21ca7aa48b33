// The panel's side of the talk with the page around it. The window message that opens it carries no data and goes to one
// origin only; the panel itself never listens to window messages, so there is nothing to forge.

import { HELLO, parseShown, type Shown, type ToLoader } from "../protocol";

export interface Embedding {
  tell(message: ToLoader): void;
}

/** Opens the channel. Returns null when this is not in a frame, or in one of a page that cannot be told for certain. */
export function embed(onMessage: (shown: Shown | null, data: unknown) => void): Embedding | null {
  const origin = parentOrigin();
  if (origin === null) return null;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = (event: MessageEvent<unknown>) => {
    const shown = parseShown(event.data);
    // Whatever the page says, it is where the browser says that it is.
    if (shown && !`${shown.page}/`.startsWith(`${origin}/`)) shown.page = origin;
    onMessage(shown, event.data);
  };
  window.parent.postMessage(HELLO, origin, [port2]);
  return { tell: (message) => port1.postMessage(message) };
}

/**
 * Whose page this is in: as the address says, provided that the browser does not say otherwise. (The server has already
 * seen to it that only pages of the widget's origins can frame the panel at all.)
 */
function parentOrigin(): string | null {
  if (window.parent === window) return null;
  const claimed = new URLSearchParams(location.search).get("origin") ?? "";
  if (!/^https?:\/\//.test(claimed) || !URL.canParse(claimed)) return null;
  const origin = new URL(claimed).origin;
  const { ancestorOrigins } = location as { ancestorOrigins?: DOMStringList };
  const known =
    ancestorOrigins?.[0] ?? (document.referrer === "" ? origin : new URL(document.referrer).origin);
  return known === origin ? origin : null;
}
