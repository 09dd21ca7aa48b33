// Webhooks as whoever runs an organization sets them: an address, events, a secret that is shown once, a test, the log, and what
// is said when the other side is gone.

import { DemoServer } from "../demo-server.mjs";
import { agentOf, Desk, enableHandoff } from "./support/api.ts";
import { Dashboard } from "./support/dashboard.ts";
import { expect, test, unique } from "./support/fixtures.ts";
import { Receiver } from "./support/receiver.ts";
import { Widget } from "./support/widget.ts";

const OWNER = "owner@bluebakery.test";

let receiver: Receiver;
let own: DemoServer;

test.beforeAll(async ({ database }) => {
  receiver = await Receiver.start();
  own = await DemoServer.start(database, { environment: { LIVERY_WEBHOOK_RELAY: receiver.url } });
  const owner = await Desk.as(own.url, OWNER);
  await enableHandoff(owner, (await agentOf(owner, "Blue Bakery")).id);
});

test.afterAll(async () => {
  await own.stop();
  await receiver.stop();
});

test("an integrator is told what happens in chats, and sees what became of it (S037)", async ({
  browser,
}) => {
  const context = await browser.newContext({ baseURL: own.url });
  const side = new Dashboard(await context.newPage());
  await side.signIn(OWNER);
  const { page } = side;
  await page.goto("/webhooks");
  await expect(page.getByText("No webhooks yet")).toBeVisible();

  // What is no address is refused at its field.
  await side.button("Add webhook").click();
  const form = page.getByRole("dialog", { name: "Add webhook" });
  await form.getByLabel("Address").fill("https://127.0.0.1/hook");
  await form.getByLabel("A visitor asks for a person").check();
  await form.getByLabel("A visitor writes").check();
  await form.getByRole("button", { name: "Add webhook" }).click();
  await expect(form.getByText("The host must have a name")).toBeVisible();
  await form.getByLabel("Address").fill("https://crm.example.com/hook");
  await form.getByRole("button", { name: "Add webhook" }).click();

  // The secret, this once.
  const secret = (await page.getByTestId("webhook-secret").textContent()) ?? "";
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  await page.reload();
  await expect(page.getByTestId("webhook")).toContainText("crm.example.com");
  await expect(page.getByTestId("webhook-secret")).toHaveCount(0);

  // A test arrives, signed, and stands in the log with its answer.
  await side.button("Send a test").click();
  await expect.poll(() => receiver.got.length).toBe(1);
  expect(receiver.got[0]?.host).toBe("crm.example.com");
  expect(receiver.got[0]?.signedWith(secret)).toBe(true);
  const first = page.getByTestId("delivery").first();
  await expect(first).toHaveAttribute("data-state", "DELIVERED");
  await first.getByText("What was said and answered").click();
  await expect(first.getByTestId("delivery-body")).toContainText("webhook.test");
  await expect(first.getByTestId("delivery-answer")).toHaveText("thank you");

  // A new secret signs beside the old one.
  await side.button("New secret").click();
  await page.getByRole("dialog").getByRole("button", { name: "Make a new secret" }).click();
  const second = (await page.getByTestId("webhook-secret").textContent()) ?? "";
  await expect(page.getByText("The secret before this one still signs")).toBeVisible();

  // What happens in a chat.
  const question = unique("Is my cake ready?");
  const visitor = new Widget(await (await browser.newContext({ baseURL: own.url })).newPage());
  await visitor.page.goto("/demo");
  await visitor.open();
  await visitor.say(question);
  await visitor.requestPerson("Ada");
  const types = () => receiver.got.map((one) => one.body.type);
  // In whatever order.
  await expect.poll(types).toEqual(expect.arrayContaining(["handoff.requested", "visitor_message.created"]));
  const said = receiver.got.find((one) => one.body.type === "visitor_message.created");
  expect(JSON.stringify(said?.body.data)).toContain(question);
  expect(said?.signedWith(secret) && said.signedWith(second)).toBe(true);

  // The same delivery once more, under its id.
  await expect(page.getByTestId("delivery")).toHaveCount(3);
  await expect(page.locator("[data-testid=delivery][data-state=DELIVERED]")).toHaveCount(3);
  const before = receiver.got.length;
  await page.getByTestId("delivery").first().getByRole("button", { name: "Send again" }).click();
  await expect.poll(() => receiver.got.length).toBe(before + 1);
  expect(receiver.got.slice(0, before).map((one) => one.id)).toContain(receiver.got[before]?.id);

  // Gone for good: switched off, with the reason, until somebody switches it on.
  receiver.answers(410, "no longer here");
  await side.button("Send a test").click();
  await expect(page.getByTestId("webhook-words")).toContainText("gone for good");
  await expect(side.button("Send a test")).toBeDisabled();
  receiver.answers(200, "back again");
  await side.button("Switch on").click();
  await expect(side.button("Send a test")).toBeEnabled();

  await side.button("Delete").click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("No webhooks yet")).toBeVisible();
  await visitor.page.context().close();
  await context.close();
});

test("whoever may not set webhooks is told so", async ({ browser }) => {
  const context = await browser.newContext({ baseURL: own.url });
  const side = new Dashboard(await context.newPage());
  await side.signIn("operator1@bluebakery.test");
  await expect(side.navigation.getByRole("link", { name: "Webhooks" })).toHaveCount(0);
  await side.page.goto("/webhooks");
  await expect(side.page.getByTestId("missing-permission")).toContainText("Setting webhooks");
  await context.close();
});
