// What the panel remembers in the browser: who the visitor is to this widget, what they wrote and could not send, and how
// far they have read. Browsers may refuse storage to a frame on somebody else's page; then it all lives until the reload.

import { field } from "./errors";
import type { Pending, SentFile } from "./live";

/** The part of localStorage that is used here. */
export type StorageLike = Pick<Storage, "getItem" | "setItem" | "removeItem"> & { keys(): string[] };

export type Kept = "resume" | "query" | "files" | "asked";

export interface Memory {
  /** Whether other tabs of the visitor see the same storage. */
  readonly shared: boolean;
  /** `query`: an offline query that was begun and not sent. `files`: names of files whose upload a reload would end. */
  get(name: Kept): string | null;
  set(name: Kept, value: string): void;
  /** How far the visitor has read, in the conversation it belongs to. */
  readSeq(conversationId: string): number;
  setReadSeq(conversationId: string, seq: number): void;
  outbox(): Pending[];
  keep(entry: Pending): void;
  forget(clientId: string): void;
  /** Nothing of this widget is left in the browser. */
  clear(): void;
  /** Whether a change that another tab made concerns this widget. */
  owns(key: string | null): boolean;
}

export function createMemory(storage: StorageLike, shared: boolean, widgetId: string): Memory {
  const prefix = `chat:${widgetId}:`;
  // One key for each message in the outbox: tabs add and remove without ever rewriting what another tab just wrote.
  const outbox = `${prefix}out:`;
  const set = (name: string, value: string) => {
    try {
      storage.setItem(prefix + name, value);
    } catch {
      // Full or withdrawn: the panel goes on with what it holds in memory.
    }
  };
  return {
    shared,
    get: (name) => storage.getItem(prefix + name),
    set,
    readSeq(conversationId) {
      const [id, seq] = (storage.getItem(`${prefix}read`) ?? "").split(" ");
      return id === conversationId ? Number(seq) || 0 : 0;
    },
    setReadSeq: (conversationId, seq) => set("read", `${conversationId} ${seq}`),
    outbox: () =>
      storage
        .keys()
        .filter((key) => key.startsWith(outbox))
        .map((key) => parsePending(key.slice(outbox.length), storage.getItem(key)))
        .filter((entry) => entry !== null),
    keep: ({ clientId, text, files, at, state }) =>
      set(`out:${clientId}`, JSON.stringify({ text, files, at, failed: state === "failed" })),
    forget: (clientId) => storage.removeItem(outbox + clientId),
    clear() {
      for (const key of storage.keys()) if (key.startsWith(prefix)) storage.removeItem(key);
    },
    owns: (key) => key === null || key.startsWith(prefix),
  };
}

/** The browser's storage where it is allowed, else none beyond this page. */
export function openMemory(widgetId: string): Memory {
  try {
    const storage = localStorage;
    storage.setItem("chat:probe", "1");
    storage.removeItem("chat:probe");
    const local: StorageLike = {
      getItem: (key) => storage.getItem(key),
      setItem: (key, value) => storage.setItem(key, value),
      removeItem: (key) => storage.removeItem(key),
      keys: () => Object.keys(storage),
    };
    return createMemory(local, true, widgetId);
  } catch {
    return createMemory(mapStorage(), false, widgetId);
  }
}

export function mapStorage(): StorageLike {
  const map = new Map<string, string>();
  return {
    getItem: (key) => map.get(key) ?? null,
    setItem: (key, value) => {
      map.set(key, value);
    },
    removeItem: (key) => {
      map.delete(key);
    },
    keys: () => [...map.keys()],
  };
}

function parsePending(clientId: string, json: string | null): Pending | null {
  try {
    const value: unknown = JSON.parse(json ?? "");
    const text = field(value, "text");
    const at = field(value, "at");
    if (typeof text !== "string" || typeof at !== "number") return null;
    const files = field(value, "files");
    return {
      clientId,
      text,
      files: Array.isArray(files) ? (files as SentFile[]) : [],
      at,
      state: field(value, "failed") === true ? "failed" : "waiting",
    };
  } catch {
    return null;
  }
}
