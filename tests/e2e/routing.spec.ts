// Who is on, whose turn a request is, and chats that go from hand to hand: three people at once where it takes three.

import { agentOf, enableHandoff } from "./support/api.ts";
import type { Dashboard } from "./support/dashboard.ts";
import type { People } from "./support/fixtures.ts";
import { expect, test, unique } from "./support/fixtures.ts";

test.use({ alone: "routing" });

const OWNER = "owner@bluebakery.test";
const OPERATOR = "operator1@bluebakery.test";
const COLLEAGUE = "operator2@bluebakery.test";
const VIEWER = "viewer@bluebakery.test";

async function prepare(people: People, settings: Readonly<Record<string, string>> = {}): Promise<void> {
  const owner = await people.desk(OWNER);
  const agent = await agentOf(owner, "Blue Bakery");
  await enableHandoff(owner, agent.id);
  const all = {
    "routing.mode": "MANUAL",
    "routing.capacity": "50",
    "routing.offer_seconds": "600",
    ...settings,
  };
  for (const [key, value] of Object.entries(all)) {
    await owner.ask(
      "mutation ($k: String!, $o: ID!, $v: String!) { setSetting(key: $k, organizationId: $o, value: $v) { value } }",
      {
        k: key,
        o: agent.organization?.id,
        v: value,
      },
    );
  }
  // Whoever was chosen to be away or off by a test before is there again, and has no chat left.
  for (const email of [OWNER, OPERATOR, COLLEAGUE]) {
    const desk = await people.desk(email);
    await desk.ask("mutation { setPresence(presence: ONLINE) { presence } }");
    const mine = await desk.ask<{ handoffs: { nodes: { conversation: { id: string } }[] } }>(
      "{ handoffs(states: [ACCEPTED], mine: true, first: 100) { nodes { conversation { id } } } }",
    );
    for (const one of mine.handoffs.nodes)
      await desk.try("mutation ($id: ID!) { completeConversation(conversationId: $id) { id } }", {
        id: one.conversation.id,
      });
  }
}

async function nameOf(people: People, email: string): Promise<string> {
  const desk = await people.desk(email);
  return (await desk.ask<{ viewer: { user: { name: string } } }>("{ viewer { user { name } } }")).viewer.user
    .name;
}

async function choose(dashboard: Dashboard, presence: "Available" | "Away" | "Off"): Promise<void> {
  await dashboard.page.getByRole("button", { name: /^User menu/ }).click();
  await dashboard.page.getByRole("menuitem", { name: presence, exact: true }).click();
  await expect(dashboard.page.getByRole("menuitem", { name: presence, exact: true })).toHaveAttribute(
    "aria-current",
    "true",
  );
  await dashboard.page.keyboard.press("Escape");
}

/** The people whom no test needs are off, so that they get no turn. */
async function off(people: People, email: string): Promise<void> {
  await (await people.desk(email)).ask("mutation { setPresence(presence: OFFLINE) { presence } }");
}

test("three see a request, one accepts it, and the others see a stub of it", async ({ people }) => {
  await prepare(people);
  const [one, two, three] = [
    await people.staff(OPERATOR),
    await people.staff(COLLEAGUE),
    await people.staff(OWNER),
  ];
  for (const who of [one, two, three]) await who.open("Live Chats");
  const question = unique("Who has a minute for me?");
  const visitor = await people.visitor();
  await visitor.say(question);
  await visitor.requestPerson("Ada");
  for (const who of [one, two, three]) await expect(who.pendingRow(question)).toBeVisible();

  await two.accept(question);
  const hello = unique("I have.");
  await two.send(hello);
  await expect(visitor.message(hello, "OPERATOR")).toBeVisible();
  const thanks = unique("Thank you!");
  await visitor.say(thanks);
  await expect(two.message(thanks, "VISITOR")).toBeVisible();
  await expect(two.activeRow(thanks)).toBeVisible();
  for (const who of [one, three]) {
    await expect(who.pendingRow(question)).toHaveCount(0);
    await expect(who.stub.filter({ hasText: await nameOf(people, COLLEAGUE) }).first()).toBeVisible();
    await expect(who.page.getByText(thanks)).toHaveCount(0);
  }
});

test("a request is offered to whoever is available, and goes on when they are away", async ({
  people,
}, info) => {
  await prepare(people, { "routing.mode": "LEAST_BUSY" });
  await off(people, OWNER);
  await off(people, COLLEAGUE);
  const operator = await people.staff(OPERATOR);
  await operator.open("Live Chats");
  await choose(operator, "Available");
  const colleague = await people.staff(COLLEAGUE);
  await colleague.open("Live Chats");

  const question = unique("Is somebody there?");
  const visitor = await people.visitor();
  await visitor.say(question);
  await visitor.requestPerson("Bea");
  await expect(operator.pendingRow(question).getByTestId("offer-mark")).toContainText("Offered to you");
  await expect(colleague.pendingRow(question).getByTestId("offer-mark")).toContainText(
    `Offered to ${await nameOf(people, OPERATOR)}`,
  );
  await colleague.page.screenshot({ path: info.outputPath("offered.png") });

  // It is not the colleague's to accept, and they are told whose it is.
  await choose(colleague, "Available");
  await colleague.pendingRow(question).getByRole("button", { name: "Accept", exact: true }).click();
  await expect(
    colleague.page.getByTestId("toast").filter({ hasText: await nameOf(people, OPERATOR) }),
  ).toBeVisible();
  await expect(colleague.composer).toHaveCount(0);

  // Away: it is the colleague's turn, live on both screens.
  await choose(operator, "Away");
  await expect(colleague.pendingRow(question).getByTestId("offer-mark")).toContainText("Offered to you");
  await expect(operator.pendingRow(question).getByTestId("offer-mark")).toContainText("Offered to");
  await colleague.accept(question);
});

