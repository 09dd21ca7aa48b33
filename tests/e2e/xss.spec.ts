// More than 500 pieces of text that would be scripts, through every field that a visitor, a model or an operator fills, into
// every view. Nothing runs, nothing is loaded, no policy has to hold anything back: it never becomes markup at all. And the
// same watch, on a page that puts the text in as markup, sees it.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { BrowserContext, Page } from "@playwright/test";
import { agentOf, type Desk, enableHandoff, post } from "./support/api.ts";
import { expect, test } from "./support/fixtures.ts";
import { batch, HOOK, payloads } from "./support/payloads.ts";
import { entry, type Json, operator, Stage, turn, visitor } from "./support/stage.ts";

/** What a script, or the try to be one, leaves behind. */
class Watch {
  readonly ran: string[] = [];
  readonly dialogs: string[] = [];
  readonly violations: string[] = [];
  readonly requests: string[] = [];

  private constructor(private readonly context: BrowserContext) {}

  static async over(context: BrowserContext, home: string): Promise<Watch> {
    const watch = new Watch(context);
    await context.exposeBinding("reported", (_, kind: "ran" | "violations", what: string) => {
      watch[kind].push(what);
    });
    await context.addInitScript((hook) => {
      const report = (window as unknown as { reported: (kind: string, what: string) => void }).reported;
      Object.assign(window, { [hook]: (id: unknown) => report("ran", String(id)) });
      document.addEventListener("securitypolicyviolation", (event) =>
        report("violations", `${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
      );
    }, HOOK);
    context.on("dialog", (dialog) => {
      watch.dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    const { host } = new URL(home);
    context.on("request", (request) => {
      const url = new URL(request.url());
      if (url.protocol !== "data:" && url.host !== host) watch.requests.push(request.url());
      // What was taken for an address of ours.
      else if (url.protocol !== "data:" && (/[<>]|%3C/i.test(url.pathname) || url.pathname.includes(HOOK)))
        watch.requests.push(request.url());
    });
    return watch;
  }

  get all(): Json {
    const { ran, dialogs, violations, requests } = this;
    return { ran, dialogs, violations, requests };
  }

  /** Nothing happened, and nothing stands in the document that could. */
  async nothing(page: Page, what: string): Promise<void> {
    for (const frame of page.frames())
      expect(await frame.evaluate(armed), `${what}: ${frame.url()}`).toEqual([]);
    expect(this.all, what).toEqual({ ran: [], dialogs: [], violations: [], requests: [] });
    expect(this.context.pages(), what).toContain(page);
  }
}

/** Elements and attributes that no text may bring into a page. */
function armed(): string[] {
  const found: string[] = [];
  const bad = /^(javascript|vbscript|data:text)/i;
  const roots: (Document | ShadowRoot)[] = [document];
  for (const root of roots)
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) roots.push(element.shadowRoot);
      if (/^(object|embed|marquee|base|image|animate)$/i.test(element.tagName)) found.push(element.tagName);
      for (const { name, value } of element.attributes) {
        if (name.startsWith("on")) found.push(`${element.tagName} ${name}`);
        const leads = ["href", "src", "action", "formaction", "data", "xlink:href", "srcdoc"].includes(name);
        if (leads && URL.canParse(value, location.href) && bad.test(new URL(value, location.href).href))
          found.push(`${element.tagName} ${name}=${value}`);
        if (name === "srcdoc") found.push(`${element.tagName} srcdoc`);
      }
    }
  return found;
}

const SIZE = 40;
const starts = Array.from({ length: Math.ceil(payloads.length / SIZE) }, (_, nth) => nth * SIZE);

test("there are enough of them, and no two are alike", () => {
  expect(new Set(payloads.map((one) => one.text)).size).toBe(payloads.length);
  expect(payloads.length).toBeGreaterThanOrEqual(500);
});

test("the watch sees what a page that trusts text lets through", async ({ browser }) => {
  test.setTimeout(120_000);
  // Once with no policy: it runs. Once with one like ours: it is held back, and that is seen as well.
  const served = createServer((request, response) => {
    const from = Number(new URL(request.url ?? "/", "http://x").searchParams.get("from"));
    const strict = request.url?.startsWith("/strict");
    const body = payloads.slice(from, from + SIZE).map((one) => `<div>${one.text}</div>`);
    response
      .writeHead(200, {
        "content-type": "text/html; charset=utf-8",
        ...(strict
          ? { "content-security-policy": "default-src 'none'; script-src 'self'; img-src 'self'" }
          : {}),
      })
      .end(
        `<!doctype html><title>Trusting</title><body>${request.url?.startsWith("/?") || strict ? body.join("\n") : ""}`,
      );
  }).listen(0, "127.0.0.1");
  await once(served, "listening");
  try {
    const home = `http://127.0.0.1:${(served.address() as AddressInfo).port}`;
    for (const [path, kind] of [
      ["/", "ran"],
      ["/strict", "violations"],
    ] as const) {
      const context = await browser.newContext();
      const watch = await Watch.over(context, home);
      let marked = 0;
      for (const from of starts) {
        const page = await context.newPage();
        await page.goto(`${home}${path}?from=${from}`, { waitUntil: "commit" });
        await page.waitForLoadState("load").catch(() => undefined);
        marked += (await page.evaluate(armed).catch(() => ["gone"])).length;
        await page.close();
      }
      expect(watch[kind].length, path).toBeGreaterThan(100);
      expect(marked, path).toBeGreaterThan(100);
      if (kind === "ran") expect(watch.requests.length).toBeGreaterThan(0);
      await context.close();
    }
  } finally {
    served.closeAllConnections();
    served.close();
  }
});

test("in the panel: every text that it shows, whoever wrote it", async ({ people, browser, server }) => {
  test.setTimeout(120_000);
  const agent = await agentOf(await people.desk("owner@bluebakery.test"), "Blue Bakery");
  const context = await browser.newContext({ viewport: { width: 380, height: 640 } });
  const watch = await Watch.over(context, server.url);
  // Every payload is a message of each author, a file's name, a source and an announcement.
  const messages = payloads.flatMap(({ text }, nth) => {
    const file = {
      id: `fil_${nth}`,
      name: text,
      mediaType: text,
      size: 1,
      width: null,
      height: null,
      url: `/files/${nth}`,
    };
    return [
      visitor(nth * 4 + 1, text, { attachments: [file] }),
      operator(nth * 4 + 2, text, { author: { kind: "OPERATOR", name: text }, attachments: [file] }),
      entry(nth * 4 + 3, { text, sources: [text], editedAt: "2026-01-05T14:31:00Z" }),
      turn(nth * 4 + 4, nth % 2 ? "HANDOFF_ACCEPTED" : "COMPLETED", text),
    ];
  });
  for (const [round, from] of starts.entries()) {
    const text = batch(from, SIZE);
    const page = await context.newPage();
    const states = ["AI", "HUMAN", "REQUESTED", "MISSED", "ENDED", "COLLECTING"];
    await Stage.open(page, server.url, agent.widget.id, {
      config: { title: text, greeting: text, poweredBy: text, accent: text, accentText: text },
      handoff: {
        fixedPopup: round % 3 === 0,
        open: round % 2 === 0,
        available: true,
        offlineText: text,
        buttonText: text,
        popupText: text,
        waitingText: text,
      },
      conversation: {
        state: states[round % states.length],
        operatorName: text,
        askRating: round % 2 === 1,
        queuePosition: 1,
      },
      // All of them once; after that the rest of the panel is what is looked at.
      messages: round === 0 ? messages : messages.slice(from * 4, from * 4 + 20),
    });
    await expect(page.getByTestId("message").first()).toBeAttached();
    await expect(page.locator(".menu")).toBeVisible();
    if (round === 0) await expect(page.getByTestId("message")).toHaveCount(messages.length);
    // Nothing is missing either: it is all there as text.
    if (round === 0) expect(await page.locator(".log").innerText()).toContain(payloads[0]?.text);
    await watch.nothing(page, `panel, from ${from}`);
    await page.close();
  }
  await context.close();
});

interface Said {
  readonly conversation: string;
  readonly resume: string;
}

/** A visitor who says all of it, in every field that there is. */
async function hostileVisitor(server: string, widget: string, from: number, desk: Desk): Promise<Said> {
  const api = `${server}/widget/graphql`;
  const opened = await post<{ session: { token: string; resume: string; conversation: { id: string } } }>(
    api,
    "mutation ($widget: ID!, $page: String) { session(widgetId: $widget, pageUrl: $page) { token resume conversation { id } } }",
    { widget, page: `https://shop.test/?q=${encodeURIComponent(batch(from, 3, 200))}` },
  );
  if (!opened.data) throw new Error(JSON.stringify(opened.errors));
  const { token, resume, conversation } = opened.data.session;
  const say = async (query: string, variables: Json) => {
    const answer = await post(api, query, variables, token);
    if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  };
  await say("mutation ($key: String!, $text: String!) { sendMessage(clientId: $key, text: $text) { id } }", {
    key: `xss-${from}`,
    text: batch(from, SIZE, 3_900, "\n"),
  });
  await say(
    'mutation ($key: String!, $name: String, $reason: String) { requestHandoff(clientId: $key, name: $name, email: "ada@example.com", reason: $reason) { id } }',
    { key: `ask-${from}`, name: batch(from, 2, 100), reason: batch(from, SIZE, 490) },
  );
  const found = await desk.ask<{ conversation: { handoff: { id: string } } }>(
    "query ($id: ID!) { conversation(id: $id) { handoff { id } } }",
    { id: conversation.id },
  );
  await desk.ask("mutation ($id: ID!) { acceptHandoff(handoffId: $id) { id } }", {
    id: found.conversation.handoff.id,
  });
  await desk.ask(
    "mutation ($key: String!, $id: ID!, $text: String!) { sendMessage(clientId: $key, conversationId: $id, text: $text) { id } }",
    { key: `answer-${from}`, id: conversation.id, text: batch(from, SIZE, 3_900, "\n") },
  );
  return { conversation: conversation.id, resume };
}

async function settled(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 }).first()).toBeAttached();
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
}

