// The panel as its visitor sees it, in every state that it can be in: what it says, what the keyboard does, what it looks
// like. Behind it stands a visitor API of the test's own (support/stage.ts); the walks with the real one are further down.

import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { Browser, BrowserContextOptions, Page } from "@playwright/test";
import { agentOf } from "./support/api.ts";
import { expect, type People, test } from "./support/fixtures.ts";
import { entry, operator, refused, type Scene, Stage, turn, visitor } from "./support/stage.ts";

const PICTURE = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="640" height="400"><rect width="640" height="400" fill="#c58"/></svg>')}`;
const file = (change: object) => ({
  id: "fil_1",
  name: "menu.pdf",
  mediaType: "application/pdf",
  size: 248_000,
  width: null,
  height: null,
  url: "/files/x",
  ...change,
});

const talk = [
  visitor(1, "Do you bake sourdough on Sundays?"),
  entry(2, { text: "Yes, from **7 am**. See [our hours](https://bakery.test/hours).", sources: ["Opening hours"] }),
];

const states: Readonly<Record<string, Scene>> = {
  empty: {},
  answered: { messages: talk },
  "popup proposed": { messages: [visitor(1, "I want a human"), entry(2, { text: "I can call somebody.", offersHuman: true })] },
  "fixed popup": { messages: talk, handoff: { fixedPopup: true } },
  "out of hours": {
    messages: talk,
    handoff: { open: false, available: false, opensAt: new Date(Date.now() + 86_400_000).toISOString() },
  },
  "fixed out of hours": {
    messages: talk,
    handoff: { open: false, available: false, fixedPopup: true, opensAt: new Date(Date.now() + 3 * 86_400_000).toISOString() },
  },
  collecting: { messages: talk, conversation: { state: "COLLECTING" } },
  waiting: {
    messages: [...talk, turn(3, "HANDOFF_REQUESTED", "You asked for a person.")],
    conversation: { state: "REQUESTED", queuePosition: 3, estimatedWaitSeconds: 240 },
    handoff: { waitingText: "Somebody from the bakery will be with you shortly." },
  },
  "waiting, blocked": {
    messages: [...talk, turn(3, "HANDOFF_REQUESTED", "You asked for a person.", { createdAt: new Date().toISOString() })],
    conversation: { state: "REQUESTED", queuePosition: 1 },
    handoff: { blockInput: true },
  },
  missed: {
    messages: [...talk, turn(3, "MISSED", "Nobody was free in time.")],
    conversation: { state: "MISSED" },
  },
  talking: {
    messages: [
      ...talk,
      turn(3, "HANDOFF_ACCEPTED", "Olga Petrova joined the conversation."),
      operator(4, "Good morning! How can I help?"),
      visitor(5, "One loaf, please."),
      operator(6, "", { deletedAt: "2026-01-05T14:31:00Z" }),
      operator(7, "With pleasure, it is yours.", { editedAt: "2026-01-05T14:31:00Z" }),
      operator(8, "🎉"),
      operator(9, "I also wrote you a mail.", { via: "EMAIL" }),
    ],
    conversation: { state: "HUMAN", operatorName: "Olga Petrova", readByOperatorSeq: 9 },
  },
  files: {
    messages: [
      visitor(1, "Here is the picture.", { attachments: [file({ id: "fil_2", name: "cake.png", mediaType: "image/png", width: 640, height: 400, url: PICTURE })] }),
      operator(2, "And this is our menu.", { attachments: [file({}), file({ id: "fil_3", name: `a-very-${"long-".repeat(20)}name.zip`, size: 3_400_000 })] }),
      visitor(3, "", { attachments: [file({ id: "fil_4", name: "order.txt", size: 812 })] }),
    ],
    conversation: { state: "HUMAN", operatorName: "Olga Petrova" },
  },
  markdown: {
    messages: [
      visitor(1, "How?"),
      entry(2, {
        text: "# Starter\nFeed it **daily**, *gently*:\n- flour\n- water, `50 g`\n\n> Patience is the secret.\n\n```\nlet starter = feed(flour, water, { hours: 24, warm: true, stir: 'twice a day' });\n```\nhttps://bakery.test/" + "x".repeat(80),
      }),
      visitor(3, "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".repeat(2)),
    ],
  },
  ended: {
    messages: [...talk, turn(3, "COMPLETED", "Thank you for chatting with us.")],
    conversation: { state: "ENDED" },
  },
  rating: {
    messages: [...talk, turn(3, "COMPLETED", "Thank you for chatting with us.")],
    conversation: { state: "ENDED", askRating: true },
  },
  unavailable: { config: { available: false } },
  "right to left": {
    messages: [visitor(1, "هل تخبزون يوم الأحد؟"), entry(2, { text: "نعم، من **السابعة** صباحا." })],
    conversation: { state: "HUMAN", operatorName: "ليلى" },
  },
};

