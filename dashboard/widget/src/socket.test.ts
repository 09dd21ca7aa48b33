import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Failure } from "./errors";
import { SILENT, type SocketLike, subscribe } from "./socket";

class FakeSocket implements SocketLike {
  onopen: SocketLike["onopen"] = null;
  onmessage: SocketLike["onmessage"] = null;
  onclose: SocketLike["onclose"] = null;
  sent: Record<string, unknown>[] = [];
  closed = false;
  send(data: string): void {
    this.sent.push(JSON.parse(data) as Record<string, unknown>);
  }
  close(): void {
    this.closed = true;
  }
  receive(message: Record<string, unknown>): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

describe("socket", () => {
  let socket: FakeSocket;
  let downs: [number, Failure | null][];
  let data: unknown[];
  let line: ReturnType<typeof subscribe>;

  beforeEach(() => {
    vi.useFakeTimers();
    socket = new FakeSocket();
    downs = [];
    data = [];
    line = subscribe(
      () => socket,
      "ws://host/x",
      "tok",
      "subscription { x }",
      { after: "c1" },
      {
        onUp: () => {},
        onData: (value) => data.push(value),
        onDown: (code, failure) => downs.push([code, failure]),
      },
    );
  });
  afterEach(() => vi.useRealTimers());

  const up = () => {
    socket.onopen?.(undefined as never);
    socket.receive({ type: "connection_ack" });
  };

  it("introduces itself, subscribes after the acknowledgement, and passes data on", () => {
    up();
    expect(socket.sent).toEqual([
      { type: "connection_init", payload: { token: "tok" } },
      { id: "1", type: "subscribe", payload: { query: "subscription { x }", variables: { after: "c1" } } },
    ]);
    socket.receive({ type: "next", id: "1", payload: { data: { x: 1 } } });
    expect(data).toEqual([{ x: 1 }]);
  });

  it("answers a ping", () => {
    up();
    socket.receive({ type: "ping" });
    expect(socket.sent.at(-1)).toEqual({ type: "pong" });
  });

  it("gives up a line that does not answer (half-open)", () => {
    up();
    vi.advanceTimersByTime(20_000);
    expect(socket.sent.at(-1)).toEqual({ type: "ping" });
    vi.advanceTimersByTime(9_999);
    expect(downs).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(downs).toEqual([[SILENT, null]]);
    expect(socket.closed).toBe(true);
  });

  it("keeps a line that answers", () => {
    up();
    for (let round = 0; round < 10; round += 1) {
      vi.advanceTimersByTime(20_000);
      socket.receive({ type: "pong" });
    }
    expect(downs).toEqual([]);
  });

  it("gives up a server that never acknowledges", () => {
    socket.onopen?.(undefined as never);
    vi.advanceTimersByTime(10_000);
    expect(downs).toEqual([[SILENT, null]]);
  });

  it("checks at once when asked to", () => {
    up();
    line.check(4_000);
    vi.advanceTimersByTime(4_000);
    expect(downs).toHaveLength(1);
  });

  it("reports the end once, with the close code or the failure", () => {
    up();
    socket.receive({ type: "error", id: "1", payload: [{ extensions: { code: "FORBIDDEN" } }] });
    socket.onclose?.({ code: 4403 });
    expect(downs).toHaveLength(1);
    expect(downs[0]?.[1]?.code).toBe("FORBIDDEN");
  });

  it("says nothing when it is closed on purpose", () => {
    up();
    line.close();
    socket.onclose?.({ code: 1000 });
    socket.receive({ type: "next", payload: { data: 1 } });
    expect(downs).toEqual([]);
    expect(data).toEqual([]);
  });
});
