// Every page and the widget, light and dark: nothing that axe calls serious or critical.

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { agentOf, enableHandoff } from "./support/api.ts";
import { Dashboard } from "./support/dashboard.ts";
import { expect, test, unique } from "./support/fixtures.ts";

interface Look {
  readonly include?: string;
  /** Of a page that was looked at in another colour scheme already, nothing else differs. */
  readonly coloursOnly?: boolean;
}

async function clean(page: Page, what: string, look: Look = {}): Promise<void> {
  // Half-faded text has no contrast yet. Three dots that never stop are not waited for.
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter((one) => one.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY)
        .map((one) => one.finished.catch(() => undefined)),
    ),
  );
  const builder = new AxeBuilder({ page });
  if (look.include !== undefined) builder.include(look.include);
  // Nothing runs in a box without scripts, and so not what looks at pages: what is in it is no part of the page.
  builder.exclude('iframe[sandbox=""]');
  if (look.coloursOnly) builder.withRules(["color-contrast"]);
  const { violations } = await builder.analyze();
  const grave = violations
    .filter((violation) => violation.impact === "serious" || violation.impact === "critical")
    .map(
      (violation) =>
        `${violation.id}: ${violation.help}\n    ${violation.nodes.map((node) => node.target.join(" ")).join("\n    ")}`,
    );
  expect.soft(grave, what).toEqual([]);
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`every page of the dashboard is accessible in ${colorScheme}`, async ({ people, browser, server }) => {
    const owner = await people.desk("owner@bluebakery.test");
    const agent = await agentOf(owner, "Blue Bakery");
    await enableHandoff(owner, agent.id);
    const visitor = await people.visitor();
    const question = unique("Is this readable?");
    await visitor.say(question);
    await visitor.requestPerson("Eve");

    const outside = await browser.newContext({ colorScheme, baseURL: server.url });
    const signIn = new Dashboard(await outside.newPage());
    await signIn.page.goto("/");
    await expect(signIn.button("Sign in")).toBeVisible();
    await clean(signIn.page, "sign-in");
    await outside.close();

    const operator = await people.staff("operator1@bluebakery.test", { colorScheme });
    await operator.open("Home");
    await clean(operator.page, "Home");
    await operator.open("Live Chats");
    await expect(operator.pendingRow(question)).toBeVisible();
    await clean(operator.page, "Live Chats, waiting");
    await operator.accept(question);
    await operator.send(unique("Good day."));
    await clean(operator.page, "Live Chats, talking");
    await operator.page.route("**/graphql", (route) =>
      route.request().postData()?.includes("SendMessage") ? route.abort() : route.continue(),
    );
    const held = unique("On its way.");
    await operator.send(held);
    await expect(operator.unsent(held)).toBeVisible();
    await clean(operator.page, "Live Chats, a message on its way");
    await operator.page.unroute("**/graphql");
    await operator.open("Conversations");
    await operator.conversationRow(question).getByRole("link").first().click();
    await expect(operator.message(question)).toBeVisible();
    await clean(operator.page, "Conversations");
    await operator.page.goto("/account");
    await expect(operator.page.getByRole("heading", { level: 1 })).toBeVisible();
    await clean(operator.page, "Account");
    await operator.page.goto("/notifications");
    await expect(operator.page.getByTestId("preferences")).toBeVisible();
    await expect(operator.page.getByTestId("decision").first()).toBeVisible();
    await clean(operator.page, "Notifications");
    await operator.page.getByTestId("bell").click();
    await expect(operator.page.getByTestId("notification").first()).toBeVisible();
    await clean(operator.page, "the panel of the bell");

    const settings = await people.staff("owner@bluebakery.test", { colorScheme });
    await settings.open("AI Agents");
    await clean(settings.page, "AI Agents");
    await settings.openAgent(agent.name);
    await expect(settings.handoffSwitch).toBeVisible();
    await clean(settings.page, "AI agent");

    const viewer = await people.staff("viewer@bluebakery.test", { colorScheme });
    await viewer.openAgent(agent.name);
    await expect(viewer.page.getByRole("heading", { name: "Escalation" })).toBeVisible();
    await clean(viewer.page, "AI agent, as a viewer");
  });

  test(`every page of an agency is accessible in ${colorScheme}`, async ({ people, browser, server }) => {
    test.setTimeout(300_000);
    const look = { coloursOnly: colorScheme === "dark" };
    const desk = await people.desk("owner@northlight.test");
    const organization = (await agentOf(desk, "Blue Bakery")).organization?.id;
    const { createPackage } = await desk.ask<{ createPackage: { id: string } }>(
      `mutation ($key: String!, $name: String!) {
        createPackage(clientId: $key, name: $name, level: ORGANIZATION, permissions: ["home.view", "conversation.read"]) { id }
      }`,
      { key: `readable-${colorScheme}`, name: unique("Readable") },
    );
    const staff = await people.staff("owner@northlight.test", { colorScheme });
    const { page } = staff;
    const paths = [
      "/",
      "/organizations",
      `/organizations/${organization}`,
      `/organizations/${organization}?tab=people`,
      `/organizations/${organization}?tab=ai-agents`,
      `/organizations/${organization}?tab=settings`,
      `/organizations/${organization}?tab=activity`,
      "/staff",
      "/packages",
      `/packages/${createPackage.id}`,
      "/settings",
      "/access",
      "/brand",
      "/domains",
      "/sender",
      "/mail-texts",
      "/mail-texts/digest",
      "/keyword-alerts",
      "/webhooks",
      "/api-keys",
      "/audit",
    ];
    for (const path of paths) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeAttached();
      await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
      await clean(page, path, look);
    }
    // The dialogs that decide something.
    await page.goto("/organizations");
    await page.getByRole("button", { name: "Create organization" }).first().click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await clean(page, "create an organization", look);
    await page.goto(`/organizations/${organization}?tab=people`);
    await page.getByRole("button", { name: "Invite", exact: true }).first().click();
    await expect(page.getByTestId("invite-form")).toBeVisible();
    await clean(page, "invite", look);

    const outside = await browser.newContext({ colorScheme, baseURL: server.url });
    for (const path of ["/forgot-password", "/invitation?token=none", "/reset-password?token=none"]) {
      const one = await outside.newPage();
      await one.goto(path);
      await expect(one.getByRole("heading").first()).toBeVisible();
      await clean(one, path, look);
    }
    await outside.close();
  });

  test(`the widget is accessible in ${colorScheme}`, async ({ people }) => {
    const owner = await people.desk("owner@bluebakery.test");
    await enableHandoff(owner, (await agentOf(owner, "Blue Bakery")).id);
    const visitor = await people.visitor({ colorScheme });
    await clean(visitor.page, "empty", { include: "chat-widget" });
    await visitor.say(unique("When do you open?"));
    await expect(visitor.message(/\S/, "AI").first()).toBeVisible();
    await clean(visitor.page, "with an answer", { include: "chat-widget" });
    await visitor.requestPerson("Finn");
    await clean(visitor.page, "waiting for a person", { include: "chat-widget" });
    await visitor.page.context().setOffline(true);
    const held = unique("On its way.");
    await visitor.send(held);
    await expect(visitor.message(held)).toBeVisible();
    await clean(visitor.page, "a message on its way", { include: "chat-widget" });
  });
}
