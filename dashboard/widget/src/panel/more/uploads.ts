// The files that a visitor has chosen for the next message, each on its way to the server or there. Knows nothing of the
// page: how bytes travel is handed in.

import { asFailure, type Failure } from "../../errors";
import type { SentFile } from "../../live";
import type { Uploads } from "../more";
import { words } from "./texts";

export interface Prepared {
  fileId: string;
  url: string;
}

export interface Around {
  prepare(clientId: string, name: string, size: number): Promise<Prepared>;
  /** Sends the bytes; `progress` from 0 to 1. Rejects with a Failure. */
  put(url: string, file: Blob, progress: (part: number) => void, signal: AbortSignal): Promise<void>;
  newId(): string;
  changed(): void;
  /** The names of what a reload would end are kept, so that it can be said. */
  remember(names: readonly string[]): void;
  /** The server's limits, so that what is too large need not be sent to be refused. */
  limits(): { largestBytes: number; atMost: number };
}

export interface Upload {
  readonly clientId: string;
  readonly file: File;
  readonly part: number;
  readonly id: string | null;
  readonly problem: string | null;
}

export interface Tray extends Uploads {
  readonly all: readonly Upload[];
  /** The message waits for what is still on its way. */
  readonly waiting: boolean;
  readonly tooMany: boolean;
  readonly most: number;
  remove(clientId: string): void;
  retry(clientId: string): void;
}

/** One sentence about an upload or a form that was refused: the server's own where it has one to say. */
export function explain(failure: Failure): string {
  if (failure.code === "OFFLINE") return words.offline;
  if (failure.code === "RATE_LIMITED") return words.tooManyTries;
  const told = failure.lasting || failure.code === "NOT_FOUND" || failure.code === "FORBIDDEN";
  return (told && failure.words) || words.notNow;
}

export function createTray(around: Around): Tray {
  let all: readonly Upload[] = [];
  let then: (() => void) | null = null;
  let tooMany = false;
  const aborts = new Map<string, AbortController>();

  const set = (next: readonly Upload[]) => {
    all = next;
    around.remember(all.map(({ file }) => file.name));
    around.changed();
    if (then === null || busy()) return;
    const go = then;
    then = null;
    // What failed is the visitor's to decide about; the message waits with it.
    if (all.every(({ problem }) => problem === null)) go();
  };
  const busy = () => all.some(({ id, problem }) => id === null && problem === null);
  const change = (clientId: string, what: Partial<Upload>) =>
    set(all.map((one) => (one.clientId === clientId ? { ...one, ...what } : one)));

  const start = async ({ clientId, file }: Upload) => {
    const abort = new AbortController();
    aborts.set(clientId, abort);
    try {
      const { fileId, url } = await around.prepare(clientId, file.name, file.size);
      if (abort.signal.aborted) return;
      let shown = 0;
      await around.put(
        url,
        file,
        (part) => {
          // Drawn when there is something to see.
          if (part - shown < 0.02) return;
          shown = part;
          change(clientId, { part });
        },
        abort.signal,
      );
      if (!abort.signal.aborted) change(clientId, { part: 1, id: fileId });
    } catch (error) {
      if (!abort.signal.aborted) change(clientId, { problem: explain(asFailure(error)) });
    }
  };

  return {
    get all() {
      return all;
    },
    get waiting() {
      return then !== null;
    },
    get tooMany() {
      return tooMany;
    },
    get most() {
      return around.limits().atMost;
    },
    get busy() {
      return busy();
    },
    add(files) {
      const given = [...files];
      const { atMost, largestBytes } = around.limits();
      const fresh = given.slice(0, Math.max(0, atMost - all.length)).map((file) => {
        const problem =
          file.size === 0 ? words.emptyFile : file.size > largestBytes ? words.tooLarge(largestBytes) : null;
        return { clientId: around.newId(), file, part: 0, id: null, problem };
      });
      tooMany = fresh.length < given.length;
      set([...all, ...fresh]);
      for (const one of fresh) if (one.problem === null) void start(one);
    },
    remove(clientId) {
      aborts.get(clientId)?.abort();
      tooMany = false;
      set(all.filter((one) => one.clientId !== clientId));
    },
    retry(clientId) {
      const again = all.find((one) => one.clientId === clientId);
      if (again === undefined) return;
      change(clientId, { problem: null, part: 0 });
      void start(again);
    },
    whenDone(send) {
      then = send;
      around.changed();
    },
    take() {
      const taken: SentFile[] = [];
      for (const { id, file } of all) if (id !== null) taken.push({ id, name: file.name, size: file.size });
      set(all.filter(({ id }) => id === null));
      return taken;
    },
  };
}
