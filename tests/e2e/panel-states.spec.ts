// The panel as its visitor sees it, in every state that it can be in, with a visitor API of the test's own behind it
// (support/stage.ts): what it looks like, light and dark, small and large, and that nobody is kept out.

import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "./support/fixtures.ts";
import { file, settled, staged, talk, textbox } from "./support/panel.ts";
import { entry, operator, type Scene, turn, visitor } from "./support/stage.ts";

const PICTURE = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="640" height="400"><rect width="640" height="400" fill="#c58"/></svg>')}`;

const states: Readonly<Record<string, Scene>> = {
  empty: {},
  answered: { messages: talk },
  "popup proposed": {
    messages: [visitor(1, "I want a human"), entry(2, { text: "I can call somebody.", offersHuman: true })],
  },
  "fixed popup": { messages: talk, handoff: { fixedPopup: true } },
  "out of hours": {
    messages: talk,
    handoff: { open: false, available: false, opensAt: new Date(Date.now() + 86_400_000).toISOString() },
  },
  "fixed out of hours": {
    messages: talk,
    handoff: {
      open: false,
      available: false,
      fixedPopup: true,
      opensAt: new Date(Date.now() + 3 * 86_400_000).toISOString(),
    },
  },
  collecting: { messages: talk, conversation: { state: "COLLECTING" } },
  waiting: {
    messages: [...talk, turn(3, "HANDOFF_REQUESTED", "You asked for a person.")],
    conversation: { state: "REQUESTED", queuePosition: 3, estimatedWaitSeconds: 240 },
    handoff: { waitingText: "Somebody from the bakery will be with you shortly." },
  },
  "waiting, blocked": {
    messages: [
      ...talk,
      turn(3, "HANDOFF_REQUESTED", "You asked for a person.", { createdAt: new Date().toISOString() }),
    ],
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
      visitor(1, "Here is the picture.", {
        attachments: [
          file({
            id: "fil_2",
            name: "cake.png",
            mediaType: "image/png",
            width: 640,
            height: 400,
            url: PICTURE,
          }),
        ],
      }),
      operator(2, "And this is our menu.", {
        attachments: [
          file({}),
          file({ id: "fil_3", name: `a-very-${"long-".repeat(20)}name.zip`, size: 3_400_000 }),
        ],
      }),
      visitor(3, "", { attachments: [file({ id: "fil_4", name: "order.txt", size: 812 })] }),
    ],
    conversation: { state: "HUMAN", operatorName: "Olga Petrova" },
  },
  markdown: {
    messages: [
      visitor(1, "How?"),
      entry(2, {
        text:
          "# Starter\nFeed it **daily**, *gently*:\n- flour\n- water, `50 g`\n\n> Patience is the secret.\n\n```\nlet starter = feed(flour, water, { hours: 24, warm: true, stir: 'twice a day' });\n```\nhttps://bakery.test/" +
          "x".repeat(80),
      }),
      visitor(
        3,
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".repeat(2),
      ),
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
  "query left": {
    messages: [
      ...talk,
      visitor(3, "Do you deliver on Sundays?", { kind: "OFFLINE_QUERY", attachments: [file({})] }),
    ],
    handoff: { open: false, available: false },
  },
  "right to left": {
    messages: [visitor(1, "هل تخبزون يوم الأحد؟"), entry(2, { text: "نعم، من **السابعة** صباحا." })],
    conversation: { state: "HUMAN", operatorName: "ليلى" },
  },
};
async function accessible(page: Page, what: string): Promise<void> {
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter((one) => one.effect?.getComputedTiming().iterations !== Infinity)
        .map((one) => one.finished.catch(() => undefined)),
    ),
  );
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(
    ({ id, help, nodes }) => `${id}: ${help} ${nodes.map((node) => node.target.join(" ")).join(", ")}`,
  );
  expect.soft(found, what).toEqual([]);
}
for (const colorScheme of ["light", "dark"] as const) {
  test(`every state of the panel is accessible and has its picture, in ${colorScheme}`, async ({
    people,
    browser,
    server,
    database,
  }, info) => {
    test.setTimeout(240_000);
    const folder = join(info.project.outputDir, "screenshots", database);
    for (const [name, scene] of Object.entries(states)) {
      const one = await staged({ people, browser, server }, scene, { colorScheme });
      const { page } = one;
      await settled(page);
      if (name === "right to left")
        await page.evaluate(() => document.documentElement.setAttribute("dir", "rtl"));
      const picture = (size: string) =>
        page.screenshot({
          path: join(folder, `panel-${name.replace(/\W+/g, "-")}-${size}-${colorScheme}.png`),
          animations: "disabled",
        });
      await picture("380");
      await accessible(page, `${name}, ${colorScheme}`);
      await page.setViewportSize({ width: 390, height: 844 });
      await picture("phone");
      expect(one.violations, name).toEqual([]);
      await page.context().close();
    }
    for (const [name, label] of [
      ["query", "Send email"],
      ["transcript", "Email transcript"],
    ] as const) {
      const one = await staged({ people, browser, server }, { messages: talk }, { colorScheme });
      const { page } = one;
      await settled(page);
      await page.locator("summary").click();
      if (name === "query")
        await page.screenshot({
          path: join(folder, `panel-menu-380-${colorScheme}.png`),
          animations: "disabled",
        });
      await page.getByRole("button", { name: label, exact: true }).click();
      await expect(page.getByRole("heading", { name: label })).toBeFocused();
      await page.screenshot({
        path: join(folder, `panel-${name}-380-${colorScheme}.png`),
        animations: "disabled",
      });
      await accessible(page, `${name}, ${colorScheme}`);
      expect(one.violations, name).toEqual([]);
      await page.context().close();
    }
  });
}
test("nothing is cut off at 200 %, and nothing moves for whoever wants it still", async ({
  people,
  browser,
  server,
}) => {
  for (const [name, scene] of Object.entries(states)) {
    const { page } = await staged({ people, browser, server }, scene, {
      viewport: { width: 190, height: 320 },
      reducedMotion: "reduce",
    });
    await settled(page);
    const wide = await page.evaluate(() =>
      [...document.querySelectorAll(".panel, .scroll, .sheet, .card, .composer, .header")]
        .filter((one) => one.scrollWidth > one.clientWidth + 1)
        .map((one) => one.className),
    );
    expect(wide, name).toEqual([]);
    expect(await page.evaluate(() => document.getAnimations().length), name).toBe(0);
    if (await textbox(page).count()) await expect(textbox(page), name).toBeInViewport();
    await page.context().close();
  }
});
