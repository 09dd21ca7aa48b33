// The seam between what every visitor loads at once and what comes second: Markdown, files, the way to a person. It is
// asked for when the panel is first shown, beside the first question to the server, and draws into the places named here.
// What only some need, forms, is a third part, which the second one asks for (forms/).

import type { Chat } from "../chat";
import type { SentFile } from "../live";
import type { State } from "../store";
import type { Attachment } from "../types";
import type { Child } from "./dom";

export interface Uploads {
  /** Something chosen has not arrived at the server yet. */
  readonly busy: boolean;
  add(files: Iterable<File>): void;
  /** What arrived, for the message that is sent now; the tray is empty then. */
  take(): readonly SentFile[];
  /** Calls once nothing is on its way any more. */
  whenDone(send: () => void): void;
}

export interface More {
  readonly uploads: Uploads;
  /** At the top, always in sight. */
  top(state: State): Child;
  /** Between the messages and the composer. */
  bottom(state: State): Child;
  /** In the composer, above the text. */
  tray(state: State): Child;
  menu(state: State): Child;
  /** Over the conversation. */
  sheet(state: State): Child;
  files(attachments: readonly Attachment[]): Child;
  /** Brings the page of history before the first message. */
  older(): Promise<void>;
  /** Text of an AI or an operator; until this is there it stands as it was written. */
  markdown(text: string): Child;
}

/** A failed load is tried again, but not with each drawing. */
const AGAIN = 3_000;

export interface MoreLoader {
  readonly now: More | null;
  /** Loads it, once. */
  load(): Promise<More | null>;
}

export function createMoreLoader(chat: Chat, redraw: () => void): MoreLoader {
  let now: More | null = null;
  let loading: Promise<More | null> | null = null;
  return {
    get now() {
      return now;
    },
    load() {
      loading ??= import("./more/index").then(
        ({ createMore }) => {
          now = createMore(chat, redraw);
          redraw();
          return now;
        },
        () => {
          setTimeout(() => {
            loading = null;
            redraw();
          }, AGAIN);
          return null;
        },
      );
      return loading;
    },
  };
}
