// What reaches people, and what they make of it: the bell, the gear behind it, the sound, and the log that says why.

import type { Page } from "@playwright/test";
import { agentOf, type Desk, enableHandoff, freed } from "./support/api.ts";
import type { Dashboard } from "./support/dashboard.ts";
import { expect, type People, test, unique } from "./support/fixtures.ts";

test.use({ alone: "notifications" });

const OWNER = "owner@bluebakery.test";
const OPERATOR = "operator1@bluebakery.test";
const COLLEAGUE = "operator2@bluebakery.test";

const desks = new Map<string, Promise<Desk>>();

/** Signed in once for all of this file: its server is its own. */
function deskOf(people: People, email: string): Promise<Desk> {
  const desk = desks.get(email) ?? people.desk(email);
  desks.set(email, desk);
  return desk;
}

async function handoffIsOn(people: People): Promise<void> {
  const owner = await deskOf(people, OWNER);
  await enableHandoff(owner, (await agentOf(owner, "Blue Bakery")).id);
  await freed(await deskOf(people, OPERATOR), await deskOf(people, COLLEAGUE));
}

async function waiting(people: People, question: string, name: string) {
  const visitor = await people.visitor();
  await visitor.say(question);
  await expect(visitor.message(/\S/, "AI").first()).toBeVisible();
  await visitor.requestPerson(name);
  return visitor;
}

const bell = (page: Page) => page.getByTestId("bell");
const panel = (page: Page) => page.getByRole("dialog", { name: "Notifications" });
const entry = (page: Page, words: string) =>
  panel(page).getByTestId("notification").filter({ hasText: words });

/** What the bell says to whoever cannot see it, as a number. */
async function unread(page: Page): Promise<number> {
  const name = (await bell(page).getAttribute("aria-label")) ?? "";
  return Number(/(\d+) unread/.exec(name)?.[1] ?? 0);
}

/** Nobody waits, and nothing is unread. */
async function clear(people: People, side: Dashboard): Promise<void> {
  const desk = await deskOf(people, OPERATOR);
  const open = await desk.ask<{ handoffs: { nodes: readonly { id: string }[] } }>(
    "{ handoffs(states: [REQUESTED], first: 50) { nodes { id } } }",
  );
  for (const { id } of open.handoffs.nodes) {
    await desk.ask("mutation ($id: ID!) { acceptHandoff(handoffId: $id) { id } }", { id });
    await freed(desk);
  }
  await desk.ask("mutation { markNotificationsRead }");
  await expect(bell(side.page)).toHaveAccessibleName("Notifications, none unread");
}

/** In which conversation somebody asks: the colleague's bell knows, who has chosen nothing. */
async function conversationOf(people: People, question: string): Promise<string> {
  const desk = await deskOf(people, COLLEAGUE);
  const found = async () => {
    const answer = await desk.ask<{
      notifications: { nodes: readonly { preview: string | null; conversationId: string | null }[] };
    }>("{ notifications(first: 50) { nodes { preview conversationId } } }");
    return answer.notifications.nodes.find((one) => one.preview?.includes(question))?.conversationId ?? "";
  };
  await expect.poll(found).toMatch(/^cnv_/);
  return found();
}

/** What was decided for the operator, by each way: "BELL told", "EMAIL WAY_OFF". */
async function decided(people: People, kind: string, conversationId: string): Promise<readonly string[]> {
  const desk = await deskOf(people, OPERATOR);
  const answer = await desk.ask<{
    notificationDecisions: {
      nodes: readonly { kind: string; way: string; reason: string | null; conversationId: string | null }[];
    };
  }>("{ notificationDecisions(first: 50) { nodes { kind way reason conversationId } } }");
  const lines = answer.notificationDecisions.nodes
    .filter((one) => one.kind === kind && one.conversationId === conversationId)
    .map((one) => `${one.way} ${one.reason ?? "told"}`);
  return [...new Set(lines)].sort();
}

async function preferences(side: Dashboard): Promise<void> {
  await bell(side.page).click();
  await panel(side.page).getByRole("link", { name: "What you are told, and how" }).click();
  await expect(side.page.getByRole("heading", { level: 1, name: "Notifications" })).toBeVisible();
  await expect(side.page.getByTestId("preferences")).toBeVisible();
}

