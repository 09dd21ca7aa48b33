// The rest of what a page can do with the widget: say who the visitor is and what it knows of them, and hear what happens.
// Fetched when a page first asks for one of these; takes over the queue of queue.ts and what has gathered in it.
//
// What is told to the panel waits for it: the panel is not loaded for it, unless the visitor has used it before.

import type { ToPanel } from "../protocol";
import type { Queue, Widget } from "./queue";

type Event = "ready" | "open" | "close" | "unread" | "message" | "handoff" | "identity";
type Listener = (detail: Record<string, unknown>) => void;

const EVENTS = "ready open close unread message handoff identity";

/** What is remembered for a widget: who listens, and what its panel has to be told as soon as it is there. */
interface Attached {
  listeners: [string, Listener][];
  identity?: ToPanel;
  attributes?: ToPanel;
  ready: boolean;
}

function takeOver(queue: Queue, widgets: Widget[]): void {
  const attached = new Map<Widget, Attached>();

  const emit = (widget: Widget, name: Event, detail: Record<string, unknown> = {}) => {
    const { listeners } = attach(widget);
    // A copy: listeners may come and go meanwhile.
    const now: Listener[] = [];
    for (let i = 0; i < listeners.length; i += 1)
      if (listeners[i]?.[0] === name) now[now.length] = listeners[i]?.[1] as Listener;
    for (let i = 0; i < now.length; i += 1) {
      // What a listener throws is the page's own, and stops nothing here.
      setTimeout(() => now[i]?.({ ...detail, widget: widget.id }));
    }
  };

  const heard = (widget: Widget, data: unknown) => {
    if (typeof data !== "object" || data === null) return;
    const { t, n, name, from, state, reason } = data as Record<string, unknown>;
    if (t === "up") tell(widget);
    if (t === "open") emit(widget, "open");
    if (t === "closed") emit(widget, "close");
    if (t === "unread" && typeof n === "number" && n >= 0) emit(widget, "unread", { count: n });
    if (t !== "event") return;
    const word = (value: unknown) => typeof value === "string" && /^[A-Z_]{1,40}$/.test(value);
    if (name === "message" && word(from)) emit(widget, name, { from });
    if (name === "handoff" && word(state)) emit(widget, name, { state });
    if (name === "identity" && word(reason)) emit(widget, name, { reason });
  };

  const attach = (widget: Widget): Attached => {
    let known = attached.get(widget);
    if (!known) {
      known = { listeners: [], ready: true };
      attached.set(widget, known);
      widget.heard = (data) => heard(widget, data);
    }
    return known;
  };

  /** Everything that the panel should know; again each time it comes anew. */
  const tell = (widget: Widget) => {
    const { identity, attributes } = attach(widget);
    if (identity) widget.port?.postMessage(identity);
    if (attributes) widget.port?.postMessage(attributes);
  };

  const find = (id: unknown): Widget | undefined => {
    for (let i = 0; i < widgets.length; i += 1) if (!id || widgets[i]?.id === id) return widgets[i];
    return undefined;
  };

  /** Says whether it is done; what is not waits for its widget. */
  const run = (command: unknown): boolean => {
    const [verb, ...rest] = (typeof command === "string" ? [command] : command) as unknown[];
    const takes =
      verb === "on" || verb === "off" ? 2 : verb === "identify" || verb === "setAttributes" ? 1 : 0;
    const widget = find(rest[takes]);
    if (!widget) return false;
    const known = attach(widget);
    const [first, second] = rest;
    if (verb === "identify" && (first === null || typeof first === "string")) {
      known.identity = { t: "identify", token: first, referrer: referrer() };
      widget.port?.postMessage(known.identity);
    } else if (verb === "setAttributes" && typeof first === "object" && first !== null) {
      const attributes: Record<string, string> = {};
      for (const name of Object.keys(first)) attributes[name] = `${(first as Record<string, unknown>)[name]}`;
      known.attributes = { t: "attributes", attributes };
      widget.port?.postMessage(known.attributes);
    } else if (verb === "on" && typeof second === "function" && ` ${EVENTS} `.includes(` ${first} `)) {
      known.listeners[known.listeners.length] = [`${first}`, second as Listener];
      // Whoever comes late has missed nothing.
      if (first === "ready") setTimeout(() => (second as Listener)({ widget: widget.id }));
    } else if (verb === "off") {
      const left: [string, Listener][] = [];
      for (let i = 0; i < known.listeners.length; i += 1) {
        const one = known.listeners[i] as [string, Listener];
        if (one[0] !== first || (second && one[1] !== second)) left[left.length] = one;
      }
      known.listeners = left;
    } else if (verb === "open" || verb === "close" || verb === "toggle") {
      widget.show(verb === "toggle" ? !widget.opened : verb === "open");
    }
    return true;
  };

  queue.push = (command: unknown) => {
    if (!run(command)) queue[queue.length] = command;
    return queue.length;
  };
  for (let i = 0; i < widgets.length; i += 1) attach(widgets[i] as Widget);
  for (let left = queue.length; left; left -= 1) queue.push(queue.shift());
}

/** Where the visitor came from; the browser leaves out what the other page does not want told. */
function referrer(): string | null {
  return /^https?:/.test(document.referrer) ? document.referrer : null;
}

const { chatWidget } = window;
if (chatWidget?.widgets) takeOver(chatWidget, chatWidget.widgets);
