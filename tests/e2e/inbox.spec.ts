// What the lists and the history hold when there is much of it, and what helps a page that is behind (S078, S086, S105, S173-S176).

import type { Page, WebSocketRoute } from "@playwright/test";
import { agentOf, type Desk, enableHandoff, freed, password, post } from "./support/api.ts";
import type { Dashboard } from "./support/dashboard.ts";
import { expect, type People, test, unique } from "./support/fixtures.ts";

test.use({ alone: "inbox" });

const OWNER = "owner@bluebakery.test";
const OPERATOR = "operator1@bluebakery.test";
const COLLEAGUE = "operator2@bluebakery.test";

/** A visitor without a page: what they wrote, and how they act. */
async function somebody(server: string, widget: string, text: string) {
  const url = `${server}/widget/graphql`;
  const opened = await post<{ session: { token: string } }>(
    url,
    "mutation ($id: ID!) { session(widgetId: $id) { token } }",
    { id: widget },
  );
  const act = async (query: string, variables: Record<string, unknown> = {}) => {
    const answer = await post(url, query, variables, opened.data?.session.token);
    expect(answer.errors).toBeUndefined();
  };
  await act('mutation ($t: String!) { sendMessage(clientId: "m-1", text: $t) { id } }', { t: text });
  return {
    text,
    ask: (name?: string) =>
      act('mutation ($n: String) { requestHandoff(clientId: "h-1", name: $n) { state } }', { n: name }),
    cancel: () => act("mutation { cancelHandoff { state } }"),
    say: (id: string, words: string) =>
      act("mutation ($c: String!, $t: String!) { sendMessage(clientId: $c, text: $t) { id } }", {
        c: id,
        t: words,
      }),
  };
}

async function prepared(people: People): Promise<string> {
  const owner = await people.desk(OWNER);
  const agent = await agentOf(owner, "Blue Bakery");
  await enableHandoff(owner, agent.id);
  await freed(await people.desk(OPERATOR), await people.desk(COLLEAGUE));
  return agent.widget.id;
}

async function handoffOf(desk: Desk, text: string): Promise<string> {
  const { handoffs } = await desk.ask<{
    handoffs: { nodes: { id: string; conversation: { preview: string | null } }[] };
  }>("{ handoffs(states: [REQUESTED], first: 50) { nodes { id conversation { preview } } } }");
  const found = handoffs.nodes.find(({ conversation }) => conversation.preview === text);
  if (!found) throw new Error(`nobody waits with: ${text}`);
  return found.id;
}

const ACCEPT = "mutation ($id: ID!) { acceptHandoff(handoffId: $id) { id } }";

test("Pending Requests lists everybody whom nobody has accepted, by name where there is one (S078, S086)", async ({
  people,
  server,
}) => {
  const widget = await prepared(people);
  const operator = await people.staff(OPERATOR);
  await operator.open("Live Chats");
  const { page } = operator;
  await expect(page.getByText("Nobody is waiting")).toBeVisible();
  const asked = [];
  for (let one = 0; one < 12; one += 1) {
    const visitor = await somebody(server.url, widget, unique(`Question ${one}.`));
    await visitor.ask(one === 3 ? "Ada Young" : undefined);
    asked.push(visitor);
  }
  const rows = page.getByTestId("pending-row");
  const inOrder = async (all: readonly { text: string }[]) => {
    await expect(rows).toHaveCount(all.length);
    await expect(page.getByTestId("pending-count")).toHaveText(String(all.length));
    // Whoever has waited longest is first.
    await expect(rows).toContainText(all.map(({ text }) => text));
  };
  await inOrder(asked);
  const named = asked[3]?.text ?? "";
  const unnamed = asked[4]?.text ?? "";
  await expect(operator.pendingRow(named).getByRole("link")).toHaveText("Ada Young");
  await expect(operator.pendingRow(unnamed).getByRole("link")).toHaveText("Anonymous");

  // One who is accepted leaves the list, one who is let go of stands in it again, one who gives up is gone.
  const colleague = await people.desk(COLLEAGUE);
  const { acceptHandoff } = await colleague.ask<{ acceptHandoff: { id: string } }>(ACCEPT, {
    id: await handoffOf(colleague, unnamed),
  });
  await inOrder(asked.filter(({ text }) => text !== unnamed));
  await colleague.ask("mutation ($id: ID!) { releaseConversation(conversationId: $id) { id } }", {
    id: acceptHandoff.id,
  });
  await expect(rows).toHaveCount(asked.length);
  await expect(operator.pendingRow(unnamed)).toBeVisible();
  await asked[0]?.cancel();
  await expect(rows).toHaveCount(asked.length - 1);
  await expect(operator.pendingRow(asked[0]?.text ?? "")).toHaveCount(0);

  // Nor does a page that comes later miss any.
  const shown = await rows.evaluateAll((all) => all.map((row) => row.getAttribute("data-row")));
  await page.reload();
  await expect(rows).toHaveCount(shown.length);
  expect(await rows.evaluateAll((all) => all.map((row) => row.getAttribute("data-row")))).toEqual(shown);
  for (const visitor of asked.slice(1)) await visitor.cancel();
  await expect(page.getByText("Nobody is waiting")).toBeVisible();
});

