// One subscription over graphql-transport-ws. Knows the protocol and whether the line is alive; what to do about a lost
// line is decided by the caller, who is told exactly once, with the close code.

import { type Failure, failureOf, field } from "./errors";

/** The part of WebSocket that is used here. */
export interface SocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(data: string): void;
  close(code?: number): void;
}

export type OpenSocket = (url: string, protocol: string) => SocketLike;

export interface Handlers {
  /** The server accepted the token and knows of the subscription. */
  onUp(): void;
  onData(data: unknown): void;
  /** The line is gone, or was given up. `failure`: the server ended the subscription itself, and why. */
  onDown(code: number, failure: Failure | null): void;
}

export interface Subscription {
  /** Makes sure now that the line is alive; a dead one is reported within `patience`. */
  check(patience?: number): void;
  close(): void;
}

const CONNECT_TIMEOUT = 10_000;
const PING_EVERY = 20_000;
const PONG_WITHIN = 10_000;
/** Reported for a line that says nothing any more, though no close was seen (half-open). */
export const SILENT = 4900;

export function subscribe(
  open: OpenSocket,
  url: string,
  token: string,
  query: string,
  variables: Record<string, unknown>,
  handlers: Handlers,
): Subscription {
  let done = false;
  let acknowledged = false;
  let deadline: ReturnType<typeof setTimeout> | undefined;
  const socket = open(url, "graphql-transport-ws");
  const heartbeat = setInterval(() => check(), PING_EVERY);

  const write = (message: Record<string, unknown>): void => socket.send(JSON.stringify(message));
  const expect = (within: number): void => {
    deadline ??= setTimeout(() => finish(SILENT), within);
  };
  const finish = (code: number, failure: Failure | null = null, silently = false): void => {
    if (done) return;
    done = true;
    clearInterval(heartbeat);
    clearTimeout(deadline);
    // Closing a dead line may take minutes; nobody waits for it.
    socket.close(1000);
    if (!silently) handlers.onDown(code, failure);
  };
  const check = (patience = PONG_WITHIN): void => {
    if (done || !acknowledged) return;
    write({ type: "ping" });
    expect(patience);
  };

  socket.onopen = () => write({ type: "connection_init", payload: { token } });
  socket.onclose = (event) => finish(event.code);
  socket.onmessage = (event) => {
    if (done) return;
    // Whatever arrives proves that the line is alive.
    clearTimeout(deadline);
    deadline = undefined;
    const message = parse(event.data);
    switch (field(message, "type")) {
      case "connection_ack":
        acknowledged = true;
        write({ id: "1", type: "subscribe", payload: { query, variables } });
        handlers.onUp();
        break;
      case "ping":
        write({ type: "pong" });
        break;
      case "next": {
        const payload = field(message, "payload");
        const errors = field(payload, "errors");
        if (errors === undefined || errors === null) handlers.onData(field(payload, "data"));
        else finish(1000, failureOf(errors));
        break;
      }
      case "error":
        finish(1000, failureOf(field(message, "payload")));
        break;
      case "complete":
        finish(1000);
        break;
    }
  };
  expect(CONNECT_TIMEOUT);
  return { check, close: () => finish(1000, null, true) };
}

function parse(data: unknown): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return undefined;
  }
}
