// An operator's day: what the lists show, what is at hand in a chat, what rings, and how a chat goes to and fro.

import { join } from "node:path";
import type { Page } from "@playwright/test";
import { agentOf, enableHandoff, freed } from "./support/api.ts";
import type { Dashboard } from "./support/dashboard.ts";
import { expect, type People, test, unique } from "./support/fixtures.ts";

test.use({ alone: "words" });

const OWNER = "owner@bluebakery.test";
const OPERATOR = "operator1@bluebakery.test";
const COLLEAGUE = "operator2@bluebakery.test";

async function handoffIsOn(people: People): Promise<void> {
  const owner = await people.desk(OWNER);
  await enableHandoff(owner, (await agentOf(owner, "Blue Bakery")).id);
  await freed(await people.desk(OPERATOR));
}

/** A visitor who waits for a person, after the AI has answered. */
async function waiting(people: People, question: string, name: string) {
  const visitor = await people.visitor();
  await visitor.say(question);
  await expect(visitor.message(/\S/, "AI").first()).toBeVisible();
  await visitor.requestPerson(name);
  return visitor;
}

/** No text that somebody wrote may become anything but text. */
function nothingRuns(page: Page): void {
  page.on("dialog", (dialog) => {
    throw new Error(`a script ran: ${dialog.message()}`);
  });
}

const heard = (page: Page, what: "rang" | "chimed") =>
  page.evaluate((key) => Number(document.documentElement.dataset[key] ?? 0), what);

test("Live Chats lists who waits, and what one handles (S074-S090)", async ({ people }) => {
  await handoffIsOn(people);
  const question = unique("Do you deliver to the harbour?");
  const visitor = await waiting(people, question, "Ada Young");
  const operator = await people.staff(OPERATOR);
  await expect(operator.link("Live Chats")).toBeVisible();
  await operator.open("Live Chats");
  const { page } = operator;
  await expect(page.getByRole("tab")).toHaveCount(2);
  const row = operator.pendingRow(question);
  await expect(row).toBeVisible();
  await expect(row).toContainText(/Ada Young|Anonymous/);
  await expect(row.getByTestId("row-where")).toContainText("Crumb");
  await expect(row.getByTestId("waited")).toContainText(/\d:\d\d/);
  await expect(row.getByRole("button", { name: "Accept", exact: true })).toBeVisible();

  await operator.showTab("Active Chats");
  await expect(operator.activeRow(question)).toHaveCount(0);
  await operator.showTab("Pending Requests");
  await operator.accept(question);
  await expect(operator.activeRow(question)).toBeVisible();
  await expect(operator.composer).toBeVisible();
  await expect(operator.button("Mark as Complete")).toBeVisible();

  // Another one's active chats are not among one's own.
  const colleague = await people.staff(COLLEAGUE);
  await colleague.open("Live Chats");
  await colleague.showTab("Active Chats");
  await expect(colleague.activeRow(question)).toHaveCount(0);

  // It moves by itself.
  const later = unique("Are you still there?");
  await visitor.say(later);
  await expect(operator.activeRow(later)).toBeVisible();
});

test("a chat has its history, both sides typing, and who the visitor is (S096-S109)", async ({ people }) => {
  await handoffIsOn(people);
  const question = unique("What does a wedding cake cost?");
  const visitor = await waiting(people, question, "Milan Novak");
  const operator = await people.staff(OPERATOR);
  const { page } = operator;
  nothingRuns(page);
  await operator.open("Live Chats");
  await operator.accept(question);
  await expect(operator.message(question, "VISITOR")).toBeVisible();
  await expect(operator.message(/\S/, "AI").first()).toBeVisible();
  const id = operator.conversationId();

  const panel = page.getByTestId("visitor-panel");
  await expect(panel).toContainText("Crumb");
  await expect(panel).toContainText("Conversation started");
  await expect(panel).toContainText("Email");
  await expect(panel).toContainText("Other conversations");

  // Enter sends, and so does the button; neither side reloads anything.
  const one = unique("From 80 euro on.");
  await operator.composer.fill(one);
  await operator.composer.press("Enter");
  await expect(visitor.message(one, "OPERATOR")).toBeVisible();
  const two = unique("For how many guests?");
  await operator.send(two);
  await expect(visitor.message(two, "OPERATOR")).toBeVisible();
  await visitor.input.pressSequentially("About");
  await expect(page.getByTestId("typing")).toBeVisible();
  await operator.composer.pressSequentially("I");
  await expect(visitor.frame.getByRole("img", { name: "Typing" })).toBeVisible();
  const hostile = unique('<img src=x onerror="alert(1)"> ninety');
  await visitor.say(hostile);
  await expect(operator.message(hostile, "VISITOR")).toBeVisible();
  await operator.expectWhole([question, one, two, hostile]);

  // Tags: filed here, suggested and found there.
  await panel
    .getByRole("textbox", { name: "Add a tag" })
    .or(panel.getByLabel("Add a tag"))
    .first()
    .fill("Wedding");
  await page.keyboard.press("Enter");
  await expect(panel.getByRole("list", { name: "Tags" })).toContainText("wedding");
  await page.goto(`/conversations?tag=wedding`);
  await expect(operator.conversationRow(hostile)).toBeVisible();
  await page.goto(`/live-chats/${id}`);
  await operator.button("Mark as Complete").click();
});

