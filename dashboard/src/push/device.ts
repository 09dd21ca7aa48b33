import { ask, change } from "../api/client";
import { createStore } from "../api/store";
import { PushKeyQuery, RegisterDeviceMutation, RemoveDeviceMutation } from "./documents";

/** Whether this browser is told by push: what it can do, what the person chose here, and what became of it. */
export type Here = "unsupported" | "off" | "blocked" | "on" | "failing";

const WORKER = "/sw.js";

export const canPush =
  typeof navigator !== "undefined" && "serviceWorker" in navigator && typeof PushManager !== "undefined";

export const here = createStore<Here>(canPush ? "off" : "unsupported");

/** The choice is the person's, in this browser: another who signs in here has made none. */
const keyOf = (userId: string) => `push ${userId}`;

function wanted(userId: string): boolean {
  try {
    return localStorage.getItem(keyOf(userId)) === "on";
  } catch {
    return false;
  }
}

function remember(userId: string, on: boolean): void {
  try {
    localStorage.setItem(keyOf(userId), on ? "on" : "off");
  } catch {
    // Then it is registered, and at the next visit it is asked for again.
  }
}

/** The key as browsers want it: bytes of base64url. */
export function keyBytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = new Uint8Array(plain.length);
  for (let at = 0; at < plain.length; at += 1) bytes[at] = plain.charCodeAt(at);
  return bytes;
}

function sameKey(one: ArrayBuffer | null, other: Uint8Array): boolean {
  if (one === null || one.byteLength !== other.length) return false;
  return new Uint8Array(one).every((byte, at) => byte === other[at]);
}

async function subscribe(): Promise<void> {
  const worker = await navigator.serviceWorker.register(WORKER);
  const { pushKey } = await ask(PushKeyQuery, {});
  const key = keyBytes(pushKey);
  let subscription = await worker.pushManager.getSubscription();
  // To another key: of an installation that was set up anew. It would take nothing of ours.
  if (subscription && !sameKey(subscription.options.applicationServerKey, key)) {
    await subscription.unsubscribe();
    subscription = null;
  }
  subscription ??= await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { endpoint, keys } = subscription.toJSON();
  const [p256dh, auth] = [keys?.p256dh, keys?.auth];
  if (!endpoint || !p256dh || !auth) throw new Error("a subscription without its keys");
  await change(RegisterDeviceMutation, { endpoint, p256dh, auth }, ["PushSubscription"]);
}

/** Has this browser told by push from now on. Asks the browser, which asks the person. */
export async function switchOn(userId: string): Promise<void> {
  if ((await Notification.requestPermission()) !== "granted") {
    here.set("blocked");
    return;
  }
  try {
    await subscribe();
    remember(userId, true);
    here.set("on");
  } catch (thrown) {
    here.set("failing");
    throw thrown;
  }
}

/** Ends it: here, and at the server. */
export async function switchOff(userId: string, deviceId: string | null): Promise<void> {
  remember(userId, false);
  here.set("off");
  const worker = await navigator.serviceWorker.getRegistration(WORKER);
  await (await worker?.pushManager.getSubscription())?.unsubscribe();
  if (deviceId !== null) await change(RemoveDeviceMutation, { id: deviceId }, ["PushSubscription"]);
}

/** At each visit: whoever chose push here is registered again, whatever the browser or the server have forgotten meanwhile. */
export async function renew(userId: string): Promise<void> {
  if (!canPush) return;
  if (!wanted(userId)) {
    here.set("off");
    return;
  }
  if (Notification.permission !== "granted") {
    here.set("blocked");
    return;
  }
  try {
    await subscribe();
    here.set("on");
  } catch {
    here.set("failing");
  }
}
