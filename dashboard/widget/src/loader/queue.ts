// `window.chatWidget`: an array of commands that a page may fill before the loader has arrived. A command is a verb, or a list
// of the verb, what it needs, and the id of the widget meant (else it is the first to arrive). From the first loader on
// the verbs are its methods too. What they do is in a second script, fetched when a page first asks for one (sdk.ts). Loops
// are plain ones: the page may have its own ideas of what an array can do.

export interface Widget {
  id: string;
  home: string;
  opened: boolean;
  show(open: boolean): void;
  /** How to talk to the panel, once it is there. */
  port?: MessagePort;
  /** Whoever wants to hear what happens: set by the second script. */
  heard?(message: unknown): void;
}

export type Queue = unknown[] & { widgets?: Widget[] } & Record<string, (...rest: unknown[]) => unknown>;

declare global {
  interface Window {
    chatWidget?: Queue;
  }
}

export function register(widget: Widget, nonce: string): void {
  window.chatWidget ??= [] as unknown as Queue;
  const queue = window.chatWidget;
  // The page uses the name for something else: it stays theirs, and the widget has its button only.
  if (!Array.isArray(queue)) return;
  if (!queue.widgets) {
    let asked: HTMLScriptElement | undefined;
    queue.widgets = [];
    queue.push = (command: unknown) => {
      queue[queue.length] = command;
      if (!asked) {
        asked = document.createElement("script");
        asked.nonce = nonce;
        asked.src = `${widget.home}/widget/sdk.js`;
        document.head.append(asked);
      }
      return queue.length;
    };
    for (const verb of ["open", "close", "toggle", "identify", "setAttributes", "on", "off"])
      queue[verb] = (...rest) => queue.push([verb, ...rest]);
  }
  queue.widgets[queue.widgets.length] = widget;
  // Whatever waits is looked at once more: it may have waited for this widget.
  for (let left = queue.length; left--; ) queue.push(queue.shift());
}