test("replies behind the slash are found, filled in and sent (A02, A03)", async ({ people }) => {
  await handoffIsOn(people);
  const question = unique("Is the sourdough vegan?");
  const visitor = await waiting(people, question, "Bea");
  const operator = await people.staff(OPERATOR);
  await operator.open("Live Chats");
  await operator.accept(question);
  const list = operator.page.getByRole("listbox", { name: "Canned replies" });
  await operator.composer.pressSequentially("/");
  await expect(list.getByRole("option")).toHaveCount(6);
  // Each as it would be sent.
  await expect(list).toContainText("this is Olivia Hart");
  await expect(list).not.toContainText("{");
  await operator.composer.press("Escape");
  await expect(list).toHaveCount(0);
  await operator.composer.fill("");
  await operator.composer.pressSequentially("/look");
  await expect(list.getByRole("option")).toHaveCount(1);
  await operator.composer.press("Enter");
  await expect(operator.composer).toHaveValue(/I am looking into .* right now/);
  await operator.composer.press("Enter");
  await expect(visitor.message("I am looking into", "OPERATOR")).toBeVisible();
  await operator.composer.pressSequentially("/");
  await operator.composer.press("ArrowDown");
  await operator.composer.press("ArrowUp");
  await operator.composer.press("Enter");
  await expect(operator.composer).toHaveValue(/Hello .*, this is Olivia Hart/);
  await expect(operator.composer).not.toHaveValue(/[{}]/);

  // They are written under Settings, by whoever may.
  const owner = await people.staff(OWNER);
  await owner.page.goto("/settings");
  await owner.button("Add reply").click();
  await owner.page.getByLabel("Shortcut").fill("vegan");
  await owner.page.getByLabel("Title", { exact: true }).fill("Vegan bread");
  const text = owner.page.getByRole("dialog").getByLabel("Text", { exact: true });
  await text.fill("Dear {visitor.email}");
  await owner.page.getByRole("dialog").getByRole("button", { name: "Add reply" }).click();
  await expect(owner.page.getByRole("dialog")).toContainText("There is no variable {visitor.email}");
  await text.fill("Dear {visitor.name|friend}, all of our breads are.");
  await owner.page.getByRole("dialog").getByRole("button", { name: "Add reply" }).click();
  await expect(owner.page.getByTestId("canned-reply").filter({ hasText: "Vegan bread" })).toBeVisible();
});

test("notes stay with the desk, and words are changed with their trace (A06)", async ({ people }) => {
  await handoffIsOn(people);
  const question = unique("Can I return a cake?");
  const visitor = await waiting(people, question, "Cem");
  const operator = await people.staff(OPERATOR);
  const { page } = operator;
  nothingRuns(page);
  await operator.open("Live Chats");
  await operator.accept(question);
  const secret = unique("<b>ask the owner</b> first");
  await operator.button("Add note").click();
  const field = page.getByRole("textbox", { name: "Note", exact: true });
  await field.pressSequentially("@Omar");
  await expect(page.getByRole("listbox", { name: "People" }).getByRole("option")).toHaveText(["Omar Reyes"]);
  await field.press("Enter");
  await field.pressSequentially(secret);
  await field.press("Enter");
  const note = page.getByTestId("note");
  await expect(note).toContainText(secret);
  await expect(note.locator("mark")).toHaveText("@Omar Reyes");
  await expect(visitor.frame.getByText("ask the owner")).toHaveCount(0);

  const wrong = unique("Yes, within thirty days");
  await operator.send(wrong);
  await expect(visitor.message(wrong, "OPERATOR")).toBeVisible();
  const message = operator.message(wrong, "OPERATOR");
  await message.hover();
  await message.getByRole("button", { name: "Edit" }).click();
  const right = unique("No, a cake cannot be returned");
  await page.getByRole("dialog").getByRole("textbox", { name: "Message" }).fill(right);
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await expect(operator.message(right, "OPERATOR")).toBeVisible();
  await expect(operator.message(right, "OPERATOR").getByTestId("edited")).toBeVisible();
  await expect(operator.message(wrong)).toHaveCount(0);
  await operator.message(right, "OPERATOR").hover();
  await operator.message(right, "OPERATOR").getByRole("button", { name: "Take back" }).click();
  await expect(operator.message("This message was taken back")).toBeVisible();
  await visitor.page.reload();
  await expect(visitor.message(question, "VISITOR")).toBeVisible();
  await expect(visitor.frame.getByText(right)).toHaveCount(0);
});

