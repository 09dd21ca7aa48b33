// The widget on somebody else's page, which is hostile and strict.

import { agentOf, agents, allowOrigins } from "./support/api.ts";
import { expect, test, unique } from "./support/fixtures.ts";
import { ForeignSite } from "./support/foreign.ts";
import { Widget } from "./support/widget.ts";

// Which sites a widget allows stays behind.
test.use({ alone: "csp" });

interface Hostile {
  readonly violations: readonly string[];
  readonly overheard: readonly string[];
  readonly before: readonly string[];
}

test("two widgets work on a hostile page with a strict policy, and tell it nothing", async ({
  browser,
  people,
  server,
}) => {
  const agency = await people.desk("owner@northlight.test");
  const bakery = await agentOf(agency, "Blue Bakery");
  const dental = await agentOf(agency, "Harbor Dental");
  const site = await ForeignSite.start(server.url, [bakery.widget.id, dental.widget.id]);
  try {
    for (const agent of [bakery, dental]) await allowOrigins(agency, agent, [site.origin, server.url]);
    const context = await browser.newContext();
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(site.origin);

    const widgets = [new Widget(page, 0), new Widget(page, 1)];
    const said: string[] = [];
    for (const [place, widget] of widgets.entries()) {
      const button = widget.launcher;
      await expect(button).toBeVisible();
      const box = await button.boundingBox();
      expect(box?.width, "the page's CSS does not reach it").toBeGreaterThan(40);
      await widget.open();
      const text = unique(`Hello from widget ${place}`);
      said.push(text);
      await widget.say(text);
      await expect(widget.message(/\S/, "AI").first()).toBeVisible();
      await page.keyboard.press("Escape");
    }
    // Each has its own thread.
    for (const [place, text] of said.entries()) {
      await widgets[place]?.launcher.click();
      await expect(widgets[place]?.message(text) ?? page.locator("none")).toHaveCount(1);
      await expect(widgets[place]?.message(said[1 - place] ?? "") ?? page.locator("none")).toHaveCount(0);
      await page.keyboard.press("Escape");
    }

    const seen = await page.evaluate(() => {
      const { violations, overheard, before } = globalThis as unknown as Hostile;
      return {
        violations,
        overheard,
        added: Object.keys(globalThis).filter((name) => !before.includes(name)),
      };
    });
    expect(seen.violations).toEqual([]);
    expect(complaints).toEqual([]);
    expect(
      seen.overheard.filter(
        (message) => /token|resume|eyJ|Hello from widget/.test(message) && !message.includes("forged"),
      ),
    ).toEqual([]);
    expect(seen.added.filter((name) => /livery/i.test(name))).toEqual([]);
    expect(
      await page.evaluate(() =>
        Object.entries({ ...localStorage, ...sessionStorage }).filter(([, value]) => value.length > 8),
      ),
    ).toEqual([]);
    await context.close();
  } finally {
    await site.stop();
  }
});

test("a site that the widget does not allow cannot use it", async ({ browser, people, server }) => {
  const agency = await people.desk("owner@northlight.test");
  const bakery = await agentOf(agency, "Blue Bakery");
  const site = await ForeignSite.start(server.url, [bakery.widget.id]);
  try {
    await allowOrigins(agency, bakery, [server.url]);
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(site.origin);
    const widget = new Widget(page);
    await page.waitForLoadState("networkidle");
    if (await widget.launcher.isVisible()) await widget.launcher.click();
    await page.waitForLoadState("networkidle");
    await expect(widget.input).toHaveCount(0);
    await context.close();
  } finally {
    await site.stop();
  }
});

test("no page of an agency names the product or another agency", async ({ page, people, server }) => {
  const names = new Set(
    (await agents(await people.desk("owner@northlight.test"))).map((agent) => agent.name),
  );
  expect(names.size).toBeGreaterThan(0);
  const bodies: string[] = [];
  page.on("response", async (response) => {
    if (!response.url().startsWith(server.url)) return;
    const headers = JSON.stringify(await response.allHeaders());
    const body = await response.text().catch(() => "");
    bodies.push(`${response.url()} ${headers} ${body}`);
  });
  await page.goto(server.url);
  await expect(page).toHaveTitle(/Northlight/);
  await page.waitForLoadState("networkidle");
  for (const body of bodies)
    expect(body.replace(/delivery/gi, ""), body.slice(0, 80)).not.toMatch(/livery|southpaw/i);
});
