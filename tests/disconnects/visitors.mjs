// Some visitors, each with the widget's own code between the network and an imagined panel.

import { createChat } from "../../dashboard/widget/src/chat";
import { READ_CONFIG } from "../../dashboard/widget/src/documents";
import { post } from "../../dashboard/widget/src/http";
import { createRequests } from "../../dashboard/widget/src/panel/more/requests";
import { createMemory, mapStorage } from "../../dashboard/widget/src/storage";
import { base, name, obey, sleep, Talk } from "./client.mjs";

const [widgetId, count] = process.argv.slice(6);
const url = `${base}/widget/graphql`;
const { widgetConfig } = await post(fetch, url, null, READ_CONFIG, { widgetId });

const talks = new Map();
const chats = new Map();

/** A visitor who has asked for a person. */
async function visitor(number) {
  const chat = createChat(widgetConfig, {
    url,
    fetch: (input, init) => fetch(input, init),
    openSocket: (address, protocol) => new WebSocket(address, protocol),
    memory: createMemory(mapStorage(), false, widgetId),
    exclusive: (_name, work) => work(),
    newId: () => crypto.randomUUID(),
    random: Math.random,
  });
  chat.start(null);
  while (chat.state.line !== "up") await sleep(20);
  await createRequests(chat).request({ name: `Visitor ${number}` });
  const { id } = chat.state.live.conversation;
  const talk = new Talk(`${name}.${number}`);
  let stale = false;
  chat.listen(() => {
    const { messages, pending, cursorSeq, stale: now } = chat.state.live;
    if (now && !stale) talk.resyncs += 1;
    stale = now;
    if (!now) talk.look(messages, new Set(pending.map((entry) => entry.clientId)), cursorSeq);
  });
  chats.set(id, chat);
  talks.set(id, talk);
}

for (let number = 0; number < Number(count); number += 1) await visitor(number);

obey(talks, {
  write: (id, talk) => chats.get(id).send(talk.words()),
  report(id) {
    const { live, line } = chats.get(id).state;
    return {
      up: line === "up" && !live.stale,
      pending: live.pending.length,
      partial: live.older !== null,
      seen: live.messages.map(({ seq, text }) => [seq, text]),
    };
  },
  wake() {
    for (const chat of chats.values()) chat.wake();
  },
});