test("a long history scrolls: what is older comes when one goes up, and nothing jumps (S105)", async ({
  people,
}) => {
  await prepared(people);
  const operator = await people.staff(OPERATOR);
  await operator.open("Live Chats");
  const visitor = await people.visitor();
  const question = unique("Can you read me the whole list?");
  await visitor.say(question);
  await visitor.requestPerson("Ada");
  await operator.accept(question);
  const id = operator.conversationId();
  const desk = await people.desk(OPERATOR);
  const texts: string[] = [];
  for (let one = 1; one <= 130; one += 1) {
    const text = `Item ${String(one).padStart(3, "0")} of the list`;
    texts.push(text);
    await desk.ask(
      "mutation ($c: String!, $id: ID!, $t: String!) { sendMessage(clientId: $c, conversationId: $id, text: $t) { id } }",
      { c: `item-${one}`, id, t: text },
    );
  }
  const last = texts.at(-1) ?? "";
  await expect(visitor.message(last)).toBeVisible();
  for (const [side, pane] of [
    [operator, operator.page.getByRole("region", { name: "Messages" })],
    [visitor, visitor.frame.getByRole("region", { name: "Messages" })],
  ] as const) {
    await side.page.reload();
    await expect(side.message(last)).toBeInViewport();
    await expect(side.message(question)).toHaveCount(0);
    const wheel = async (pixels: number) => {
      await pane.hover();
      await side.page.mouse.wheel(0, pixels);
    };
    const all = side.message(/\S/);
    expect(await all.count()).toBeLessThan(texts.length);
    for (let pages = 0; (await side.message(question).count()) === 0; pages += 1) {
      expect(pages, "it comes to an end").toBeLessThan(10);
      const shown = await all.allInnerTexts();
      const oldest = texts.find((text) => shown.some((one) => one.includes(text))) ?? "";
      await wheel(-100_000);
      await expect.poll(() => all.count()).toBeGreaterThan(shown.length);
      // What one reads stays where it is: what is older was put above it.
      await expect(side.message(oldest)).toBeInViewport();
    }
    await wheel(-100_000);
    await expect(side.message(question)).toBeInViewport();
    await side.expectWhole([question, ...texts]);
    await wheel(100_000);
    await expect(side.message(last)).toBeInViewport();
  }
});

/** Holds back what the server says to a page, so that the page is behind. What the page asks still goes through. */
async function behind(page: Page): Promise<{ hold(): void; letGo(): Promise<void> }> {
  let held = false;
  const sockets: WebSocketRoute[] = [];
  await page.routeWebSocket(/\/graphql/, (socket) => {
    const server = socket.connectToServer();
    sockets.push(socket);
    server.onMessage((message) => {
      if (!held) socket.send(message);
    });
  });
  await page.reload();
  return {
    hold: () => {
      held = true;
    },
    letGo: async () => {
      held = false;
      for (const socket of sockets.splice(0)) await socket.close({ code: 1012 });
    },
  };
}

