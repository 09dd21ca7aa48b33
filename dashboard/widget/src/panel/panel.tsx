// Puts the panel together: draws the state whenever it changed, then does what only a finished document allows (scrolling,
// focus), and tells the launcher what it shows.

import type { Chat } from "../chat";
import { unread } from "../live";
import type { State } from "../store";
import { createComposer } from "./composer";
import { draw, h } from "./dom";
import type { Embedding } from "./embed";
import { Header } from "./header";
import { createMessageList } from "./message-list";
import { createMoreLoader } from "./more";
import { createNotice } from "./notice";
import { texts } from "./texts";

export interface Panel {
  /** `focus`: the visitor opened it just now, so the focus belongs here. */
  show(open: boolean, focus: boolean): void;
}

export function createPanel(root: HTMLElement, chat: Chat, embedding: Embedding | null): Panel {
  let open = false;
  let asked = false;
  let pressed = false;
  let look = "";
  let told = 0;
  let sheet: State["sheet"] = null;

  /** At most once for each picture of the screen, however fast an answer streams in. */
  const redraw = () => {
    if (asked) return;
    asked = true;
    // What moved now would be gone from under the pointer before it is let go, and the click with it.
    if (pressed) return;
    // A hidden page or frame shows no pictures, but has a badge to keep.
    if (open && document.visibilityState === "visible") requestAnimationFrame(drawNow);
    else setTimeout(drawNow);
  };
  const release = () => {
    if (pressed && asked) setTimeout(drawNow);
    pressed = false;
  };
  const more = createMoreLoader(chat, redraw);
  const list = createMessageList(chat, more);
  const composer = createComposer(chat, more);
  const notice = createNotice(redraw);
  const close = embedding && (() => embedding.tell({ t: "close" }));

  const drawNow = () => {
    if (pressed) return;
    asked = false;
    const { state } = chat;
    dress(state);
    list.before();
    draw(root, view(state));
    composer.after();
    list.after(open);
    if (open) void more.load();
    // A page over the conversation may still be on its way; the focus waits for it.
    if (state.sheet !== sheet && focus(state.sheet === null ? home() : ".sheet h2")) sheet = state.sheet;
    const n = unread(chat.state.live);
    if (n !== told) embedding?.tell({ t: "unread", n });
    told = n;
  };

  const focus = (target: string) => {
    const element = root.querySelector<HTMLElement>(target);
    element?.focus();
    return element !== null;
  };
  /** On a phone the keyboard would cover half of the panel before anything is read. */
  const home = () => (matchMedia("(pointer: fine)").matches ? "textarea" : ".panel");

  const dress = ({ config: { title, accent, accentText, position, radius } }: State) => {
    const key = `${title} ${accent} ${accentText} ${position} ${radius}`;
    if (key === look) return;
    look = key;
    document.title = title;
    const { style } = document.documentElement;
    style.setProperty("--accent", accent);
    style.setProperty("--accent-text", accentText);
    style.setProperty("--radius", `${Math.min(radius, 24)}px`);
    embedding?.tell({ t: "look", look: { title, accent, accentText, position, radius } });
  };

  const view = (state: State) => {
    const { config, live, line } = state;
    const available = config.available && line !== "refused";
    const nothing = !available && live.messages.length === 0;
    const over = available && more.now?.sheet(state);
    return (
      <div
        class="panel"
        role="dialog"
        aria-label={config.title}
        tabindex="-1"
        ondragover={(event: DragEvent) => event.preventDefault()}
        ondrop={(event: DragEvent) => {
          // Dropped anywhere, a file would otherwise take the place of the panel.
          event.preventDefault();
          if (available) composer.attach(event.dataTransfer?.files);
        }}
      >
        <Header
          config={config}
          conversation={live.conversation}
          menu={available && more.now?.menu(state)}
          onClose={close}
        />
        {nothing ? (
          <div class="empty" role="status">
            <h2>{texts.unavailable}</h2>
            <p>{texts.unavailableHint}</p>
          </div>
        ) : (
          <div class="body">
            <div class="main" inert={Boolean(over)}>
              {available && more.now?.top(state)}
              {list.view(state)}
              {notice(state)}
              {available && more.now?.bottom(state)}
              {available && composer.view(state)}
            </div>
            {over}
          </div>
        )}
        {config.poweredBy !== null && <footer class="powered">{config.poweredBy}</footer>}
      </div>
    );
  };

  chat.listen(redraw);
  // On the document: what had the focus may be gone, and the key with it.
  document.addEventListener("keydown", ({ key, isComposing }) => {
    if (key !== "Escape" || isComposing) return;
    if (chat.state.sheet !== null) chat.show(null);
    else close?.();
  });
  document.addEventListener("visibilitychange", redraw);
  document.addEventListener("pointerdown", ({ target }) => {
    pressed = (target as Element).closest("button") !== null;
  });
  for (const end of ["pointerup", "pointercancel", "blur"]) addEventListener(end, release);
  drawNow();

  return {
    show(nowOpen, takeFocus) {
      open = nowOpen;
      drawNow();
      if (open && takeFocus) focus(chat.state.sheet === null ? home() : ".sheet h2");
    },
  };
}