test("from a real visitor to every view of the dashboard and back", async ({ people, browser, server }) => {
  test.setTimeout(240_000);
  const owner = await people.desk("owner@bluebakery.test");
  const agent = await agentOf(owner, "Blue Bakery");
  await enableHandoff(owner, agent.id);
  const desk = await people.desk("operator1@bluebakery.test");
  const said: Said[] = [];
  for (const from of starts) said.push(await hostileVisitor(server.url, agent.widget.id, from, desk));

  const staff = await people.staff("operator1@bluebakery.test");
  const watch = await Watch.over(staff.page.context(), server.url);
  for (const path of ["/", "/live-chats", "/conversations"]) {
    await staff.page.goto(path);
    await settled(staff.page);
    await watch.nothing(staff.page, path);
  }
  for (const { conversation } of said) {
    const path = `/live-chats/${conversation}`;
    await staff.page.goto(path);
    await expect(staff.message(HOOK, "VISITOR").first()).toBeVisible();
    await expect(staff.message(HOOK, "OPERATOR").first()).toBeVisible();
    await watch.nothing(staff.page, path);
  }

  const context = await browser.newContext({ viewport: { width: 380, height: 640 } });
  const other = await Watch.over(context, server.url);
  const page = await context.newPage();
  await page.goto(`${server.url}/widget/frame?widget=${agent.widget.id}`);
  for (const { conversation, resume } of said) {
    await page.evaluate(([key, value]) => localStorage.setItem(key, value), [
      `chat:${agent.widget.id}:resume`,
      resume,
    ] as const);
    await page.reload();
    await expect(page.locator('[data-author="VISITOR"]').filter({ hasText: HOOK }).first()).toBeVisible();
    await expect(page.locator('[data-author="OPERATOR"]').filter({ hasText: HOOK }).first()).toBeVisible();
    await other.nothing(page, `panel of ${conversation}`);
  }
  await context.close();
});

test("in the mails that a visitor's words are in", async ({ people, server }) => {
  const owner = await people.staff("owner@bluebakery.test");
  const watch = await Watch.over(owner.page.context(), server.url);
  await owner.page.goto("/dev/mail");
  await expect(owner.page.getByRole("heading", { level: 1, name: "Mailbox" })).toBeVisible();
  await watch.nothing(owner.page, "the mailbox");
});
