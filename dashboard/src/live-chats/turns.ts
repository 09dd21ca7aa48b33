/**
 * Of several tabs of one browser one is heard. It holds a lock for as long as it is open; the others tell it what they
 * would have rung for, because it may look at another organization than they do.
 */

export interface Call {
  readonly kind: "request" | "message";
  /** What it is for: told twice, it is heard once. */
  readonly key: string;
  readonly organizationId: string | null;
}

/** What the tabs say to each other. */
interface Said {
  readonly call?: Call;
  /** It was this tab's turn, and nothing came out of it. */
  readonly unheard?: boolean;
  readonly heard?: string;
}

const LOCK = "rings";
/** A call that is so old was answered, or comes again. */
const FRESH_MS = 3_000;
const ONCE_MS = 10_000;

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(LOCK);

let mine = false;
let release: (() => void) | null = null;
let hear: (call: Call) => void = () => undefined;
let missed: { readonly call: Call; readonly at: number } | null = null;
/** What was heard of late, here or in another tab, and what could not be heard here. */
const heard = new Map<string, number>();
const passed = new Map<string, number>();

/** A browser without locks lets whichever tab is first ring, and maybe two: twice is better than never. */
const locks = () => (typeof navigator === "undefined" ? undefined : navigator.locks);

function lately(which: Map<string, number>, key: string): boolean {
  const now = performance.now();
  for (const [old, at] of which) if (now - at > ONCE_MS) which.delete(old);
  return which.has(key);
}

function once(call: Call): void {
  if (lately(heard, call.key)) return;
  heard.set(call.key, performance.now());
  channel?.postMessage({ heard: call.key } satisfies Said);
  hear(call);
}

function take(call: Call): void {
  if (mine || !locks()) once(call);
  else if (!lately(heard, call.key)) missed = { call, at: performance.now() };
}

channel?.addEventListener("message", ({ data }: MessageEvent<Said>) => {
  if (data.call) {
    // Tried here already: tabs that are all silent do not hand it round for ever.
    if (data.unheard && lately(passed, data.call.key)) return;
    if (data.unheard) heard.delete(data.call.key);
    take(data.call);
  }
  // Whoever gets the turn next need not make up for it.
  if (data.heard !== undefined) {
    heard.set(data.heard, performance.now());
    if (missed?.call.key === data.heard) missed = null;
  }
});

/** Heard in one tab of this browser. */
export function call(what: Call): void {
  take(what);
  if (!mine && locks()) channel?.postMessage({ call: what } satisfies Said);
}

/** This tab cannot be heard: the next one tries, and hears of what was not heard here. */
export function passOn(what: Call): void {
  passed.set(what.key, performance.now());
  mine = false;
  release?.();
  channel?.postMessage({ call: what, unheard: true } satisfies Said);
}

/** Queues up for being the one. Answers how to leave. */
export function takeTurns(listener: (call: Call) => void): () => void {
  hear = listener;
  const shared = locks();
  const leaving = new AbortController();
  const turn = async () => {
    while (!leaving.signal.aborted) {
      await shared?.request(LOCK, { signal: leaving.signal }, () => {
        if (leaving.signal.aborted) return undefined;
        mine = true;
        // It came while nobody had the turn.
        if (missed && performance.now() - missed.at < FRESH_MS) once(missed.call);
        missed = null;
        return new Promise<void>((done) => {
          release = done;
        });
      });
      mine = false;
      release = null;
    }
  };
  if (shared) void turn().catch(() => undefined);
  return () => {
    leaving.abort();
    mine = false;
    release?.();
    release = null;
  };
}
