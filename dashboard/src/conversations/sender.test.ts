import { describe, expect, it } from "vitest";
import { ApiError, type ErrorCode } from "../api/errors";
import { emptyThread, reduceThread } from "../live/live";
import type { LiveConversation, LiveMessage, Thread, ThreadAction } from "../live/types";
import { createSender } from "./sender";

/** A thread with a sender, and a server that answers as told: a code refuses, null takes it. */
function desk(...answers: readonly (ErrorCode | null)[]) {
  let thread: Thread<LiveConversation, LiveMessage> = emptyThread();
  const dispatch = (action: ThreadAction<LiveConversation, LiveMessage>) => {
    thread = reduceThread(thread, action);
  };
  const left = [...answers];
  const tried: string[] = [];
  const shown: string[] = [];
  const pauses: number[] = [];
  let wake: (() => void) | null = null;
  const sender = createSender({
    outbox: () => thread.outbox,
    async post({ clientId, text, createdAt }) {
      tried.push(clientId);
      await Promise.resolve();
      const code = left.shift() ?? null;
      if (code) throw new ApiError("no", code);
      const author = { kind: "OPERATOR", name: null, userId: "usr_1" } as const;
      const seq = tried.length;
      const message = { id: `msg_${seq}`, seq, kind: "TEXT", author, text, createdAt, clientId };
      dispatch({ type: "sent", clientId, message });
    },
    delayed: () => dispatch({ type: "sendDelayed" }),
    refused: (clientId) => dispatch({ type: "sendFailed", clientId, error: "no" }),
    pause: (ms) => {
      pauses.push(ms);
      shown.push(thread.outbox.map((one) => one.state).join());
      return new Promise((resolve) => {
        wake = resolve;
      });
    },
  });
  return {
    sender,
    tried,
    pauses,
    shown,
    get states() {
      return thread.outbox.map((one) => one.state);
    },
    dispatch,
    write(...clientIds: readonly string[]) {
      for (const clientId of clientIds) {
        dispatch({ type: "send", clientId, text: clientId, createdAt: "now" });
        sender.flush();
      }
    },
    /** Lets everything run until nothing but a pause holds it, then ends that. */
    async settle(wakes = 0) {
      for (let turn = 0; turn <= wakes; turn += 1) {
        await new Promise((later) => setTimeout(later));
        if (turn < wakes) wake?.();
      }
    },
  };
}

describe("the outbox", () => {
  it("is sent one after the other", async () => {
    const at = desk();
    at.write("a", "b", "c");
    expect(at.tried).toEqual(["a"]);
    await at.settle();
    expect(at.tried).toEqual(["a", "b", "c"]);
    expect(at.states).toEqual([]);
  });

  it("waits while the server is away, and goes out by itself in its order and under the same ids", async () => {
    const at = desk("NETWORK", "UNAVAILABLE", "UNAUTHENTICATED", "INTERNAL", "RATE_LIMITED");
    at.write("a", "b");
    await at.settle();
    at.write("c");
    expect(at.states).toEqual(["waiting", "waiting", "waiting"]);
    await at.settle(5);
    expect(at.tried).toEqual(["a", "a", "a", "a", "a", "a", "b", "c"]);
    expect(new Set(at.shown.map((states) => states.split(",")[0]))).toEqual(new Set(["waiting"]));
    expect(at.states).toEqual([]);
  });

  it("sets aside what is refused for good, and goes on with the next", async () => {
    for (const code of ["FORBIDDEN", "CONFLICT", "INVALID", "NOT_FOUND"] as const) {
      const at = desk(code);
      at.write("a", "b");
      await at.settle();
      expect(at.tried).toEqual(["a", "b"]);
      expect(at.states).toEqual(["failed"]);
      expect(at.pauses).toEqual([]);
      at.dispatch({ type: "retry", clientId: "a" });
      at.sender.flush();
      await at.settle();
      expect(at.tried).toEqual(["a", "b", "a"]);
      expect(at.states).toEqual([]);
    }
  });

  it("sets aside what the server fails over again and again, so that the next one goes out", async () => {
    const at = desk("INTERNAL", "INTERNAL", "INTERNAL", "INTERNAL", "INTERNAL");
    at.write("a", "b");
    await at.settle(4);
    expect(at.tried).toEqual(["a", "a", "a", "a", "a", "b"]);
    expect(at.states).toEqual(["failed"]);
  });

  it("does not repeat what the stream brought, or what was given up, while its answer was lost", async () => {
    const at = desk("NETWORK");
    at.write("a", "b");
    at.dispatch({ type: "discard", clientId: "a" });
    await at.settle();
    expect(at.tried).toEqual(["a", "b"]);
    expect(at.pauses).toEqual([]);
  });

  it("sends nothing more once it is stopped", async () => {
    const at = desk("NETWORK");
    at.write("a");
    await at.settle();
    at.sender.stop();
    await at.settle(1);
    at.write("b");
    await at.settle();
    expect(at.tried).toEqual(["a"]);
  });
});
