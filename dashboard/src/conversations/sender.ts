import { toApiError } from "../api/errors";
import { backoff } from "../live/live";
import type { Outgoing } from "../live/types";

/** What stays refused however often it is asked: only a person can decide what becomes of such a message. */
const LASTING: readonly string[] = ["FORBIDDEN", "CONFLICT", "INVALID", "NOT_FOUND"];
/** How often the server may fail over one message before that, too, is put to a person: the later ones must not wait for ever. */
const INTERNAL_TRIES = 5;
const SLOW_MS = 4_000;
const FAST_MS = 400;

interface Parts {
  readonly outbox: () => readonly Outgoing[];
  /** Hands one to the server. Throws an ApiError. */
  readonly post: (outgoing: Outgoing) => Promise<void>;
  /** The server was not reached, or could not take it: it is tried again. */
  readonly delayed: (clientId: string) => void;
  readonly refused: (clientId: string, error: unknown) => void;
  /** A wait that ends early when there is reason to believe that the server is back. */
  readonly pause: (ms: number) => Promise<void>;
}

export interface Sender {
  /** Sends what waits, as long as something does. */
  flush(): void;
  stop(): void;
}

/**
 * Empties the outbox: one message after the other, so that they arrive in the order in which they were written, and
 * each under the client id that it was written with, so that one whose answer got lost is kept once.
 */
export function createSender({ outbox, post, delayed, refused, pause }: Parts): Sender {
  let running = false;
  let stopped = false;

  const empty = async () => {
    let attempt = 0;
    let broken = 0;
    while (!stopped) {
      const next = outbox().find((one) => one.state !== "failed");
      if (!next) return;
      try {
        await post(next);
        attempt = 0;
        broken = 0;
      } catch (thrown) {
        // Meanwhile the stream may have brought it, or its writer may have thought better of it.
        if (stopped || !outbox().some((one) => one.clientId === next.clientId)) continue;
        const { code } = toApiError(thrown);
        broken = code === "INTERNAL" ? broken + 1 : 0;
        if (LASTING.includes(code) || broken === INTERNAL_TRIES) {
          attempt = 0;
          broken = 0;
          refused(next.clientId, thrown);
          continue;
        }
        delayed(next.clientId);
        await pause(backoff(attempt, Math.random(), code === "RATE_LIMITED" ? SLOW_MS : FAST_MS));
        attempt += 1;
      }
    }
  };

  const run = async () => {
    if (running) return;
    running = true;
    try {
      await empty();
    } finally {
      running = false;
    }
  };

  return {
    flush: () => void run(),
    stop() {
      stopped = true;
    },
  };
}
