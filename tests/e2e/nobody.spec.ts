// Nobody comes: who is told by mail, what the visitor leaves, how it is answered, and how it comes back.

import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { Browser, Page } from "@playwright/test";
import { DemoServer } from "../demo-server.mjs";
import { agentOf, Desk, enableHandoff } from "./support/api.ts";
import { Dashboard } from "./support/dashboard.ts";
import { expect, test, unique } from "./support/fixtures.ts";
import { type Mail, MailServer } from "./support/smtp.ts";
import { Widget } from "./support/widget.ts";

const shots = process.env.LIVERY_TEST_SHOTS;

async function shoot(page: Page, name: string): Promise<void> {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png` });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** A server with a mail server beside it, and a door for mails. */
async function start(database: "sqlite" | "postgres") {
  const mails = await MailServer.start();
  const inbound = await freePort();
  const server = await DemoServer.start(database, {
    environment: {
      LIVERY_SMTP_URL: mails.url,
      LIVERY_MAIL_FROM: "post@neutral.test",
      LIVERY_INBOUND_LISTEN: `127.0.0.1:${inbound}`,
      LIVERY_INBOUND_DOMAIN: "reply.test",
    },
  });
  const owner = await Desk.as(server.url, "owner@northlight.test");
  const agent = await agentOf(owner, "Blue Bakery");
  await enableHandoff(owner, agent.id);
  // Who asks is asked for a name, which the mails say.
  await owner.ask("mutation ($id: ID!) { updateHandoffSettings(aiAgentId: $id, askContact: true) { id } }", {
    id: agent.id,
  });
  const port = new URL(server.url).port;
  return { mails, inbound, server, owner, agent, home: `http://northlight.localhost:${port}` };
}

async function ladder(owner: Desk, organizationId: string, steps: readonly object[]): Promise<void> {
  await owner.ask(
    "mutation ($o: ID!, $s: [EscalationStepInput!]) { updateEscalationLadder(organizationId: $o, steps: $s) { origin } }",
    { o: organizationId, s: steps },
  );
}

async function staff(browser: Browser, home: string, email: string): Promise<Dashboard> {
  const context = await browser.newContext({ baseURL: home });
  const dashboard = new Dashboard(await context.newPage());
  await dashboard.signIn(email);
  return dashboard;
}

async function visitor(browser: Browser, url: string): Promise<Widget> {
  const context = await browser.newContext({ baseURL: url });
  const widget = new Widget(await context.newPage());
  await widget.page.goto("/demo");
  await widget.open();
  return widget;
}

/** Hands a mail over to the server's own door for mails. */
async function deliver(port: number, from: string, to: string, text: string): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  socket.setEncoding("utf8");
  const hear = async (code: string) => {
    const [said] = (await once(socket, "data")) as [string];
    if (!said.startsWith(code)) throw new Error(`${code} was expected: ${said}`);
  };
  await hear("220");
  const say = async (line: string, code: string) => {
    socket.write(`${line}\r\n`);
    await hear(code);
  };
  await say("EHLO visitor.test", "250");
  await say(`MAIL FROM:<${from}>`, "250");
  await say(`RCPT TO:<${to}>`, "250");
  await say("DATA", "354");
  const head = `From: Vera <${from}>\r\nMessage-ID: <${Date.now()}@visitor.test>\r\nSubject: Re: Your message\r\n`;
  await say(`${head}\r\n${text}\r\n\r\nOn Friday, Northlight <${to}> wrote:\r\n> We do.\r\n.`, "250");
  socket.end("QUIT\r\n");
}

const about = (words: string) => (mail: Mail) => mail.subject.includes(words);

