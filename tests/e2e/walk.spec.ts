// The whole walk, as the people in it live it: a visitor, two operators, the owner; then those who may not.

import { agentOf, enableHandoff, type Failure, freed } from "./support/api.ts";
import type { People } from "./support/fixtures.ts";
import { expect, test, unique } from "./support/fixtures.ts";

const OWNER = "owner@bluebakery.test";
const OPERATOR = "operator1@bluebakery.test";
const COLLEAGUE = "operator2@bluebakery.test";
const VIEWER = "viewer@bluebakery.test";
const STRANGER = "operator@harbordental.test";

/** An id of the same kind that was never given out. */
const nobodys = (id: string): string => `${id.slice(0, -4)}zzzz`;

async function handoffIsOn(people: People): Promise<void> {
  const owner = await people.desk(OWNER);
  await enableHandoff(owner, (await agentOf(owner, "Blue Bakery")).id);
}

test("the owner enables handoff with the switch", async ({ people }) => {
  const desk = await people.desk(OWNER);
  const agent = await agentOf(desk, "Blue Bakery");
  await desk.ask("mutation ($id: ID!) { setHandoffEnabled(aiAgentId: $id, enabled: false) { id } }", {
    id: agent.id,
  });

  const visitor = await people.visitor();
  await visitor.say(unique("Is anybody there?"));
  await expect(visitor.button("Request Live Agent")).toHaveCount(0);

  const owner = await people.staff(OWNER);
  await owner.openAgent(agent.name);
  await expect(owner.handoffSwitch).not.toBeChecked();
  await owner.handoffSwitch.click();
  await expect(owner.handoffSwitch).toBeChecked();
  await owner.page.reload();
  await expect(owner.handoffSwitch).toBeChecked();

  await visitor.page.reload();
  await expect(visitor.button("Request Live Agent")).toBeVisible();
});

test("a visitor asks for a person, an operator accepts, both chat, and the AI takes over again", async ({
  people,
}) => {
  await handoffIsOn(people);
  await freed(await people.desk(OPERATOR));
  const operator = await people.staff(OPERATOR);
  const colleague = await people.staff(COLLEAGUE);
  await operator.open("Live Chats");
  await colleague.open("Live Chats");

  const question = unique("Do you bake sourdough on Sundays?");
  const visitor = await people.visitor();
  await visitor.say(question);
  await expect(visitor.message(/\S/, "AI").first()).toBeVisible();
  await visitor.requestPerson("Ada");

  // Nobody reloads anything.
  await expect(operator.pendingRow(question)).toBeVisible();
  await expect(operator.pendingRow(question).getByTestId("waited")).toBeVisible();
  await expect(colleague.pendingRow(question)).toBeVisible();
  await operator.accept(question);
  const id = operator.conversationId();

  // The history from before the handoff is there, the AI's part too.
  await expect(operator.message(question, "VISITOR")).toBeVisible();
  await expect(operator.message(/\S/, "AI").first()).toBeVisible();
  await expect(operator.page.getByTestId("visitor-panel")).toBeVisible();

  // The colleague sees that it was claimed, by whom, and nothing of it.
  await expect(colleague.pendingRow(question)).toHaveCount(0);
  await expect(colleague.stub.filter({ hasText: "Claimed by" }).first()).toBeVisible();
  await colleague.page.goto(`/live-chats/${id}`);
  await expect(colleague.page.getByTestId("conversation-stub")).toBeVisible();
  await expect(colleague.page.getByText(question)).toHaveCount(0);
  const refused = await (await people.desk(COLLEAGUE)).refused(
    "query ($id: ID!) { conversation(id: $id) { messages { nodes { text } } } }",
    { id },
  );
  expect(refused).toMatchObject({ code: "FORBIDDEN", reason: "CLAIMED_BY_OTHER" });

  const hello = unique("Good morning, this is Olga.");
  const answer = unique("Lovely, one loaf please.");
  await visitor.input.pressSequentially("Lovely");
  await expect(operator.page.getByTestId("typing")).toBeVisible();
  await operator.composer.pressSequentially("Good");
  await expect(visitor.frame.getByRole("img", { name: "Typing" })).toBeVisible();
  await operator.send(hello);
  await expect(visitor.message(hello, "OPERATOR")).toBeVisible();
  await visitor.say(answer);
  await expect(operator.message(answer, "VISITOR")).toBeVisible();
  await visitor.expectWhole([question, hello, answer]);
  await operator.expectWhole([question, hello, answer]);

  // Back to the AI, and the visitor is told.
  await operator.button("Pass Chat to AI").click();
  await expect(visitor.frame.locator('[data-kind="RETURNED_TO_AI"]')).toBeVisible();
  const again = unique("And what about rye bread?");
  const answers = await visitor.message(/\S/, "AI").count();
  await visitor.say(again);
  await expect(visitor.message(/\S/, "AI")).not.toHaveCount(answers);

  // Taken over without a request, and ended.
  await operator.open("Conversations");
  await operator.conversationRow(again).getByRole("link").first().click();
  await operator.button("Continue chat yourself").click();
  await expect(operator.button("Mark as Complete")).toBeVisible();
  const bye = unique("I am back, rye is sold out.");
  await operator.send(bye);
  await expect(visitor.message(bye, "OPERATOR")).toBeVisible();
  await operator.button("Mark as Complete").click();
  await expect(visitor.frame.getByText("Conversation ended").first()).toBeVisible();
  await expect(operator.composer).toHaveCount(0);
});

