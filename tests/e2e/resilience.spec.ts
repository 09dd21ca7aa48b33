// Processes die, networks go, pages reload; what was written is there once, in order.

import { agentOf, enableHandoff, freed } from "./support/api.ts";
import type { Dashboard } from "./support/dashboard.ts";
import type { People } from "./support/fixtures.ts";
import { expect, test, unique } from "./support/fixtures.ts";
import { Widget } from "./support/widget.ts";

interface Talk {
  readonly visitor: Widget;
  readonly operator: Dashboard;
  readonly question: string;
}

/** A visitor and an operator, in a live chat. */
async function talk(people: People): Promise<Talk> {
  const owner = await people.desk("owner@bluebakery.test");
  await enableHandoff(owner, (await agentOf(owner, "Blue Bakery")).id);
  await freed(await people.desk("operator1@bluebakery.test"));
  const operator = await people.staff("operator1@bluebakery.test");
  await operator.open("Live Chats");
  const visitor = await people.visitor();
  const question = unique("Can somebody help me?");
  await visitor.say(question);
  await visitor.requestPerson("Dora");
  await operator.accept(question);
  return { visitor, operator, question };
}

test("the server is killed in the middle of a chat, and nobody has to reload", async ({ people, server }) => {
  const { visitor, operator, question } = await talk(people);
  const before = unique("Before the fall.");
  await operator.send(before);
  await expect(visitor.message(before, "OPERATOR")).toBeVisible();

  await server.kill();
  const meanwhile = [unique("Are you still there?"), unique("Hello?")];
  for (const text of meanwhile) await visitor.send(text);
  const answers = [unique("One moment."), unique("Something fell.")];
  for (const text of answers) await operator.send(text);
  for (const text of answers) await expect(operator.unsent(text)).toBeVisible();
  await expect(operator.button("Retry")).toHaveCount(0);
  await server.up();

  for (const text of meanwhile)
    await expect(operator.message(text, "VISITOR")).toBeVisible({ timeout: 45_000 });
  for (const text of answers)
    await expect(visitor.message(text, "OPERATOR")).toBeVisible({ timeout: 45_000 });
  const after = unique("There you are again.");
  await visitor.say(after);
  await expect(operator.message(after, "VISITOR")).toBeVisible();
  for (const side of [visitor, operator]) {
    await side.expectWhole([question, before, ...meanwhile, after]);
    await side.expectWhole([before, ...answers, after]);
  }
});

test("what is typed offline is sent later, once", async ({ people }) => {
  const { visitor, operator, question } = await talk(people);
  const network = visitor.page.context();
  await network.setOffline(true);
  const typed = [unique("I am in a tunnel."), unique("Still in the tunnel."), unique("Nearly out.")];
  for (const text of typed) await visitor.send(text);
  for (const text of typed) await expect(visitor.message(text)).toBeVisible();
  await expect(operator.message(typed[0] ?? "")).toHaveCount(0);

  const reply = unique("Take your time.");
  await operator.send(reply);
  await network.setOffline(false);
  for (const text of typed) await expect(operator.message(text, "VISITOR")).toBeVisible({ timeout: 30_000 });
  await expect(visitor.message(reply, "OPERATOR")).toBeVisible({ timeout: 30_000 });
  for (const side of [visitor, operator]) await side.expectWhole([question, ...typed]);
  await expect(visitor.message(reply)).toHaveCount(1);
});

test("what an operator types offline is sent later by itself, once and in order", async ({ people }) => {
  const { visitor, operator, question } = await talk(people);
  const network = operator.page.context();
  await network.setOffline(true);
  const typed = [unique("The train stands."), unique("It stands still."), unique("It goes.")];
  for (const text of typed) await operator.send(text);
  for (const text of typed) await expect(operator.unsent(text)).toBeVisible();
  await network.setOffline(false);
  for (const text of typed) await expect(visitor.message(text, "OPERATOR")).toBeVisible({ timeout: 30_000 });
  for (const side of [visitor, operator]) await side.expectWhole([question, ...typed]);
});

