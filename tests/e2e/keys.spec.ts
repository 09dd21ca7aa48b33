// API keys as whoever runs an organization makes them: a role, a secret that is shown once, a program that uses it, and its end.

import { expect, test, unique } from "./support/fixtures.ts";

test("an owner makes a key, a program uses it, and it is refused once it is revoked", async ({
  people,
  server,
}) => {
  const name = unique("Nightly export");
  const side = await people.staff("owner@bluebakery.test");
  const { page } = side;
  await page.goto("/api-keys");
  await side.button("Make key").click();
  const form = page.getByRole("dialog", { name: "Make key" });
  await form.getByLabel("Name").fill(name);
  await form.getByRole("button", { name: "Make key" }).click();

  const secret = (await page.getByTestId("key-secret").textContent()) ?? "";
  expect(secret).toMatch(/^lvk_[A-Za-z0-9_-]{43}$/);
  await page.getByRole("button", { name: "I have stored it" }).click();
  await expect(page.getByTestId("key-secret")).toHaveCount(0);
  const row = page.getByTestId("api-key").filter({ hasText: name });
  await expect(row).toContainText(`${secret.slice(0, 8)}…`);
  await expect(row).toContainText("Never used");

  const ask = async () => {
    const answer = await fetch(`${server.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${secret}` },
      body: JSON.stringify({ query: "{ currentApiKey { name } }" }),
    });
    return answer.json();
  };
  expect((await ask()).data.currentApiKey).toEqual({ name });

  await row.getByRole("button", { name: `Revoke ${name}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await expect(row).toHaveAttribute("data-state", "REVOKED");
  expect((await ask()).errors[0].extensions).toMatchObject({
    code: "UNAUTHENTICATED",
    reason: "KEY_REVOKED",
  });
});
