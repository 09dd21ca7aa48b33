import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

/** A browser of several tabs: one queue for the lock, and what one tab says the others hear. */
class Browser {
  private queue: (() => void)[] = [];
  private held = false;
  channels: { listener: ((event: { data: unknown }) => void) | null }[] = [];

  locks = {
    request: async (_: string, options: { signal: AbortSignal }, run: () => Promise<void> | undefined) => {
      if (this.held) {
        await new Promise<void>((granted, refused) => {
          this.queue.push(granted);
          options.signal.addEventListener("abort", () => refused(new Error("aborted")));
        });
      }
      this.held = true;
      await run();
      this.held = false;
      this.queue.shift()?.();
    },
  };

  /** A module of its own for each tab, as each has a page of its own. */
  async tab(withLocks = true) {
    vi.resetModules();
    vi.stubGlobal("navigator", withLocks ? { locks: this.locks } : {});
    const all = this.channels;
    vi.stubGlobal(
      "BroadcastChannel",
      class {
        private readonly own = { listener: null as ((event: { data: unknown }) => void) | null };
        constructor() {
          all.push(this.own);
        }
        addEventListener(_: string, listener: (event: { data: unknown }) => void) {
          this.own.listener = listener;
        }
        postMessage(data: unknown) {
          for (const one of all) if (one !== this.own) queueMicrotask(() => one.listener?.({ data }));
        }
      },
    );
    const turns = await import("./turns");
    const heard: string[] = [];
    const leave = turns.takeTurns((call) => {
      heard.push(call.key);
    });
    await settled();
    return { ...turns, heard, leave };
  }
}

const settled = async () => {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
};
const request = (key: string) => ({ kind: "request" as const, key, organizationId: null });

describe("of several tabs", () => {
  let browser: Browser;
  beforeEach(() => {
    browser = new Browser();
  });
  afterEach(() => vi.unstubAllGlobals());

  it("one is heard, once, whichever of them is told first", async () => {
    const [one, two] = [await browser.tab(), await browser.tab()];
    one.call(request("a"));
    await settled();
    two.call(request("a"));
    await settled();
    two.call(request("b"));
    await settled();
    one.call(request("b"));
    await settled();
    expect([one.heard, two.heard]).toEqual([["a", "b"], []]);
  });

  it("the next has the turn when it is closed, and does not make up for what was heard", async () => {
    const [one, two] = [await browser.tab(), await browser.tab()];
    one.call(request("a"));
    two.call(request("a"));
    await settled();
    one.leave();
    await settled();
    expect(two.heard).toEqual([]);
    two.call(request("b"));
    await settled();
    expect(two.heard).toEqual(["b"]);
  });

  it("one that cannot be heard passes it on, and tabs that are all silent stop", async () => {
    const [one, two] = [await browser.tab(), await browser.tab()];
    one.call(request("a"));
    await settled();
    one.passOn(request("a"));
    await settled();
    expect([one.heard, two.heard]).toEqual([["a"], ["a"]]);
    two.passOn(request("a"));
    await settled();
    expect([one.heard, two.heard]).toEqual([["a"], ["a"]]);
  });

  it("each rings for itself where the browser has no locks, unless another was first", async () => {
    const [one, two] = [await browser.tab(false), await browser.tab(false)];
    two.call(request("a"));
    await settled();
    one.call(request("a"));
    one.call(request("b"));
    await settled();
    expect([one.heard, two.heard]).toEqual([["b"], ["a"]]);
  });
});
