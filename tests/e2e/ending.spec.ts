// How a person comes to a chat, and how it ends: G1, the rest of G2, G6, and C1 to C3 of the behaviours, as the people in
// them live it. The ids stand in the names.

import { join } from "node:path";
import type { Page } from "@playwright/test";
import { agentOf, type Desk, enableHandoff, freed, post } from "./support/api.ts";
import type { People } from "./support/fixtures.ts";
import { expect, test, unique } from "./support/fixtures.ts";

test.use({ alone: "ending" });

const OWNER = "owner@bluebakery.test";
const OPERATOR = "operator1@bluebakery.test";
const COLLEAGUE = "operator2@bluebakery.test";
const VIEWER = "viewer@bluebakery.test";
const AGENCY = "owner@northlight.test";

const KEYS = [
  "popup",
  "fixed_popup",
  "button_text",
  "popup_text",
  "waiting_text",
  "block_input",
  "on_words",
  "on_ai_decision",
  "on_low_confidence",
  "after_failures",
].map((name) => `handoff.${name}`);

/** The bakery as a fresh one has it: handoff on, nothing said by its AI agent itself. */
async function fresh(people: People): Promise<{ owner: Desk; agent: Awaited<ReturnType<typeof agentOf>> }> {
  const owner = await people.desk(OWNER);
  const agent = await agentOf(owner, "Blue Bakery");
  await enableHandoff(owner, agent.id);
  await owner.ask(
    "mutation ($id: ID!, $keys: [String!]) { updateHandoffSettings(aiAgentId: $id, askContact: false, inherit: $keys) { id } }",
    { id: agent.id, keys: KEYS },
  );
  await freed(await people.desk(OPERATOR));
  return { owner, agent };
}

async function set(
  owner: Desk,
  organizationId: string | undefined,
  key: string,
  value: string | null,
): Promise<void> {
  await owner.ask(
    "mutation ($key: String!, $id: ID, $value: String) { setSetting(key: $key, organizationId: $id, value: $value) { key } }",
    { key, id: organizationId, value },
  );
}

/** What a page hears over WebSockets, from its next loading on. */
function overSockets(page: Page): string[] {
  const heard: string[] = [];
  page.on("websocket", (line) => line.on("framereceived", ({ payload }) => heard.push(`${payload}`)));
  return heard;
}

test("S051-S062 a visitor asks in their own words, a member of the team accepts, both chat live, and it is completed", async ({
  people,
  database,
}, info) => {
  await fresh(people);
  const operator = await people.staff(OPERATOR);
  const colleague = await people.staff(COLLEAGUE);
  await operator.open("Live Chats");
  await colleague.open("Live Chats");

  // S052: the visitor starts with the AI. S051, S053, S021: then asks for a person, in words alone.
  const visitor = await people.visitor();
  const heard = { visitor: overSockets(visitor.page), operator: overSockets(operator.page) };
  await visitor.page.reload();
  await operator.page.reload();
  const question = unique("When are you open on Sundays?");
  await visitor.say(question);
  await expect(visitor.message(/\S/, "AI").first()).toBeVisible();
  const wish = unique("Can I talk to a human about a birthday cake?");
  await visitor.say(wish);

  // S054, S058: a request is there for the whole team, and nobody reloads anything.
  await expect(visitor.frame.getByText("You are waiting for the team")).toBeVisible();
  await expect(operator.pendingRow(wish)).toBeVisible();
  await expect(colleague.pendingRow(wish)).toBeVisible();

  // S055, S059: one accepts. S056, S057, S060, S061, S100: then both write, and see it at once, over a socket.
  await operator.accept(wish);
  await expect(colleague.pendingRow(wish)).toHaveCount(0);
  await expect(visitor.message("Olivia Hart has joined the chat.")).toBeVisible();
  const hello = unique("Hello, Olivia here. For how many people?");
  const answer = unique("Twelve, please.");
  await operator.send(hello);
  await expect(visitor.message(hello, "OPERATOR")).toBeVisible();
  await visitor.say(answer);
  await expect(operator.message(answer, "VISITOR")).toBeVisible();
  const bye = unique("It will be ready on Saturday.");
  await operator.send(bye);
  await expect(visitor.message(bye, "OPERATOR")).toBeVisible();
  await visitor.expectWhole([question, wish, hello, answer, bye]);
  await operator.expectWhole([question, wish, hello, answer, bye]);
  for (const said of [hello, bye]) expect(heard.visitor.some((frame) => frame.includes(said))).toBe(true);
  expect(heard.operator.some((frame) => frame.includes(answer))).toBe(true);

  // S062: the end.
  await operator.button("Mark as Complete").click();
  await expect(visitor.frame.getByText("Conversation ended").first()).toBeVisible();
  await expect(operator.composer).toHaveCount(0);
  await expect(operator.page.getByTestId("ending")).toContainText("in their own words");
  await operator.page.screenshot({
    path: join(info.project.outputDir, "screenshots", database, "ending-completed.png"),
    animations: "disabled",
  });
});

