// The small talk besides the messages: "I am typing" and "I have read up to here". Losing one of these harms nobody, so
// nothing is retried for its own sake.

import { MARK_READ, SET_TYPING } from "./documents";
import { lastSeq, markSeen } from "./live";
import type { Session } from "./session";
import type { Memory } from "./storage";
import type { Store } from "./store";

/** "Typing" is repeated this often while the visitor types; the other side forgets it after twice as long. */
const TYPING_EVERY = 3_000;
const TYPING_IDLE = 4_000;
const READ_DELAY = 400;

export interface Signals {
  /** Called on each keystroke, and with `false` once the text is sent or gone. */
  typing(active: boolean): void;
  /** The newest message is before the visitor's eyes. */
  seen(): void;
  /** Another tab may have read further. */
  readElsewhere(): void;
  stop(): void;
}

export function createSignals(store: Store, memory: Memory, session: Session): Signals {
  let typingSent = 0;
  let idle: ReturnType<typeof setTimeout> | undefined;
  let reading: ReturnType<typeof setTimeout> | undefined;

  const tell = (query: string, variables: Record<string, unknown>) => {
    if (store.state.line === "up") session.call(query, variables).catch(() => {});
  };

  const typing = (active: boolean) => {
    const state = store.live.conversation?.state;
    clearTimeout(idle);
    if (active && (state === "HUMAN" || state === "REQUESTED")) {
      idle = setTimeout(() => typing(false), TYPING_IDLE);
      if (Date.now() - typingSent < TYPING_EVERY) return;
      typingSent = Date.now();
      tell(SET_TYPING, { typing: true });
    } else if (typingSent !== 0) {
      typingSent = 0;
      tell(SET_TYPING, { typing: false });
    }
  };

  return {
    typing,
    seen() {
      const { conversation, readSeq } = store.live;
      const seq = lastSeq(store.live);
      if (conversation === null || seq <= readSeq) return;
      store.update((live) => markSeen(live, seq));
      memory.setReadSeq(conversation.id, seq);
      clearTimeout(reading);
      reading = setTimeout(() => tell(MARK_READ, { seq: store.live.readSeq }), READ_DELAY);
    },
    readElsewhere() {
      const { conversation } = store.live;
      if (conversation === null) return;
      const seq = memory.readSeq(conversation.id);
      store.update((live) => markSeen(live, seq));
    },
    stop() {
      clearTimeout(idle);
      clearTimeout(reading);
    },
  };
}
