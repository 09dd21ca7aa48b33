// An agency from its first minute: the printed link, the brand, a domain, a client with a package, and what that client may do.

import { expect, type Locator, type Page } from "@playwright/test";
import { DemoServer } from "../demo-server.mjs";
import { NameServer } from "./support/dns.ts";
import { test } from "./support/fixtures.ts";
import { type Mail, MailServer } from "./support/smtp.ts";

const secret = "a long enough passphrase";

function linkIn(mail: Mail): string {
  const link = /https?:\/\/\S+\/invitation\?token=[\w.-]+/.exec(mail.text)?.[0];
  if (!link) throw new Error(`no link in: ${mail.text}`);
  return link;
}

async function join(page: Page, link: string, name: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("New password", { exact: true }).fill(secret);
  await page.getByLabel("New password again").fill(secret);
  // The token is out of the address bar before anything else can read it.
  expect(page.url()).not.toContain("token=");
  await page.getByRole("button", { name: "Create my account" }).click();
  await expect(navigation(page)).toBeVisible();
}

function navigation(page: Page): Locator {
  return page.getByRole("navigation", { name: "Main" });
}

test("from the printed link to a client who enables handoff, once the agency has allowed it", async ({
  browser,
  database,
}) => {
  test.setTimeout(180_000);
  const names = await NameServer.start();
  const mails = await MailServer.start();
  const server = await DemoServer.start(database, {
    demo: false,
    environment: { LIVERY_DNS_SERVER: names.address, LIVERY_SMTP_URL: mails.url },
  });
  const port = new URL(server.url).port;
  try {
    const printed = server.admin(
      "create-agency",
      "--name",
      "Meridian",
      "--owner-name",
      "Ines Duarte",
      "--owner-email",
      "ines@meridian.test",
    );
    const link = /https?:\/\/\S+/.exec(printed)?.[0] ?? "";
    const ours = await (await browser.newContext({ baseURL: server.url })).newPage();
    await join(ours, link, "Ines Duarte");

    // The brand: a colour that nobody could read is refused with one that everybody can.
    await ours.goto("/brand");
    await ours.getByLabel("Name", { exact: true }).fill("Meridian Chat");
    await ours.getByLabel("Colour", { exact: true }).fill("#ffe08a");
    await expect(ours.getByRole("alert").filter({ hasText: "cannot be saved" })).toBeVisible();
    await expect(ours.getByRole("button", { name: "Save", exact: true })).toBeDisabled();
    await ours.getByRole("button", { name: /proposal/i }).click();
    await ours.getByRole("button", { name: "Save", exact: true }).click();
    // The button rests while it is saved as well: only this says that it is.
    await expect(ours.getByTestId("toast").filter({ hasText: "The new looks" })).toBeVisible();
    await ours.goto("/domains");
    await expect(ours).toHaveTitle(/Meridian Chat/);

    // The domain: proved by the records that the page says.
    await ours.getByRole("button", { name: "Add domain" }).first().click();
    await ours.getByRole("dialog").getByLabel("Domain", { exact: true }).fill("Chat.Meridian.test.");
    await ours.getByRole("dialog").getByRole("button", { name: "Add", exact: true }).click();
    const domain = ours.getByTestId("domain").filter({ hasText: "chat.meridian.test" });
    await expect(domain.getByTestId("dns-record").first()).toBeVisible();
    for (const record of await domain.getByTestId("dns-record").all()) {
      const cell = async (name: string) => (await record.getAttribute(`data-${name}`)) ?? "";
      names.add(await cell("name"), (await cell("type")) as "TXT" | "CNAME", await cell("value"));
    }
    await domain.getByRole("button", { name: "Check now" }).click();
    await expect(domain).toHaveAttribute("data-state", "ACTIVE");

    // The client.
    await ours.goto("/organizations");
    await ours.getByRole("button", { name: "Create organization" }).first().click();
    await ours.getByRole("dialog").getByLabel("Name", { exact: true }).fill("Corner Books");
    await ours.getByRole("dialog").getByRole("button", { name: "Create", exact: true }).click();
    await expect(ours.getByRole("heading", { level: 1, name: "Corner Books" })).toBeVisible();
    const organization = ours.url();

    // What its people may do: answer chats and read them, and no settings.
    await ours.goto("/packages");
    await ours.getByRole("button", { name: "Create package" }).first().click();
    const creating = ours.getByRole("dialog");
    await creating.getByLabel("Name", { exact: true }).fill("Front desk");
    await creating.getByRole("button", { name: "Create", exact: true }).click();
    await expect(ours.getByRole("heading", { level: 1, name: "Front desk" })).toBeVisible();
    for (const name of ["Home", "Respond to Live Chats", "Conversations"]) {
      await ours.getByRole("checkbox", { name, exact: true }).check({ force: true });
    }
    await savePackage(ours);

    // An AI agent for it.
    await ours.goto("/ai-agents");
    await ours
      .getByRole("button", { name: /AI agent/ })
      .first()
      .click();
    await ours.getByRole("dialog").getByLabel("Name", { exact: true }).fill("Page");
    await ours
      .getByRole("dialog")
      .getByRole("button", { name: /Create/ })
      .click();
    await expect(ours.getByRole("heading", { level: 1, name: "Page" })).toBeVisible();
    const agent = new URL(ours.url()).pathname;
    await ours.goto(`${new URL(organization).pathname}?tab=ai-agents`);
    await ours.getByRole("button", { name: "Assign Page" }).click();
    await expect(ours.getByRole("button", { name: "Unassign Page" })).toBeVisible();

    // The invitation, by mail, on the agency's own domain.
    await ours.goto(`${new URL(organization).pathname}?tab=people`);
    await ours.getByRole("button", { name: "Invite", exact: true }).first().click();
    const invite = ours.getByTestId("invite-form");
    await invite.getByLabel("Email", { exact: true }).fill("mara@cornerbooks.test");
    await ours.getByRole("radio", { name: /Front desk/ }).check({ force: true });
    await ours
      .getByRole("button", { name: /invitation/i })
      .last()
      .click();
    const invited = await mails.mailTo("mara@cornerbooks.test");
    expect(invited.source).toContain("Meridian Chat");
    expect(linkIn(invited)).toContain(`http://chat.meridian.test:${port}/`);

    const theirs = await (
      await browser.newContext({ baseURL: `http://chat.meridian.test:${port}` })
    ).newPage();
    await join(theirs, linkIn(invited), "Mara Lind");
    await expect(theirs).toHaveTitle(/Meridian Chat/);

    // Without "Settings" there is nothing to enable, and the page says who can change that (S192).
    await theirs.goto(agent);
    await expect(theirs.getByRole("heading", { level: 1, name: "Page" })).toBeVisible();
    await expect(theirs.getByRole("switch", { name: "Enable Live Agent Handoff" })).toHaveCount(0);
    const missing = theirs
      .getByRole("region", { name: "Escalation" })
      .getByTestId("missing-permission")
      .first();
    await expect(missing).toContainText("Settings");
    await expect(missing).toContainText("Ines Duarte");

    // The agency adds the switch; the dry run names whom it concerns.
    await ours.goto("/packages");
    await ours.getByTestId("package-row").filter({ hasText: "Front desk" }).getByRole("link").first().click();
    await ours.getByRole("checkbox", { name: "Settings", exact: true }).check({ force: true });
    await savePackage(ours, "Mara Lind");

    // And the client has it at once, without signing in again.
    await theirs.reload();
    const handoff = theirs.getByRole("switch", { name: "Enable Live Agent Handoff" });
    await handoff.click();
    await expect(handoff).toBeChecked();
    await theirs.reload();
    await expect(handoff).toBeChecked();
  } finally {
    await server.stop();
    names.stop();
    mails.stop();
  }
});

/** Saves the package that is open, and looks whether the dry run names somebody. */
async function savePackage(page: Page, concerned?: string): Promise<void> {
  await page.getByRole("button", { name: "See what changes…" }).click();
  const plan = page.getByTestId("dry-run");
  if (concerned)
    await expect(plan.getByTestId("dry-run-person").filter({ hasText: concerned })).toBeVisible();
  await page.getByRole("dialog").getByRole("button", { name: /Save/ }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
}