test("what an operator could not send outlives a reload", async ({ people }) => {
  const { visitor, operator, question } = await talk(people);
  const { page } = operator;
  await page.route("**/graphql", (route) =>
    route.request().postData()?.includes("SendMessage") ? route.abort() : route.continue(),
  );
  const typed = [unique("Where was I?"), unique("Here.")];
  for (const text of typed) await operator.send(text);
  for (const text of typed) await expect(operator.unsent(text)).toBeVisible();
  await page.reload();
  for (const text of typed) await expect(operator.unsent(text)).toBeVisible();
  await page.unroute("**/graphql");
  // Not even the conversation has to be open.
  await operator.open("Home");
  for (const text of typed) await expect(visitor.message(text, "OPERATOR")).toBeVisible({ timeout: 30_000 });
  await visitor.expectWhole([question, ...typed]);
});

test("a reload keeps the thread, on both sides", async ({ people }) => {
  const { visitor, operator, question } = await talk(people);
  const hello = unique("Hello from the bakery.");
  await operator.send(hello);
  await expect(visitor.message(hello, "OPERATOR")).toBeVisible();

  await visitor.page.reload();
  if (!(await visitor.input.isVisible())) {
    const shown = visitor.input.or(visitor.launcher);
    await expect(shown.first()).toBeVisible();
    if (await visitor.launcher.isVisible()) await visitor.launcher.click();
  }
  await visitor.expectWhole([question, hello]);
  await operator.page.reload();
  await operator.expectWhole([question, hello]);

  const more = unique("And one more thing.");
  await visitor.say(more);
  await expect(operator.message(more, "VISITOR")).toBeVisible();
  for (const side of [visitor, operator]) await side.expectWhole([question, hello, more]);
});

test("the server stops politely and starts again, and the sockets come back", async ({ people, server }) => {
  const { visitor, operator, question } = await talk(people);
  await server.pause();
  await server.up();
  const text = unique("Was there something?");
  await visitor.say(text);
  await expect(operator.message(text, "VISITOR")).toBeVisible({ timeout: 30_000 });
  for (const side of [visitor, operator]) await side.expectWhole([question, text]);
});

test("a click counts, whatever arrives while the pointer is down", async ({ people }) => {
  const owner = await people.desk("owner@bluebakery.test");
  await enableHandoff(owner, (await agentOf(owner, "Blue Bakery")).id);
  const visitor = await people.visitor();
  const heard: string[] = [];
  visitor.page.on("websocket", (line) => line.on("framereceived", ({ payload }) => heard.push(`${payload}`)));
  await visitor.page.reload();
  await visitor.say(unique("Do you bake rye bread?"));
  await expect(visitor.message(/\S/, "AI").first()).toBeVisible();
  const popup = visitor.frame.getByTestId("handoff-popup");
  await expect(popup).toHaveCount(0);
  await visitor.button("Request Live Agent").hover();
  await visitor.page.mouse.down();

  // In another tab the AI answers with an offer, which takes the button's place.
  const tab = new Widget(await visitor.page.context().newPage());
  await tab.page.goto("/demo");
  await tab.open();
  const wish = unique("Is my neighbour allergic to rockets?");
  await tab.say(wish);
  await expect(tab.frame.getByTestId("handoff-popup")).toBeVisible();
  await expect.poll(() => heard.some((frame) => frame.includes('"offersHuman":true'))).toBe(true);
  await visitor.page.bringToFront();
  await visitor.drawn();
  await expect(popup).toHaveCount(0);

  await visitor.page.mouse.up();
  const asked = visitor.button("Send request").or(visitor.frame.getByText("You are waiting for the team"));
  await expect(asked.first()).toBeVisible();
  await expect(visitor.message(wish, "VISITOR")).toBeVisible();
});