test("S053, S182 an answer that does not help offers a person, and the button brings one", async ({
  people,
}) => {
  await fresh(people);
  const operator = await people.staff(OPERATOR);
  await operator.open("Live Chats");
  const visitor = await people.visitor();
  const question = unique("Is my neighbour allergic to rockets?");
  await visitor.say(question);
  await expect(visitor.message(/could not find/, "AI").first()).toBeVisible();
  await visitor.requestPerson("Ada");
  await expect(operator.pendingRow(question)).toBeVisible();
  await operator.accept(question);
  await expect(operator.composer).toBeVisible();
});

test("S065, S070, S073 handoff is off for a new AI agent, and an owner alone turns it on and answers", async ({
  people,
}) => {
  await fresh(people);
  const agency = await people.desk(AGENCY);
  const made = await agency.ask<{ createAiAgent: { id: string; handoff: { enabled: boolean } } }>(
    'mutation ($c: String!) { createAiAgent(clientId: $c, name: "Fresh") { id handoff { enabled } } }',
    { c: unique("fresh").replaceAll(" ", "-") },
  );
  expect(made.createAiAgent.handoff.enabled).toBe(false);

  // The owner has no switch of their own that could be missing: they answer like everybody else.
  const owner = await people.staff(OWNER);
  await owner.open("Live Chats");
  const visitor = await people.visitor();
  const question = unique("I need a human for the owner alone");
  await visitor.say(question);
  await owner.accept(question);
  const hello = unique("The owner is here.");
  await owner.send(hello);
  await expect(visitor.message(hello, "OPERATOR")).toBeVisible();
});

test("S071, S072 whoever may not respond to live chats is told so, and whoever may does", async ({
  people,
}) => {
  await fresh(people);
  const visitor = await people.visitor();
  const question = unique("A human, please, and nobody else");
  await visitor.say(question);
  const operator = await people.desk(OPERATOR);
  const waiting = await operator.ask<{
    handoffs: { nodes: { id: string; intent: string; conversation: { preview: string | null } }[] };
  }>("{ handoffs(states: [REQUESTED], first: 50) { nodes { id intent conversation { preview } } } }");
  const handoff = waiting.handoffs.nodes.find((node) => node.conversation.preview === question);
  expect(handoff?.intent).toBe("WORDS");
  const accept = "mutation ($id: ID!) { acceptHandoff(handoffId: $id) { state } }";
  const viewer = await people.desk(VIEWER);
  expect(await viewer.refused(accept, { id: handoff?.id })).toMatchObject({
    code: "FORBIDDEN",
    reason: "MISSING_PERMISSION",
  });
  await operator.ask(accept, { id: handoff?.id });
});