test("the team is written when a visitor asks for a person, again while they wait, and about what lies unseen", async ({
  browser,
  database,
}) => {
  // What lies unseen is mailed after three minutes, which pass while the rest is looked at.
  test.setTimeout(360_000);
  const { mails, server, owner, agent, home } = await start(database);
  try {
    const patient = await visitor(browser, server.url);
    const hello = unique("A cake for Wim, please");
    await patient.say(hello);
    await patient.requestPerson("Wim", "wim@visitor.test");
    const first = await staff(browser, home, "operator1@bluebakery.test");
    await first.open("Live Chats");
    await first.accept(hello);
    const who = first.page.getByTestId("visitor-panel");
    await expect(who).toContainText("Wim");
    await expect(who).toContainText("wim@visitor.test");
    // There, and looking elsewhere.
    await first.open("Conversations");
    const unseen = unique("And candles for it");
    await patient.say(unseen);

    const organizationId = agent.organization?.id ?? "";
    await ladder(owner, organizationId, [
      { afterSeconds: 0, whom: "TEAM", channels: ["RING", "EMAIL"] },
      { afterSeconds: 3, whom: "TEAM", channels: ["RING", "EMAIL"] },
      { afterSeconds: 600, whom: "OFFLINE_QUERY" },
    ]);
    const widget = await visitor(browser, server.url);
    const words = unique("Do you bake on Sundays?");
    await widget.say(words);
    await widget.requestPerson("Vera");
    const asked = await mails.mailTo("operator1@bluebakery.test", about("Vera asks for a person"));
    expect(asked.subject).toContain("Vera asks for a person at Blue Bakery");
    // Who it is, the AI agent, what they said, and the way to Live Chats on the agency's own host.
    for (const part of ["Vera", agent.name, words]) expect(asked.text).toContain(part);
    const link = /http:\/\/\S+\/live-chats\/\S+/.exec(asked.text)?.[0] ?? "";
    expect(link.startsWith(`${home}/live-chats/cnv_`)).toBe(true);
    const second = await mails.mailTo("operator2@bluebakery.test", about("Vera asks for a person"));
    await mails.mailTo("operator1@bluebakery.test", about("has been waiting"));

    const operator = await staff(browser, home, "operator1@bluebakery.test");
    await operator.page.goto(link);
    const steps = operator.page.getByTestId("handoff-steps");
    await expect(steps.getByRole("listitem")).toHaveCount(4);
    await expect(steps).toContainText("The team: rang in the dashboard");
    await expect(steps).toContainText(/The team: email to \d+ people/);
    await shoot(operator.page, `steps-${database}`);

    // Whoever wants no more of them follows the link in it and says so, without signing in.
    const stop = /http:\/\/\S+\/unsubscribe\?\S+/.exec(second.text)?.[0] ?? "";
    expect(stop.startsWith(`${home}/unsubscribe?token=`)).toBe(true);
    const reader = await (await browser.newContext()).newPage();
    await reader.goto(stop);
    // The token stays in no history.
    await expect(reader).toHaveURL(`${home}/unsubscribe`);
    const colleague = await Desk.as(server.url, "operator2@bluebakery.test");
    const chosen = () => colleague.ask("{ notificationPreferences { organizationName email push } }");
    const mailed = (email: boolean) => ({
      notificationPreferences: [{ organizationName: "Blue Bakery", email, push: true }],
    });
    // Looking at the page changes nothing.
    expect(await chosen()).toEqual(mailed(true));
    await reader.getByRole("button", { name: "Stop these mails" }).click();
    await expect(reader.getByText("no more mails about Blue Bakery")).toBeVisible();
    expect(await chosen()).toEqual(mailed(false));

    const wrote = await mails.mailTo("operator1@bluebakery.test", about("Wim wrote to you"));
    expect(wrote.text).toContain(unseen);
    expect(/http:\/\/\S+\/live-chats\/\S+/.exec(wrote.text)?.[0]).toContain(`${home}/live-chats/cnv_`);
  } finally {
    mails.stop();
    await server.stop();
  }
});

