// Empties the outbox: one message after another, oldest first, each under the client id it was written with, so that a
// send whose answer got lost is recognised by the server and kept once.

import { SEND_MESSAGE } from "./documents";
import { asFailure } from "./errors";
import { backoff } from "./line";
import { confirm, enqueue, nextToSend, type PendingState, type SentFile, setPending } from "./live";
import type { Exclusive, Session } from "./session";
import type { Memory } from "./storage";
import type { Store } from "./store";
import type { Message } from "./types";

/** A send at which the server keeps stumbling is set aside after so many tries, so that it does not block the others. */
const MAX_STUMBLES = 6;

export interface Sender {
  write(clientId: string, text: string, files?: readonly SentFile[]): void;
  retry(clientId: string): void;
  /** Sends what waits. Of several tabs one does so at a time; the others come after it and find little left. */
  flush(): Promise<void>;
  stop(): void;
}

export function createSender(
  store: Store,
  memory: Memory,
  session: Session,
  exclusive: Exclusive,
  random: () => number,
): Sender {
  let running = false;
  let again = false;
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const set = (clientId: string, state: PendingState) =>
    store.update((live) => setPending(live, clientId, state));

  const keep = (clientId: string) => {
    const entry = store.live.pending.find((pending) => pending.clientId === clientId);
    if (entry !== undefined) memory.keep(entry);
  };

  const flush = async () => {
    clearTimeout(timer);
    again = running;
    if (running || nextToSend(store.live) === undefined) return;
    running = true;
    try {
      await exclusive("outbox", async () => {
        while (await sendNext());
      });
    } finally {
      running = false;
    }
    if (again) void flush();
  };

  const available = (now: boolean) => {
    const { config } = store.state;
    if (config.available !== now) store.patch({ config: { ...config, available: now } });
  };

  /** Whether to go on with the next one right away. */
  const sendNext = async () => {
    const next = nextToSend(store.live);
    if (next === undefined || store.state.line === "refused") return false;
    const { clientId, text, files = [] } = next;
    set(clientId, "sending");
    try {
      const fileIds = files.map(({ id }) => id);
      const { sendMessage } = await session.call<{ sendMessage: Message }>(SEND_MESSAGE, {
        clientId,
        text,
        fileIds,
      });
      attempt = 0;
      available(true);
      store.update((live) => confirm(live, sendMessage));
      return true;
    } catch (error) {
      const failure = asFailure(error);
      attempt += 1;
      // Somebody is to sign in first, or may not write: said in the server's own words.
      const barred = failure.code === "FORBIDDEN" && failure.reason !== "NOT_AVAILABLE";
      if (barred) store.patch({ problem: failure.words || "refused" });
      if (failure.lasting || barred || (failure.code === "INTERNAL" && attempt >= MAX_STUMBLES)) {
        attempt = 0;
        set(clientId, "failed");
        keep(clientId);
        return true;
      }
      set(clientId, "waiting");
      // There is nobody behind it at the moment; what was written waits, and is tried again.
      if (failure.refused) available(false);
      const slow = failure.code === "RATE_LIMITED" || failure.refused;
      timer = setTimeout(flush, backoff(slow ? attempt + 4 : attempt, random));
      return false;
    }
  };

  return {
    write(clientId, text, files) {
      store.update((live) => enqueue(live, clientId, text, Date.now(), files));
      keep(clientId);
      void flush();
    },
    retry(clientId) {
      set(clientId, "waiting");
      keep(clientId);
      attempt = 0;
      void flush();
    },
    flush,
    stop: () => clearTimeout(timer),
  };
}
