import { type BrowserContextOptions, test as base, expect } from "@playwright/test";
import { DemoServer } from "../../demo-server.mjs";
import { Desk } from "./api.ts";
import { Dashboard } from "./dashboard.ts";
import { Widget } from "./widget.ts";

export { expect };

export interface Options {
  database: "sqlite" | "postgres";
  /** A file that leaves settings behind names itself here, and gets a server that no other file uses. */
  alone: string;
}

/** Whom a test asks for; each gets a browser context, so a cookie jar, of their own. */
export interface People {
  /** Somebody signed in to the dashboard. */
  staff(email: string, options?: BrowserContextOptions): Promise<Dashboard>;
  /** A visitor on the demo page, with the chat open. */
  visitor(options?: BrowserContextOptions): Promise<Widget>;
  /** Somebody's desk API, without a page. */
  desk(email: string): Promise<Desk>;
}

export const test = base.extend<{ people: People; logs: undefined }, Options & { server: DemoServer }>({
  database: ["sqlite", { option: true, scope: "worker" }],
  alone: ["", { option: true, scope: "worker" }],

  server: [
    async ({ database }, use) => {
      const server = await DemoServer.start(database);
      await use(server);
      await server.stop();
    },
    { scope: "worker", timeout: 120_000 },
  ],

  people: async ({ browser, server }, use) => {
    const contexts: { close(): Promise<void> }[] = [];
    const page = async (options: BrowserContextOptions = {}) => {
      const context = await browser.newContext({ baseURL: server.url, ...options });
      contexts.push(context);
      return context.newPage();
    };
    await use({
      async staff(email, options) {
        const dashboard = new Dashboard(await page(options));
        await dashboard.signIn(email);
        return dashboard;
      },
      async visitor(options) {
        const widget = new Widget(await page(options));
        await widget.page.goto("/demo");
        await widget.open();
        return widget;
      },
      desk: (email) => Desk.as(server.url, email),
    });
    for (const context of contexts) await context.close();
  },

  logs: [
    async ({ server }, use, info) => {
      await use(undefined);
      if (info.status !== info.expectedStatus) {
        await info.attach("server.log", { body: server.log(2_000), contentType: "text/plain" });
        console.error(`--- the server said last\n${server.log(25)}\n---`);
      }
    },
    { auto: true },
  ],
});

let sentences = 0;

/** Words that no other test says. */
export function unique(words: string): string {
  return `${words} (${process.pid}.${++sentences})`;
}
