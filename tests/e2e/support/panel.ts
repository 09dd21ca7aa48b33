// The panel on a stage of its own, and what its tests have in common.

import type { Browser, BrowserContextOptions, Page } from "@playwright/test";
import { agentOf } from "./api.ts";
import { expect, type People } from "./fixtures.ts";
import { entry, type Json, type Scene, Stage, visitor } from "./stage.ts";

export const file = (change: Json): Json => ({
  id: "fil_1",
  name: "menu.pdf",
  mediaType: "application/pdf",
  size: 248_000,
  width: null,
  height: null,
  url: "/files/x",
  ...change,
});
export const talk = [
  visitor(1, "Do you bake sourdough on Sundays?"),
  entry(2, {
    text: "Yes, from **7 am**. See [our hours](https://bakery.test/hours).",
    sources: ["Opening hours"],
  }),
];
export const human: Json = { state: "HUMAN", operatorName: "Olga Petrova" };

interface Given {
  readonly people: People;
  readonly browser: Browser;
  readonly server: { readonly url: string };
}
/** Where the page shall have a time of its own, it has it before anything runs in it. */
export async function staged(
  given: Given,
  scene: Scene,
  options: BrowserContextOptions & { readonly time?: string } = {},
): Promise<Stage> {
  const { time, ...rest } = options;
  const agent = await agentOf(await given.people.desk("owner@bluebakery.test"), "Blue Bakery");
  const context = await given.browser.newContext({ viewport: { width: 380, height: 640 }, ...rest });
  const page = await context.newPage();
  if (time !== undefined) await page.clock.install({ time });
  return Stage.open(page, given.server.url, agent.widget.id, scene);
}

/** Everything that comes later is there. */
export async function settled(page: Page): Promise<void> {
  await expect(page.locator(".menu").or(page.locator(".empty")).first()).toBeVisible();
  await page.evaluate(() => document.fonts.ready);
}
export const textbox = (page: Page) => page.getByRole("textbox", { name: "Message", exact: true });
export const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
