// An agency writes what a mail says: it sees it at once, the mail arrives with its words, and the original comes back.

import { Dashboard } from "./support/dashboard.ts";
import { expect, test } from "./support/fixtures.ts";

test("an agency chooses the words of a mail", async ({ page }) => {
  const side = new Dashboard(page);
  await side.signIn("owner@northlight.test");
  await page.goto("/mail-texts");
  await side.button("Edit The digest").click();
  const preview = page.getByTestId("mail-preview");

  // What this mail does not have is said at its field, and nothing can be saved.
  await page.getByLabel("Heading").fill("{{ secret }}");
  await expect(page.getByText("This mail has no value secret.")).toBeVisible();
  await expect(side.button("Save")).toBeDisabled();

  await page.getByLabel("Heading").fill("News of ");
  await page.getByRole("button", { name: "brand", exact: true }).click();
  await expect(page.getByLabel("Heading")).toHaveValue("News of {{ brand }}");
  await expect(preview.frameLocator("iframe").getByText("News of Northlight")).toBeVisible();
  await preview.getByRole("button", { name: "Plain text" }).click();
  await expect(preview.locator("pre")).toContainText("News of Northlight");
  await side.button("Save").click();
  await side.button("All mails").click();
  const row = page.locator('[data-testid="mail-text"][data-kind="digest"]');
  await expect(row).toContainText("Your text");

  await side.button("Edit The digest").click();
  await side.button("Restore the original").click();
  await page.getByRole("dialog").getByRole("button", { name: "Restore" }).click();
  await expect(row).toBeVisible();
  await expect(row).not.toContainText("Your text");
});