test("accepting on a page that is behind says what has become of the request, and the page catches up (S173, S175)", async ({
  people,
  server,
}) => {
  const widget = await prepared(people);
  const operator = await people.staff(OPERATOR);
  const { page } = operator;
  await operator.open("Live Chats");
  const line = await behind(page);
  const [taken, gone, own] = [
    await somebody(server.url, widget, unique("Who takes this?")),
    await somebody(server.url, widget, unique("Or shall I go?")),
    await somebody(server.url, widget, unique("You had me before.")),
  ];
  for (const visitor of [taken, gone, own]) {
    await visitor.ask();
    await expect(operator.pendingRow(visitor.text)).toBeVisible();
  }
  const accept = (side: Dashboard, text: string) =>
    side.pendingRow(text).getByRole("button", { name: "Accept", exact: true }).click();

  line.hold();
  const colleague = await people.desk(COLLEAGUE);
  await colleague.ask(ACCEPT, { id: await handoffOf(colleague, taken.text) });
  await gone.cancel();
  const elsewhere = await people.desk(OPERATOR);
  await elsewhere.ask(ACCEPT, { id: await handoffOf(elsewhere, own.text) });
  // The page knows of none of it.
  for (const visitor of [taken, gone, own]) await expect(operator.pendingRow(visitor.text)).toBeVisible();

  const notices = page.getByRole("region", { name: "Notices" });
  await accept(operator, taken.text);
  await expect(notices).toContainText("Already accepted by Omar Reyes");
  await expect(operator.pendingRow(taken.text)).toHaveCount(0);
  await expect(operator.stub.filter({ hasText: "Claimed by Omar Reyes" })).toBeVisible();
  await accept(operator, gone.text);
  await expect(notices).toContainText("This request is no longer open");
  await expect(operator.pendingRow(gone.text)).toHaveCount(0);
  // What one has oneself, from another page, is simply opened: it stands among the active ones.
  await accept(operator, own.text);
  await expect(operator.composer).toBeVisible();
  await expect(page.getByRole("tab", { name: "Active Chats" })).toHaveAttribute("aria-selected", "true");
  await expect(operator.activeRow(own.text)).toBeVisible();

  // The line is back: the lists are those of the server, and nobody has reloaded.
  await line.letGo();
  const next = unique("Are you listening again?");
  await own.say("m-2", next);
  await expect(operator.message(next, "VISITOR")).toBeVisible();
  await operator.showTab("Pending Requests");
  await expect(page.getByText("Nobody is waiting")).toBeVisible();
  await expect(page.getByTestId("active-count")).toHaveText("1");
});

test("signing out and in, and storage that is empty, lose nothing but the way in (S176)", async ({
  people,
  server,
}) => {
  const widget = await prepared(people);
  const operator = await people.staff(OPERATOR);
  const { page } = operator;
  await operator.open("Live Chats");
  const [mine, waits] = [
    await somebody(server.url, widget, unique("Is my cake ready?")),
    await somebody(server.url, widget, unique("Is mine?")),
  ];
  for (const visitor of [mine, waits]) await visitor.ask();
  await operator.accept(mine.text);
  const yes = unique("It is.");
  await operator.send(yes);
  await expect(operator.message(yes, "OPERATOR").and(page.locator("[data-seq]"))).toBeVisible();

  const again = async () => {
    await expect(operator.button("Sign in")).toBeVisible();
    await expect(page.getByText(mine.text)).toHaveCount(0);
    await page.getByLabel("Email", { exact: true }).fill(OPERATOR);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await operator.button("Sign in").click();
    await expect(operator.navigation).toBeVisible();
    await operator.open("Live Chats");
    await expect(operator.pendingRow(waits.text)).toBeVisible();
    await operator.showTab("Active Chats");
    await operator.activeRow(yes).or(operator.activeRow(mine.text)).first().getByRole("link").click();
    await operator.expectWhole([mine.text, yes]);
    await expect(operator.composer).toBeVisible();
  };
  await page.getByRole("button", { name: /^User menu/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await again();

  // As "clear all data of this site" would: storage, caches, cookies.
  const session = await page.context().newCDPSession(page);
  await session.send("Storage.clearDataForOrigin", { origin: server.url, storageTypes: "all" });
  await page.reload();
  await again();
  const bye = unique("Thank you.");
  await mine.say("m-2", bye);
  await expect(operator.message(bye, "VISITOR")).toBeVisible();
  await waits.cancel();
});
