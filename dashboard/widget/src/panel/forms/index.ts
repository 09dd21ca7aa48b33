// The third load: forms, for whoever opens one.

import type { Chat } from "../../chat";
import type { Sheet, State } from "../../store";
import { type Child, h } from "../dom";
import type { Requests } from "../more/requests";
import type { TrayView } from "../more/tray";
import { ContactForm } from "./contact-form";
import { createForget } from "./forget";
import { type Attempt, fresh } from "./form";
import { createQuery } from "./query";
import { createRating } from "./rating";
import css from "./style.css?inline";
import { createTranscript } from "./transcript";

export interface Forms {
  sheet(state: State): Child;
  contact(state: State, cancel: Child): Child;
  rating(state: State): Child;
  /** One question at a time: while this one stands, nothing else is offered. */
  asksRating(state: State): boolean;
}

export function createForms(chat: Chat, tray: TrayView, requests: Requests, redraw: () => void): Forms {
  const style = new CSSStyleSheet();
  style.replaceSync(css);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, style];

  const sheets = {
    query: createQuery(chat, tray, redraw),
    transcript: createTranscript(chat, redraw),
    forget: createForget(chat, redraw),
  } satisfies Record<Sheet, unknown>;
  const rating = createRating(chat, redraw);
  let shown: Sheet | null = null;
  let attempt: Attempt = fresh;

  return {
    sheet({ sheet }) {
      if (sheet !== shown && shown !== null) sheets[shown].closed();
      shown = sheet;
      return sheet === null ? null : sheets[sheet].view();
    },
    contact: ({ asking }, cancel) =>
      h(ContactForm, {
        asking,
        cancel,
        attempt,
        onWrong: (next: Attempt) => {
          attempt = next;
          redraw();
        },
        onDone: requests.request,
      }),
    rating: rating.view,
    asksRating: rating.asks,
  };
}