async function save(page: Page): Promise<void> {
  await page.getByTestId("preferences").getByRole("button", { name: "Save" }).click();
  await expect(page.getByTestId("toast").filter({ hasText: "Saved" }).first()).toBeVisible();
  await expect(page.getByTestId("preferences").getByRole("button", { name: "Save" })).toBeDisabled();
}

test("the bell says who asks for a person, leads there, and counts what is unread (S212)", async ({
  people,
}) => {
  await handoffIsOn(people);
  const operator = await people.staff(OPERATOR);
  const { page } = operator;
  const icon = page.locator('link[rel~="icon"]');
  await clear(people, operator);
  await expect(page).toHaveTitle(/^Home/);
  const plain = (await icon.getAttribute("href")) ?? "";
  expect(plain).not.toContain("data:");

  const question = unique("Do you have rye bread?");
  await waiting(people, question, "Ada Young");
  await expect(bell(page)).toHaveAccessibleName("Notifications, 1 unread");
  // A tab in the background says it as well, in its title and on its icon.
  await expect(page).toHaveTitle(/^\(1\) Home/);
  await expect(icon).toHaveAttribute("href", /^data:image\/png/);

  await bell(page).click();
  const told = entry(page, question);
  await expect(told).toHaveAttribute("data-unread", "true");
  await expect(told).toContainText("asks for a person");
  await expect(told).toContainText("Crumb");
  await expect(told.locator("time")).toHaveAttribute("title", /\d{4}/);
  await page.keyboard.press("Escape");
  await expect(panel(page)).toHaveCount(0);
  await expect(bell(page)).toBeFocused();

  await page.keyboard.press("Enter");
  await told.getByRole("link").click();
  await expect(page).toHaveURL(/\/live-chats\/cnv_/);
  await expect(panel(page)).toHaveCount(0);
  await expect(operator.message(question, "VISITOR")).toBeVisible();
  await expect(bell(page)).toHaveAccessibleName("Notifications, none unread");

  // Another tab of the same person hears of what is read in the first.
  const other = await page.context().newPage();
  await other.goto("/");
  await expect(bell(other)).toHaveAccessibleName("Notifications, none unread");
  const second = unique("And white bread?");
  await waiting(people, second, "Bo");
  await expect.poll(() => unread(page)).toBe(1);
  await expect.poll(() => unread(other)).toBe(1);
  await bell(other).click();
  await panel(other).getByRole("switch", { name: "Unread only" }).check();
  await expect(entry(other, second)).toBeVisible();
  await expect(entry(other, question)).toHaveCount(0);
  await bell(page).click();
  // Newest first.
  await expect(panel(page).getByTestId("notification").first()).toContainText(second);
  await panel(page).getByRole("button", { name: "Mark all as read" }).click();
  await expect(panel(page).locator("[data-unread]")).toHaveCount(0);
  await expect(bell(page)).toHaveAccessibleName("Notifications, none unread");
  await expect(bell(other)).toHaveAccessibleName("Notifications, none unread");
  await expect(panel(other).locator("[data-unread]")).toHaveCount(0);
  await page.keyboard.press("Escape");

  // They wait still, so the title says so until somebody has taken them.
  await expect(page).toHaveTitle(/^\(2\) Live Chats/);
  await clear(people, operator);
  await expect(page).toHaveTitle(/^Live Chats/);
  await expect(icon).toHaveAttribute("href", plain);
});