interface Given {
  readonly people: People;
  readonly browser: Browser;
  readonly server: { readonly url: string };
}

async function stage(given: Given, scene: Scene, options: BrowserContextOptions = {}): Promise<Stage> {
  const agent = await agentOf(await given.people.desk("owner@bluebakery.test"), "Blue Bakery");
  const context = await given.browser.newContext({ viewport: { width: 380, height: 640 }, ...options });
  return Stage.open(await context.newPage(), given.server.url, agent.widget.id, scene);
}

/** Everything that comes later is there. */
async function settled(page: Page): Promise<void> {
  await expect(page.locator(".menu").or(page.locator(".empty")).first()).toBeVisible();
  await page.evaluate(() => document.fonts.ready);
}

async function accessible(page: Page, what: string): Promise<void> {
  await page.evaluate(() =>
    Promise.all(document.getAnimations().filter((one) => one.effect?.getComputedTiming().iterations !== Infinity).map((one) => one.finished.catch(() => undefined))),
  );
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, help, nodes }) => `${id}: ${help} ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
  expect.soft(found, what).toEqual([]);
}

const textbox = (page: Page) => page.getByRole("textbox", { name: "Message", exact: true });

for (const colorScheme of ["light", "dark"] as const) {
  test(`every state of the panel is accessible and has its picture, in ${colorScheme}`, async ({ people, browser, server, database }, info) => {
    test.setTimeout(240_000);
    const folder = join(info.project.outputDir, "screenshots", database);
    for (const [name, scene] of Object.entries(states)) {
      const one = await stage({ people, browser, server }, scene, { colorScheme });
      const { page } = one;
      await settled(page);
      if (name === "right to left") await page.evaluate(() => document.documentElement.setAttribute("dir", "rtl"));
      const picture = (size: string) => page.screenshot({ path: join(folder, `panel-${name.replace(/\W+/g, "-")}-${size}-${colorScheme}.png`), animations: "disabled" });
      await picture("380");
      await accessible(page, `${name}, ${colorScheme}`);
      await page.setViewportSize({ width: 390, height: 844 });
      await picture("phone");
      expect(one.violations, name).toEqual([]);
      await page.context().close();
    }
    for (const [name, label] of [["query", "Send email"], ["transcript", "Email transcript"], ["forget", "Forget me"]] as const) {
      const one = await stage({ people, browser, server }, { messages: talk }, { colorScheme });
      const { page } = one;
      await settled(page);
      await page.locator("summary").click();
      if (name === "query") await page.screenshot({ path: join(folder, `panel-menu-380-${colorScheme}.png`), animations: "disabled" });
      await page.getByRole("button", { name: label, exact: true }).click();
      await expect(page.getByRole("heading", { name: label })).toBeFocused();
      await page.screenshot({ path: join(folder, `panel-${name}-380-${colorScheme}.png`), animations: "disabled" });
      await accessible(page, `${name}, ${colorScheme}`);
      expect(one.violations, name).toEqual([]);
      await page.context().close();
    }
  });
}
