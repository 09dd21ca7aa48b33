import { type Client, createClient } from "graphql-ws";
import { stringifyDocument, type TypedDocumentNode } from "urql";
import { backoff } from "../live/live";
import { accessRevoked, accessToken, readStanding, renew } from "./auth";
import { type ApiError, fromRaw } from "./errors";
import { createStore } from "./store";

export type Connection = "idle" | "live" | "reconnecting" | "offline" | "unable";

export const connection = createStore<Connection>("idle");

const CLOSE_UNAUTHENTICATED = 4401;
const CLOSE_REVOKED = 4403;
const CLOSE_TOO_MANY = 4429;

let following = 0;
let client: Client | null = null;
/** Waits that the browser's "online" event, or somebody's patience, may cut short. */
const sleepers = new Set<() => void>();

function settle(state: Connection): void {
  if (following === 0) connection.set("idle");
  else if (typeof WebSocket === "undefined") connection.set("unable");
  else connection.set(state !== "live" && !navigator.onLine ? "offline" : state);
}

function socket(): Client {
  client ??= createClient({
    url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`,
    connectionParams: async () => ({ token: await accessToken() }),
    // Each stream resumes after its own cursor, so each repeats itself; the socket must not do it with old variables.
    retryAttempts: 0,
    lazyCloseTimeout: 2_000,
    keepAlive: 12_000,
    connectionAckWaitTimeout: 10_000,
    on: {
      connected: () => settle("live"),
      closed: () => settle("reconnecting"),
      ping: (received) => {
        if (!received) pongDue = setTimeout(() => client?.terminate(), 6_000);
      },
      pong: (received) => {
        if (received) clearTimeout(pongDue);
      },
    },
  });
  return client;
}
let pongDue: ReturnType<typeof setTimeout> | undefined;

function wake(): void {
  for (const done of [...sleepers]) done();
}

if (typeof window !== "undefined") {
  window.addEventListener("online", wake);
  window.addEventListener("offline", () => settle("reconnecting"));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") wake();
  });
}

/** Try now instead of when the pause is over. */
export const reconnectNow = wake;

export function closeSocket(): void {
  void client?.dispose();
  client = null;
  connection.set("idle");
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      sleepers.delete(done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    sleepers.add(done);
  });
}

/** A pause for whoever waits for the server: over as soon as the socket has reached it. */
export function pauseUntilLive(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stopWatching();
      resolve();
    };
    const stopWatching = connection.subscribe(() => {
      if (connection.get() === "live") done();
    });
    void pause(ms).then(done);
  });
}

function closeCode(error: unknown): number | null {
  if (typeof error === "object" && error !== null && "code" in error && typeof error.code === "number") {
    return error.code;
  }
  return null;
}

export interface Following<Data, Variables> {
  readonly document: TypedDocumentNode<Data, Variables>;
  /** Asked anew for each attempt: the cursor has moved on meanwhile. */
  readonly variables: () => Variables;
  readonly onStart?: () => void;
  readonly onData: (data: Data) => void;
  /** The server refused the stream. Answer whether to try again. */
  readonly onRefused?: (error: ApiError) => boolean;
}

export interface Follower {
  readonly stop: () => void;
  /** End the running attempt and subscribe again at once, with fresh variables. */
  readonly restart: () => void;
}

/** Follows a subscription for good: across lost connections, restarts of the server and expired tokens. */
export function follow<Data, Variables extends Record<string, unknown>>(
  what: Following<Data, Variables>,
): Follower {
  let stopped = false;
  let attempt = 0;
  let endAttempt: (() => void) | null = null;
  following += 1;
  if (connection.get() === "idle") settle("reconnecting");

  const once = () =>
    new Promise<unknown>((resolve) => {
      what.onStart?.();
      const query = stringifyDocument(what.document);
      let over = false;
      const end = socket().subscribe<Data, Record<string, unknown>>(
        { query, variables: what.variables() },
        {
          next: (result) => {
            if (stopped || over) return;
            settle("live");
            if (result.data) {
              attempt = 0;
              what.onData(result.data);
            } else if (result.errors?.length) {
              // An event that failed is lost, so the stream is worth nothing any more: end it, and resume.
              over = true;
              end();
              resolve([...result.errors]);
            }
          },
          error: resolve,
          complete: () => resolve(null),
        },
      );
      endAttempt = () => {
        over = true;
        end();
        resolve("restart");
      };
    });

  const run = async () => {
    while (!stopped) {
      const ended = await once();
      endAttempt = null;
      if (stopped) return;
      if (ended === "restart") continue;
      if (Array.isArray(ended)) {
        const error = fromRaw(ended[0]);
        if (error.code === "UNAUTHENTICATED") await renew();
        else if (what.onRefused?.(error) === false) {
          if (error.reason === "MISSING_PERMISSION") await readStanding();
          return;
        }
      }
      const code = closeCode(ended);
      if (code === CLOSE_REVOKED) {
        await accessRevoked();
        return;
      }
      if (code === CLOSE_UNAUTHENTICATED && (await renew())) {
        // With a new token there is nothing to wait for, unless the server refuses that one as well.
        if (attempt === 0) {
          attempt = 1;
          continue;
        }
      }
      await pause(backoff(attempt, Math.random(), code === CLOSE_TOO_MANY ? 4_000 : 400));
      attempt += 1;
    }
  };
  // A browser that knows no sockets will not learn it: the page says so instead of trying.
  if (typeof WebSocket !== "undefined") void run();

  return {
    stop() {
      if (stopped) return;
      stopped = true;
      following -= 1;
      endAttempt?.();
      if (following === 0) settle("idle");
    },
    restart() {
      endAttempt?.();
    },
  };
}
