// Keeps the stream of events coming: connects, notices a dead line, waits, connects again, and re-reads the conversation
// when the server says that the events alone no longer tell it all.

import { EVENTS, READ_CONVERSATION } from "./documents";
import { asFailure, type Failure, field } from "./errors";
import { applyEvent, applySnapshot } from "./live";
import type { Session } from "./session";
import { type OpenSocket, type Subscription, subscribe } from "./socket";
import type { Store } from "./store";
import type { ChatEvent, VisitorSession } from "./types";

const RESTARTING = 1012;
const UNAUTHENTICATED = 4401;
const REVOKED = 4403;
const TOO_MANY = 4429;

/** A check after a sleep or a change of network need not wait as long as a routine one. */
const WAKE_PATIENCE = 4_000;
/** A server that refused may have changed its mind; it is asked again when the visitor comes back, at most this often. */
const ASK_AGAIN = 30_000;

/** Doubling up to half a minute; random, so that a crowd of visitors does not come back in one instant. */
export function backoff(attempt: number, random: () => number): number {
  return Math.min(30_000, 500 * 2 ** attempt) * (0.5 + random() / 2);
}

export interface EventLine {
  connect(): Promise<void>;
  /** The page woke up, the network changed, or the visitor came back: make sure now rather than at the next ping. */
  wake(): void;
  /** Called on every change: when the list can no longer be trusted, read it again and listen anew from there. */
  refreshIfStale(): void;
  stop(): void;
}

export function createLine(
  store: Store,
  session: Session,
  open: OpenSocket,
  url: string,
  random: () => number,
  onUp: () => void,
): EventLine {
  let subscription: Subscription | null = null;
  let connecting = false;
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let refusedAt = 0;
  let resyncCursor: string | undefined;

  const connect = async () => {
    if (connecting || subscription !== null) return;
    clearTimeout(timer);
    connecting = true;
    try {
      await session.current();
      if (store.live.stale) await readAgain();
      resyncCursor = undefined;
      listen(await session.current());
    } catch (error) {
      lost(0, asFailure(error));
    } finally {
      connecting = false;
    }
  };

  const again = (wait: number) => {
    clearTimeout(timer);
    timer = setTimeout(connect, wait);
  };

  const hangUp = () => {
    subscription?.close();
    subscription = null;
  };

  const readAgain = async () => {
    const answer = await session.call<{ session: VisitorSession }>(READ_CONVERSATION);
    const { conversation, config } = answer.session;
    store.update((live) => applySnapshot(live, conversation, resyncCursor));
    store.patch({ config });
  };

  const listen = (token: string) => {
    subscription = subscribe(
      open,
      url,
      token,
      EVENTS,
      { after: store.live.cursor },
      {
        onUp() {
          store.patch({ line: "up" });
          onUp();
        },
        onData: handle,
        onDown(code, failure) {
          subscription = null;
          if (code === UNAUTHENTICATED || failure?.code === "UNAUTHENTICATED") session.reject(token);
          lost(code, failure);
        },
      },
    );
  };

  const handle = (data: unknown) => {
    const event = field(data, "events") as ChatEvent | undefined;
    if (event === undefined) return;
    if (event.__typename === "Resync") resyncCursor = event.cursor;
    else attempt = 0;
    store.update((live) => applyEvent(live, event, Date.now()));
  };

  const lost = (code: number, failure: Failure | null) => {
    if (code === REVOKED || failure?.refused === true) {
      refusedAt = Date.now();
      store.patch({ line: "refused" });
      return;
    }
    store.patch({ line: "down" });
    const wait = backoff(attempt, random);
    if (code === RESTARTING) again(200 + random() * 1_000);
    // The first renewal of a token is not worth a wait that the visitor would notice.
    else if (code === UNAUTHENTICATED && attempt === 0) again(0);
    else if (code === TOO_MANY || failure?.code === "RATE_LIMITED") again(5_000 + random() * 5_000 + wait);
    else again(wait);
    attempt += 1;
  };

  return {
    connect,
    wake() {
      if (subscription !== null) {
        subscription.check(WAKE_PATIENCE);
      } else if (store.state.line !== "refused" || Date.now() - refusedAt > ASK_AGAIN) {
        attempt = 0;
        void connect();
      }
    },
    refreshIfStale() {
      if (!store.live.stale || subscription === null) return;
      // Listening anew after the re-read is right whether or not the server would have gone on by itself.
      hangUp();
      again(attempt === 0 ? 0 : backoff(attempt, random));
      attempt += 1;
    },
    stop() {
      clearTimeout(timer);
      hangUp();
    },
  };
}
