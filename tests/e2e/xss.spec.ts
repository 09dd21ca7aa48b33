// More than 500 pieces of text that would be scripts, through every field that a visitor, a model or an operator fills, into
// every view. Nothing runs, nothing is loaded, no policy has to hold anything back: it never becomes markup at all. And the
// same watch, on a page that puts the text in as markup, sees it.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { BrowserContext, Page } from "@playwright/test";
import { type Agent, agentOf, type Desk, enableHandoff, freed } from "./support/api.ts";
import { expect, test } from "./support/fixtures.ts";
import { batch, HOOK, payloads } from "./support/payloads.ts";
import { signer } from "./support/signed.ts";
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
  async nothing(page: Page, what: string, frames = page.frames()): Promise<void> {
    for (const frame of frames) expect(await frame.evaluate(armed), `${what}: ${frame.url()}`).toEqual([]);
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
      if (/^(object|embed|marquee|image|animate)$/i.test(element.tagName)) found.push(element.tagName);
      // Without an address it only says where links open.
      if (element.tagName === "BASE" && element.hasAttribute("href")) found.push("BASE");
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

/** The kinds of mail that have a visitor's words in them. */
const MAILS = ["handoff_requested", "offline_query_received", "transcript"];

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
    // Each payload stands in one round: a panel with all of them at once is a page that nobody has.
    const said = messages.slice(from * 4, (from + SIZE) * 4);
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
      messages: said,
    });
    await expect(page.getByTestId("message")).toHaveCount(said.length);
    await expect(page.locator(".menu")).toBeVisible();
    // Nothing is missing either: it is all there as text.
    expect(await page.locator(".log").textContent()).toContain(payloads[from]?.text);
    await watch.nothing(page, `panel, from ${from}`);
    await page.close();
  }
  await context.close();
});

interface Said {
  readonly conversation: string;
  readonly resume: string;
  /** The site where they are says who they are. */
  readonly identify: (token: string) => Promise<unknown>;
}

/** Header values have one line, and no letters but those of Latin 1. */
const inHeader = (text: string) => text.replace(/[^\x20-\x7e]/g, "");
/** File names have no paths and no control characters in them: what looks like one is taken from them. */
const asName = (text: string) => text.replaceAll(/[/\\\p{Cc}\p{Cf}]/gu, "");

let visitors = 0;

