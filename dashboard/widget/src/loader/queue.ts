// `window.chatWidget`: an array of commands that a page may fill before the loader has arrived. A command is "open",
// "close" or "toggle", or a pair of that and the id of the widget meant (else it is the first to arrive). From the
// first loader on it also has the three as methods.

type Verb = "open" | "close" | "toggle";
type Command = Verb | [Verb, string?];

interface Widget {
  id: string;
  run(verb: Verb): void;
}

type Queue = Command[] & { widgets?: Widget[] } & Partial<Record<Verb, (id?: string) => void>>;

declare global {
  interface Window {
    chatWidget?: Queue;
  }
}

export function register(id: string, run: (verb: Verb) => void): void {
  window.chatWidget ??= [];
  const queue = window.chatWidget;
  // The page uses the name for something else: it stays theirs, and the widget has its button only.
  if (!Array.isArray(queue)) return;
  if (!queue.widgets) {
    const widgets: Widget[] = [];
    queue.widgets = widgets;
    queue.push = (...commands) => {
      for (const command of commands) {
        const [verb, id] = ([] as unknown[]).concat(command) as [Verb, string?];
        const widget = widgets.find((other) => !id || other.id === id);
        // For a widget that has yet to come: kept until it does.
        if (widget) widget.run(verb);
        else queue[queue.length] = command;
      }
      return queue.length;
    };
    for (const verb of ["open", "close", "toggle"] as const) queue[verb] = (id) => queue.push([verb, id]);
  }
  queue.widgets.push({ id, run });
  queue.push(...queue.splice(0));
}
