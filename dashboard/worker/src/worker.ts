/**
 * The service worker: shows what comes by push while no page is there, and leads to it.
 *
 * It serves no page and keeps no copy of one; what it knows comes with the message. Nothing in it says whose product it is.
 */
import { bodyOf, CLICK, CLICKS, type Clicked, readTold, type Told } from "./told";

declare const self: ServiceWorkerGlobalScope;

/** What the library's types do not know of notifications yet. */
interface Shown extends NotificationOptions {
  readonly actions?: readonly { readonly action: string; readonly title: string }[];
  readonly renotify?: boolean;
  readonly timestamp?: number;
}

self.addEventListener("install", () => void self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  const told = event.data ? readTold(event.data.text()) : null;
  event.waitUntil(show(told));
});

async function show(told: Told | null): Promise<void> {
  // Browsers want something shown for each message, whether or not it can be read.
  if (!told) {
    return self.registration.showNotification("Something has happened", {
      tag: "unknown",
      data: { link: "/" },
    });
  }
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  // Whoever has the page before them has the message there already, with its sound.
  if (told.kind === "VISITOR_MESSAGE" && pages.some((page) => page.focused)) return;
  const open = { action: "open", title: "Open" };
  const options: Shown = {
    body: bodyOf(told),
    tag: told.tag,
    renotify: true,
    requireInteraction: told.rings,
    icon: "/apple-touch-icon.png",
    data: { link: told.link, rings: told.rings },
    actions: told.rings ? [{ action: "accept", title: "Accept" }, open] : [open],
    ...(Number.isNaN(Date.parse(told.at)) ? {} : { timestamp: Date.parse(told.at) }),
  };
  return self.registration.showNotification(told.title, options);
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const data = event.notification.data as { readonly link?: unknown; readonly rings?: unknown } | null;
  const link = typeof data?.link === "string" ? data.link : "/";
  const accept = event.action === "accept" && data?.rings === true;
  event.waitUntil(lead({ type: "clicked", link, accept, at: Date.now() }));
});

/** Leads to the page that is there, or opens one and leaves word for it. */
async function lead(clicked: Clicked): Promise<void> {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = pages.filter((page) => new URL(page.url).origin === self.location.origin);
  const page =
    there.find((one) => one.focused) ?? there.find((one) => one.visibilityState === "visible") ?? there[0];
  if (page) {
    page.postMessage(clicked);
    await page.focus().catch(() => null);
    return;
  }
  const kept = await caches.open(CLICKS);
  await kept.put(
    CLICK,
    new Response(JSON.stringify(clicked), { headers: { "content-type": "application/json" } }),
  );
  await self.clients.openWindow(clicked.link);
}
