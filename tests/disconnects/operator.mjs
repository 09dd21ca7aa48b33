// An operator with several chats, with the dashboard's own code between the network and imagined pages.

import { base, obey, sleep, Talk } from "./client.mjs";

// What the dashboard asks a browser for.
const events = new EventTarget();
Object.assign(globalThis, {
  window: events,
  document: Object.assign(new EventTarget(), { visibilityState: "visible" }),
  location: new URL(base),
});
Object.defineProperty(globalThis, "navigator", { value: { onLine: true } });

const { signIn } = await import("../../dashboard/src/api/auth");
const { ask, change } = await import("../../dashboard/src/api/client");
const { connection } = await import("../../dashboard/src/api/socket");
const { AcceptMutation, ThreadQuery } = await import("../../dashboard/src/conversations/documents");
const { threadController } = await import("../../dashboard/src/conversations/thread-controller");

const [email, ...conversations] = process.argv.slice(6);
await signIn({ email, password: "demo-demo-demo" });

const talks = new Map();
const threads = new Map();
for (const id of conversations) {
  const { conversation } = await ask(ThreadQuery, { id, content: true });
  await change(AcceptMutation, { handoffId: conversation.handoff.id });
  const thread = threadController(id);
  const talk = new Talk(email);
  let resync = null;
  thread.store.subscribe(() => {
    const { messages, outbox, resync: now } = thread.thread;
    if (now !== null && resync === null) talk.resyncs += 1;
    resync = now;
    talk.look(messages, new Set(outbox.map((entry) => entry.clientId)));
  });
  thread.open();
  threads.set(id, thread);
  talks.set(id, talk);
}
while (connection.get() !== "live") await sleep(20);

obey(talks, {
  write: (id, talk) => threads.get(id).send(talk.words()),
  report(id) {
    const { messages, outbox, hasOlder, resync } = threads.get(id).thread;
    return {
      up: connection.get() === "live" && resync === null,
      pending: outbox.length,
      partial: hasOlder,
      seen: messages.map(({ seq, text }) => [seq, text]),
    };
  },
  wake: () => events.dispatchEvent(new Event("online")),
});
