// The widget on pages that do not wish it well, and in browsers that give it little: it works each time.

import { once } from "node:events";
import { createServer } from "node:http";
import type { Page } from "@playwright/test";
import { agentOf } from "./support/api.ts";
import { expect, test, unique } from "./support/fixtures.ts";
import { signer } from "./support/signed.ts";
import { Widget } from "./support/widget.ts";

interface Site {
  readonly origin: string;
  stop(): Promise<void>;
}

/** Somebody else's site: whatever is asked for is the page, but what is named here. */
async function site(
  page: (origin: string) => string,
  files: Record<string, [string, string]>,
  policy?: string,
) {
  const server = createServer((request, response) => {
    const path = request.url?.split("?")[0] ?? "/";
    const [type, body] = files[path] ?? ["text/html", page(origin)];
    const headers: Record<string, string> = { "content-type": `${type}; charset=utf-8` };
    if (policy !== undefined) headers["content-security-policy"] = policy;
    response.writeHead(200, headers).end(body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const origin = `http://127.0.0.1:${address.port}`;
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { origin, stop } satisfies Site;
}

const html = (head: string, body = "") =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A shop</title>${head}</head><body><h1>A shop</h1>${body}</body></html>`;
const tag = (server: string, id: string) =>
  `<script async src="${server}/w.js" data-widget="${id}"></script>`;

async function talks(page: Page, place = 0): Promise<string> {
  const widget = new Widget(page, place);
  await widget.open();
  const text = unique("Hello from a hostile page");
  await widget.say(text);
  return text;
}

test("a policy without connections and CSS that hides everything", async ({ page, people, server }) => {
  const { widget } = await agentOf(await people.desk("owner@northlight.test"), "Blue Bakery");
  const css = `* { all: unset !important; display: none !important; }
    html { display: block !important; }
    body { display: block !important; position: fixed !important; inset: 0 !important; z-index: 2147483647 !important; transform: scale(.5) !important; }`;
  const policy = `default-src 'none'; script-src ${server.url}; style-src 'self'; frame-src ${server.url}; connect-src 'none'; base-uri 'none'`;
  const head = `<link rel="stylesheet" href="/page.css">${tag(server.url, widget.id)}`;
  const foreign = await site(() => html(head), { "/page.css": ["text/css", css] }, policy);
  try {
    await page.goto(foreign.origin);
    await talks(page);
  } finally {
    await foreign.stop();
  }
});

test("a page with broken arrays, without JSON, whose listener echoes and throws", async ({
  page,
  people,
  server,
}) => {
  const { widget } = await agentOf(await people.desk("owner@northlight.test"), "Blue Bakery");
  const script = `
    for (const name of ["push", "concat", "map", "filter", "find", "forEach", "splice", "indexOf", "join"])
      Array.prototype[name] = () => { throw new Error("the page's own " + name); };
    Object.prototype.hostile = "yes";
    window.JSON = undefined;
    window.onmessage = (event) => {
      event.source?.postMessage(event.data, "*");
      throw new Error("the page's own listener");
    };`;
  const head = `<script>${script}</script>${tag(server.url, widget.id)}`;
  const foreign = await site(() => html(head), {});
  try {
    await page.goto(foreign.origin);
    await expect(new Widget(page).launcher).toBeVisible();
    await page.locator("chat-widget").getByRole("button", { name: "Open chat" }).click();
    const widgetOnPage = new Widget(page);
    await expect(widgetOnPage.input).toBeVisible();
    await widgetOnPage.say(unique("Hello in spite of it"));
  } finally {
    await foreign.stop();
  }
});

test("inside of a frame of another site", async ({ page, people, server }) => {
  const { widget } = await agentOf(await people.desk("owner@northlight.test"), "Blue Bakery");
  const inner = await site(() => html(tag(server.url, widget.id)), {});
  const outer = await site(
    () => html("", `<iframe src="${inner.origin}" width="600" height="800"></iframe>`),
    {},
  );
  try {
    await page.goto(outer.origin);
    const frame = page.frameLocator("iframe").first();
    await frame.locator("chat-widget").getByRole("button", { name: "Open chat" }).click();
    const panel = frame.locator("chat-widget iframe").contentFrame();
    await expect(panel.getByRole("textbox", { name: "Message", exact: true })).toBeVisible();
  } finally {
    await outer.stop();
    await inner.stop();
  }
});

test("offline when it is first opened, and later", async ({ page, context, people, server }) => {
  const { widget } = await agentOf(await people.desk("owner@northlight.test"), "Blue Bakery");
  const foreign = await site(() => html(tag(server.url, widget.id)), {});
  try {
    await page.goto(foreign.origin);
    const own = new Widget(page);
    await expect(own.launcher).toBeVisible();
    await context.setOffline(true);
    await own.launcher.click();
    await page.locator("chat-widget").getByRole("button", { name: "Close chat" }).click();
    await context.setOffline(false);
    const text = await talks(page);
    await expect(own.message(text)).toHaveCount(1);
    await context.setOffline(true);
    const later = unique("Written on the train");
    await own.send(later);
    await context.setOffline(false);
    await expect(own.message(later, "VISITOR").and(own.frame.locator("[data-seq]"))).toBeVisible({
      timeout: 30_000,
    });
    await expect(own.message(later)).toHaveCount(1);
  } finally {
    await foreign.stop();
  }
});

test("a slow network", async ({ page, people, server }) => {
  const { widget } = await agentOf(await people.desk("owner@northlight.test"), "Blue Bakery");
  const foreign = await site(() => html(tag(server.url, widget.id)), {});
  try {
    const session = await page.context().newCDPSession(page);
    await session.send("Network.enable");
    await session.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 400,
      downloadThroughput: 50_000 / 8,
      uploadThroughput: 50_000 / 8,
    });
    await page.goto(foreign.origin);
    await talks(page);
  } finally {
    await foreign.stop();
  }
});

test("storage refused", async ({ page, people, server }) => {
  const { widget } = await agentOf(await people.desk("owner@northlight.test"), "Blue Bakery");
  await page.addInitScript(() => {
    for (const name of ["localStorage", "sessionStorage"]) {
      Object.defineProperty(window, name, {
        get() {
          throw new DOMException("refused", "SecurityError");
        },
      });
    }
  });
  const foreign = await site(() => html(tag(server.url, widget.id)), {});
  try {
    await page.goto(foreign.origin);
    await talks(page);
  } finally {
    await foreign.stop();
  }
});

test("away and back again", async ({ page, people, server }) => {
  const { widget } = await agentOf(await people.desk("owner@northlight.test"), "Blue Bakery");
  const foreign = await site(() => html(tag(server.url, widget.id)), {});
  try {
    await page.goto(foreign.origin);
    const text = await talks(page);
    await page.goto(`${foreign.origin}/elsewhere`);
    await page.goBack();
    const own = new Widget(page);
    await expect(own.message(text)).toHaveCount(1);
    await own.say(unique("Back again"));
  } finally {
    await foreign.stop();
  }
});

interface Heard {
  readonly heard: readonly (readonly [string, Record<string, unknown>])[];
}

test("a page says who its visitor is, before the script has arrived, to the widget that it means", async ({
  page,
  people,
  server,
}) => {
  const desk = await people.desk("owner@northlight.test");
  const bakery = await agentOf(desk, "Blue Bakery");
  const dental = await agentOf(desk, "Harbor Dental");
  const name = unique("Ada");
  const token = (await signer(desk, bakery))({ sub: name, name });
  const script = `
    window.heard = [];
    window.chatWidget = [];
    for (const event of ["ready", "open", "close", "unread", "message", "handoff", "identity"])
      chatWidget.push(["on", event, (detail) => heard.push([event, detail]), "${bakery.widget.id}"]);
    chatWidget.push(["identify", "${token}", "${bakery.widget.id}"]);
    chatWidget.push(["setAttributes", { plan: "gold" }, "${bakery.widget.id}"]);`;
  const head = `<script>${script}</script>${tag(server.url, dental.widget.id)}${tag(server.url, bakery.widget.id)}`;
  const foreign = await site(() => html(head), {});
  const events = () => page.evaluate(() => (globalThis as unknown as Heard).heard.map(([event]) => event));
  try {
    await page.goto(foreign.origin);
    await expect.poll(events).toContain("ready");
    const call = (name: "open" | "close" | "toggle") =>
      page.evaluate(
        ([name, id]) =>
          (window as unknown as { chatWidget: Record<string, (id: string) => void> }).chatWidget[name]?.(id),
        [name, bakery.widget.id] as const,
      );
    const frame = page.frameLocator(`chat-widget iframe[src*="${bakery.widget.id}"]`);
    const input = frame.getByRole("textbox", { name: "Message", exact: true });
    const other = page.frameLocator(`chat-widget iframe[src*="${dental.widget.id}"]`);
    for (const [name, shown] of [
      ["open", true],
      ["close", false],
      ["toggle", true],
      ["toggle", false],
      ["open", true],
    ] as const) {
      await call(name);
      await expect(input).toBeVisible({ visible: shown });
    }
    expect((await events()).filter((event) => event === "open" || event === "close")).toEqual([
      "open",
      "close",
      "open",
      "close",
      "open",
    ]);
    // The one beside it stays as it was.
    await expect(other.getByRole("textbox", { name: "Message", exact: true })).toBeHidden();
    await input.fill("Hello, it is me");
    await frame.getByRole("button", { name: "Send", exact: true }).click();
    await expect.poll(events).toContain("message");
    const look = async () => {
      const found = await desk.ask<{
        conversations: {
          nodes: { visitor: { name: string | null; verified: boolean; attributes: object[] } }[];
        };
      }>("{ conversations(first: 20) { nodes { visitor { name verified attributes { name value } } } } }");
      return found.conversations.nodes.map(({ visitor }) => visitor).find((visitor) => visitor.name === name);
    };
    await expect
      .poll(look)
      .toMatchObject({ name, verified: true, attributes: [{ name: "plan", value: "gold" }] });
    // A signature that does not count is told to the page, and harms nobody.
    await page.evaluate(
      (id) =>
        (
          window as unknown as { chatWidget: { identify(token: string, id: string): void } }
        ).chatWidget.identify("no", id),
      bakery.widget.id,
    );
    await expect.poll(events).toContain("identity");
    const told = JSON.stringify(await page.evaluate(() => (globalThis as unknown as Heard).heard));
    expect(told).not.toContain("Hello, it is me");
    expect(told).toContain("IDENTITY_INVALID");
  } finally {
    await foreign.stop();
  }
});