test("the gear leads to what one is told and by which way, and the log says why not (S213-S215, W02)", async ({
  people,
  server,
}) => {
  await handoffIsOn(people);
  const operator = await people.staff(OPERATOR);
  const { page } = operator;
  await clear(people, operator);
  const mailsTo = async (address: string, words: string) => {
    const found = await fetch(`${server.url}/dev/mail.json?to=${encodeURIComponent(address)}`);
    const mails = (await found.json()) as readonly { kind: string; subject: string; text: string }[];
    return mails.filter((mail) => mail.text.includes(words)).length;
  };

  await preferences(operator);
  const form = page.getByTestId("preferences");
  const through = form.getByRole("group", { name: "Notify through" });
  const events = form.getByRole("group", { name: "Events to notify" });
  await expect(through.getByRole("checkbox")).toHaveCount(2);
  await expect(through.getByRole("checkbox", { name: "Push notification" })).toBeChecked();
  await expect(events.getByRole("radio", { name: "All messages" })).toBeChecked();
  await expect(form.getByText("Standard", { exact: true })).toBeVisible();
  await expect(form.getByRole("button", { name: "Save" })).toBeDisabled();
  await through.getByRole("checkbox", { name: "Email" }).uncheck();
  await save(page);
  await expect(form.getByText("Chosen by you", { exact: true })).toBeVisible();

  const log = page.getByRole("table", { name: "Who was told what, and why" });
  const line = (conversation: string, way: string) =>
    log
      .getByTestId("decision")
      .filter({ has: page.locator(`a[href$="${conversation}"]`) })
      .filter({ has: page.getByRole("cell", { name: way, exact: true }) });
  const first = unique("Is there cheesecake?");
  await waiting(people, first, "Dora Lind");
  const cheesecake = await conversationOf(people, first);
  await expect.poll(() => mailsTo(COLLEAGUE, first)).toBe(1);
  await expect(bell(page)).toHaveAccessibleName("Notifications, 1 unread");
  await operator.button("Look again").click();
  await expect(line(cheesecake, "Bell")).toHaveAttribute("data-verdict", "NOW");
  await expect(line(cheesecake, "Email")).toHaveAttribute("data-reason", "WAY_OFF");
  await expect(line(cheesecake, "Email")).toContainText("Not sent");
  expect(await mailsTo(OPERATOR, first)).toBe(0);

  // Requests only: what the visitor writes afterwards is not told, the next request is.
  await events.getByRole("radio", { name: "Requests only" }).check();
  await through.getByRole("checkbox", { name: "Email" }).check();
  await save(page);
  await operator.open("Live Chats");
  await operator.accept(first);
  await operator.open("Home");
  await clear(people, operator);
  const second = unique("Is there tea with it?");
  const tea = await waiting(people, second, "Emil Roth");
  const teatime = await conversationOf(people, second);
  await expect.poll(() => mailsTo(OPERATOR, second)).toBe(1);
  await expect(bell(page)).toHaveAccessibleName("Notifications, 1 unread");
  await operator.open("Live Chats");
  await operator.accept(second);
  await operator.open("Home");
  await clear(people, operator);
  await tea.say(unique("With milk, please"));
  await expect
    .poll(() => decided(people, "VISITOR_MESSAGE", teatime))
    .toEqual(["BELL NOT_WANTED", "EMAIL NOT_WANTED", "PUSH NOT_WANTED"]);
  await expect(bell(page)).toHaveAccessibleName("Notifications, none unread");

  await preferences(operator);
  await expect(
    log.getByTestId("decision").filter({ hasText: "Message of a visitor" }).first(),
  ).toHaveAttribute("data-reason", "NOT_WANTED");
  await form.getByRole("button", { name: "Use the defaults again" }).click();
  await expect(events.getByRole("radio", { name: "All messages" })).toBeChecked();
  await expect(form.getByText("Standard", { exact: true })).toBeVisible();

  // What the organization sets counts for whoever has chosen nothing; and its owner sees why everybody was told.
  const owner = await people.staff(OWNER);
  await owner.page.goto("/settings");
  const defaults = owner.page.getByTestId("notification-defaults");
  await defaults.getByRole("checkbox", { name: "Keep quiet every day" }).check();
  await defaults.getByLabel("From").fill("03:00");
  await defaults.getByLabel("Until").fill("03:00");
  await expect(defaults.getByRole("alert")).toHaveText("Give two different times.");
  await defaults.getByLabel("Until").fill("03:01");
  await defaults.getByRole("button", { name: "Save" }).click();
  await expect(defaults.getByText("Set here", { exact: true })).toBeVisible();
  await page.reload();
  await expect(form.getByText("From the organization", { exact: true })).toBeVisible();
  await expect(form.getByLabel("From")).toHaveValue("03:00");
  await defaults.getByRole("button", { name: "Use the standard again" }).click();
  await expect(defaults.getByText("Standard", { exact: true })).toBeVisible();

  await owner.page.goto(`/conversations/${teatime}`);
  await owner.button("Who was told, and why").click();
  const everybody = owner.page.getByRole("table", { name: "Who was told, and why" });
  await expect(everybody.getByTestId("decision").filter({ hasText: "Olivia Hart" }).first()).toBeVisible();
  await expect(everybody.getByTestId("decision").filter({ hasText: "Omar Reyes" }).first()).toBeVisible();
});

/** Each tone that a page plays, and not only that it meant to. */
async function listened(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const tones: number[] = [];
    Object.assign(window, { tones });
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...at) {
      tones.push(Math.round(this.frequency.value));
      start.apply(this, at);
    };
  });
  await page.reload();
  await expect(bell(page)).toBeVisible();
}

