// What a page says before and after the scripts have come: kept until there is somebody to hear it, and told to the widget that
// is meant.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Queue, Widget } from "./queue";

interface Page {
  chatWidget?: unknown;
}

let page: Page;
let scripts: { src: string; nonce: string }[];

beforeEach(() => {
  vi.useFakeTimers();
  vi.resetModules();
  page = {};
  scripts = [];
  vi.stubGlobal("window", page);
  vi.stubGlobal("document", {
    referrer: "https://search.example/",
    createElement: () => ({ src: "", nonce: "" }),
    head: { append: (script: { src: string; nonce: string }) => scripts.push(script) },
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function widget(id: string): Widget & { told: unknown[]; shows: boolean[] } {
  const told: unknown[] = [];
  const shows: boolean[] = [];
  const show = (open: boolean) => {
    made.opened = open;
    shows.push(open);
  };
  const made = { id, home: "https://chat.example", opened: false, show, told, shows };
  return made;
}

/** The panel has come. */
function comes(one: Widget & { told: unknown[] }) {
  one.port = { postMessage: (message: unknown) => one.told.push(message) } as unknown as MessagePort;
  one.heard?.({ t: "up" });
}

const queue = () => page.chatWidget as Queue;

describe("what a page says", () => {
  it("is kept until both scripts are there, and reaches the widget that is meant", async () => {
    const heard: unknown[] = [];
    page.chatWidget = [
      ["on", "ready", (detail: unknown) => heard.push(["ready", detail]), "b"],
      ["on", "message", (detail: unknown) => heard.push(["message", detail]), "b"],
      ["identify", "signed", "b"],
      ["setAttributes", { plan: "gold", seats: 3 }, "b"],
      "open",
    ];
    const { register } = await import("./queue");
    const [a, b] = [widget("a"), widget("b")];
    register(a, "once");
    expect(scripts.map(({ src, nonce }) => [src, nonce])).toEqual([
      ["https://chat.example/widget/sdk.js", "once"],
    ]);
    register(b, "once");
    expect(scripts).toHaveLength(1);
    await import("./sdk");
    vi.runAllTimers();
    expect(heard).toEqual([["ready", { widget: "b" }]]);
    // Without an id it is the first to arrive.
    expect([a.shows, b.shows]).toEqual([[true], []]);
    comes(b);
    expect(b.told).toEqual([
      { t: "identify", token: "signed", referrer: "https://search.example/" },
      { t: "attributes", attributes: { plan: "gold", seats: "3" } },
    ]);
    expect(a.told).toEqual([]);
    b.heard?.({ t: "event", name: "message", from: "OPERATOR", text: "never told" });
    vi.runAllTimers();
    expect(heard.at(-1)).toEqual(["message", { from: "OPERATOR", widget: "b" }]);
    expect(queue()).toHaveLength(0);
  });

  it("waits for a widget that has yet to come", async () => {
    const { register } = await import("./queue");
    const [a, b] = [widget("a"), widget("b")];
    register(a, "");
    queue().open?.("b");
    await import("./sdk");
    expect(b.shows).toEqual([]);
    register(b, "");
    expect(b.shows).toEqual([true]);
    queue().toggle?.("b");
    queue().close?.("b");
    expect(b.shows).toEqual([true, false, false]);
  });

  it("is heard by those who listen, and by nobody after they stopped", async () => {
    const { register } = await import("./queue");
    const one = widget("a");
    register(one, "");
    const heard: string[] = [];
    const listener = () => heard.push("unread");
    queue().on?.("unread", listener);
    queue().on?.("nonsense", listener);
    await import("./sdk");
    one.heard?.({ t: "unread", n: 2 });
    // What is badly said is not passed on.
    for (const bad of [null, "x", { t: "unread", n: "2" }, { t: "event", name: "message", from: "<b>" }])
      one.heard?.(bad);
    vi.runAllTimers();
    expect(heard).toEqual(["unread"]);
    queue().off?.("unread", listener);
    one.heard?.({ t: "unread", n: 3 });
    vi.runAllTimers();
    expect(heard).toEqual(["unread"]);
  });

  it("is the page's own where the page uses the name for something else", async () => {
    page.chatWidget = "taken";
    const { register } = await import("./queue");
    register(widget("a"), "");
    expect(page.chatWidget).toBe("taken");
    expect(scripts).toEqual([]);
  });
});