/** A visitor who says all of it, in every field that there is; where a person comes, they go again, and get stars and a query. */
async function hostileVisitor(
  server: string,
  widget: string,
  from: number,
  desk?: Desk,
  look: (said: Said) => Promise<void> = async () => undefined,
): Promise<Said> {
  const nth = ++visitors;
  const key = (name: string) => `${name}-${nth}`;
  const api = `${server}/widget/graphql`;
  let token = "";
  const say = async <T = unknown>(query: string, variables: Json): Promise<T> => {
    const response = await fetch(api, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "user-agent": inHeader(batch(from, SIZE, 200)),
        ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    const answer = (await response.json()) as { data: T | null; errors?: unknown };
    if (!answer.data || answer.errors) throw new Error(`${query}: ${JSON.stringify(answer.errors)}`);
    return answer.data;
  };
  const page = (host: string) =>
    `https://${host}/?q=${encodeURIComponent(batch(from, SIZE, 200))}#${batch(from + 5, 1)}`;
  const opened = await say<{ session: { token: string; resume: string; conversation: { id: string } } }>(
    'mutation ($widget: ID!, $page: String, $from: String) { session(widgetId: $widget, pageUrl: $page, referrer: $from, language: "en") { token resume conversation { id } } }',
    { widget, page: page("shop.test"), from: page("search.test") },
  );
  const { resume, conversation } = opened.session;
  token = opened.session.token;
  const identify = (as: string) => say("mutation ($as: String!) { identify(token: $as) { resume } }", { as });
  const said: Said = { conversation: conversation.id, resume, identify };
  await say("mutation ($all: [AttributeInput!]!) { setAttributes(attributes: $all) }", {
    all: Array.from({ length: 8 }, (_, nth) => ({
      name: batch(from + nth * 5, SIZE * 2, 60),
      value: batch(from + nth * 5, 12, 480),
    })).filter((one, nth, all) => all.findIndex((other) => other.name === one.name) === nth),
  });
  const upload = async (key: string) => {
    const bytes = Buffer.from(batch(from, SIZE));
    const { prepareUpload } = await say<{ prepareUpload: { fileId: string; url: string } }>(
      "mutation ($key: String!, $name: String!, $size: Int!) { prepareUpload(clientId: $key, name: $name, size: $size) { fileId url } }",
      { key, name: `${asName(batch(from + key.length, SIZE, 150))}.txt`, size: bytes.length },
    );
    const put = await fetch(server + prepareUpload.url, { method: "PUT", body: new Uint8Array(bytes) });
    expect(put.status, await put.text()).toBe(200);
    return prepareUpload.fileId;
  };
  await say(
    "mutation ($key: String!, $text: String!, $files: [ID!]) { sendMessage(clientId: $key, text: $text, fileIds: $files) { id } }",
    { key: key("xss"), text: batch(from, SIZE, 3_900, "\n"), files: [await upload(key("file-said"))] },
  );
  await say(
    'mutation ($key: String!, $name: String, $reason: String) { requestHandoff(clientId: $key, name: $name, email: "ada@example.com", reason: $reason) { id } }',
    { key: key("ask"), name: batch(from, SIZE, 100), reason: batch(from, SIZE, 490) },
  );
  if (desk === undefined) return said;
  const found = await desk.ask<{ conversation: { handoff: { id: string } } }>(
    "query ($id: ID!) { conversation(id: $id) { handoff { id } } }",
    { id: conversation.id },
  );
  await desk.ask("mutation ($id: ID!) { acceptHandoff(handoffId: $id) { id } }", {
    id: found.conversation.handoff.id,
  });
  await desk.ask(
    "mutation ($key: String!, $id: ID!, $text: String!) { sendMessage(clientId: $key, conversationId: $id, text: $text) { id } }",
    { key: key("answer"), id: conversation.id, text: batch(from, SIZE, 3_900, "\n") },
  );
  await desk.ask(
    "mutation ($key: String!, $id: ID!, $text: String!) { addNote(clientId: $key, conversationId: $id, text: $text) { id } }",
    { key: key("note"), id: conversation.id, text: batch(from, SIZE, 1_900) },
  );
  await look(said);
  await desk.ask(
    "mutation ($id: ID!, $note: String) { completeConversation(conversationId: $id, resolution: RESOLVED, note: $note) { id } }",
    { id: conversation.id, note: batch(from, SIZE, 480) },
  );
  await say("mutation ($text: String) { rateConversation(rating: 1, text: $text) { id } }", {
    text: batch(from, SIZE, 900),
  });
  await say("mutation ($to: String!) { emailTranscript(email: $to) }", { to: `ada${from}@example.com` });
  await say(
    "mutation ($key: String!, $to: String!, $text: String!, $name: String, $files: [ID!]) { submitOfflineQuery(clientId: $key, email: $to, message: $text, name: $name, fileIds: $files) { id } }",
    {
      key: key("left"),
      to: `ada+{{${HOOK}}}'${from}@example.com`,
      text: batch(from, SIZE, 1_900, "\n"),
      name: batch(from + 3, SIZE, 100),
      files: [await upload(key("file-left"))],
    },
  );
  return said;
}

/** Whoever said the one comes back on another device, as nobody knows whom, and asks once more; then the site says who it is. */
async function comesBack(server: string, owner: Desk, agent: Agent, earlier: Said): Promise<Said> {
  const again = await hostileVisitor(server, agent.widget.id, 1);
  const token = (await signer(owner, agent))({
    sub: batch(2, SIZE, 200),
    name: batch(3, SIZE, 100),
    attributes: { [batch(4, SIZE, 60)]: batch(5, SIZE, 480) },
  });
  for (const one of [earlier, again]) await one.identify(token);
  return again;
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
  await freed(desk);
  const staff = await people.staff("operator1@bluebakery.test");
  const watch = await Watch.over(staff.page.context(), server.url);
  // Somebody looks on while they come: requests and messages are told in corners.
  await staff.page.goto("/");
  await settled(staff.page);
  // And what was said comes back to where the visitor is.
  const context = await browser.newContext({ viewport: { width: 380, height: 640 } });
  const other = await Watch.over(context, server.url);
  const panel = await context.newPage();
  const resumeKey = `chat:${agent.widget.id}:resume`;
  await panel.goto(`${server.url}/widget/frame?widget=${agent.widget.id}`);
  // What it keeps of a visitor of its own is there, before it is somebody else's.
  await expect.poll(() => panel.evaluate((key) => localStorage.getItem(key), resumeKey)).not.toBeNull();
  const look = async ({ conversation, resume }: Said) => {
    await panel.evaluate(([key, value]) => localStorage.setItem(key, value), [resumeKey, resume] as const);
    await panel.reload();
    for (const author of ["VISITOR", "OPERATOR"])
      await expect(
        panel.locator(`[data-author="${author}"]`).filter({ hasText: HOOK }).first(),
      ).toBeVisible();
    await other.nothing(panel, `panel of ${conversation}`);
  };
  const said: Said[] = [];
  for (const from of starts) said.push(await hostileVisitor(server.url, agent.widget.id, from, desk, look));
  await context.close();
  const [earlier] = said;
  if (earlier === undefined) throw new Error("nobody said anything");
  const waits = await comesBack(server.url, owner, agent, earlier);
  await expect(staff.page.getByTestId("toast").filter({ hasText: HOOK }).first()).toBeVisible();
  await watch.nothing(staff.page, "notices");

  for (const path of ["/", "/live-chats", "/conversations", `/conversations?q=${HOOK}`, "/offline-queries"]) {
    await staff.page.goto(path);
    await settled(staff.page);
    if (path !== "/") await expect(staff.page.getByRole("main")).toContainText(HOOK);
    await watch.nothing(staff.page, path);
  }
  await staff.page.getByTestId("offline-query-row").getByRole("link").first().click();
  await expect(staff.page.getByTestId("offline-query")).toContainText(HOOK);
  await watch.nothing(staff.page, "an offline query");
  for (const { conversation } of said) {
    const path = `/conversations/${conversation}`;
    await staff.page.goto(path);
    await expect(staff.message(HOOK, "VISITOR").first()).toBeVisible();
    await expect(staff.message(HOOK, "OPERATOR").first()).toBeVisible();
    for (const part of ["note", "ending", "attributes", "attachment", "visitor-panel"])
      await expect(staff.page.getByTestId(part).first(), part).toContainText(/gotcha|evil\.test/);
    await watch.nothing(staff.page, path);
  }

  // What somebody said before stands beside what they say now, and leads there.
  await staff.page.goto(`/conversations/${waits.conversation}`);
  const before = staff.page.getByTestId("previous-conversations").getByRole("link");
  await expect(before).toHaveText(/gotcha|evil\.test/);
  await watch.nothing(staff.page, "previous conversations");
  await before.click();
  await expect(staff.page).toHaveURL(new RegExp(`/conversations/${earlier.conversation}$`));
  await expect(staff.message(HOOK, "OPERATOR").first()).toBeVisible();
  await watch.nothing(staff.page, "a previous conversation");

  // What is done to a visitor is kept under their name, with the reason.
  const shown = await owner.ask<{ conversation: { visitor: { id: string } } }>(
    "query ($id: ID!) { conversation(id: $id) { visitor { id } } }",
    { id: waits.conversation },
  );
  const { id } = shown.conversation.visitor;
  await owner.ask(
    "mutation ($id: ID!, $why: String!) { blockVisitor(visitorId: $id, reason: $why) { id } }",
    {
      id,
      why: batch(7, SIZE, 190),
    },
  );
  await owner.ask("mutation ($id: ID!) { unblockVisitor(visitorId: $id) }", { id });
  const chief = await people.staff("owner@bluebakery.test");
  const fourth = await Watch.over(chief.page.context(), server.url);
  await chief.page.goto("/audit");
  await expect(chief.page.getByRole("list", { name: "Audit log" })).toContainText(HOOK);
  await fourth.nothing(chief.page, "the audit log");

  // The mails that their words are in: as the mailbox shows them, and alone on a page that would let a script run.
  const mailbox = await fetch(`${server.url}/dev/mail.json`);
  const mails = ((await mailbox.json()) as { kind: string; subject: string; html: string }[]).filter((one) =>
    (one.subject + one.html).includes(HOOK),
  );
  expect(mails.map((one) => one.kind)).toEqual(expect.arrayContaining(MAILS));
  await staff.page.goto("/dev/mail");
  await expect(staff.page.getByRole("heading", { level: 1, name: "Mailbox" })).toBeVisible();
  // The frames in it load when somebody gets there; what is in them is looked at one by one.
  await watch.nothing(staff.page, "the mailbox", [staff.page.mainFrame()]);
  const reader = await browser.newContext();
  const third = await Watch.over(reader, server.url);
  const sheet = await reader.newPage();
  for (const mail of mails) {
    await sheet.setContent(mail.html);
    await third.nothing(sheet, `${mail.kind}: ${mail.subject}`);
  }
  await reader.close();
});

