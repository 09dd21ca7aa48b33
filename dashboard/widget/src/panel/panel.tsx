// Puts the panel together: draws the state whenever it changed, then does what only a finished document allows (scrolling,
// focus), and tells the launcher what it shows.

import type { Chat } from "../chat";
import { unread } from "../live";
import type { State } from "../store";
import { createComposer } from "./composer";
import { draw, Fragment, h } from "./dom";
import type { Embedding } from "./embed";
import { Handoff } from "./handoff";
import { Header } from "./header";
import { createMessageList } from "./message-list";
import { createNotice } from "./notice";
import { texts } from "./texts";

export interface Panel {
  /** `focus`: the visitor opened it just now, so the focus belongs here. */
  show(open: boolean, focus: boolean): void;
}

export function createPanel(root: HTMLElement, chat: Chat, embedding: Embedding | null): Panel {
  let open = false;
  let asked = false;
  let look = "";
  let told = 0;
  const list = createMessageList(chat);
  const composer = createComposer(chat);
  const close = embedding && (() => embedding.tell({ t: "close" }));

  /** At most once for each picture of the screen, however fast an answer streams in. */
  const redraw = () => {
    if (asked) return;
    asked = true;
    // A hidden page or frame shows no pictures, but has a badge to keep.
    if (open && document.visibilityState === "visible") requestAnimationFrame(drawNow);
    else setTimeout(drawNow);
  };
  const notice = createNotice(redraw);

  const drawNow = () => {
    asked = false;
    const { state } = chat;
    dress(state);
    list.before();
    draw(root, view(state));
    composer.after();
    list.after(open);
    const n = unread(chat.state.live);
    if (n !== told) embedding?.tell({ t: "unread", n });
    told = n;
  };

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
    return (
      <div
        class="panel"
        role="dialog"
        aria-label={config.title}
        tabindex="-1"
        onkeydown={(event: KeyboardEvent) => {
          if (event.key === "Escape" && !event.isComposing) close?.();
        }}
      >
        <Header config={config} conversation={live.conversation} onClose={close} />
        {nothing ? (
          <div class="empty" role="status">
            <h2>{texts.unavailable}</h2>
            <p>{texts.unavailableHint}</p>
          </div>
        ) : (
          <>
            {list.view(state)}
            {notice(state)}
            {available && <Handoff chat={chat} state={state} />}
            {available && composer.view()}
          </>
        )}
        {config.poweredBy !== null && <footer class="powered">{config.poweredBy}</footer>}
      </div>
    );
  };

  chat.listen(redraw);
  document.addEventListener("visibilitychange", redraw);
  drawNow();

  return {
    show(nowOpen, focus) {
      open = nowOpen;
      drawNow();
      if (!open || !focus) return;
      // On a phone the keyboard would cover half of the panel before anything is read.
      const target = matchMedia("(pointer: fine)").matches ? "textarea" : ".panel";
      root.querySelector<HTMLElement>(target)?.focus();
    },
  };
}
