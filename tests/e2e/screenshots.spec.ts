// Pictures of the main pages, to look at: under test-results/, and the README's own when UPDATE_SCREENSHOTS is set.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { agentOf, enableHandoff } from "./support/api.ts";
import type { Dashboard } from "./support/dashboard.ts";
import { expect, test } from "./support/fixtures.ts";

const docs = fileURLToPath(new URL("../../docs/", import.meta.url));
const sizes = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

for (const viewport of sizes) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`the main pages, ${viewport.width} px wide, ${colorScheme}`, async ({ people, database }, info) => {
      test.setTimeout(120_000);
      const pictures = join(info.project.outputDir, "screenshots", database);
      const owner = await people.desk("owner@bluebakery.test");
      const agent = await agentOf(owner, "Blue Bakery");
      await enableHandoff(owner, agent.id);
      const name = (what: string) => join(pictures, `${what}-${viewport.width}-${colorScheme}.png`);
      const take = async (side: Dashboard, what: string) => {
        await side.page.evaluate(() => document.fonts.ready);
        await side.page.screenshot({ path: name(what), animations: "disabled" });
      };

      const first = await people.visitor();
      await first.say("Do you have gluten-free bread today?");
      await expect(first.message(/\S/, "AI").first()).toBeVisible();
      await first.requestPerson("Ada Young");
      const second = await people.visitor({ viewport, colorScheme });
      await second.say("I would like to order a birthday cake for Saturday.");
      await expect(second.message(/\S/, "AI").first()).toBeVisible();
      await second.page.screenshot({ path: name("widget"), animations: "disabled" });
      await second.requestPerson("Milan Novak");

      const operator = await people.staff("operator1@bluebakery.test", { viewport, colorScheme });
      await operator.page.goto("/");
      await expect(operator.page.getByRole("heading", { level: 1 })).toBeAttached();
      await take(operator, "home");
      await operator.page.goto("/live-chats");
      await expect(operator.pendingRow("gluten-free").first()).toBeVisible();
      await take(operator, "live-chats-waiting");
      await operator.accept("birthday cake");
      await operator.send("Good morning! A cake for Saturday, with pleasure. For how many people?");
      await expect(second.message("For how many people?")).toBeVisible();
      await second.say("About twelve. Could it be lemon?");
      await expect(operator.message("Could it be lemon?")).toBeVisible();
      await take(operator, "live-chats");
      if (process.env.UPDATE_SCREENSHOTS && viewport.width === 1440 && colorScheme === "light") {
        await operator.page.screenshot({ path: join(docs, "live-chats.png"), animations: "disabled" });
      }
      await operator.page.goto("/conversations");
      await expect(operator.conversationRow("gluten-free").first()).toBeVisible();
      await take(operator, "conversations");

      const settings = await people.staff("owner@bluebakery.test", { viewport, colorScheme });
      await settings.page.goto(`/ai-agents/${agent.id}`);
      await expect(settings.handoffSwitch).toBeVisible();
      await take(settings, "ai-agent");
      for (const chat of [first, second]) await chat.page.close();
      await finish(people, "operator1@bluebakery.test");
    });
  }
}

test("the pages of an agency, large and small, light and dark", async ({ people, database }, info) => {
  test.setTimeout(180_000);
  const pictures = join(info.project.outputDir, "screenshots", database);
  const desk = await people.desk("owner@northlight.test");
  const organization = (await agentOf(desk, "Blue Bakery")).organization?.id ?? "";
  const { createPackage } = await desk.ask<{ createPackage: { id: string } }>(
    `mutation { createPackage(clientId: "pictures", name: "Standard", description: "Answers chats and reads what was said.",
      level: ORGANIZATION, permissions: ["home.view", "live_chat.view_queue", "live_chat.respond", "conversation.read"]) { id } }`,
  );
  const pages: readonly (readonly [string, string])[] = [
    ["agency-home", "/"],
    ["organizations", "/organizations"],
    ["organization", `/organizations/${organization}`],
    ["organization-people", `/organizations/${organization}?tab=people`],
    ["organization-ai-agents", `/organizations/${organization}?tab=ai-agents`],
    ["organization-settings", `/organizations/${organization}?tab=settings`],
    ["organization-activity", `/organizations/${organization}?tab=activity`],
    ["staff", "/staff"],
    ["packages", "/packages"],
    ["package", `/packages/${createPackage.id}`],
    ["access", "/access"],
    ["settings", "/settings"],
    ["brand", "/brand"],
    ["domains", "/domains"],
    ["sender", "/sender"],
    ["mail-texts", "/mail-texts"],
    ["mail-text", "/mail-texts/digest"],
    ["keyword-alerts", "/keyword-alerts"],
    ["webhooks", "/webhooks"],
    ["api-keys", "/api-keys"],
    ["audit", "/audit"],
    ["account", "/account"],
    ["notifications", "/notifications"],
  ];
  for (const viewport of sizes) {
    const staff = await people.staff("owner@northlight.test", { viewport });
    const { page } = staff;
    for (const [name, path] of pages) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeAttached();
      await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await page.screenshot({
          path: join(pictures, `${name}-${viewport.width}-${colorScheme}.png`),
          animations: "disabled",
        });
      }
    }
  }
});

/** Ends what is open, so that the next pictures show the same scene. */
async function finish(
  people: { desk(email: string): Promise<import("./support/api.ts").Desk> },
  email: string,
): Promise<void> {
  const desk = await people.desk(email);
  const open = await desk.ask<{
    handoffs: {
      nodes: { id: string; state: string; conversation: { id: string; contentVisible: boolean } }[];
    };
  }>(
    "{ handoffs(states: [REQUESTED, ACCEPTED], first: 50) { nodes { id state conversation { id contentVisible } } } }",
  );
  for (const handoff of open.handoffs.nodes.filter((node) => node.conversation.contentVisible)) {
    if (handoff.state === "REQUESTED")
      await desk.try("mutation ($id: ID!) { acceptHandoff(handoffId: $id) { id } }", { id: handoff.id });
    await desk.try("mutation ($id: ID!) { completeConversation(conversationId: $id) { id } }", {
      id: handoff.conversation.id,
    });
  }
}