test("two operators accept at once, and one gets the chat", async ({ people }) => {
  await handoffIsOn(people);
  const question = unique("Who will be first?");
  const visitor = await people.visitor();
  await visitor.say(question);
  await visitor.requestPerson("Bea");

  const [one, two] = await Promise.all([people.desk(OPERATOR), people.desk(COLLEAGUE)]);
  const waiting = await one.ask<{
    handoffs: { nodes: { id: string; conversation: { id: string; preview: string | null } }[] };
  }>("{ handoffs(states: [REQUESTED], first: 50) { nodes { id conversation { id preview } } } }");
  const handoff = waiting.handoffs.nodes.find((node) => node.conversation.preview === question);
  expect(handoff).toBeDefined();
  const accept = "mutation ($id: ID!) { acceptHandoff(handoffId: $id) { id assignee { name } } }";
  const answers = await Promise.all([one, two].map((desk) => desk.try(accept, { id: handoff?.id })));
  const lost = answers.filter((answer) => answer.errors);
  expect(lost).toHaveLength(1);
  expect(lost[0]?.errors?.[0]?.extensions).toMatchObject({
    code: "CONFLICT",
    reason: "ALREADY_ACCEPTED",
    holder: expect.stringMatching(/\S/),
  });
});

test("a viewer sees neither the queue nor the switch, and the API says why", async ({ people }) => {
  const agent = await agentOf(await people.desk(OWNER), "Blue Bakery");
  const viewer = await people.staff(VIEWER);
  await expect(viewer.link("Home")).toBeVisible();
  await expect(viewer.link("Live Chats")).toHaveCount(0);
  await viewer.page.goto("/live-chats");
  await expect(viewer.page.getByRole("tab", { name: "Pending Requests" })).toHaveCount(0);
  await viewer.openAgent(agent.name);
  await expect(viewer.page.getByRole("heading", { name: "Escalation" })).toBeVisible();
  const escalation = viewer.page.getByRole("region", { name: "Escalation" });
  await expect(escalation.getByTestId("missing-permission")).toContainText("“Settings”");
  await expect(escalation.getByTestId("missing-permission")).toContainText("Nora Lindqvist");
  await expect(viewer.handoffSwitch).toHaveCount(0);
  await expect(escalation.getByRole("switch")).toHaveCount(0);

  const desk = await people.desk(VIEWER);
  const enable = "mutation ($id: ID!) { setHandoffEnabled(aiAgentId: $id, enabled: true) { id } }";
  expect(await desk.refused(enable, { id: agent.id })).toMatchObject({
    code: "FORBIDDEN",
    reason: "MISSING_PERMISSION",
  });
  expect(await desk.refused("{ handoffs { nodes { id } } }")).toMatchObject({ code: "FORBIDDEN" });
});

