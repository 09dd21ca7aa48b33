import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createClient } from "graphql-ws";
import { Demo, documents, resumes } from "./demo.mjs";

let demo;
before(async () => {
  demo = await Demo.start();
});
after(() => demo?.stop());

const connect = (params = { token: demo.token }) =>
  createClient({
    url: demo.socket,
    webSocketImpl: demo.webSocket,
    connectionParams: params,
    retryAttempts: 0,
    keepAlive: 5_000,
  });

async function once(client, query, variables) {
  for await (const answer of client.iterate({ query, variables })) return answer;
  throw new Error("no answer");
}

test("a query and a mutation over a socket", async () => {
  const client = connect();
  const { data } = await once(client, documents.query);
  assert.equal(data.viewer.user.email, demo.operator);
  const variables = demo.send("by graphql-ws");
  const sent = await once(client, documents.mutation, variables);
  const again = await once(client, documents.mutation, variables);
  assert.equal(sent.data.sendMessage.text, "by graphql-ws");
  assert.deepEqual(again.data, sent.data);
  await client.dispose();
});

test("a subscription goes on after its cursor", async () => {
  await resumes(demo, async (variables, hear) => {
    const client = connect();
    client.subscribe(
      { query: documents.subscription, variables },
      { next: ({ data }) => hear(data), error: () => {}, complete: () => {} },
    );
    return async () => client.terminate();
  });
});

test("a socket that nobody vouches for is closed with 4401", async () => {
  const client = connect({ token: "not a token" });
  await assert.rejects(once(client, documents.query), { code: 4401 });
});