test("a request rings and shows a notice that opens the chat, on every page (S195-S198, S144)", async ({
  people,
}) => {
  await handoffIsOn(people);
  const operator = await people.staff(OPERATOR);
  const { page } = operator;
  await operator.open("Home");
  const before = await heard(page, "rang");
  const question = unique("Who can help me now?");
  const visitor = await waiting(people, question, "Dana");
  const notice = page.getByTestId("toast").filter({ hasText: question });
  await expect(notice).toBeVisible();
  await expect(notice).toContainText("asks for a person");
  await expect.poll(() => heard(page, "rang")).toBeGreaterThan(before);
  await notice.getByRole("button", { name: "Open" }).click();
  await expect(page).toHaveURL(/\/live-chats\/cnv_/);
  await expect(operator.message(question, "VISITOR")).toBeVisible();
  await expect(operator.link("Live Chats")).toBeVisible();
  await operator.button("Handle chat").click();
  await expect(operator.composer).toBeVisible();

  // The live one has its sign; a message in it is heard, and not as a request.
  await expect(operator.activeRow(question).getByRole("img", { name: "Live" })).toHaveText("!");
  await operator.open("Home");
  const [rang, chimed] = [await heard(page, "rang"), await heard(page, "chimed")];
  const more = unique("It is about an invoice");
  await visitor.say(more);
  await expect(page.getByTestId("toast").filter({ hasText: more })).toBeVisible();
  await expect.poll(() => heard(page, "chimed")).toBeGreaterThan(chimed);
  expect(await heard(page, "rang")).toBe(rang);
});

test("notifications of the desktop come after one has chosen them (S143, S145)", async ({ people }) => {
  await handoffIsOn(people);
  const operator = await people.staff(OPERATOR);
  const { page } = operator;
  // The operating system's part is played here: what is shown is kept, and nobody is looking at the page.
  await page.evaluate(() => {
    const shown: string[] = [];
    class Played {
      static permission = "granted";
      static requestPermission = async () => "granted";
      onclick: (() => void) | null = null;
      constructor(title: string) {
        shown.push(title);
        Object.assign(window, { lastShown: this });
      }
      close() {}
    }
    Object.assign(window, { Notification: Played, shown });
    document.hasFocus = () => false;
  });
  const shown = () => page.evaluate(() => (window as unknown as { shown: string[] }).shown.length);
  const first = unique("Nobody chose anything yet");
  await waiting(people, first, "Eve");
  await expect(page.getByTestId("toast").filter({ hasText: first })).toBeVisible();
  expect(await shown()).toBe(0);
  await page
    .getByRole("button", { name: /Olivia Hart/ })
    .first()
    .click();
  await page.getByRole("menuitem", { name: "Notifications and sounds" }).click();
  await page.getByRole("switch", { name: "Desktop notifications" }).check();
  const second = unique("And now they did");
  await waiting(people, second, "Fay");
  await expect.poll(shown).toBe(1);
  await page.evaluate(() => (window as unknown as { lastShown: { onclick(): void } }).lastShown.onclick());
  await expect(operator.message(second, "VISITOR")).toBeVisible();
});

