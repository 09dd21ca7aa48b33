import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";
import type { Options } from "./support/fixtures.ts";

// The system's Chromium; Playwright's own where there is none, for whoever has installed it.
const candidates = [
  process.env.CHROMIUM_PATH,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const executablePath = candidates.find((path) => path !== undefined && existsSync(path));

// What these look at is the page, whichever database answered: once is enough, and minutes are dear.
const ofThePage = [
  "axe.spec.ts",
  "csp.spec.ts",
  "hostile.spec.ts",
  "hours.spec.ts",
  "keys.spec.ts",
  "keywords.spec.ts",
  "mail-texts.spec.ts",
  "nobody.spec.ts",
  "panel-states.spec.ts",
  "panel.spec.ts",
  "push.spec.ts",
  "readiness.spec.ts",
  "screenshots.spec.ts",
  "webhooks.spec.ts",
  "words.spec.ts",
  "xss.spec.ts",
];

export default defineConfig<object, Options>({
  testDir: ".",
  outputDir: "test-results",
  // Each worker has a server of its own. Two keep two cores busy; more would make the clock a judge.
  workers: 2,
  // What fails once is run once more, with a trace, and is named as flaky at the end: it is looked at, and stops nobody else's
  // work. What fails twice fails.
  retries: 1,
  forbidOnly: process.env.CI !== undefined,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  use: {
    viewport: { width: 1440, height: 900 },
    locale: "en-US",
    timezoneId: "America/New_York",
    actionTimeout: 10_000,
    navigationTimeout: 15_000,
    // A trace costs each test a third of its time, and all but a few are thrown away.
    trace: "on-first-retry",
    launchOptions: {
      ...(executablePath === undefined ? {} : { executablePath }),
      // Agencies in tests have domains; all of them are this machine.
      args: ["--no-sandbox", "--disable-dev-shm-usage", "--host-resolver-rules=MAP *.test 127.0.0.1"],
    },
  },
  projects: [
    { name: "sqlite", use: { database: "sqlite" } },
    { name: "postgres", use: { database: "postgres" }, testIgnore: ofThePage },
  ],
});
