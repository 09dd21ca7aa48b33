// The whole panel core against a server in memory whose network is bad on purpose: answers get lost after the work was
// done, sockets die or fall silent, tokens run out, the event log is cut off, tabs come and go. Whatever happens, every
// message is kept exactly once and in order, and every tab ends up with the server's list. Seeds make failures repeatable.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Chat, createChat } from "./chat";
import type { SocketLike } from "./socket";
import { createMemory, mapStorage, type StorageLike } from "./storage";
import { config, message } from "./test-data";
import type { ChatEvent, Conversation, Message } from "./types";

type Random = () => number;
type Payload = { token?: string; variables?: { after: string | null } };

function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Defences {
  /** Off: the saboteur, a server that does not recognise a repeated client id. */
  dedupe: boolean;
}

class Server {
  messages: Message[] = [];
  conversation: Conversation = {
    id: "cnv_1",
    state: "AI",
    rev: 1,
    queuePosition: null,
    operatorName: null,
    readByOperatorSeq: 0,
    lastSeq: 0,
  };
  /** Events up to here can no longer be replayed. */
  forgotten = 0;
  /** 0: a perfect network. */
  trouble = 0;
  sessions = 0;
  /** How many of them went on with an earlier one. */
  resumed = 0;
  private tokens = new Set<string>();
  private sockets = new Set<ServerSocket>();
  private kept = new Map<string, Message>();

  constructor(
    readonly random: Random,
    private readonly defences: Defences,
  ) {}

  readonly fetch = async (_url: string, init: RequestInit): Promise<Response> => {
    await this.pause();
    if (this.chance(0.3)) throw new TypeError("lost on the way");
    const { query, variables } = JSON.parse(String(init.body)) as {
      query: string;
      variables: Record<string, unknown>;
    };
    const token = new Headers(init.headers).get("authorization")?.slice(7) ?? "";
    const answer = this.execute(query, variables, token);
    await this.pause();
    if (this.chance(0.3)) throw new TypeError("lost on the way back");
    return new Response(JSON.stringify(answer));
  };

  readonly openSocket = (): SocketLike => {
    const socket = new ServerSocket(this);
    this.sockets.add(socket);
    return socket;
  };

  say(text: string): void {
    this.append(message(this.messages.length + 1, { text, author: { kind: "OPERATOR", name: "Mara" } }));
  }

  mishap(): void {
    const kind = Math.floor(this.random() * 5);
    if (kind === 0) this.tokens.clear();
    if (kind === 1) this.forgotten = this.messages.length;
    for (const socket of [...this.sockets]) {
      if (kind === 2) socket.drop(1012);
      else if (kind === 3) socket.silent = true;
      else socket.drop(kind === 0 ? 4401 : 1006);
    }
  }

  accepts(token: string): boolean {
    return this.tokens.has(token);
  }

  replay(after: string | null): ChatEvent[] {
    const from = Number(after ?? this.messages.length);
    if (from < this.forgotten || from > this.messages.length) {
      return [{ __typename: "Resync", cursor: String(this.messages.length), reason: "too old" }];
    }
    const missed = this.messages.filter((entry) => entry.seq > from).map((entry) => this.event(entry));
    return [...missed, { __typename: "ConversationChanged", conversation: { ...this.conversation } }];
  }

  gone(socket: ServerSocket): void {
    this.sockets.delete(socket);
  }

  private execute(query: string, variables: Record<string, unknown>, token: string): unknown {
    if (query.startsWith("mutation Start")) {
      this.sessions += 1;
      if (variables.resume === "res_1") this.resumed += 1;
      const fresh = `tok_${this.sessions}`;
      this.tokens.add(fresh);
      return {
        data: {
          session: { token: fresh, expiresAt: "", resume: "res_1", conversation: this.read(), config },
        },
      };
    }
    if (!this.tokens.has(token)) return { errors: [{ extensions: { code: "UNAUTHENTICATED" } }] };
    if (query.startsWith("query Read")) return { data: { session: { conversation: this.read(), config } } };
    if (query.startsWith("mutation Send")) {
      const { clientId, text } = variables as { clientId: string; text: string };
      const author = { kind: "VISITOR" as const, name: null };
      const known = this.defences.dedupe ? this.kept.get(clientId) : undefined;
      const sendMessage = known ?? this.append(message(this.messages.length + 1, { clientId, text, author }));
      this.kept.set(clientId, sendMessage);
      return { data: { sendMessage } };
    }
    return { data: { setTyping: true, markRead: true } };
  }

