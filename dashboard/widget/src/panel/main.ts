// Where the panel starts: reads its configuration, opens the channel to the page, starts the chat, shows it.

import { createChat } from "../chat";
import type { Exclusive } from "../session";
import type { SocketLike } from "../socket";
import { openMemory } from "../storage";
import type { WidgetConfig } from "../types";
import { embed } from "./embed";
import { createPanel } from "./panel";
import "./frame.css";

const config = JSON.parse(document.getElementById("config")?.textContent ?? "") as WidgetConfig;
const memory = openMemory(config.widgetId);
const locks: LockManager | undefined = navigator.locks;

const exclusive: Exclusive = <T>(name: string, work: () => Promise<T>) =>
  // Without shared storage the tabs have nothing in common that one of them could spoil for another.
  locks !== undefined && memory.shared
    ? (locks.request(`chat:${config.widgetId}:${name}`, work) as Promise<T>)
    : work();

const chat = createChat(config, {
  url: `${location.origin}/widget/graphql`,
  fetch: (input, init) => fetch(input, init),
  openSocket: (url, protocol) => new WebSocket(url, protocol) as SocketLike,
  memory,
  exclusive,
  newId,
  random: Math.random,
});

let started = false;
const start = (page: string | null) => {
  if (!started && config.available) chat.start(page);
  started = true;
};

const embedding = embed((shown, data) => {
  // In the order in which it was said: who the visitor is comes before the session that is opened as that person.
  void page.then((hear) => {
    if (shown) start(shown.page);
    hear?.(shown ?? data);
  });
  if (shown) panel.show(shown.t === "open", shown.t === "open" && shown.focus);
});
const page = import("../page").then(
  ({ createPage }) => embedding && createPage(chat, embedding.tell),
  // Without it the page is not heard, and the visitor is all the same.
  () => null,
);
const panel = createPanel(document.getElementById("app") as HTMLElement, chat, embedding);
if (embedding === null) {
  // Opened by itself, or by a page whose origin is not certain: works all the same, without the launcher's help.
  start(null);
  panel.show(true, false);
}

addEventListener("storage", (event) => {
  if (memory.owns(event.key)) chat.storageChanged();
});
addEventListener("online", chat.wake);
addEventListener("pageshow", (event) => {
  if (event.persisted) chat.wake();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") chat.wake();
});

function newId(): string {
  // randomUUID would be shorter, but exists on secure pages only.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
