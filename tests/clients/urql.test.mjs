import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";
import { Demo, documents, resumes } from "./demo.mjs";

let demo;
before(async () => {
  demo = await Demo.start();
});
after(() => demo?.stop());

function connect() {
  const socket = createClient({
    url: demo.socket,
    webSocketImpl: demo.webSocket,
    connectionParams: { token: demo.token },
    retryAttempts: 0,
  });
  const client = new Client({
    url: demo.http,
    preferGetMethod: false,
    fetchOptions: { headers: demo.headers },
    exchanges: [
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
        }),
      }),
    ],
  });
  return { socket, client };
}

test("a query and a mutation", async () => {
  const { client, socket } = connect();
  const { data, error } = await client.query(documents.query, {}).toPromise();
  assert.equal(error, undefined);
  assert.equal(data.viewer.user.email, demo.operator);
  const variables = demo.send("by urql");
  const sent = await client.mutation(documents.mutation, variables).toPromise();
  const again = await client.mutation(documents.mutation, variables).toPromise();
  assert.equal(sent.data.sendMessage.text, "by urql");
  assert.deepEqual(again.data, sent.data);
  await socket.dispose();
});

test("a subscription goes on after its cursor", async () => {
  await resumes(demo, async (variables, hear) => {
    const { client, socket } = connect();
    const running = client
      .subscription(documents.subscription, variables)
      .subscribe(({ data }) => data && hear(data));
    return async () => {
      socket.terminate();
      running.unsubscribe();
    };
  });
});
