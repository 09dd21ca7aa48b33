// What docs/subscriptions.md says, tried over a bare socket: every close code of its table that can be provoked, what comes
// after a cursor, every reason of Resync but the one that needs a visitor to be forgotten, and sends that are repeated.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { WebSocket } from "ws";
import { Demo } from "./demo.mjs";

const contract = readFileSync(new URL("../../docs/subscriptions.md", import.meta.url), "utf8");
/** Ours, and too slow a reader: neither can be asked for. `1012` ends the last test. */
const NOT_PROVOKED = [1011, 1013];
const closes = [];

let demo;
before(async () => {
  demo = await Demo.start();
});
after(() => demo?.stop());

const EVENTS = `subscription ($id: ID!, $after: String) { conversationEvents(conversationId: $id, after: $after) {
  __typename
  ... on MessageAdded { cursor message { seq text } }
  ... on MessageChanged { message { seq text deletedAt } }
  ... on Resync { cursor reason } } }`;
const CHANGED = { __typename: "ConversationChanged" };
const init = (token = demo.token) => ({ type: "connection_init", payload: { token } });
const follow = (after, id = "1") => ({
  id,
  type: "subscribe",
  payload: { query: EVENTS, variables: { id: demo.conversationId, after } },
});

/** A socket on which these are said; those after `connection_init` once it is acknowledged. */
class Line {
  heard = [];
  #waiting = new Set();

