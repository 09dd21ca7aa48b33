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
export const PASSWORD = "demo-demo-demo";

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
  /** @param {Record<string, string>} [environment] */
  static async start(environment = {}) {
    const demo = new Demo();
    demo.server = await DemoServer.start("sqlite", { environment });
    demo.origin = demo.server.url;
    demo.http = `${demo.origin}/graphql`;
    demo.socket = demo.http.replace("http:", "ws:");
    demo.sse = `${demo.http}/stream`;
    demo.operator = OPERATOR;
    demo.token = await demo.#signIn(OPERATOR);
    demo.headers = { authorization: `Bearer ${demo.token}` };
    await demo.#open();
    demo.conversationId = (await demo.chat("accepted")).conversationId;
    return demo;
  }

  stop() {
    return this.server.stop();
  }

  async #signIn(email) {
    const { signIn } = await post(
      this.http,
      "mutation ($email: String!, $password: String!) { signIn(email: $email, password: $password) { accessToken } }",
      { email, password: PASSWORD },
    );
    return signIn.accessToken;
  }

  /** Visitors of the first AI agent may ask for a person. */
  async #open() {
    this.ownerToken = await this.#signIn("owner@bluebakery.test");
    const found = "{ aiAgents { nodes { id organization { id } widget { id } } } }";
    const { aiAgents } = await post(this.http, found, {}, this.ownerToken);
    const agent = aiAgents.nodes[0];
    this.aiAgentId = agent.id;
    this.organizationId = agent.organization.id;
    this.widgetId = agent.widget.id;
    const on = "mutation ($id: ID!) { setHandoffEnabled(aiAgentId: $id, enabled: true) { id } }";
    await post(this.http, on, { id: agent.id }, this.ownerToken);
  }

  /**
   * A visitor writes, asks for a person, and the operator accepts: as far as `until`. `cursor` is where the last step began.
   * @param {"talking" | "requested" | "accepted"} until
   */
  async chat(until) {
    const door = `${this.origin}/widget/graphql`;
    const begin = "mutation ($id: ID!) { session(widgetId: $id) { token conversation { id } } }";
    const { session } = await post(door, begin, { id: this.widgetId });
    const { token } = session;
    const conversationId = session.conversation.id;
    const here = async () =>
      (await post(door, "{ session { conversation { cursor } } }", {}, token)).session.conversation.cursor;
    let cursor = await here();
    const send = 'mutation ($id: String!) { sendMessage(clientId: $id, text: "Hello") { id } }';
    await post(door, send, { id: randomUUID() }, token);
    if (until === "talking") return { token, conversationId, cursor };

    cursor = await here();
    const request = 'mutation ($id: String!) { requestHandoff(clientId: $id, name: "Ada") { state } }';
    await post(door, request, { id: randomUUID() }, token);
    const waiting = "query ($id: ID!) { conversation(id: $id) { handoff { id } } }";
    const { conversation } = await post(this.http, waiting, { id: conversationId }, this.token);
    const handoffId = conversation.handoff.id;
    if (until === "requested") return { token, conversationId, handoffId, cursor };

    cursor = await here();
    const accept = "mutation ($id: ID!) { acceptHandoff(handoffId: $id) { state } }";
    await post(this.http, accept, { id: handoffId }, this.token);
    return { token, conversationId, handoffId, cursor };
  }

  /** Whatever became of a chat, the operator has it no longer. */
  async end(conversationId) {
    const state = "query ($id: ID!) { conversation(id: $id) { state } }";
    const { conversation } = await post(this.http, state, { id: conversationId }, this.token);
    if (conversation.state !== "HUMAN") return;
    const complete = "mutation ($id: ID!) { completeConversation(conversationId: $id) { state } }";
    await post(this.http, complete, { id: conversationId }, this.token);
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