test("a live chat is taken over from the AI and passed back, and the visitor is told (S199-S205)", async ({
  people,
}) => {
  await handoffIsOn(people);
  const question = unique("Do you bake rye bread?");
  const visitor = await people.visitor();
  await visitor.say(question);
  await expect(visitor.message(/\S/, "AI").first()).toBeVisible();
  const operator = await people.staff(OPERATOR);
  await operator.open("Conversations");
  const row = operator.conversationRow(question);
  await expect(row.getByRole("img", { name: "Live" })).toHaveText("!");
  const [red = 0, green = 0, blue = 0] = await row
    .getByText("a few seconds ago")
    .evaluate((words) => (getComputedStyle(words).color.match(/\d+/g) ?? []).map(Number));
  expect(red).toBeGreaterThan(2 * Math.max(green, blue));
  await row.getByRole("link").first().click();
  await operator.button("Continue chat yourself").click();
  await expect(operator.composer).toBeVisible();
  const hello = unique("A person here.");
  await operator.send(hello);
  await expect(visitor.message(hello, "OPERATOR")).toBeVisible();
  await operator.button("Pass Chat to AI").click();
  await expect(visitor.frame.locator('[data-kind="RETURNED_TO_AI"]')).toBeVisible();
  await operator.button("Continue chat yourself").click();
  await operator.button("Mark as Complete").click();
  // What has ended cannot be taken over any more.
  await expect(operator.button("Continue chat yourself")).toHaveCount(0);
});

test("what needs attention comes first, and says why (A13, A01)", async ({ people }) => {
  await handoffIsOn(people);
  const calm = await people.visitor();
  const fine = unique("When are you open on Sunday?");
  await calm.say(fine);
  await expect(calm.message(/\S/, "AI").first()).toBeVisible();
  const lost = await people.visitor();
  const angry = unique("This is ridiculous, do you repair bicycles");
  await lost.say(angry);
  await expect(lost.message(/\S/, "AI").first()).toBeVisible();
  const operator = await people.staff(OPERATOR);
  await operator.open("Conversations");
  await operator.button("Needs attention").click();
  const row = operator.conversationRow(angry);
  await expect(row.getByTestId("signals")).toContainText("Unhappy");
  await expect(row.getByTestId("signals")).toContainText("Not helped");
  await expect(operator.conversationRow(fine)).toHaveCount(0);

  await lost.requestPerson("Gus");
  await operator.open("Live Chats");
  await operator.accept(angry);
  await expect(operator.page.getByTestId("chat-tools").getByTestId("first-response")).toContainText(
    /Answer within|Overdue/,
  );
  await operator.send(unique("I am here."));
  await expect(operator.page.getByTestId("chat-tools").getByTestId("first-response")).toHaveCount(0);
});

test("what an operator has at hand, large and small, light and dark", async ({ people, database }, info) => {
  test.setTimeout(240_000);
  await handoffIsOn(people);
  const pictures = join(info.project.outputDir, "screenshots", database);
  for (const viewport of [
    { width: 1440, height: 900 },
    { width: 390, height: 844 },
  ]) {
    for (const colorScheme of ["light", "dark"] as const) {
      const take = (side: Dashboard, what: string) =>
        side.page.screenshot({
          path: join(pictures, `words-${what}-${viewport.width}-${colorScheme}.png`),
          animations: "disabled",
        });
      const question = unique("I would like to change my order, please. It is for Saturday.");
      await waiting(people, question, "Ada Young");
      const operator = await people.staff(OPERATOR, { viewport, colorScheme });
      await operator.page.goto("/live-chats");
      await operator.accept(question);
      await operator.button("Add note").click();
      const field = operator.page.getByRole("textbox", { name: "Note", exact: true });
      await field.pressSequentially("@Omar");
      await expect(operator.page.getByRole("option", { name: "Omar Reyes" })).toBeVisible();
      await field.press("Enter");
      await field.pressSequentially("knows this visitor's order by heart.");
      await field.press("Enter");
      await expect(operator.page.getByTestId("note")).toBeVisible();
      await operator.send("With pleasure! What should it be instead?");
      await operator.composer.pressSequentially("/");
      await expect(operator.page.getByRole("option").first()).toBeVisible();
      await take(operator, "slash");
      await operator.composer.press("Escape");
      await operator.composer.fill("");
      await take(operator, "chat");
      await operator.page.goto("/conversations?filter=attention");
      await expect(operator.page.getByRole("heading", { level: 1 })).toBeAttached();
      await take(operator, "attention");
      const owner = await people.staff(OWNER, { viewport, colorScheme });
      await owner.page.goto("/settings#canned-replies");
      await expect(owner.page.getByTestId("canned-reply").first()).toBeVisible();
      await owner.page.getByRole("region", { name: "Canned replies" }).scrollIntoViewIfNeeded();
      await take(owner, "canned-replies");
    }
  }
});
