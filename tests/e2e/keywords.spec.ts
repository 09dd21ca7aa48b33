// Keyword alerts as whoever runs an organization sets them: words, a phrase, a pattern that cannot be read, a sentence to try them
// in; then a visitor says one of the words, and the bell leads to where.

import { expect, test, unique } from "./support/fixtures.ts";

const OWNER = "owner@bluebakery.test";

test("somebody is told when a visitor says what they watch for, and is led there (S180)", async ({
  people,
}) => {
  const name = unique("Refunds");
  const side = await people.staff(OWNER);
  const { page } = side;
  await side.navigation.getByRole("link", { name: "Keyword alerts" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Keyword alerts" })).toBeVisible();

  await side.button("Add alert").click();
  const form = page.getByRole("dialog", { name: "Add alert" });
  await form.getByLabel("Name").fill(name);
  await form.getByLabel("Term 1", { exact: true }).fill("marzipan");
  await form.getByRole("button", { name: "Add another" }).click();
  await form.getByLabel("Kind of term 2").selectOption("PATTERN");
  await form.getByLabel("Term 2", { exact: true }).fill("order (?=x)");

  // What cannot be looked for says why in its row, and is refused.
  await expect(form.getByText("Look-around, such as")).toBeVisible();
  await form.getByRole("button", { name: "Add alert" }).click();
  await expect(form.getByRole("alert")).toContainText("Term 2");
  await form.getByLabel("Term 2", { exact: true }).fill("order #?\\d+");

  // What would be found is marked, by the server's own engine.
  await form.getByLabel("Try it").fill("The Márzipan of order 77, not marzipans");
  await expect(form.getByTestId("keyword-trial").locator("mark")).toHaveText(["Márzipan", "order 77"]);
  await form.getByRole("button", { name: "Add alert" }).click();
  const row = page.getByTestId("keyword-alert").filter({ hasText: name });
  await expect(row).toContainText("“marzipan”, /order #?\\d+/");
  await expect(row).toContainText("Nothing found in 30 days");

  // Changed, it still is tried and saved.
  await row.getByRole("button", { name: "Change" }).click();
  const again = page.getByRole("dialog", { name: "Change alert" });
  await again.getByLabel("Try it").fill("marzipan");
  await expect(again.getByTestId("keyword-trial").locator("mark")).toHaveText(["marzipan"]);
  await again.getByLabel("How often").selectOption("60");
  await again.getByRole("button", { name: "Save" }).click();
  await expect(again).toHaveCount(0);

  const operator = await people.staff("operator1@bluebakery.test");
  const visitor = await people.visitor();
  const said = unique("Is there MARZIPAN in the stollen?");
  await visitor.say(said);

  // The bell of somebody else who may read it.
  const told = operator.page.getByRole("dialog", { name: "Notifications" }).getByTestId("notification");
  await expect(operator.page.getByTestId("bell")).toHaveAccessibleName(/[1-9]\d* unread/);
  await operator.page.getByTestId("bell").click();
  const entry = told.filter({ hasText: name });
  await expect(entry).toContainText("said “MARZIPAN”");
  await entry.getByRole("link").click();
  await expect(operator.page).toHaveURL(/\/conversations\/cnv_/);
  await expect(operator.message(said, "VISITOR")).toBeVisible();

  // The list of hits leads there as well.
  await row.getByRole("button", { name: "Hits" }).click();
  const hit = page.getByTestId("keyword-hit");
  await expect(hit).toContainText("A visitor said “marzipan”");
  await hit.getByRole("link").click();
  await expect(side.message(said, "VISITOR")).toBeVisible();
  await page.goBack();

  // Off, nobody is told; then it goes.
  await row.getByRole("switch").press("Space");
  await expect(row.getByText("Off", { exact: true })).toBeVisible();
  await expect(row.getByRole("switch")).not.toBeChecked();
  await row.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(row).toHaveCount(0);
});

test("whoever may not set keyword alerts is told so", async ({ people }) => {
  const side = await people.staff("operator1@bluebakery.test");
  await expect(side.navigation.getByRole("link", { name: "Keyword alerts" })).toHaveCount(0);
  await side.page.goto("/keyword-alerts");
  await expect(side.page.getByTestId("missing-permission")).toContainText("Setting keyword alerts");
});