test("S110-S113, A04 completing asks how it was resolved, warns of an open question, and keeps the history", async ({
  people,
  database,
}, info) => {
  const { owner, agent } = await fresh(people);
  await set(owner, agent.organization?.id, "ending.ask_resolution", "true");
  const operator = await people.staff(OPERATOR);
  await operator.open("Live Chats");
  const visitor = await people.visitor();
  const wish = unique("I would like to speak to somebody about my order");
  await visitor.say(wish);
  await operator.accept(wish);
  const hello = unique("What is the number of the order?");
  await operator.send(hello);
  const open = unique("It is 4711. When will it come?");
  await visitor.say(open);
  await expect(operator.message(open, "VISITOR")).toBeVisible();

  await operator.button("Mark as Complete").click();
  const dialog = operator.page.getByRole("dialog", { name: "Mark as complete" });
  await expect(dialog.getByRole("alert")).toHaveText("The visitor's last message has no answer yet.");
  await expect(dialog.getByRole("button", { name: "Complete anyway" })).toBeDisabled();
  await operator.page.screenshot({
    path: join(info.project.outputDir, "screenshots", database, "ending-dialog.png"),
    animations: "disabled",
  });
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(operator.composer).toBeVisible();
  const answer = unique("Tomorrow before noon.");
  await operator.send(answer);
  await expect(visitor.message(answer, "OPERATOR")).toBeVisible();
  await operator.button("Mark as Complete").click();
  await expect(dialog.getByRole("alert")).toHaveCount(0);
  await dialog.getByRole("radio", { name: "Resolved", exact: true }).check();
  const note = unique("Came a day late.");
  await dialog.getByRole("textbox", { name: "Note for colleagues" }).fill(note);
  await dialog.getByRole("button", { name: "Complete", exact: true }).click();

  // S111, S112: it is closed, and the visitor is told; the note is not theirs.
  await expect(visitor.frame.getByText("Conversation ended").first()).toBeVisible();
  await expect(operator.composer).toHaveCount(0);
  await expect(operator.activeRow(open)).toHaveCount(0);
  await expect(visitor.frame.getByText(note)).toHaveCount(0);

  // S113: its history stays, with how it was resolved and by whom.
  await operator.open("Conversations");
  await operator.button("Ended").click();
  await operator.conversationRow(open).getByRole("link").first().click();
  await operator.expectWhole([wish, hello, open, answer]);
  const ending = operator.page.getByTestId("ending");
  await expect(ending).toContainText("Olivia Hart");
  await expect(ending).toContainText("Resolved");
  await expect(ending).toContainText(note);
  await set(owner, agent.organization?.id, "ending.ask_resolution", null);
});

test("S181, A11 a person takes a chat over from the AI, and the organization's own words are announced", async ({
  people,
}) => {
  const { owner, agent } = await fresh(people);
  const organization = agent.organization?.id;
  await set(owner, organization, "announce.taken_over", "{operator} from the bakery is with you.");
  await set(owner, organization, "announce.handed_back", "Crumb takes over again.");
  await set(owner, organization, "announce.completed", "Goodbye from the bakery.");
  const visitor = await people.visitor();
  const question = unique("When are you open?");
  await visitor.say(question);
  await expect(visitor.message(/\S/, "AI").first()).toBeVisible();
  const operator = await people.staff(OPERATOR);
  await operator.open("Conversations");
  await operator.conversationRow(question).getByRole("link").first().click();
  await operator.button("Continue chat yourself").click();
  await expect(visitor.message("Olivia Hart from the bakery is with you.")).toBeVisible();
  await operator.button("Pass Chat to AI").click();
  await expect(visitor.message("Crumb takes over again.")).toBeVisible();
  await operator.button("Continue chat yourself").click();
  const hello = unique("Here again.");
  await operator.send(hello);
  await operator.button("Mark as Complete").click();
  await expect(visitor.message("Goodbye from the bakery.")).toBeVisible();
  for (const key of ["announce.taken_over", "announce.handed_back", "announce.completed"]) {
    await set(owner, organization, key, null);
  }
});

