// An operator with several chats, with the client that integrators are given, docs/client.ts, and nothing else.

import { follow } from "../../docs/client.ts";
import { base, obey, Talk } from "./client.mjs";

const url = `${base}/graphql`;
const [email, ...conversations] = process.argv.slice(6);

async function ask(token, query, variables) {
  const headers = {
    "content-type": "application/json",
    ...(token ? { authorization: `Bearer ${token}` } : {}),
  };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await response.json();
  if (errors) throw errors[0].extensions;
  return data;
}

const SIGN_IN = `mutation ($email: String!) {
  signIn(email: $email, password: "demo-demo-demo") { accessToken }
}`;
const renew = async () => (await ask(null, SIGN_IN, { email })).signIn.accessToken;
let pass = renew();
const token = (refused) => {
  if (refused) pass = renew();
  // One that could not be had is asked for again.
  const mine = pass;
  mine.catch(() => {
    if (pass === mine) pass = renew();
  });
  return mine;
};

// How often the server said that a list cannot be gone on with.
const resyncs = new Map();
globalThis.WebSocket = class extends WebSocket {
  send(data) {
    const { id } = JSON.parse(data).payload?.variables ?? {};
    if (id)
      this.addEventListener("message", (event) => {
        if (/"resync":"/.test(event.data)) resyncs.set(id, (resyncs.get(id) ?? 0) + 1);
      });
    super.send(data);
  }
};

const talks = new Map();
const clients = new Map();
for (const id of conversations) {
  const { conversation } = await ask(
    await token(false),
    "query ($id: ID!) { conversation(id: $id) { handoff { id } } }",
    { id },
  );
  await ask(await token(false), "mutation ($id: ID!) { acceptHandoff(handoffId: $id) { id } }", {
    id: conversation.handoff.id,
  });
  const talk = new Talk(email);
  const client = { pending: new Set(), messages: [], over: false };
  await new Promise((shown) => {
    client.following = follow(url, id, token, (messages) => {
      client.messages = messages;
      for (const { clientId } of messages) client.pending.delete(clientId);
      talk.look(messages, client.pending);
      shown();
    });
  });
  void client.following.ended.then((failure) => {
    client.over = true;
    console.error(email, failure);
  });
  clients.set(id, client);
  talks.set(id, talk);
}

obey(talks, {
  write(id, talk) {
    const { following, pending } = clients.get(id);
    const clientId = crypto.randomUUID();
    pending.add(clientId);
    void following.send(talk.words(), clientId);
  },
  report(id) {
    const { messages, pending, over } = clients.get(id);
    talks.get(id).resyncs = resyncs.get(id) ?? 0;
    return {
      up: !over,
      pending: pending.size,
      partial: false,
      seen: messages.map(({ seq, text }) => [seq, text]),
      resyncs: resyncs.get(id) ?? 0,
    };
  },
  // It finds out by itself.
  wake() {},
});