test("for another organization's operator nothing of the bakery exists", async ({ people }) => {
  await handoffIsOn(people);
  const question = unique("Is this private?");
  const visitor = await people.visitor();
  await visitor.say(question);
  await visitor.requestPerson("Cem");
  const operator = await people.staff(OPERATOR);
  await operator.open("Live Chats");
  await operator.pendingRow(question).getByRole("link").first().click();
  await expect(operator.message(question, "VISITOR")).toBeVisible();
  const conversation = operator.conversationId();

  const bakery = await people.desk(OWNER);
  const agent = await agentOf(bakery, "Blue Bakery");
  const handoff = await bakery.ask<{ conversation: { handoff: { id: string } } }>(
    "query ($id: ID!) { conversation(id: $id) { handoff { id } } }",
    { id: conversation },
  );
  const stranger = await people.desk(STRANGER);
  const organization = agent.organization?.id ?? "";
  const tries: [string, string][] = [
    ["query ($id: ID!) { conversation(id: $id) { id } }", conversation],
    ["query ($id: ID!) { organization(id: $id) { name } }", organization],
    ["query ($id: ID!) { aiAgent(id: $id) { name } }", agent.id],
    ["query ($id: ID!) { handoffs(organizationId: $id) { nodes { id } } }", organization],
    ["query ($id: ID!) { conversations(organizationId: $id) { nodes { id } } }", organization],
    ["mutation ($id: ID!) { acceptHandoff(handoffId: $id) { id } }", handoff.conversation.handoff.id],
    ["mutation ($id: ID!) { intervene(conversationId: $id) { id } }", conversation],
    ["mutation ($id: ID!) { completeConversation(conversationId: $id) { id } }", conversation],
    [
      'mutation ($id: ID!) { sendMessage(clientId: "x-1", conversationId: $id, text: "x") { id } }',
      conversation,
    ],
  ];
  const told = (refused: Failure["extensions"]) => ({ ...refused, requestId: "" });
  for (const [document, id] of tries) {
    const foreign = await stranger.refused(document, { id });
    expect(foreign, document).toMatchObject({ code: "NOT_FOUND" });
    // Byte for byte what an id gets that nobody ever had.
    expect(told(foreign), document).toEqual(told(await stranger.refused(document, { id: nobodys(id) })));
  }
  // Whoever may enable handoff nowhere hears that, of whichever id.
  const enable = "mutation ($id: ID!) { setHandoffEnabled(aiAgentId: $id, enabled: false) { id } }";
  const foreign = told(await stranger.refused(enable, { id: agent.id }));
  expect(foreign).toEqual(told(await stranger.refused(enable, { id: nobodys(agent.id) })));
  const chief = await people.desk("owner@southpaw.test");
  expect(await chief.refused(enable, { id: agent.id })).toMatchObject({ code: "NOT_FOUND" });

  const page = await people.staff(STRANGER);
  await page.open("Live Chats");
  await expect(page.page.getByText("Nobody is waiting")).toBeVisible();
  await expect(page.page.getByText(question)).toHaveCount(0);
});

test("an owner of another agency learns nothing of it", async ({ people }) => {
  const agent = await agentOf(await people.desk(OWNER), "Blue Bakery");
  const southpaw = await people.desk("owner@southpaw.test");
  const documents: [string, string][] = [
    ["query ($id: ID!) { aiAgent(id: $id) { name } }", agent.id],
    ["query ($id: ID!) { organization(id: $id) { name } }", agent.organization?.id ?? ""],
    ["mutation ($id: ID!) { setHandoffEnabled(aiAgentId: $id, enabled: false) { id } }", agent.id],
    ["mutation ($id: ID!) { assignAiAgent(aiAgentId: $id, organizationId: null) { id } }", agent.id],
  ];
  for (const [document, id] of documents) {
    expect(await southpaw.refused(document, { id }), document).toMatchObject({ code: "NOT_FOUND" });
  }
  const all = await southpaw.ask<{ aiAgents: { nodes: unknown[] }; organizations: { nodes: unknown[] } }>(
    "{ aiAgents(first: 50) { nodes { name } } organizations(first: 50) { nodes { name } } }",
  );
  expect(JSON.stringify(all)).not.toMatch(/Bakery|Dental|Crumb/);
});
