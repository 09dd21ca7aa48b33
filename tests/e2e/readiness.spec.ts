// Why a request for a person would reach nobody, with what mends it, and a rehearsal of the whole path (W08).

import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { Locator } from "@playwright/test";
import { agentOf, type Desk, enableHandoff, freed, post } from "./support/api.ts";
import type { Dashboard } from "./support/dashboard.ts";
import { expect, type People, test, unique } from "./support/fixtures.ts";

test.use({ alone: "readiness" });

const AGENCY = "owner@northlight.test";
const OWNER = "owner@bluebakery.test";
const OPERATOR = "operator1@bluebakery.test";

type Outcome = "GOOD" | "WARNING" | "FAILED";

const section = (side: Dashboard) => side.page.getByRole("region", { name: "Readiness" });

function checkOf(side: Dashboard, code: string): Locator {
  return section(side).locator(`[data-testid="check"][data-code="${code}"]`);
}

async function finds(side: Dashboard, code: string, outcome: Outcome): Promise<Locator> {
  await section(side).getByRole("button", { name: "Look again" }).click();
  const check = checkOf(side, code);
  await expect(check).toHaveAttribute("data-outcome", outcome);
  return check;
}

/** Somebody at the page of the bakery's AI agent, where handoff is on. */
async function at(people: People, email: string) {
  const desk = await people.desk(OWNER);
  const agent = await agentOf(desk, "Blue Bakery");
  await enableHandoff(desk, agent.id);
  const side = await people.staff(email);
  await side.openAgent(agent.name);
  await expect(section(side).getByTestId("readiness")).toBeVisible();
  return { desk, agent, side };
}

