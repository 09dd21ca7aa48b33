import { CLICK, CLICKS, type Clicked, readClicked } from "../../worker/src/told";

/**
 * Follows clicks on notifications: those of which the worker tells this page, and the one that had it opened. Where they
 * lead is a path of the dashboard, and only the worker, which is ours, can leave one.
 */
export function followClicks(open: (clicked: Clicked) => void): () => void {
  if (typeof navigator === "undefined" || !("serviceWorker" in navigator)) return () => {};
  const heard = (event: MessageEvent) => {
    const clicked = readClicked(event.data, Date.now());
    if (clicked) open(clicked);
  };
  navigator.serviceWorker.addEventListener("message", heard);
  void left().then((clicked) => clicked && open(clicked));
  return () => navigator.serviceWorker.removeEventListener("message", heard);
}

async function left(): Promise<Clicked | null> {
  try {
    const kept = await caches.open(CLICKS);
    const found = await kept.match(CLICK);
    if (!found) return null;
    await kept.delete(CLICK);
    return readClicked(await found.json(), Date.now());
  } catch {
    // A browser that keeps nothing has left nothing.
    return null;
  }
}
