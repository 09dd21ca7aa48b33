import { createStore } from "../api/store";

/** Notifications of the operating system, for whoever chose to have them (S143, S145). Off until then. */
const KEY = "desktop-notifications";

function wanted(): boolean {
  try {
    return localStorage.getItem(KEY) === "on";
  } catch {
    return false;
  }
}

export const supported = typeof Notification !== "undefined";
export const desktop = createStore(supported && wanted() && Notification.permission === "granted");

/** Asks the browser, which asks the person. False when they, or the browser, said no. */
export async function setDesktop(on: boolean): Promise<boolean> {
  const allowed = on && supported && (await Notification.requestPermission()) === "granted";
  desktop.set(allowed);
  try {
    localStorage.setItem(KEY, allowed ? "on" : "off");
  } catch {
    // Then the choice holds until the page is left.
  }
  return allowed === on;
}

const shown = new Map<string, Notification>();

/** Tells it outside of the page, unless the page is being looked at: there it stands in the corner already. */
export function tellDesktop(key: string, title: string, body: string, open: () => void): void {
  if (!desktop.get() || document.hasFocus()) return;
  try {
    const notification = new Notification(title, { body, tag: key });
    shown.get(key)?.close();
    shown.set(key, notification);
    notification.onclick = () => {
      window.focus();
      open();
      notification.close();
    };
  } catch {
    // Some browsers allow them to service workers alone; the corner of the page has the notice all the same.
  }
}

/** It was claimed or read meanwhile. */
export function withdrawDesktop(key: string): void {
  shown.get(key)?.close();
  shown.delete(key);
}