  constructor(messages, protocol = "graphql-transport-ws") {
    this.socket = new WebSocket(demo.socket, protocol);
    this.closed = new Promise((done) => this.socket.once("close", done));
    const say = (message) =>
      this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
    const greets = messages[0]?.type === "connection_init";
    this.socket.once("open", () => (greets ? messages.slice(0, 1) : messages).forEach(say));
    this.socket.on("message", (data) => {
      const message = JSON.parse(String(data));
      if (message.type === "connection_ack") messages.slice(1).forEach(say);
      else this.heard.push(message);
      for (const look of [...this.#waiting]) look();
    });
  }

  async until(number) {
    await new Promise((done) => {
      const look = () => {
        if (this.heard.length < number) return;
        this.#waiting.delete(look);
        done();
      };
      this.#waiting.add(look);
      look();
    });
    return this.heard;
  }
}

async function closed(code, ...line) {
  closes.push(code);
  assert.equal(await new Line(...line).closed, code);
}

/** The first events after a cursor. */
async function eventsAfter(cursor, number) {
  const line = new Line([init(), follow(cursor)]);
  const heard = await line.until(number);
  line.socket.close();
  return heard.slice(0, number).map(({ payload }) => payload.data?.conversationEvents ?? payload);
}

const ask = (query, variables, headers = demo.headers) =>
  fetch(demo.http, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  }).then((response) => response.json());

const SEND = `mutation ($clientId: String!, $conversationId: ID!, $text: String!) {
  sendMessage(clientId: $clientId, conversationId: $conversationId, text: $text) { id seq text } }`;

test("a socket is closed with the code that says why", async () => {
  await closed(4400, ["nonsense"]);
  await closed(4400, [init(), { type: "what" }]);
  await closed(4401, [init("no token")]);
  await closed(4401, [follow(null)]);
  await closed(4406, [], "graphql-ws");
  await closed(4409, [init(), follow(null), follow(null)]);
  await closed(4429, [init(), init()]);
  await closed(1009, [init(), { ...follow(null), more: " ".repeat(64 * 1024) }]);
});

test("a socket that says nothing for five seconds is closed", async () => {
  const began = performance.now();
  await closed(4408, []);
  assert.ok(performance.now() - began >= 5_000);
  assert.match(contract, /from the upgrade to `connection_init` \| 5 s/);
});

test("whoever signs out is cut off", async () => {
  const signIn = `mutation ($email: String!) { signIn(email: $email, password: "demo-demo-demo") { accessToken } }`;
  const { data } = await ask(signIn, { email: demo.operator }, {});
  const token = data.signIn.accessToken;
  const line = new Line([init(token), { type: "ping" }]);
  await line.until(1);
  await ask("mutation { signOut }", {}, { authorization: `Bearer ${token}` });
  closes.push(4403);
  assert.equal(await line.closed, 4403);
});

test("one operation more than twenty is refused, and the socket stays", async () => {
  const line = new Line([
    init(),
    ...Array.from({ length: 21 }, (_, number) => follow(null, `${number}`)),
    { type: "ping" },
  ]);
  const [refused, pong] = await line.until(2);
  assert.equal(refused.id, "20");
  assert.equal(refused.payload[0].extensions.reason, "TOO_MANY_OPERATIONS");
  assert.equal(pong.type, "pong");
  line.socket.close();
});

test("a repeated send is the same message, and another text under its id is none", async () => {
  const variables = demo.send("said once");
  const first = await ask(SEND, variables);
  assert.equal(first.data.sendMessage.text, "said once");
  assert.deepEqual(await ask(SEND, variables), first);
  const { errors } = await ask(SEND, { ...variables, text: "something else" });
  assert.equal(errors[0].extensions.code, "CONFLICT");
  assert.equal(errors[0].extensions.reason, "CLIENT_ID_REUSED");
  for (const clientId of ["", "ä", "x".repeat(65)]) {
    const refused = await ask(SEND, { ...variables, clientId });
    assert.equal(refused.errors[0].extensions.reason, "NOT_A_CLIENT_ID");
  }
});

test("after a cursor come what was added, what was changed, and the conversation", async () => {
  const { data } = await ask(SEND, demo.send("to be taken back"));
  const { id, seq } = data.sendMessage;
  const cursor = await demo.cursor();
  const added = (await ask(SEND, demo.send("afterwards"))).data.sendMessage;
  await ask("mutation ($id: ID!) { deleteMessage(messageId: $id) { id } }", { id });
  for (const _ of ["once", "and again"]) {
    const [one, two, three] = await eventsAfter(cursor, 3);
    assert.equal(one.cursor, `${cursor.split(".")[0]}.${added.seq}`);
    assert.deepEqual(one.message, { seq: added.seq, text: "afterwards" });
    assert.equal(two.__typename, "MessageChanged");
    assert.equal(two.message.seq, seq);
    assert.equal(two.message.text, "");
    assert.notEqual(two.message.deletedAt, null);
    assert.deepEqual(three, CHANGED);
  }
});

test("what cannot be gone on from is answered with Resync, and what is no cursor refused", async () => {
  const here = await demo.cursor();
  const [epoch, seq] = here.split(".").map(Number);
  const resync = (reason, cursor) => [{ __typename: "Resync", cursor, reason }, CHANGED];
  assert.deepEqual(await eventsAfter(`${epoch + 1}.1`, 2), resync("EPOCH", here));
  assert.deepEqual(await eventsAfter(`${epoch}.${seq + 1}`, 2), resync("FUTURE", here));
  const [refused] = await eventsAfter("yesterday", 1);
  assert.equal(refused[0].extensions.reason, "NOT_A_CURSOR");

  for (let number = 0; number < 500; number += 1) await ask(SEND, demo.send(`${number}`));
  const [first] = await eventsAfter(here, 1);
  assert.equal(first.message.text, "0");
  await ask(SEND, demo.send("one too many"));
  assert.deepEqual(await eventsAfter(here, 2), resync("TOO_OLD", await demo.cursor()));
});

test("a restart is announced, and every code of the table was seen", async () => {
  const line = new Line([init(), { type: "ping" }]);
  await line.until(1);
  closes.push(1012);
  await demo.server.pause();
  assert.equal(await line.closed, 1012);
  const written = [...contract.matchAll(/^\| (\d{4}) \|/gm)].map(([, code]) => Number(code));
  assert.deepEqual(new Set(written), new Set([...closes, ...NOT_PROVOKED]));
});