test("a mail that came back is counted and shown, and is sent again from the log and from the list of mails", async ({
  browser,
  database,
}) => {
  const { mails, server, owner, agent, home } = await start(database);
  try {
    const gone = "operator1@bluebakery.test";
    mails.unknown.add(gone);
    await ladder(owner, agent.organization?.id ?? "", [
      { afterSeconds: 0, whom: "TEAM", channels: ["RING", "EMAIL"] },
    ]);
    const guest = await visitor(browser, server.url);
    await guest.say(unique("Do you ship?"));
    await guest.requestPerson("Vera");
    await mails.mailTo("operator2@bluebakery.test", about("Vera"));

    // In the conversation, whoever may know reads what became of it, and sends it again: in vain, as long as nothing changed.
    const side = await staff(browser, home, "owner@northlight.test");
    const chat = await owner.ask<{ handoffs: { nodes: readonly { conversation: { id: string } }[] } }>(
      "{ handoffs(states: [REQUESTED], first: 1) { nodes { conversation { id } } } }",
    );
    await side.page.goto(`/conversations/${chat.handoffs.nodes[0]?.conversation.id}`);
    await side.page.getByRole("button", { name: "Who was told, and why" }).click();
    const back = side.page.getByTestId("decision-mail").filter({ hasText: "The mail came back" });
    await expect(back).toHaveCount(1);
    await expect(back).toContainText("no such mailbox");
    await shoot(side.page, "bounce-log");
    const again = side.page.getByRole("button", { name: "Send to Olivia Hart again" });
    await again.click();
    await expect(
      side.page.getByTestId("toast").filter({ hasText: "On its way to Olivia Hart again" }),
    ).toBeVisible();
    await expect.poll(() => mails.refused).toBe(2);
    await expect(back).toHaveCount(1);
    await expect(again).toBeVisible();

    // The list says how much came back; once the mailbox is there, it arrives, and there is nothing left to send.
    await side.page.goto("/sender");
    const list = side.page.getByRole("region", { name: "Mails", exact: true });
    await expect(list).toContainText(/In the last 30 days 1 of \d+ came back/);
    await list.getByLabel("Show").selectOption({ label: "Came back" });
    const row = list.getByTestId("mail-row");
    await expect(row).toHaveCount(1);
    await expect(row).toContainText(gone);
    await shoot(side.page, "bounce-sender");
    mails.unknown.clear();
    await row.getByRole("button", { name: `Send again to ${gone}` }).click();
    await mails.mailTo(gone, about("Vera"));
    await expect(row).toHaveCount(0);
  } finally {
    await server.stop();
    mails.stop();
  }
});