test("S063, S064, S184-S189 the switches of the handoff popup, what they do for visitors, and why one of them is locked", async ({
  people,
  server,
  database,
}, info) => {
  const { agent } = await fresh(people);
  const config = async () => {
    const answer = await post<{ widgetConfig: { handoff: Record<string, unknown> } }>(
      `${server.url}/widget/graphql`,
      "query ($id: ID!) { widgetConfig(widgetId: $id) { handoff { available popup fixedPopup buttonText } } }",
      { id: agent.widget.id },
    );
    return answer.data?.widgetConfig.handoff;
  };
  expect(await config()).toMatchObject({ available: true, popup: true, fixedPopup: false });

  // S184, S185: in the AI agent's settings.
  const owner = await people.staff(OWNER);
  await owner.openAgent(agent.name);
  const escalation = owner.page.getByRole("region", { name: "Escalation" });
  await expect(escalation.getByRole("switch", { name: "Enable Live Agent Handoff" })).toBeChecked();
  const form = escalation.getByRole("form", { name: "How a person is offered" });
  const preview = escalation.getByTestId("offer-preview");
  await expect(form.getByRole("switch", { name: "Enable handoff popup" })).toBeChecked();
  await form.getByRole("textbox", { name: "Text of the button" }).fill("Ask our bakers");
  await expect(preview).toContainText("Ask our bakers");
  await form.getByRole("switch", { name: "Fixed handoff popup" }).click();
  await form.getByRole("button", { name: "Save" }).click();
  await expect
    .poll(config)
    .toMatchObject({ available: true, fixedPopup: true, buttonText: "Ask our bakers" });
  await escalation.scrollIntoViewIfNeeded();
  await owner.page.screenshot({
    path: join(info.project.outputDir, "screenshots", database, "ending-escalation.png"),
    animations: "disabled",
    fullPage: true,
  });

  // S188: fixed, it stands above everything that was said, before anybody has said anything.
  const first = await people.visitor();
  const offer = first.button("Ask our bakers");
  await expect(offer).toBeVisible();
  await first.say(unique("Where are you?"));
  await expect(first.message(/\S/, "AI").first()).toBeVisible();
  const top = async (part: typeof offer) => (await part.boundingBox())?.y ?? Number.NaN;
  expect(await top(offer)).toBeLessThan(await top(first.message(/\S/).first()));

  // S186: without either there is no way to a person, and the page says so beforehand.
  await form.getByRole("switch", { name: "Fixed handoff popup" }).click();
  await form.getByRole("switch", { name: "Enable handoff popup" }).click();
  await expect(preview).toContainText("no person is offered");
  await form.getByRole("button", { name: "Save" }).click();
  await expect.poll(config).toMatchObject({ available: false, popup: false, fixedPopup: false });
  const visitor = await people.visitor();
  await visitor.say(unique("Is anybody there?"));
  await expect(visitor.message(/\S/, "AI").first()).toBeVisible();
  await expect(visitor.button("Ask our bakers")).toHaveCount(0);
  await expect(visitor.button("Request Live Agent")).toHaveCount(0);

  // S187: with it, a person comes in from two places: the conversations, and Live Chats.
  await form.getByRole("button", { name: "Use the organization's settings" }).click();
  await expect.poll(config).toMatchObject({ available: true, popup: true, buttonText: "Request Live Agent" });
  await expect(form.getByRole("switch", { name: "Enable handoff popup" })).toBeChecked();

  // S188, S189, S190: nothing of it works for an AI agent without an organization, and it says so.
  const agency = await people.desk(AGENCY);
  const name = unique("Loose");
  await agency.ask("mutation ($c: String!, $n: String!) { createAiAgent(clientId: $c, name: $n) { id } }", {
    c: unique("loose").replaceAll(" ", "-"),
    n: name,
  });
  const staff = await people.staff(AGENCY);
  await staff.openAgent(name);
  const section = staff.page.getByRole("region", { name: "Escalation" });
  await expect(section.getByRole("switch", { name: "Fixed handoff popup" })).toBeDisabled();
  await expect(section.getByTestId("fixed-popup-blocked")).toContainText("only with an organization");
  await expect(section.getByTestId("handoff-blocked")).toContainText(
    "assign this AI agent to an organization",
  );
});

