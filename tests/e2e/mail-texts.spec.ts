// An agency writes what a mail says: it sees it at once, the mail arrives with its words, and the original comes back.

import type { Page } from "@playwright/test";
import { agentOf } from "./support/api.ts";
import { expect, test, unique } from "./support/fixtures.ts";

// The words of mails stay behind when a test ends early.
test.use({ alone: "mail-texts" });

const OWNER = "owner@northlight.test";

/** What the page refuses to load or to apply. */
function refusals(page: Page): string[] {
  const refused: string[] = [];
  page.on("console", (message) => {
    if (/content security policy/i.test(message.text())) refused.push(message.text());
  });
  return refused;
}

test("an agency chooses the words of a mail, and it arrives with them (S020, S038)", async ({
  people,
  server,
}) => {
  const side = await people.staff(OWNER);
  const { page } = side;
  const refused = refusals(page);
  await page.goto("/mail-texts");
  const row = page.locator('[data-testid="mail-text"][data-kind="invitation"]');
  await row.getByRole("link", { name: "Invitation" }).click();
  const preview = page.getByTestId("mail-preview");
  const heading = page.getByLabel("Heading");
  const inside = preview.frameLocator("iframe");
  await expect(inside.getByText("You are invited to Blue Bakery")).toBeVisible();

  // What this mail does not have is said at its field, and nothing can be saved.
  await heading.fill("{{ secret }}");
  await expect(page.getByText("This mail has no value secret.")).toBeVisible();
  await expect(heading).toHaveAttribute("aria-invalid", "true");
  await expect(side.button("Save")).toBeDisabled();

  const words = unique("Come to");
  await heading.fill(`${words} `);
  await side.button("brand").click();
  await expect(heading).toHaveValue(`${words} {{ brand }}`);
  await expect(heading).toBeFocused();
  await page.getByLabel("Subject").fill(`${words} {{ place }}`);
  await expect(inside.getByText(`${words} Northlight`)).toBeVisible();
  await expect(page.getByTestId("mail-preview-subject")).toHaveText(`${words} Blue Bakery`);

  // The box has the style of the mail, in both of its looks, and nothing of it was refused.
  const ground = () => inside.locator("body").evaluate((body) => getComputedStyle(body).backgroundColor);
  await expect.poll(ground).toBe("rgb(243, 244, 246)");
  await preview.getByRole("button", { name: "Dark" }).click();
  await expect.poll(ground).toBe("rgb(20, 23, 27)");
  await preview.getByRole("button", { name: "Plain text" }).click();
  await expect(preview.locator("pre")).toContainText(`${words} Northlight`);
  expect(refused).toEqual([]);

  await side.button("Save").click();
  await expect(side.button("Restore the original")).toBeVisible();

  const desk = await people.desk(OWNER);
  const organization = (await agentOf(desk, "Blue Bakery")).organization?.id;
  const to = "somebody@bluebakery.test";
  await desk.ask(
    `mutation ($key: String!, $organization: ID!, $to: String!) {
      inviteMember(clientId: $key, organizationId: $organization, email: $to, roleId: "rol_00000000000000000000000009") { id }
    }`,
    { key: crypto.randomUUID(), organization, to },
  );
  const found = await fetch(`${server.url}/dev/mail.json?to=${encodeURIComponent(to)}`);
  const [mail] = (await found.json()) as { subject: string; html: string }[];
  expect(mail?.subject).toBe(`${words} Blue Bakery`);
  expect(mail?.html).toContain(`${words} Northlight`);

  await side.button("Restore the original").click();
  await page.getByRole("dialog").getByRole("button", { name: "Restore" }).click();
  await expect(row).toBeVisible();
  await expect(row).not.toContainText("Your text");
});

test("what was typed is not lost by leaving", async ({ people }) => {
  const side = await people.staff(OWNER);
  const { page } = side;
  await page.goto("/mail-texts");
  await page.getByRole("link", { name: "The digest" }).click();
  await page.getByLabel("Subject").fill("Something new");
  const dialog = page.getByRole("dialog", { name: "Leave without saving?" });

  // By a link, by going back, and by closing the tab.
  await side.navigation.getByRole("link", { name: "Webhooks" }).click();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog).toBeHidden();
  await page.evaluate(() => history.back());
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByLabel("Subject")).toHaveValue("Something new");
  const asked = page.waitForEvent("dialog");
  await page.evaluate(() => setTimeout(() => location.reload()));
  const native = await asked;
  expect(native.type()).toBe("beforeunload");
  await native.dismiss();
  await expect(page.getByLabel("Subject")).toHaveValue("Something new");

  // What is given up is not asked about again, and neither is a form in which nothing was typed.
  await page.getByRole("link", { name: "Mail texts" }).last().click();
  await dialog.getByRole("button", { name: "Leave" }).click();
  await page.getByRole("link", { name: "The digest" }).click();
  await expect(page.getByLabel("Subject")).not.toHaveValue("Something new");
  await page.getByRole("link", { name: "Mail texts" }).last().click();
  await expect(page.locator('[data-testid="mail-text"]').first()).toBeVisible();
  await expect(dialog).toBeHidden();
});

test("that the original went out instead of the agency's words is said on the page", async ({ people }) => {
  const { page } = await people.staff(OWNER);
  const trouble = "A value that it asks for is not there.";
  await page.route("**/graphql", async (route) => {
    if (!route.request().postData()?.includes("query MailTexts")) return route.fallback();
    const answer = await route.fetch();
    const json = (await answer.json()) as { data: { mailTexts: Record<string, unknown>[] } };
    for (const text of json.data.mailTexts.filter((one) => one.kind === "told")) {
      Object.assign(text, { own: text.original, version: 1, trouble, troubleAt: new Date().toISOString() });
    }
    return route.fulfill({ response: answer, json });
  });
  await page.goto("/mail-texts");
  const note = page.getByTestId("mail-text-trouble");
  await expect(note).toHaveCount(1);
  await expect(note).toContainText(`${trouble} The original went out instead.`);
  await page.getByRole("link", { name: "Another notification" }).click();
  await expect(page.getByLabel("Subject")).toBeVisible();
  await expect(note).toContainText(trouble);
  await page.unrouteAll({ behavior: "wait" });
});

test("whoever may not manage the sender hears it", async ({ people }) => {
  const { page } = await people.staff("owner@bluebakery.test");
  await page.goto("/mail-texts");
  await expect(page.getByText("Choosing what mails say")).toBeVisible();
  await expect(page.getByTestId("mail-text")).toHaveCount(0);
  await page.goto("/mail-texts/digest");
  await expect(page.getByText("Choosing what mails say")).toBeVisible();
  await expect(page.getByLabel("Subject")).toHaveCount(0);
});