test("a visitor to whom nobody came leaves a query, which is answered by mail, gone on with by link, and comes back by mail", async ({
  browser,
  database,
}) => {
  test.setTimeout(180_000);
  const { mails, inbound, server, owner, agent, home } = await start(database);
  try {
    const organizationId = agent.organization?.id ?? "";
    await ladder(owner, organizationId, [
      { afterSeconds: 0, whom: "TEAM", channels: ["RING"] },
      { afterSeconds: 3, whom: "OFFLINE_QUERY" },
    ]);
    const widget = await visitor(browser, server.url);
    await widget.say(unique("hello"));
    await widget.requestPerson("Vera");
    await expect(widget.frame.getByText("Nobody is free at the moment.").first()).toBeVisible();
    await mails.mailTo("operator1@bluebakery.test", about("Nobody came to Vera"));

    // Without an address or a word it cannot be sent, and the form says where.
    const words = unique("Do you bake on Sundays?");
    await widget.button("Send email").first().click();
    const form = widget.frame.getByTestId("offline-query");
    const address = form.getByRole("textbox", { name: "Your email address" });
    const message = form.getByRole("textbox", { name: "Your message" });
    const submit = form.getByRole("button", { name: "Send message" });
    await submit.click();
    await expect(address).toHaveAttribute("aria-invalid", "true");
    await expect(message).toHaveAttribute("aria-invalid", "true");
    await address.fill("vera@visitor.test");
    await message.fill(words);
    await form.locator("input[type=file]").setInputFiles({
      name: "cake.txt",
      mimeType: "text/plain",
      buffer: Buffer.from("Round, with plums."),
    });
    await submit.click();
    await expect(widget.frame.getByRole("status").filter({ hasText: "Your message was sent" })).toContainText(
      "vera@visitor.test",
    );
    await widget.page.keyboard.press("Escape");
    await expect(widget.frame.getByText(words).first()).toBeVisible();
    const told = await mails.mailTo("operator1@bluebakery.test", about("left a message"));
    const link = /http:\/\/\S+\/offline-queries\/\S+/.exec(told.text)?.[0] ?? "";
    expect(link.startsWith(home)).toBe(true);

    const operator = await staff(browser, home, "operator1@bluebakery.test");
    const { page } = operator;
    await expect(page.getByTestId("open-queries")).toHaveText("1");
    await page
      .getByRole("navigation", { name: "Main" })
      .getByRole("link", { name: "Offline Queries" })
      .click();
    const row = page.getByTestId("offline-query-row").filter({ hasText: words });
    await expect(row).toHaveAttribute("data-state", "OPEN");
    await row.getByRole("link").click();
    const query = page.getByTestId("offline-query");
    await expect(query.getByTestId("message").filter({ hasText: words })).toContainText("Offline query");
    await expect(query.getByTestId("attachment").filter({ hasText: "cake.txt" })).toBeVisible();
    await shoot(page, `query-open-${database}`);
    const answer = unique("We do, until noon.");
    await query.getByLabel("Answer by email").fill(answer);
    await query.getByRole("button", { name: "Send by email" }).click();
    await expect(query.getByTestId("message").filter({ hasText: answer })).toContainText("by email");
    await expect(query.getByRole("list", { name: "What was done" })).toContainText("Answered by");
    await expect(page.getByTestId("open-queries")).toHaveCount(0);

    // The visitor reads it, and goes on in the chat on another device.
    const mail = await mails.mailTo("vera@visitor.test");
    expect(mail.text).toContain(answer);
    const resume = /http:\/\/\S+\/resume\?token=\S+/.exec(mail.text)?.[0] ?? "";
    expect(resume.startsWith(home)).toBe(true);
    const phone = await (await browser.newContext({ viewport: { width: 390, height: 800 } })).newPage();
    await phone.goto(resume);
    await expect(phone.getByText(words).first()).toBeVisible();
    await expect(phone.getByText(answer).first()).toBeVisible();
    expect(phone.url()).not.toContain("token");
    await shoot(phone, `resumed-${database}`);

    // And answers by mail: it is in the thread at once, without what it quotes.
    const reply = /^Reply-To: <?([^>\r\n]+)>?/im.exec(mail.source)?.[1] ?? "";
    expect(reply).toMatch(/^r[0-9a-z]{52}@reply\.test$/);
    const thanks = unique("Lovely, see you on Sunday");
    await deliver(inbound, "vera@visitor.test", reply, thanks);
    const back = query.getByTestId("message").filter({ hasText: thanks });
    await expect(back).toContainText("by email");
    await expect(back).not.toContainText("wrote:");
    await mails.mailTo("operator1@bluebakery.test", about("answered by email"));
    await expect(query.getByRole("list", { name: "What was done" })).toContainText("Reply by email");
    await shoot(page, `query-replied-${database}`);

    // Closed, the link leads nowhere any more, and says so.
    await query.getByRole("button", { name: "Close", exact: true }).click();
    await expect(query.getByRole("button", { name: "Open again" })).toBeVisible();
    const late = await (await browser.newContext()).newPage();
    await late.goto(resume);
    await expect(late.getByRole("alert")).toContainText("does not work any more");
    await shoot(late, `resume-ended-${database}`);
  } finally {
    mails.stop();
    await server.stop();
  }
});

test("an organization writes its own ladder on the Settings page", async ({ people }) => {
  const owner = await people.staff("owner@bluebakery.test");
  const { page } = owner;
  await page.goto("/settings");
  const form = page.getByTestId("ladder");
  await expect(form.getByTestId("ladder-step")).toHaveCount(3);
  await expect(form).toContainText("Default");
  await form.getByRole("button", { name: "Add a step" }).click();
  const added = form.getByTestId("ladder-step").nth(2);
  await added.getByLabel("After seconds").fill("600");
  await added.getByLabel("Tell").selectOption("ADDRESS");
  await added.getByLabel("Address, by email").fill("desk@partner.test");
  await form.getByRole("button", { name: "Save", exact: true }).click();
  await expect(form).toContainText("Set here");
  await shoot(page, "ladder");
  await page.reload();
  await expect(form.getByTestId("ladder-step")).toHaveCount(4);
  await expect(form.getByLabel("Address, by email")).toHaveValue("desk@partner.test");
  // What is no ladder is refused at the form.
  await form.getByTestId("ladder-step").nth(0).getByLabel("After seconds").fill("999");
  await form.getByRole("button", { name: "Save", exact: true }).click();
  await expect(form.getByRole("alert")).toContainText("Each step comes after the one before it");
  await form.getByRole("button", { name: "Discard changes" }).click();
  await form.getByRole("button", { name: "Use the agency's" }).click();
  await expect(form.getByTestId("ladder-step")).toHaveCount(3);
});