  private read(): unknown {
    const nodes = this.messages.slice(-5);
    const pageInfo = { hasPreviousPage: this.messages.length > 5, startCursor: String(nodes[0]?.seq ?? 0) };
    return { ...this.conversation, cursor: String(this.messages.length), messages: { nodes, pageInfo } };
  }

  private append(entry: Message): Message {
    this.messages.push(entry);
    for (const socket of this.sockets) socket.tell(this.event(entry));
    return entry;
  }

  private event(entry: Message): ChatEvent {
    return { __typename: "MessageAdded", cursor: String(entry.seq), message: entry };
  }

  private chance(likely: number): boolean {
    return this.random() < likely * this.trouble;
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, this.random() * 80));
  }
}

class ServerSocket implements SocketLike {
  onopen: SocketLike["onopen"] = null;
  onmessage: SocketLike["onmessage"] = null;
  onclose: SocketLike["onclose"] = null;
  silent = false;
  private listening = false;

  constructor(private readonly server: Server) {
    setTimeout(() => this.onopen?.(undefined as never), 5);
  }

  send(data: string): void {
    if (this.silent) return;
    const { type, payload } = JSON.parse(data) as { type: string; payload: Payload };
    if (type === "connection_init") {
      if (this.server.accepts(String(payload.token))) this.receive({ type: "connection_ack" });
      else this.drop(4401);
    } else if (type === "ping") {
      this.receive({ type: "pong" });
    } else if (type === "subscribe") {
      const { after = null } = payload.variables ?? {};
      this.listening = true;
      for (const event of this.server.replay(after)) this.tell(event);
    }
  }

  tell(event: ChatEvent): void {
    if (this.listening) this.receive({ type: "next", id: "1", payload: { data: { events: event } } });
  }

  close(): void {
    this.server.gone(this);
  }

  drop(code: number): void {
    this.server.gone(this);
    setTimeout(() => this.onclose?.({ code }), 5);
  }

  private receive(value: unknown): void {
    if (this.silent) return;
    setTimeout(() => this.onmessage?.({ data: JSON.stringify(value) }), 5);
  }
}

/** Like the browser's locks: one at a time for each name, in order of asking; a tab that closes lets go of its own. */
class Locks {
  private tails = new Map<string, Promise<unknown>>();

  request<T>(name: string, closed: Promise<void>, work: () => Promise<T>): Promise<T> {
    const before = this.tails.get(name) ?? Promise.resolve();
    const result = before.then(work);
    const settled = result.then(nothing, nothing);
    this.tails.set(
      name,
      before.then(() => Promise.race([settled, closed])),
    );
    return result;
  }
}

const nothing = () => {};
const NEVER = new Promise<never>(nothing);
const counter = { ids: 0 };
function nextId(): string {
  counter.ids += 1;
  return `key_${counter.ids}`;
}

/** A tab of the visitor's browser. Closing it ends it in the middle of whatever it did: nothing more goes out or comes in. */
function openTab(server: Server, storage: StorageLike, locks: Locks): { chat: Chat; close: () => void } {
  let open = true;
  let letGo = nothing;
  const closed = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const chat = createChat(config, {
    url: "http://host/widget/graphql",
    fetch: async (url, init) => {
      if (!open) return NEVER;
      const answer = await server.fetch(url, init);
      return open ? answer : NEVER;
    },
    openSocket: server.openSocket,
    memory: createMemory(storage, true, config.widgetId),
    exclusive: (name, work) => locks.request(name, closed, () => (open ? work() : NEVER)),
    newId: nextId,
    random: server.random,
  });
  chat.start(null);
  const close = () => {
    open = false;
    letGo();
    chat.stop();
  };
  return { chat, close };
}

const texts = (list: readonly Message[]) => list.map((entry) => entry.text);
const mine = (server: Server) => texts(server.messages.filter((entry) => entry.author.kind === "VISITOR"));

