// What the clients' tests share: a started demo, a chat that an operator has accepted, and an API by plain fetch.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { WebSocket } from "ws";
import { DemoServer } from "../demo-server.mjs";

export const documents = {
  query: "query Viewer { viewer { user { id email } } }",
  mutation: `mutation Send($clientId: String!, $conversationId: ID!, $text: String!) {
    sendMessage(clientId: $clientId, conversationId: $conversationId, text: $text) { id seq text clientId }
  }`,
  subscription: `subscription Events($conversationId: ID!, $after: String) {
    conversationEvents(conversationId: $conversationId, after: $after) {
      __typename
      ... on MessageAdded { cursor message { id seq text } }
      ... on Resync { cursor reason }
    }
  }`,
};

const OPERATOR = "operator1@bluebakery.test";

async function post(url, query, variables, token) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

export class Demo {
  static async start() {
    const demo = new Demo();
    demo.server = await DemoServer.start("sqlite");
    demo.origin = demo.server.url;
    demo.http = `${demo.origin}/graphql`;
    demo.socket = demo.http.replace("http:", "ws:");
    demo.sse = `${demo.http}/stream`;
    demo.operator = OPERATOR;
    demo.token = await demo.#signIn(OPERATOR);
    demo.headers = { authorization: `Bearer ${demo.token}` };
    await demo.#chat();
    return demo;
  }

  stop() {
    return this.server.stop();
  }

  async #signIn(email) {
    const { signIn } = await post(
      this.http,
      "mutation ($email: String!, $password: String!) { signIn(email: $email, password: $password) { accessToken } }",
      { email, password: "demo-demo-demo" },
    );
    return signIn.accessToken;
  }

  /** A visitor writes and asks for a person; the operator accepts. */
  async #chat() {
    const owner = await this.#signIn("owner@bluebakery.test");
    const { aiAgents } = await post(this.http, "{ aiAgents { nodes { id widget { id } } } }", {}, owner);
    const agent = aiAgents.nodes[0];
    const on = "mutation ($id: ID!) { setHandoffEnabled(aiAgentId: $id, enabled: true) { id } }";
    await post(this.http, on, { id: agent.id }, owner);

    const door = `${this.origin}/widget/graphql`;
    const begin = "mutation ($id: ID!) { session(widgetId: $id) { token conversation { id } } }";
    const { session } = await post(door, begin, { id: agent.widget.id });
    const send = 'mutation ($id: String!) { sendMessage(clientId: $id, text: "Hello") { id } }';
    await post(door, send, { id: randomUUID() }, session.token);
    const request = 'mutation ($id: String!) { requestHandoff(clientId: $id, name: "Ada") { state } }';
    await post(door, request, { id: randomUUID() }, session.token);
    this.conversationId = session.conversation.id;

    const waiting = "query ($id: ID!) { conversation(id: $id) { handoff { id } } }";
    const { conversation } = await post(this.http, waiting, { id: this.conversationId }, this.token);
    const accept = "mutation ($id: ID!) { acceptHandoff(handoffId: $id) { state } }";
    await post(this.http, accept, { id: conversation.handoff.id }, this.token);
  }

  /** The variables of a send; one that is repeated is the same send. */
  send(text) {
    return { clientId: randomUUID(), conversationId: this.conversationId, text };
  }

  async sendByFetch(text) {
    const { sendMessage } = await post(this.http, documents.mutation, this.send(text), this.token);
    return sendMessage;
  }

  async cursor() {
    const document = "query ($id: ID!) { conversation(id: $id) { cursor } }";
    const { conversation } = await post(this.http, document, { id: this.conversationId }, this.token);
    return conversation.cursor;
  }

  /** `ws`, as a page of this host would open it. */
  get webSocket() {
    const origin = this.origin;
    return class extends WebSocket {
      constructor(url, protocols) {
        super(url, protocols, { origin });
      }
    };
  }
}

/**
 * The contract of subscriptions, whatever the client: read the state with its cursor, then subscribe after it; live events
 * arrive; after a lost connection, everything after the last cursor arrives once and in order, then what happens next.
 *
 * `subscribe(variables, onEvent)` returns a function that breaks the connection.
 */
export async function resumes(demo, subscribe) {
  const first = listen();
  const here = await demo.cursor();
  const cut = await subscribe({ conversationId: demo.conversationId, after: here }, first.hear);
  await first.live();
  await demo.sendByFetch("one");
  const one = await first.message("one");
  await cut();

  await demo.sendByFetch("two");
  await demo.sendByFetch("three");
  const second = listen();
  const end = await subscribe({ conversationId: demo.conversationId, after: one.cursor }, second.hear);
  await second.message("three");
  await demo.sendByFetch("four");
  await second.message("four");
  await end();
  assert.deepEqual(second.texts(), ["two", "three", "four"]);

  // A cursor of another life of the database.
  const third = listen();
  const stop = await subscribe({ conversationId: demo.conversationId, after: "999999.1" }, third.hear);
  const resync = await third.event((event) => event.__typename === "Resync");
  assert.match(resync.cursor, /\S/);
  await stop();
}

function listen() {
  const events = [];
  const waiting = new Set();
  const event = (wanted) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const found = events.find(wanted);
        if (!found) return;
        clearTimeout(late);
        waiting.delete(look);
        resolve(found);
      };
      const late = setTimeout(() => reject(new Error(`heard only ${JSON.stringify(events)}`)), 10_000);
      waiting.add(look);
      look();
    });
  return {
    hear(data) {
      events.push(data.conversationEvents);
      for (const look of [...waiting]) look();
    },
    event,
    /** The present state is told when the subscription stands. */
    live: () => event(() => true),
    message: (text) => event((one) => one.__typename === "MessageAdded" && one.message.text === text),
    texts: () => events.filter((one) => one.__typename === "MessageAdded").map((one) => one.message.text),
  };
}
