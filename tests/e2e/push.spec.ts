// Push from end to end: the page subscribes, the server encrypts and sends, a push service takes it, and Chromium delivers it to the
// service worker, which shows it and leads back.

import type { BrowserContext, CDPSession, Page } from "@playwright/test";
import { DemoServer } from "../demo-server.mjs";
import { agentOf, Desk, enableHandoff, freed } from "./support/api.ts";
import { Dashboard } from "./support/dashboard.ts";
import { expect, test, unique } from "./support/fixtures.ts";
import { PushService } from "./support/push-service.ts";
import { Widget } from "./support/widget.ts";

const OPERATOR = "operator1@bluebakery.test";

let service: PushService;
let own: DemoServer;

test.beforeAll(async ({ database }) => {
  service = await PushService.start();
  own = await DemoServer.start(database, { environment: { LIVERY_PUSH_RELAY: service.url } });
  const owner = await Desk.as(own.url, "owner@bluebakery.test");
  await enableHandoff(owner, (await agentOf(owner, "Blue Bakery")).id);
});

test.afterAll(async () => {
  await own.stop();
  await service.stop();
});

/** The browser subscribes at our push service: everything else of push is its own. */
async function subscribesHere(context: BrowserContext, name: string): Promise<void> {
  await context.grantPermissions(["notifications"], { origin: own.url });
  await context.addInitScript((given) => {
    let current: unknown = null;
    const made = (options: PushSubscriptionOptionsInit | undefined) => ({
      options: {
        userVisibleOnly: true,
        applicationServerKey: (options?.applicationServerKey as Uint8Array | undefined)?.buffer,
      },
      toJSON: () => given,
      unsubscribe: async () => {
        current = null;
        return true;
      },
    });
    PushManager.prototype.subscribe = async (options) => {
      current = made(options);
      return current as PushSubscription;
    };
    PushManager.prototype.getSubscription = async () => current as PushSubscription | null;
  }, service.subscription(name));
}

interface Registered {
  readonly session: CDPSession;
  readonly registrationId: string;
}

/** The registration of the service worker, as Chromium names it. */
async function registration(page: Page): Promise<Registered> {
  const session = await page.context().newCDPSession(page);
  const found = new Promise<string>((resolve) => {
    session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const one = registrations.find((it) => !it.isDeleted && it.scopeURL.startsWith(own.url));
      if (one) resolve(one.registrationId);
    });
  });
  await session.send("ServiceWorker.enable");
  return { session, registrationId: await found };
}

async function delivered(to: Registered, data: string): Promise<void> {
  const { session, registrationId } = to;
  await session.send("ServiceWorker.deliverPushMessage", { origin: own.url, registrationId, data });
}

interface Shown {
  readonly title: string;
  readonly body: string;
  readonly tag: string;
  readonly actions: readonly string[];
}

const shown = (page: Page) =>
  page.evaluate(async (): Promise<Shown[]> => {
    const worker = await navigator.serviceWorker.ready;
    const all = await worker.getNotifications();
    return all.map((one) => ({
      title: one.title,
      body: one.body,
      tag: one.tag,
      actions: ((one as Notification & { actions?: { action: string }[] }).actions ?? []).map(
        (it) => it.action,
      ),
    }));
  });

/** Presses a notification, or a button of it, as the system would. */
async function pressed(context: BrowserContext, tag: string, action: string): Promise<void> {
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
  await worker.evaluate(
    async ([tag, action]) => {
      const scope = self as unknown as {
        registration: ServiceWorkerRegistration;
        NotificationEvent: new (type: string, init: object) => Event;
        dispatchEvent(event: Event): boolean;
      };
      const [notification] = await scope.registration.getNotifications({ tag });
      scope.dispatchEvent(new scope.NotificationEvent("notificationclick", { notification, action }));
    },
    [tag, action] as const,
  );
}

test("a request comes by push, is shown by the service worker, and is accepted from there (S211, S214)", async ({
  browser,
}) => {
  const context = await browser.newContext({ baseURL: own.url });
  await subscribesHere(context, "desk-1");
  const side = new Dashboard(await context.newPage());
  await side.signIn(OPERATOR);
  await freed(await Desk.as(own.url, OPERATOR));
  const { page } = side;

  // Switched on, on the page where the gear leads.
  await page.goto("/notifications");
  const push = page.getByRole("switch", { name: "Push on this device" });
  await push.click();
  await expect(push).toBeChecked();
  await expect(page.getByTestId("device")).toHaveCount(1);
  await expect(page.getByTestId("device")).toContainText("this device");
  const worker = await registration(page);

  // The test arrives encrypted, and is shown.
  await page.getByRole("button", { name: "By push" }).click();
  await expect.poll(() => service.got.length).toBe(1);
  await delivered(worker, service.got[0]?.text ?? "");
  await expect
    .poll(async () => (await shown(page)).map((one) => one.title))
    .toEqual(["This is a test notification"]);

  // A request: with the visitor's words, and two buttons.
  const question = unique("Is my cake ready?");
  const visitor = new Widget(await (await browser.newContext({ baseURL: own.url })).newPage());
  await visitor.page.goto("/demo");
  await visitor.open();
  await visitor.say(question);
  await visitor.requestPerson("Ada");
  await expect.poll(() => service.got.length).toBe(2);
  const sent = service.got[1];
  expect(sent?.headers.urgency).toBe("high");
  expect(sent?.headers.topic).toMatch(/^[A-Za-z0-9_-]{1,32}$/);
  await delivered(worker, sent?.text ?? "");
  const request = async () => (await shown(page)).find((one) => one.title === "A visitor asks for a person");
  await expect.poll(request).toMatchObject({ body: question, actions: ["accept", "open"] });

  // Accepted from the notification: the page that is there takes it.
  await pressed(context, (await request())?.tag ?? "", "accept");
  await expect(page).toHaveURL(/\/live-chats\/cnv_/);
  await expect(visitor.message(/has joined the chat/)).toBeVisible();
  await expect.poll(request).toBeUndefined();

  // Once the browser has given the subscription up, the device is gone, and its owner is told.
  service.answers(410);
  await page.goto("/notifications");
  await page.getByRole("button", { name: "By push" }).click();
  await expect(page.getByTestId("device")).toHaveCount(0);
  await visitor.page.context().close();
  await context.close();
});