/** Returns what a run came to: what was written, what the server kept, what each tab shows. */
async function storm(seed: number, defences: Defences) {
  const random = seeded(seed);
  const server = new Server(random, defences);
  const storage = mapStorage();
  const locks = new Locks();
  const tabs = [openTab(server, storage, locks), openTab(server, storage, locks)];
  const written: string[][] = [[], []];
  server.trouble = 1;
  for (let step = 0; step < 25; step += 1) {
    const which = random() < 0.5 ? 0 : 1;
    if (random() < 0.6) {
      const text = `v${seed}.${which}.${step}`;
      written[which]?.push(text);
      tabs[which]?.chat.send(text);
    }
    if (random() < 0.3) server.say(`o${step}`);
    if (random() < 0.4) server.mishap();
    if (random() < 0.1) {
      // A reload: a new tab finds what the old one left in storage.
      tabs[which]?.close();
      tabs[which] = openTab(server, storage, locks);
    }
    await vi.advanceTimersByTimeAsync(random() * 4_000);
  }
  server.trouble = 0;
  await vi.advanceTimersByTimeAsync(180_000);
  for (const { close } of tabs) close();
  vi.clearAllTimers();
  return { server, chats: tabs.map(({ chat }) => chat), written };
}

describe("chat", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.parse("2026-01-01T10:00:00Z") });
  });
  afterEach(() => vi.useRealTimers());

  it("neither loses, doubles nor reorders anything in a bad network (60 seeds)", async () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const { server, chats, written } = await storm(seed, { dedupe: true });
      const all = written.flat();
      expect([...mine(server)].sort(), `seed ${seed}: kept exactly once`).toEqual([...all].sort());
      for (const own of written) {
        const order = mine(server).filter((text) => own.includes(text));
        expect(order, `seed ${seed}: in the order of writing`).toEqual(own);
      }
      for (const chat of chats) {
        const { live, line } = chat.state;
        expect(line, `seed ${seed}`).toBe("up");
        expect(live.pending, `seed ${seed}: nothing left to send`).toEqual([]);
        const shown = texts(live.messages);
        expect(shown, `seed ${seed}: what is shown`).toEqual(texts(server.messages).slice(-shown.length));
        expect(shown.length, `seed ${seed}`).toBeGreaterThanOrEqual(Math.min(5, server.messages.length));
      }
    }
  }, 60_000);

  it("would double messages if client ids were not recognised (so the test above can fail)", async () => {
    let doubled = 0;
    for (let seed = 1; seed <= 10; seed += 1) {
      const { server } = await storm(seed, { dedupe: false });
      if (new Set(mine(server)).size < mine(server).length) doubled += 1;
    }
    expect(doubled).toBeGreaterThan(0);
  }, 60_000);

  it("says that the chat is not available when it is refused, and comes back when it is allowed again", async () => {
    const server = new Server(seeded(1), { dedupe: true });
    const { chat, close } = openTab(server, mapStorage(), new Locks());
    await vi.advanceTimersByTimeAsync(1_000);
    expect(chat.state.line).toBe("up");
    for (const socket of (server as unknown as { sockets: Set<ServerSocket> }).sockets) socket.drop(4403);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(chat.state.line).toBe("refused");
    chat.wake();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(chat.state.line).toBe("up");
    close();
  });

  it("starts one session for two tabs that open at the same time", async () => {
    const server = new Server(seeded(3), { dedupe: true });
    const [storage, locks] = [mapStorage(), new Locks()];
    const tabs = [openTab(server, storage, locks), openTab(server, storage, locks)];
    await vi.advanceTimersByTimeAsync(1_000);
    expect(server.resumed).toBe(1);
    for (const { close } of tabs) close();
  });

  it("renews a token that ran out at once", async () => {
    const server = new Server(seeded(2), { dedupe: true });
    const { chat, close } = openTab(server, mapStorage(), new Locks());
    await vi.advanceTimersByTimeAsync(1_000);
    (server as unknown as { tokens: Set<string> }).tokens.clear();
    chat.send("hello");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(mine(server)).toEqual(["hello"]);
    expect(server.sessions).toBe(2);
    close();
  });
});
