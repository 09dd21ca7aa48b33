// Coverage agreements (W10): the agency's own people answer a client's chats in the hours that were agreed, and in no others.

import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { agentOf, type Desk, enableHandoff, freed, password, post } from "./support/api.ts";
import type { Dashboard } from "./support/dashboard.ts";
import { expect, test, unique } from "./support/fixtures.ts";

test.use({ alone: "coverage" });

const AGENCY = "owner@northlight.test";
const CLIENT = "owner@bluebakery.test";
const OPERATOR = "operator1@bluebakery.test";
const NIGHT = "night@northlight.test";

/** Somebody of the agency who reaches another organization, and not the bakery. */
async function nightShift(agency: Desk, server: string): Promise<void> {
  const { roles } = await agency.ask<{ roles: { role: { id: string; name: string } }[] }>(
    "{ roles { role { id name } } }",
  );
  const dental = (await agentOf(agency, "Harbor Dental")).organization?.id;
  const { createMember } = await agency.ask<{ createMember: { password: string | null } }>(
    `mutation ($c: String!, $e: String!, $r: ID!, $o: [ID!]) {
       createMember(clientId: $c, email: $e, name: "Noor Haddad", roleId: $r, organizationIds: $o) { password } }`,
    { c: "night-shift", e: NIGHT, r: roles.find(({ role }) => role.name === "Member")?.role.id, o: [dental] },
  );
  // The password that was handed over is good for choosing one's own.
  const answer = await post(
    `${server}/graphql`,
    `mutation ($e: String!, $p: String!, $n: String!) {
       signIn(email: $e, password: $p, newPassword: $n) { accessToken } }`,
    { e: NIGHT, p: createMember.password, n: password },
  );
  expect(answer.errors).toBeUndefined();
}

