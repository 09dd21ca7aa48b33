// The panel without its face: everything between the server and what is shown. Runs in a browser and, for tests, in Node;
// what differs between the two is handed in.

import { READ_CONFIG } from "./documents";
import type { Fetch } from "./http";
import { createLine } from "./line";
import { emptyLive, expire, remoteTyping, restorePending, type SentFile } from "./live";
import { createSender } from "./sender";
import { createSession, type Exclusive } from "./session";
import { createSignals } from "./signals";
import type { OpenSocket } from "./socket";
import type { Memory } from "./storage";
import { createStore, type Sheet, type State } from "./store";
import type { WidgetConfig } from "./types";

export interface Surroundings {
  /** Where /widget/graphql is, as http(s). The socket is on the same path. */
  url: string;
  fetch: Fetch;
  openSocket: OpenSocket;
  memory: Memory;
  exclusive: Exclusive;
  newId: () => string;
  random: () => number;
}

/** Asked again this often when the answer did not change at the instant that was announced: some clock is off. */
const HOURS_AGAIN = 30_000;
/** The longest sleep; timers are not made for more, and computers sleep without counting. */
const HOURS_LONGEST = 1_800_000;

export type Chat = ReturnType<typeof createChat>;

export function createChat(config: WidgetConfig, around: Surroundings) {
  const { url, memory, exclusive, random, newId } = around;
  const store = createStore(config, memory);
  const session = createSession(store, memory, around.fetch, url, exclusive);
  const sender = createSender(store, memory, session, exclusive, random);
  const signals = createSignals(store, memory, session);
  const line = createLine(
    store,
    session,
    around.openSocket,
    url.replace(/^http/, "ws"),
    random,
    sender.flush,
  );
  let ticking: ReturnType<typeof setInterval> | undefined;

  /** Runs a clock only while something is shown that time alone will end. */
  const tick = () => {
    const { live } = store;
    const passing = live.typing !== null || live.drafts.length > 0 || remoteTyping(live, Date.now()) !== null;
    if (!passing) {
      clearInterval(ticking);
      ticking = undefined;
    }
    if (passing) {
      ticking ??= setInterval(() => {
        store.update((live) => expire(live, Date.now()));
        store.patch({});
      }, 1_000);
    }
  };

  let hoursTimer: ReturnType<typeof setTimeout> | undefined;
  let hoursFor: string | null | undefined;

  /** Opening and closing time come without a reload: the server is asked at the instant that it announced. */
  const watchHours = (again = 0) => {
    const at = store.state.config.handoff.changesAt ?? null;
    if (at === hoursFor && again === 0) return;
    hoursFor = at;
    clearTimeout(hoursTimer);
    if (at === null) return;
    const wait = Math.max(Date.parse(at) - Date.now(), again) + random() * 1_000;
    hoursTimer = setTimeout(
      async () => {
        await readConfig();
        // A new instant has set a timer of its own already.
        if (hoursFor === at) watchHours(HOURS_AGAIN);
      },
      Math.min(wait, HOURS_LONGEST),
    );
  };

  const readConfig = async () => {
    try {
      const { widgetId } = store.state.config;
      const answer = await session.call<{ widgetConfig: WidgetConfig }>(READ_CONFIG, { widgetId });
      store.patch({ config: answer.widgetConfig });
    } catch {
      // What is shown stays until the next time.
    }
  };

  const restore = () => store.update((live) => restorePending(live, memory.outbox()));

  store.listen(() => {
    tick();
    watchHours();
    line.refreshIfStale();
  });

  return {
    get state(): State {
      return store.state;
    },
    listen: store.listen,
    // For the parts that are loaded later and bring their own documents.
    session,
    call: session.call,
    patch: store.patch,
    update: store.update,
    readConfig,
    memory,
    newId,
    show: (sheet: Sheet | null) => store.patch({ sheet, problem: null }),
    start(pageUrl: string | null) {
      session.pageUrl = pageUrl;
      restore();
      void line.connect();
    },
    stop() {
      line.stop();
      sender.stop();
      signals.stop();
      clearInterval(ticking);
      clearTimeout(hoursTimer);
    },
    wake() {
      line.wake();
      void sender.flush();
    },
    /** Another tab changed what is stored. */
    storageChanged() {
      restore();
      signals.readElsewhere();
    },
    send(text: string, files?: readonly SentFile[]) {
      signals.typing(false);
      sender.write(newId(), text, files);
    },
    retry: sender.retry,
    typing: signals.typing,
    seen: signals.seen,
    /** The visitor was forgotten: nothing of before is left here either, and somebody new begins. */
    restart() {
      line.stop();
      sender.stop();
      memory.clear();
      session.forget();
      store.patch({ live: emptyLive, line: "connecting" });
      void line.connect();
    },
  };
}