const tones = (page: Page) =>
  page.evaluate(() => (window as unknown as { tones: readonly number[] }).tones.slice());
const rang = (page: Page) => page.evaluate(() => Number(document.documentElement.dataset.rang ?? 0));

test("of two tabs one rings, with the tune that was chosen, and the other shows it (S195, S143, S144)", async ({
  people,
}) => {
  await handoffIsOn(people);
  const operator = await people.staff(OPERATOR);
  const { page } = operator;
  await clear(people, operator);
  await listened(page);
  await preferences(operator);
  await page.getByRole("combobox", { name: "Tune" }).selectOption("Bells");
  await page.getByRole("slider", { name: "Volume" }).fill("80");
  await operator.button("Play the sound").click();
  await expect.poll(() => tones(page)).toContain(1_319);
  const other = await page.context().newPage();
  await other.goto("/notifications");
  await listened(other);
  await expect(other.getByRole("combobox", { name: "Tune" })).toHaveValue("bells");
  // A page that was clicked in may be heard.
  await other.getByRole("heading", { level: 1 }).click();
  const before = (await tones(page)).length;

  const question = unique("Who hears me?");
  await waiting(people, question, "Flo");
  for (const tab of [page, other]) {
    await expect(tab.getByTestId("toast").filter({ hasText: question })).toBeVisible();
    await expect(bell(tab)).toHaveAccessibleName("Notifications, 1 unread");
  }
  await expect.poll(() => rang(page)).toBe(1);
  await expect.poll(async () => (await tones(page)).slice(before)).toEqual([1_319, 1_047, 784]);
  expect(await rang(other)).toBe(0);
  expect(await tones(other)).toEqual([]);

  // The one that rang is closed: the next in turn is heard.
  await clear(people, operator);
  await page.close();
  await waiting(people, unique("And who hears me now?"), "Gil");
  await expect.poll(() => rang(other)).toBe(1);
  await expect.poll(() => tones(other)).toEqual([1_319, 1_047, 784]);

  // Muted, the next one is shown without a sound; what one chose stays with the device and the person.
  await other.getByRole("checkbox", { name: "Mute Blue Bakery" }).check();
  await save(other);
  await other.getByRole("switch", { name: "Sound for messages" }).uncheck();
  await other.reload();
  await expect(other.getByRole("switch", { name: "Sound for messages" })).not.toBeChecked();
  await expect(other.getByRole("checkbox", { name: "Mute Blue Bakery" })).toBeChecked();
  const last = unique("Nobody should hear me");
  await waiting(people, last, "Hal");
  await expect(other.getByTestId("toast").filter({ hasText: last })).toBeVisible();
  const conversation = await conversationOf(people, last);
  await expect
    .poll(() => decided(people, "HANDOFF_REQUESTED", conversation))
    .toEqual(expect.arrayContaining(["BELL MUTED"]));
  expect(await rang(other)).toBe(0);
});

test("a browser that keeps quiet is explained, and a test comes to the bell and by mail", async ({
  people,
  server,
}) => {
  const owner = await people.staff(OWNER);
  const { page } = owner;
  // A browser that keeps pages silent until they are touched, whatever this one does.
  await page.addInitScript(() => {
    let touched = false;
    for (const name of ["pointerdown", "keydown"])
      document.addEventListener(name, () => {
        touched = true;
      });
    Object.defineProperty(AudioContext.prototype, "state", {
      get: () => (touched ? "running" : "suspended"),
    });
    AudioContext.prototype.resume = () => (touched ? Promise.resolve() : new Promise(() => undefined));
  });
  await page.goto("/notifications");
  const silent = page.getByTestId("sound-blocked");
  await expect(silent).toContainText("until you click");
  await page.getByRole("heading", { level: 1 }).click();
  await expect(silent).toHaveCount(0);
  const before = await unread(page);
  await owner.button("To the bell").click();
  await expect.poll(() => unread(page)).toBe(before + 1);
  await owner.button("By email").click();
  await expect
    .poll(async () => {
      const found = await fetch(`${server.url}/dev/mail.json?to=${encodeURIComponent(OWNER)}`);
      return ((await found.json()) as readonly { subject: string }[]).filter((one) =>
        /test/i.test(one.subject),
      ).length;
    })
    .toBeGreaterThan(0);
});