test("each cause is named with what mends it, and is gone once that is done", async ({
  people,
  database,
}, info) => {
  test.setTimeout(180_000);
  const { side: owner } = await at(people, OWNER);
  const { page } = owner;
  const readiness = section(owner).getByTestId("readiness");
  const escalation = page.getByRole("region", { name: "Escalation" });

  // Handoff is off (S162): the switch stands right above.
  await owner.handoffSwitch.click();
  await expect(owner.handoffSwitch).not.toBeChecked();
  const off = await finds(owner, "HANDOFF_ENABLED", "FAILED");
  await expect(off).toContainText("Handoff is off.");
  await expect(off).toContainText("Enable it under Escalation.");
  await expect(readiness).toHaveAttribute("data-outcome", "FAILED");
  await expect(readiness.getByRole("status").first()).toContainText("A request would reach nobody now");
  await section(owner).getByRole("button", { name: "Start a rehearsal" }).click();
  await expect(section(owner).getByTestId("rehearsal-trouble")).toContainText(
    "A visitor would meet this now",
  );
  await owner.handoffSwitch.click();
  await expect(owner.handoffSwitch).toBeChecked();
  await finds(owner, "HANDOFF_ENABLED", "GOOD");

  // Nothing shows a visitor the way.
  const offer = escalation.getByRole("form", { name: "How a person is offered" });
  await offer.getByRole("switch", { name: "Enable handoff popup" }).click();
  await offer.getByRole("button", { name: "Save" }).click();
  await expect(offer.getByRole("button", { name: "Discard changes" })).toHaveCount(0);
  await expect(await finds(owner, "HANDOFF_SHOWN", "FAILED")).toContainText("Enable handoff popup");
  await offer.getByRole("switch", { name: "Enable handoff popup" }).click();
  await offer.getByRole("button", { name: "Save" }).click();
  await expect(offer.getByRole("button", { name: "Discard changes" })).toHaveCount(0);
  await finds(owner, "HANDOFF_SHOWN", "GOOD");

  // Hours that never begin: the check says what time it is there, to compare with.
  const hours = escalation.getByTestId("business-hours");
  const saved = async () => {
    await hours.getByRole("button", { name: "Save", exact: true }).click();
    await expect(hours.getByRole("button", { name: "Discard changes" })).toHaveCount(0);
  };
  await hours.getByRole("switch", { name: "Configure Business Hours" }).click();
  for (const day of ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"])
    await hours.getByRole("checkbox", { name: day, exact: true }).uncheck();
  await saved();
  const closed = await finds(owner, "WITHIN_HOURS", "FAILED");
  await expect(closed).toContainText(/outside of business hours: .*\d:\d\d/);
  await expect(closed).toContainText("Compare the hours under Escalation with this time");
  await expect(checkOf(owner, "HOURS_AHEAD")).toHaveAttribute("data-outcome", "FAILED");
  await expect(readiness.getByRole("status").first()).toContainText("2 things are in its way");
  await hours.getByRole("switch", { name: "Configure Business Hours" }).click();
  await saved();
  await finds(owner, "WITHIN_HOURS", "GOOD");
  await expect(checkOf(owner, "HOURS_AHEAD")).toHaveAttribute("data-outcome", "GOOD");

  // Nobody is there: whoever looks is off, and everybody else has yet to come.
  await page.getByRole("button", { name: /^User menu/ }).click();
  await page.getByRole("menuitem", { name: "Off", exact: true }).click();
  await page.keyboard.press("Escape");
  const nobody = await finds(owner, "SOMEBODY_IS_THERE", "WARNING");
  await expect(nobody).toContainText("Nobody who may answer is there now.");
  await expect(nobody).toContainText("Somebody has to sign in and be online");
  const operator = await people.staff(OPERATOR);
  await operator.open("Live Chats");
  await expect(operator.page.getByText("Nobody is waiting")).toBeVisible();
  await expect(await finds(owner, "SOMEBODY_IS_THERE", "GOOD")).toContainText("Olivia Hart");
  await expect(checkOf(owner, "DASHBOARD_CONNECTED")).toHaveAttribute("data-outcome", "GOOD");
  await expect(checkOf(owner, "SOMEBODY_MAY_ANSWER")).toContainText("Olivia Hart and 1 more may answer.");
  await expect(checkOf(owner, "THIS_BROWSER")).toHaveAttribute("data-outcome", "GOOD");

  // This server has no mail server, and a client cannot mend that: it says who can.
  const mail = checkOf(owner, "MAIL_GOES_OUT");
  await expect(mail).toHaveAttribute("data-outcome", "WARNING");
  await expect(mail).toContainText("No mail server is set up");
  await expect(mail).toContainText("Set up the sender");
  await expect(mail.getByTestId("missing-permission")).toContainText("Nora Lindqvist");
  await expect(readiness).toHaveAttribute("data-outcome", "WARNING");
  await expect(readiness.getByRole("status").first()).toContainText("would be heard");
  const agency = await people.staff(AGENCY);
  await agency.page.goto(new URL(page.url()).pathname);
  await checkOf(agency, "MAIL_GOES_OUT").getByRole("link", { name: "Open Sender" }).click();
  await expect(agency.page.getByRole("heading", { level: 1, name: "Sender" })).toBeVisible();

  for (const width of [1440, 390]) {
    for (const colorScheme of ["light", "dark"] as const) {
      // Tall, so that the picture has all of it.
      await page.setViewportSize({ width, height: 2000 });
      await page.emulateMedia({ colorScheme });
      const needed = () => page.evaluate(() => document.documentElement.scrollWidth);
      await expect.poll(needed, `${width} px is enough`).toBeLessThanOrEqual(width);
      const { violations } = await new AxeBuilder({ page }).include("#readiness").analyze();
      const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      expect.soft(grave.map(({ id, help }) => `${id}: ${help}`)).toEqual([]);
      await section(owner).screenshot({
        path: join(info.project.outputDir, "screenshots", database, `readiness-${width}-${colorScheme}.png`),
        animations: "disabled",
      });
    }
  }
});

/** A visitor without a page, who waits for a person. */
async function waiting(server: string, widget: string) {
  const url = `${server}/widget/graphql`;
  const opened = await post<{ session: { token: string } }>(
    url,
    "mutation ($id: ID!) { session(widgetId: $id) { token } }",
    { id: widget },
  );
  const act = async <T>(query: string) => {
    const answer = await post<T>(url, query, {}, opened.data?.session.token);
    expect(answer.errors).toBeUndefined();
    return answer.data;
  };
  await act('mutation { sendMessage(clientId: "m-1", text: "Hello?") { id } }');
  await act('mutation { requestHandoff(clientId: "h-1") { state } }');
  return act;
}

/** What a visitor who waits is told of how long it takes, in seconds. The request is withdrawn again. */
async function estimate(server: string, widget: string): Promise<number | null> {
  const act = await waiting(server, widget);
  const read = await act<{ session: { conversation: { estimatedWaitSeconds: number | null } } }>(
    "{ session { conversation { estimatedWaitSeconds } } }",
  );
  await act("mutation { cancelHandoff { state } }");
  return read?.session.conversation.estimatedWaitSeconds ?? null;
}

async function acceptAndComplete(operator: Desk): Promise<void> {
  const open = await operator.ask<{ handoffs: { nodes: { id: string; conversation: { id: string } }[] } }>(
    "{ handoffs(states: [REQUESTED], first: 50) { nodes { id conversation { id } } } }",
  );
  for (const { id } of open.handoffs.nodes)
    await operator.ask("mutation ($id: ID!) { acceptHandoff(handoffId: $id) { id } }", { id });
  await freed(operator);
}

test("a rehearsal is run to its end by an operator, and counts in no report", async ({
  people,
  server,
  database,
}, info) => {
  test.setTimeout(180_000);
  const { agent, side: owner, desk } = await at(people, OWNER);
  const operatorDesk = await people.desk(OPERATOR);
  await freed(operatorDesk);
  const operator = await people.staff(OPERATOR);
  await operator.open("Live Chats");
  const rehearsal = section(owner).getByTestId("rehearsal");
  const step = (name: string) => rehearsal.locator(`[data-testid="rehearsal-step"][data-name="${name}"]`);
  await rehearsal.getByRole("button", { name: "Start a rehearsal" }).click();
  for (const name of ["OPENED", "WROTE", "REQUESTED"])
    await expect(step(name)).toHaveAttribute("data-state", "DONE");
  await expect(step("ACCEPTED")).toHaveAttribute("data-state", "WAITING");
  await expect(step("ANSWERED")).toHaveAttribute("data-state", "AHEAD");
  await expect(rehearsal.getByRole("status")).toContainText("Running");

  // It rings for the team as any other, and says what it is.
  const words = "This is a rehearsal.";
  await expect(operator.pendingRow(words)).toContainText("No real visitor");
  await operator.accept(words);
  await expect(operator.message(words, "VISITOR")).toBeVisible();
  await expect(operator.page.getByTestId("rehearsal-strip")).toContainText("counts in no report");
  await operator.page.screenshot({
    path: join(info.project.outputDir, "screenshots", database, "rehearsal-chat.png"),
    animations: "disabled",
  });
  await expect(step("ACCEPTED")).toHaveAttribute("data-state", "DONE");
  await expect(step("ACCEPTED")).toContainText("Olivia Hart accepted the request");
  await expect(step("ANSWERED")).toHaveAttribute("data-state", "WAITING");
  await operator.send(unique("Hello, whoever you are not."));
  await expect(step("ANSWERED")).toHaveAttribute("data-state", "DONE");
  await operator.button("Mark as Complete").click();
  await expect(step("FINISHED")).toHaveAttribute("data-state", "DONE");
  await expect(rehearsal.getByRole("status")).toContainText("Passed");
  // Nobody has to end what is over.
  await expect(rehearsal.getByRole("button", { name: "Start a rehearsal" })).toBeVisible();
  await owner.page.setViewportSize({ width: 390, height: 844 });
  await rehearsal.screenshot({
    path: join(info.project.outputDir, "screenshots", database, "rehearsal-390.png"),
    animations: "disabled",
  });
  await owner.page.setViewportSize({ width: 1440, height: 900 });
  await rehearsal.getByRole("link", { name: "Open its chat" }).click();
  await expect(owner.message(words, "VISITOR")).toBeVisible();

  // How long people waited is what visitors are told of. Rehearsals, however many, say nothing about that; chats do, that
  // were waited in just as long: for as long as it takes somebody else to ask.
  const ask = () => estimate(server.url, agent.widget.id);
  const waits = async (begin: (turn: number) => Promise<unknown>) => {
    for (let turn = 1; turn <= 5; turn += 1) {
      await begin(turn);
      await ask();
      await ask();
      await acceptAndComplete(operatorDesk);
    }
  };
  const start = "mutation ($c: String!, $id: ID!) { startRehearsal(clientId: $c, aiAgentId: $id) { id } }";
  await waits((turn) => desk.ask(start, { c: `rehearsal-${turn}`, id: agent.id }));
  expect(await ask()).toBeNull();
  await waits(() => waiting(server.url, agent.widget.id));
  await expect.poll(ask).not.toBeNull();
});

test("a browser that lacks what live chats need is told so, on both sides, in words", async ({
  people,
  browser,
  server,
}) => {
  const { agent } = await at(people, OWNER);
  const words = /current Chrome, Edge, Firefox or Safari/;
  const withoutSockets = () => Reflect.deleteProperty(window, "WebSocket");

  // The dashboard works as far as it can, and says what it cannot.
  const operator = await people.staff(OPERATOR);
  await operator.page.addInitScript(withoutSockets);
  await operator.page.goto(`/ai-agents/${agent.id}`);
  const notice = operator.page.getByTestId("browser-notice");
  await expect(notice).toContainText("lacks live connections: live chats do not work in it");
  await expect(notice).toContainText(words);
  await expect(operator.button("Not live")).toBeVisible();
  await expect(operator.page.getByRole("heading", { level: 1, name: agent.name })).toBeVisible();
  const owner = await people.staff(OWNER);
  await owner.page.addInitScript(withoutSockets);
  await owner.page.goto(`/ai-agents/${agent.id}`);
  await expect(checkOf(owner, "THIS_BROWSER")).toHaveAttribute("data-outcome", "FAILED");
  await expect(checkOf(owner, "THIS_BROWSER")).toContainText(words);

  // So does the widget: what is written is kept, an answer would never be seen.
  const visitor = await people.visitor();
  await visitor.page.addInitScript(withoutSockets);
  await visitor.page.reload();
  await expect(visitor.frame.getByText("This browser cannot receive answers")).toContainText(words);

  // Where no script of ours runs at all, the page itself has the words.
  const old = await browser.newContext({ baseURL: server.url, javaScriptEnabled: false });
  const page = await old.newPage();
  await page.goto("/");
  await expect(page.getByText(words)).toBeVisible({ timeout: 15_000 });
  await page.goto(`/widget/frame?widget=${agent.widget.id}`);
  await expect(page.getByText(words)).toBeVisible({ timeout: 15_000 });
  await old.close();
  // Nobody else ever sees them.
  const fresh = await visitor.page.context().newPage();
  await fresh.goto("/");
  await expect(fresh.getByRole("button", { name: "Sign in" })).toBeVisible();
  await expect(fresh.getByText(words)).toHaveCount(0);
});
