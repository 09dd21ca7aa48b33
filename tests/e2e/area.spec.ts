// What an agency does in its own area: one inbox over all, a look through a client's eyes, what is fixed, who may do what.

import { createHmac } from "node:crypto";
import { expect } from "@playwright/test";
import { DemoServer } from "../demo-server.mjs";
import { agentOf, allowOrigins, enableHandoff, password } from "./support/api.ts";
import { Dashboard } from "./support/dashboard.ts";
import { test, unique } from "./support/fixtures.ts";
import { ForeignSite } from "./support/foreign.ts";
import { Widget } from "./support/widget.ts";

const AGENCY = "owner@northlight.test";
const CLIENT = "owner@bluebakery.test";

test("staff have one inbox over all organizations, and can look at one alone", async ({
  browser,
  people,
  server,
}) => {
  const agency = await people.desk(AGENCY);
  const chosen = [await agentOf(agency, "Blue Bakery"), await agentOf(agency, "Harbor Dental")];
  const site = await ForeignSite.start(
    server.url,
    chosen.map((agent) => agent.widget.id),
  );
  const context = await browser.newContext();
  try {
    const staff = await people.staff(AGENCY);
    await staff.open("Live Chats");
    const page = await context.newPage();
    for (const agent of chosen) {
      await allowOrigins(agency, agent, [site.origin, server.url]);
      await enableHandoff(agency, agent.id);
    }
    await page.goto(site.origin);
    const rows = [];
    for (const place of chosen.keys()) {
      const widget = new Widget(page, place);
      await widget.open();
      const question = unique("Is anybody of you there?");
      await widget.say(question);
      await widget.requestPerson("Gita");
      await page.keyboard.press("Escape");
      rows.push(staff.pendingRow(question));
    }
    // Which widget loads first is nobody's promise; each row says whose it is.
    const bakery = rows.map((row) => row.filter({ hasText: "Blue Bakery" }));
    const dental = rows.map((row) => row.filter({ hasText: "Harbor Dental" }));
    for (const row of rows) await expect(row).toBeVisible();
    expect(await Promise.all(bakery.map((row) => row.count()))).toEqual(
      (await Promise.all(dental.map((row) => row.count()))).map((count) => 1 - count),
    );
    await staff.page.getByRole("button", { name: /All organizations/ }).click();
    await staff.page.getByRole("menuitem", { name: /Harbor Dental/ }).click();
    await expect(
      staff.page.getByTestId("pending-row").filter({ hasText: "Is anybody of you there?" }),
    ).toHaveCount(1);
    // The others find nobody waiting whom they did not bring.
    const open = await agency.ask<{
      handoffs: { nodes: { id: string; conversation: { id: string; preview: string | null } }[] };
    }>("{ handoffs(states: [REQUESTED], first: 50) { nodes { id conversation { id preview } } } }");
    for (const { id, conversation } of open.handoffs.nodes) {
      if (!conversation.preview?.startsWith("Is anybody of you there?")) continue;
      await agency.ask("mutation ($id: ID!) { acceptHandoff(handoffId: $id) { id } }", { id });
      await agency.ask("mutation ($id: ID!) { completeConversation(conversationId: $id) { id } }", {
        id: conversation.id,
      });
    }
  } finally {
    // The server is shared, and other tests' sites are as foreign as this one.
    for (const agent of chosen) await allowOrigins(agency, agent, agent.widget.allowedOrigins);
    await context.close();
    await site.stop();
  }
});

test("staff see what a client sees, for a reason that the client can read", async ({ people }) => {
  const agent = await agentOf(await people.desk(AGENCY), "Blue Bakery");
  const staff = await people.staff(AGENCY);
  const { page } = staff;
  const team = `/organizations/${agent.organization?.id}?tab=people`;
  await page.goto(team);
  await page.getByRole("button", { name: "More for Vera Blum" }).click();
  await page.getByRole("menuitem", { name: /View as/ }).click();
  const reason = unique("She asked why she cannot answer");
  await page.getByLabel("Reason").fill(reason);
  await staff.button("Begin").click();

  const banner = page.getByTestId("viewing-banner");
  await expect(banner).toContainText("Vera Blum");
  await expect(banner).toContainText(reason);
  await expect(staff.navigation.getByRole("link", { name: "Organizations" })).toHaveCount(0);
  await expect(staff.link("Live Chats")).toHaveCount(0);
  await staff.open("AI Agents");
  await banner.getByRole("button", { name: "End" }).click();
  await expect(banner).toHaveCount(0);
  await expect(page).toHaveURL(new RegExp(`${team.replace("?", "\\?")}$`));
  await expect(staff.navigation.getByRole("link", { name: "Organizations" })).toBeVisible();

  const client = await people.staff(CLIENT);
  await client.page.goto("/audit");
  await expect(client.page.getByText(reason).first()).toBeVisible();
});