/** The fields of an answer that hold what people wrote. */
const WRITTEN =
  /^(name|title|text|preview|email|phone|reason|pageUrl|referrer|browser|label|value|body|note|message|subject|detail|shortcut|externalId|objectName|operatorName|visitorName|holder|summary|words|ratingText|tags)$/;

/** Whoever looks at it: each written text of each answer takes the next ones, whatever the server would have let through. */
async function rewriting(page: Page, first: number): Promise<() => void> {
  let next = first;
  const rewrite = (value: unknown, key = ""): unknown => {
    if (Array.isArray(value)) return value.map((one) => rewrite(one, key));
    if (typeof value === "object" && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, rewrite(inner, name)]));
    if (typeof value !== "string" || !WRITTEN.test(key)) return value;
    next += SIZE;
    return batch(next, SIZE);
  };
  await page.route("**/graphql", async (route) => {
    const response = await route.fetch().catch(() => null);
    if (response === null) return route.abort().catch(() => undefined);
    const json = (await response.json().catch(() => null)) as Json | null;
    if (json === null) return route.fulfill({ response }).catch(() => undefined);
    return route.fulfill({ response, json: { ...json, data: rewrite(json.data) } }).catch(() => undefined);
  });
  // Each of them came by, in some field of some view.
  return () => expect(next - first).toBeGreaterThanOrEqual(payloads.length);
}