test("a chat is transferred with a note, and a supervisor puts it back", async ({ people }, info) => {
  await prepare(people);
  const [operator, colleague] = [await people.staff(OPERATOR), await people.staff(COLLEAGUE)];
  await operator.open("Live Chats");
  await colleague.open("Live Chats");
  const question = unique("I want my money back");
  const visitor = await people.visitor();
  await visitor.say(question);
  await visitor.requestPerson("Cleo");
  await operator.accept(question);
  const id = operator.conversationId();

  const name = await nameOf(people, COLLEAGUE);
  await operator.button("Transfer").click();
  const dialog = operator.page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Find a person or a team" }).fill(name);
  await expect(dialog.getByTestId("hand-on-person")).toHaveCount(1);
  await expect(dialog.getByTestId("hand-on-person")).toContainText("of 50 chats");
  await dialog.getByRole("radio").check();
  const note = unique("Wants a refund, be kind");
  await dialog.getByRole("textbox", { name: "Note" }).fill(note);
  await operator.page.screenshot({ path: info.outputPath("transfer.png") });
  await dialog.getByRole("button", { name: "Transfer", exact: true }).click();
  await expect(operator.page.getByTestId("conversation-stub")).toBeVisible();

  await expect(visitor.frame.getByText(`${name} takes over from here.`).first()).toBeVisible();
  await colleague.page.goto(`/live-chats/${id}`);
  await expect(colleague.page.getByTestId("transfer-note")).toContainText(note);
  await expect(visitor.frame.getByText(note)).toHaveCount(0);
  const hello = unique("I look after you now.");
  await colleague.send(hello);
  await expect(visitor.message(hello, "OPERATOR")).toBeVisible();

  // The owner reads along, which the colleague sees, and puts it back.
  const owner = await people.staff(OWNER);
  await owner.page.goto(`/live-chats/${id}`);
  await expect(colleague.page.getByTestId("lookers")).toContainText(await nameOf(people, OWNER));
  await owner.button("Put back").click();
  await owner.page.getByRole("dialog").getByRole("button", { name: "Put it back" }).click();
  await expect(visitor.frame.getByText("You are back in the queue").first()).toBeVisible();
  await expect(colleague.composer).toHaveCount(0);
});

test("who is on is seen live, and teams are looked after", async ({ people }, info) => {
  await prepare(people);
  for (const email of [OWNER, OPERATOR, COLLEAGUE]) await off(people, email);
  const owner = await people.staff(OWNER);
  await owner.navigation.getByRole("link", { name: "Who is on" }).click();
  await expect(owner.page.getByTestId("nobody-there")).toBeVisible();
  const name = await nameOf(people, OPERATOR);
  const row = owner.page.getByTestId("roster-row").filter({ hasText: name });
  await expect(row).toContainText("Off");
  const operator = await people.staff(OPERATOR);
  await choose(operator, "Available");
  await expect(row).toContainText("Available");
  await expect(owner.page.getByTestId("nobody-there")).toHaveCount(0);

  const team = unique("Weddings");
  await owner.button("New team").click();
  await owner.page.getByRole("textbox", { name: "Name" }).fill(team);
  await owner.page.getByRole("textbox", { name: "Topics" }).fill("wedding cake\nbride");
  await owner.button("Make the team").click();
  const made = owner.page.getByTestId("team-row").filter({ hasText: team });
  await expect(made).toContainText("wedding cake");
  await made.getByRole("button", { name: /^Edit/ }).click();
  await owner.page.getByRole("checkbox", { name }).check();
  await owner.page.keyboard.press("Escape");
  await expect(made).toContainText(name);
  await owner.page.screenshot({ path: info.outputPath("roster.png"), fullPage: true });

  // What is about it goes to it.
  await operator.open("Live Chats");
  const visitor = await people.visitor();
  const question = unique("We need a wedding cake");
  await visitor.say(question);
  await visitor.requestPerson("Dora");
  await expect(operator.pendingRow(question).getByTestId("offer-mark")).toContainText(team);

  // On a telephone in the dark.
  const phone = await people.staff(OPERATOR, { viewport: { width: 390, height: 844 }, colorScheme: "dark" });
  await phone.page.goto("/roster");
  await expect(phone.page.getByTestId("roster-row").first()).toBeVisible();
  const wide = await phone.page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide).toBeLessThanOrEqual(390);
  await expect(phone.button("New team")).toHaveCount(0);
  await phone.page.screenshot({ path: info.outputPath("phone.png"), fullPage: true });

  await made.getByRole("button", { name: /^Remove/ }).click();
  await owner.page.getByRole("dialog").getByRole("button", { name: "Remove it" }).click();
  await expect(made).toHaveCount(0);
});

test("whoever sees no queue sees neither who is on nor a switch", async ({ people }) => {
  const viewer = await people.staff(VIEWER);
  await expect(viewer.navigation.getByRole("link", { name: "Who is on" })).toHaveCount(0);
  await viewer.page.goto("/roster");
  await expect(viewer.page.getByRole("heading", { name: "You cannot see who is on" })).toBeVisible();
  await viewer.page.getByRole("button", { name: /^User menu/ }).click();
  await expect(viewer.page.getByRole("menuitem", { name: "Account" })).toBeVisible();
  await expect(viewer.page.getByRole("menuitem", { name: "Away" })).toHaveCount(0);
});