test("what the agency has fixed stays fixed for the client, and the page says by whom", async ({
  people,
}) => {
  const agent = await agentOf(await people.desk(AGENCY), "Blue Bakery");
  const settings = `/organizations/${agent.organization?.id}?tab=settings`;
  const staff = await people.staff(AGENCY);
  const setting = staff.page.locator('[data-key="handoff.button_after_messages"]');
  const leave = async (words: RegExp | string) => {
    await staff.page.goto(settings);
    await setting.getByRole("button", { name: /Change/ }).click();
    const dialog = staff.page.getByRole("dialog");
    await dialog.getByLabel("What is left open").selectOption({ label: String(words) });
    await dialog.getByRole("button", { name: "Apply" }).click();
    await expect(dialog).toHaveCount(0);
  };
  await leave("Fixed for this organization");

  const client = await people.staff(CLIENT);
  const { page } = client;
  await page.goto(`/ai-agents/${agent.id}`);
  const escalation = page.getByRole("region", { name: "Escalation" });
  const count = escalation.getByLabel(/Show the button after/);
  await expect(escalation.getByTestId("setting-locked")).toContainText("Northlight has fixed this");
  await expect(count).toBeDisabled();
  await expect(client.handoffSwitch).toBeEnabled();
  await page.goto("/settings");
  await expect(
    page.locator('[data-key="handoff.button_after_messages"]').getByTestId("setting-locked"),
  ).toBeVisible();

  await leave("This organization chooses freely");
  await page.goto(`/ai-agents/${agent.id}`);
  await expect(count).toBeEnabled();
  await expect(escalation.getByTestId("setting-locked")).toHaveCount(0);
});

test("the table of access says who may do what, why, and goes into a file", async ({ people }) => {
  const owner = await people.staff(CLIENT);
  const { page } = owner;
  await page.goto("/access");
  const matrix = page.getByTestId("access-matrix");
  await expect(matrix.getByRole("rowheader", { name: /Vera Blum/ })).toBeVisible();
  await matrix.getByRole("button", { name: /^Vera Blum .*: Settings$/ }).click();
  await expect(page.getByRole("dialog")).toContainText("May not");
  await expect(page.getByRole("dialog")).toContainText("Viewer");
  await page.keyboard.press("Escape");
  const download = page.waitForEvent("download");
  await owner.button("Download CSV").click();
  const file = await (await download).createReadStream();
  const chunks: Buffer[] = [];
  for await (const chunk of file) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString("utf8")).toContain("Vera Blum");
});

test("a second factor that the agency demands is set up before anything else opens", async ({
  browser,
  database,
}) => {
  const server = await DemoServer.start(database);
  const context = await browser.newContext({ baseURL: server.url });
  const other = await browser.newContext({ baseURL: server.url });
  try {
    const working = new Dashboard(await other.newPage());
    await working.signIn("operator1@bluebakery.test");
    await working.open("Live Chats");

    const owner = new Dashboard(await context.newPage());
    const { page } = owner;
    await owner.signIn(AGENCY);
    await page.goto("/staff");
    await page.getByRole("switch", { name: /Demand a second factor/ }).click();
    await page.getByRole("button", { name: "Demand it" }).click();

    // It holds for whoever demands it, and for whoever was at work, who stays signed in.
    for (const side of [owner, working]) {
      await expect(side.page.getByRole("heading", { name: "Set up a second factor first" })).toBeVisible();
      await expect(side.navigation).toHaveCount(0);
    }
    await page.reload();
    await page.getByLabel("Your password").fill(password);
    await owner.button("Begin").click();
    const secret = await page.getByTestId("second-factor-secret").innerText();
    await page.getByLabel("Code", { exact: true }).fill(codeOf(secret));
    await owner.button("Turn it on").click();
    await expect(page.getByRole("list", { name: "Recovery codes" }).getByRole("listitem")).not.toHaveCount(0);
    const recovery = await page.getByRole("list", { name: "Recovery codes" }).innerText();
    await owner.button("I have kept them").click();
    await expect(owner.navigation).toBeVisible();

    // From now on the password alone is not enough.
    const again = new Dashboard(await (await browser.newContext({ baseURL: server.url })).newPage());
    await again.page.goto("/");
    await again.page.getByLabel("Email", { exact: true }).fill(AGENCY);
    await again.page.getByLabel("Password", { exact: true }).fill(password);
    await again.button("Sign in").click();
    await again.button("Use a recovery code").click();
    await again.page.getByLabel("Recovery code").fill(recovery.split("\n")[0] ?? "");
    await again.button("Go on").click();
    await expect(again.navigation).toBeVisible();
    await again.page.context().close();
  } finally {
    await context.close();
    await other.close();
    await server.stop();
  }
});

/** The code that an authenticator shows now (RFC 6238). */
function codeOf(secret: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret.replace(/[^A-Z2-7]/g, "")]
    .map((sign) => alphabet.indexOf(sign).toString(2).padStart(5, "0"))
    .join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac("sha1", key).update(counter).digest();
  const at = (hash.at(-1) ?? 0) & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