const VIEWS: readonly (readonly [string, readonly string[]])[] = [
  [
    "owner@bluebakery.test",
    [
      "/",
      "/live-chats",
      "/live-chats/:conversation",
      "/conversations",
      "/conversations?q=x",
      "/conversations?filter=attention",
      "/conversations/:conversation",
      "/offline-queries",
      "/offline-queries/:query",
      "/ai-agents",
      "/ai-agents/:agent",
      "/team",
      "/roster",
      "/settings",
      "/account",
      "/audit",
    ],
  ],
  [
    "owner@northlight.test",
    [
      "/",
      "/conversations",
      "/conversations/:conversation",
      "/ai-agents/:agent",
      "/organizations",
      "/organizations/:organization",
      "/staff",
      "/packages",
      "/access",
      "/brand",
      "/domains",
      "/sender",
      "/audit",
    ],
  ],
];

for (const [email, paths] of VIEWS) {
  test(`in every view of ${email}: each text of each answer`, async ({ people, server }) => {
    test.setTimeout(240_000);
    const owner = await people.desk("owner@bluebakery.test");
    const agent = await agentOf(owner, "Blue Bakery");
    await enableHandoff(owner, agent.id);
    const desk = await people.desk("operator1@bluebakery.test");
    await freed(desk);
    await comesBack(server.url, owner, agent, await hostileVisitor(server.url, agent.widget.id, 0, desk));
    const found = await owner.ask<{
      offlineQueries: { nodes: readonly { id: string; conversation: { id: string } }[] };
    }>("{ offlineQueries(first: 1) { nodes { id conversation { id } } } }");
    const query = found.offlineQueries.nodes[0];
    expect(query).toBeDefined();
    const ids: Readonly<Record<string, string | undefined>> = {
      conversation: query?.conversation.id,
      query: query?.id,
      agent: agent.id,
      organization: agent.organization?.id,
    };
    const staff = await people.staff(email);
    const watch = await Watch.over(staff.page.context(), server.url);
    const all = await rewriting(staff.page, 0);
    for (const path of paths) {
      await staff.page.goto(path.replace(/:(\w+)/, (_, name: string) => ids[name] ?? "none"));
      await settled(staff.page);
      await expect(staff.page.locator("body")).toContainText(HOOK);
      if (path.endsWith("/:conversation"))
        await expect(staff.page.getByTestId("previous-conversations")).toContainText(/gotcha|evil\.test/);
      await watch.nothing(staff.page, path);
    }
    // What an entry of the audit log says of itself is in a drawer.
    await staff.page.getByTestId("audit-row").first().getByRole("button").click();
    await expect(staff.page.getByRole("dialog")).toContainText(HOOK);
    await watch.nothing(staff.page, "an entry of the audit log");
    all();
  });
}
