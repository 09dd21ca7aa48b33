import { afterEach, expect, it, vi } from "vitest";
import type { Chat } from "../chat";
import { emptyLive } from "../live";
import type { State } from "../store";
import { byVisitor, config, message } from "../test-data";
import type { Child } from "./dom";
import { createMessageList } from "./message-list";
import type { MoreLoader } from "./more";

interface Found {
  readonly tag: string;
  readonly within: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

function elements(child: Child, within = ""): readonly Found[] {
  if (Array.isArray(child)) return child.flatMap((one) => elements(one, within));
  if (typeof child !== "object" || child === null) return [];
  const { tag, attributes, children } = child;
  return [{ tag, within, attributes }, ...elements(children, tag)];
}

// The tests of both programs are compiled alike, for the dashboard's library; the panel brings its own.
vi.mock("react/jsx-dev-runtime", async () => {
  const { Fragment, h } = await import("./dom");
  type Given = Record<string, unknown> & { readonly children?: Child };
  const jsxDEV = (tag: Parameters<typeof h>[0], { children, ...given }: Given, key?: string) =>
    h(tag, { ...given, key }, children);
  return { Fragment, jsxDEV };
});

afterEach(() => vi.unstubAllGlobals());

it("is a polite log with a name, and has no list item outside of a list", async () => {
  vi.stubGlobal("ResizeObserver", class {});
  const { Markdown } = await import("./more/markdown");
  const more = {
    now: { markdown: (text: string) => Markdown({ text }), files: () => null },
  } as unknown as MoreLoader;
  const state: State = {
    live: {
      ...emptyLive,
      messages: [byVisitor(1), message(2, { text: "1. one\n2. two", sources: ["Bread"] })],
    },
    line: "up",
    config,
    loadingOlder: false,
    asking: false,
    problem: null,
    proving: false,
    sheet: null,
  };
  const all = elements(createMessageList({} as Chat, more).view(state));
  const logs = all.filter((one) => one.attributes.role === "log");
  expect(logs).toHaveLength(1);
  expect(logs[0]).toMatchObject({ tag: "div", attributes: { "aria-live": "polite" } });
  expect(logs[0]?.attributes["aria-label"]).toBeTruthy();
  const items = all.filter((one) => one.tag === "li");
  expect(items).toHaveLength(3);
  for (const { within } of items) expect(["ol", "ul"]).toContain(within);
  // A list that is told to be something else is no list any more.
  for (const one of all) if (/^[ou]l$/.test(one.tag)) expect(one.attributes.role).toBeUndefined();
});
