// What the second load brings, put together. Its style comes with it, as a sheet of its own.

import type { Chat } from "../../chat";
import type { State } from "../../store";
import { Fragment, h } from "../dom";
import type { Forms } from "../forms/index";
import type { More } from "../more";
import { createAttachments } from "./attachments";
import { createHandoff } from "./handoff";
import { Markdown } from "./markdown";
import { Menu } from "./menu";
import { createOlder } from "./older";
import { createRequests } from "./requests";
import css from "./style.css?inline";
import { createTrayView } from "./tray";

const AGAIN = 3_000;

export function createMore(chat: Chat, redraw: () => void): More {
  const style = new CSSStyleSheet();
  style.replaceSync(css);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, style];

  const tray = createTrayView(chat, redraw);
  const requests = createRequests(chat);
  let loaded: Forms | null = null;
  let loading = false;
  /** Asked for by whoever wants to draw one, and there at the next drawing or the one after. */
  const forms = (): Forms | null => {
    if (loading) return loaded;
    loading = true;
    import("../forms/index").then(
      ({ createForms }) => {
        loaded = createForms(chat, tray, requests, redraw);
        redraw();
      },
      () =>
        setTimeout(() => {
          loading = false;
          redraw();
        }, AGAIN),
    );
    return null;
  };
  const handoff = createHandoff(chat, requests, forms, redraw);
  const rating = (state: State) =>
    loaded !== null || state.live.conversation?.askRating ? forms()?.rating(state) : null;

  return {
    uploads: tray.uploads,
    top: handoff.top,
    bottom: (state) => h(Fragment, {}, rating(state), !loaded?.asksRating(state) && handoff.bottom(state)),
    tray: (state) => (state.sheet === null ? tray.view() : null),
    menu: (state) => h(Menu, { chat, state }),
    // Asked also when there is none any more: the form that was left begins anew the next time.
    sheet: (state) => (loaded !== null || state.sheet !== null ? forms()?.sheet(state) : null),
    files: createAttachments(chat),
    older: createOlder(chat),
    markdown: (text) => h(Markdown, { text }),
  };
}