/** Nothing that axe calls serious, and no sideways scrolling. */
async function fit(page: Page, width: number): Promise<void> {
  const needed = () => page.evaluate(() => document.documentElement.scrollWidth);
  await expect.poll(needed, `${width} px is enough`).toBeLessThanOrEqual(width);
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((one) => one.finished.catch(() => undefined))),
  );
  const { violations } = await new AxeBuilder({ page }).analyze();
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect
    .soft(grave.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(" ")}`))
    .toEqual([]);
}

async function team(side: Dashboard): Promise<void> {
  await side.page.goto("/team");
  const all = side.page.getByRole("button", { name: /All organizations/ });
  await expect(all.or(side.page.getByRole("region", { name: "Coverage" })).first()).toBeVisible();
  if (await all.isVisible()) {
    await all.click();
    await side.page.getByRole("menuitem", { name: /Blue Bakery/ }).click();
  }
}

const coverage = (side: Dashboard) => side.page.getByRole("region", { name: "Coverage" });
const form = (side: Dashboard) => side.page.getByTestId("coverage-form");

test("whoever covers sees and answers the client's chats while it is agreed, and not a moment longer", async ({
  people,
  server,
}) => {
  test.setTimeout(180_000);
  const boss = await people.desk(AGENCY);
  await nightShift(boss, server.url);
  await enableHandoff(boss, (await agentOf(boss, "Blue Bakery")).id);
  await freed(await people.desk(OPERATOR));
  const night = await people.staff(NIGHT);
  await night.open("Live Chats");
  let readings = 0;
  night.page.on("request", (request) => {
    if (request.postData()?.includes("messages(last: 50)")) readings += 1;
  });
  const operator = await people.staff(OPERATOR);
  await operator.open("Live Chats");
  const visitor = await people.visitor();
  const question = unique("It is late, and the oven is on fire.");
  await visitor.say(question);
  await visitor.requestPerson("Ada");
  await expect(operator.pendingRow(question)).toBeVisible();
  await operator.pendingRow(question).getByRole("link").first().click();
  await expect(operator.message(question, "VISITOR")).toBeVisible();
  const id = operator.conversationId();
  const read = "query ($id: ID!) { conversation(id: $id) { state } }";
  const desk = await people.desk(NIGHT);
  expect(await desk.refused(read, { id })).toMatchObject({ code: "NOT_FOUND" });
  await expect(night.page.getByText("Nobody is waiting")).toBeVisible();

  // The agency agrees on all day, every day.
  const agency = await people.staff(AGENCY);
  await team(agency);
  await expect(coverage(agency)).toContainText("Nobody covers this organization");
  await agency.button("New agreement").click();
  const filled = form(agency);
  await expect(filled.getByRole("button", { name: "Agree" })).toBeDisabled();
  await filled.getByRole("textbox", { name: "Name", exact: true }).fill("Round the clock");
  await filled.getByRole("checkbox", { name: /Noor Haddad/ }).check();
  await expect(filled.getByRole("radio", { name: /Operator/ })).toBeChecked();
  await filled.getByLabel("Start Time, Monday", { exact: true }).fill("00:00");
  await filled.getByLabel("End Time, Monday", { exact: true }).fill("00:00");
  await filled.getByLabel("Copy the hours of Monday to other days").selectOption("all");
  await filled.getByRole("button", { name: "Agree" }).click();
  await expect(filled).toHaveCount(0);
  const row = coverage(agency).getByTestId("coverage").filter({ hasText: "Round the clock" });
  await expect(row).toContainText("Covers now");
  await expect(row).toContainText("Noor Haddad as Operator");

  // Nobody reloads anything: the request is there, and is answered.
  await expect(night.pendingRow(question)).toBeVisible();
  await night.accept(question);
  await expect(night.message(question, "VISITOR")).toBeVisible();
  const hello = unique("Good evening, this is the night shift.");
  await night.send(hello);
  await expect(visitor.message(hello, "OPERATOR")).toBeVisible();
  const thanks = unique("It is out, thank you.");
  await visitor.say(thanks);
  await expect(night.message(thanks, "VISITOR")).toBeVisible();
  await expect(operator.stub.filter({ hasText: "Claimed by Noor Haddad" })).toBeVisible();

  // The client reads who covers, and cannot change it.
  const client = await people.staff(CLIENT);
  await team(client);
  await expect(coverage(client).getByTestId("coverage")).toContainText("Noor Haddad as Operator");
  await expect(coverage(client)).toContainText("Covers now");
  await expect(coverage(client).getByRole("button")).toHaveCount(0);

  // The line was made before there was anything to see for it, and tells it all the same: nothing is asked for twice.
  expect(readings).toBeGreaterThan(0);
  expect(readings).toBeLessThan(6);

  // Its end is asked about first, then it is at once.
  await row.getByRole("button", { name: "End Round the clock" }).click();
  const asked = agency.page.getByRole("dialog");
  await expect(asked).toContainText("go back to the queue at once");
  await asked.getByRole("button", { name: "End it" }).click();
  await expect(coverage(agency)).toContainText("Nobody covers this organization");
  await coverage(agency).getByText("Agreements that have ended").click();
  await expect(row).toContainText("Ended");
  await expect(row.getByRole("button")).toHaveCount(0);

  // The chat waits for the client's own people again; who covered it has neither the chat nor a way back.
  await expect(night.page.getByTestId("conversation-lost")).toBeVisible();
  await expect(night.composer).toHaveCount(0);
  await expect(night.message(question)).toHaveCount(0);
  await expect(night.activeRow(thanks)).toHaveCount(0);
  await expect(operator.pendingRow(thanks)).toBeVisible();
  const secret = unique("The key is under the mat.");
  await visitor.say(secret);
  await operator.accept(secret);
  await expect(operator.message(hello, "OPERATOR")).toBeVisible();
  const morning = unique("Good morning, we have read it all.");
  await operator.send(morning);
  await expect(visitor.message(morning, "OPERATOR")).toBeVisible();
  await visitor.expectWhole([question, hello, thanks, secret, morning]);
  await expect(night.page.getByText(secret)).toHaveCount(0);
  expect(await desk.refused(read, { id })).toMatchObject({ code: "NOT_FOUND" });
  await night.page.reload();
  await expect(night.page.getByText("does not exist")).toBeVisible();
  await expect(night.page.getByText(question)).toHaveCount(0);
});

test("an agreement for other hours gives nothing yet, and what cannot be is said at its field", async ({
  people,
  database,
}, info) => {
  test.setTimeout(180_000);
  const boss = await people.desk(AGENCY);
  const agency = await people.staff(AGENCY);
  const { page } = agency;
  const take = (what: string) =>
    page.screenshot({
      path: join(info.project.outputDir, "screenshots", database, `coverage-${what}.png`),
      animations: "disabled",
    });
  await team(agency);
  await coverage(agency).scrollIntoViewIfNeeded();
  await take("none");
  await agency.button("New agreement").click();
  const filled = form(agency);
  await filled.getByRole("checkbox", { name: /Nora Lindqvist/ }).check();
  await filled.getByRole("textbox", { name: "Name", exact: true }).fill("Market days");
  const days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
  for (const day of days) await filled.getByRole("checkbox", { name: day, exact: true }).uncheck();
  await filled.getByRole("button", { name: "Agree" }).click();
  await expect(filled.getByRole("alert")).toContainText("hours");

  // Neither today nor tomorrow, wherever that is.
  const day = days[(new Date().getUTCDay() + 2) % 7] ?? "";
  await filled.getByRole("checkbox", { name: day, exact: true }).check();
  await filled.getByLabel("Last day").fill("2020-01-01");
  await filled.getByRole("button", { name: "Agree" }).click();
  await expect(filled.getByText("would end before it begins")).toBeVisible();
  await filled.getByLabel("Last day").fill("2099-12-31");
  await expect(filled.getByText("would end before it begins")).toHaveCount(0);
  for (const width of [1440, 390]) {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      await filled.getByRole("textbox", { name: "Name", exact: true }).scrollIntoViewIfNeeded();
      await fit(page, width);
      await take(`form-${width}-${colorScheme}`);
      await filled.getByRole("button", { name: "Agree" }).scrollIntoViewIfNeeded();
      await take(`form-end-${width}-${colorScheme}`);
    }
  }
  await filled.getByRole("button", { name: "Agree" }).click();
  const row = coverage(agency).getByTestId("coverage").filter({ hasText: "Market days" });
  await expect(row).toContainText("Not now");
  await expect(row).toContainText("Begins");
  const { coverages } = await boss.ask<{ coverages: { name: string; active: boolean }[] }>(
    "query ($o: ID) { coverages(organizationId: $o) { name active } }",
    { o: (await agentOf(boss, "Blue Bakery")).organization?.id },
  );
  expect(coverages).toContainEqual({ name: "Market days", active: false });
  for (const width of [1440, 390]) {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      await coverage(agency).scrollIntoViewIfNeeded();
      await fit(page, width);
      await take(`list-${width}-${colorScheme}`);
    }
  }
  await row.getByRole("button", { name: "End Market days" }).click();
  await expect(page.getByRole("dialog")).toContainText("It gives nobody anything any more.");
  await page.getByRole("dialog").getByRole("button", { name: "End it" }).click();
  await expect(row).not.toContainText("Not now");
});