test("S191-S194 a client user handles what is assigned to them, without settings, and so does the agency", async ({
  people,
}) => {
  const { agent } = await fresh(people);
  // S192, S193: what the client may is the agency's choice; settings are not an operator's.
  const operator = await people.desk(OPERATOR);
  expect(
    await operator.refused(
      "mutation ($id: ID!) { setHandoffEnabled(aiAgentId: $id, enabled: false) { id } }",
      {
        id: agent.id,
      },
    ),
  ).toMatchObject({ code: "FORBIDDEN", reason: "MISSING_PERMISSION" });
  expect(
    await operator.refused(
      "mutation ($id: ID!) { updateHandoffSettings(aiAgentId: $id, popup: false) { id } }",
      {
        id: agent.id,
      },
    ),
  ).toMatchObject({ code: "FORBIDDEN", reason: "MISSING_PERMISSION" });

  // S191, S194: the same request stands in the client's dashboard and on the agency's side; either may take it.
  const client = await people.staff(OPERATOR);
  const agency = await people.staff(AGENCY);
  await client.open("Live Chats");
  await agency.open("Live Chats");
  for (const [side, other] of [
    [client, agency],
    [agency, client],
  ] as const) {
    const visitor = await people.visitor();
    const wish = unique("Let me talk to a person");
    await visitor.say(wish);
    await other.showTab("Pending Requests");
    await expect(other.pendingRow(wish)).toBeVisible();
    await side.showTab("Pending Requests");
    await side.accept(wish);
    const hello = unique("Here I am.");
    await side.send(hello);
    await expect(visitor.message(hello, "OPERATOR")).toBeVisible();
    await expect(other.pendingRow(wish)).toHaveCount(0);
  }
});

test("a visitor gives stars and words for them, and has what was said sent to them", async ({
  people,
  server,
  database,
}, info) => {
  await fresh(people);
  const operator = await people.staff(OPERATOR);
  await operator.open("Live Chats");
  const visitor = await people.visitor();
  const wish = unique("Get me a human for my receipt");
  await visitor.say(wish);
  await operator.accept(wish);
  const hello = unique("Here it is: 12 euro.");
  await operator.send(hello);
  await expect(visitor.message(hello, "OPERATOR")).toBeVisible();
  await operator.button("Mark as Complete").click();

  const rating = visitor.frame.getByTestId("rating");
  await rating.getByRole("radio", { name: "4, good" }).check({ force: true });
  const praise = unique("Quick and kind.");
  await rating.getByRole("textbox").fill(praise);
  await rating.getByRole("textbox").press("Enter");
  await expect(visitor.frame.getByText("Thank you for telling us.")).toBeVisible();
  const ending = operator.page.getByTestId("ending");
  await expect(ending.getByRole("img", { name: "4 of 5 stars" })).toBeVisible();
  await expect(ending).toContainText(praise);
  await visitor.page.screenshot({
    path: join(info.project.outputDir, "screenshots", database, "ending-rated.png"),
    animations: "disabled",
  });

  await visitor.frame.locator("summary").click();
  await visitor.button("Email transcript").click();
  const address = `${unique("ada").replaceAll(/\W/g, "")}@example.com`;
  await visitor.frame.getByRole("textbox", { name: "Email" }).fill(address);
  await visitor.frame.getByRole("textbox", { name: "Email" }).press("Enter");
  const mails = async () => {
    const found = await fetch(`${server.url}/dev/mail.json?to=${encodeURIComponent(address)}`);
    return (await found.json()) as readonly { kind: string; text: string }[];
  };
  await expect.poll(async () => (await mails()).map((mail) => mail.kind)).toEqual(["transcript"]);
  const [mail] = await mails();
  for (const text of [wish, hello]) expect(mail?.text).toContain(text);
});
