import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createClient } from "graphql-sse";
import { Demo, documents, resumes } from "./demo.mjs";

let demo;
before(async () => {
  demo = await Demo.start();
});
after(() => demo?.stop());

const connect = () => createClient({ url: demo.sse, headers: demo.headers, retryAttempts: 0 });

async function once(client, query, variables) {
  for await (const answer of client.iterate({ query, variables })) return answer;
  throw new Error("no answer");
}

test("a query and a mutation over a stream", async () => {
  const client = connect();
  const { data } = await once(client, documents.query);
  assert.equal(data.viewer.user.email, demo.operator);
  const variables = demo.send("by graphql-sse");
  const sent = await once(client, documents.mutation, variables);
  const again = await once(client, documents.mutation, variables);
  assert.equal(sent.data.sendMessage.text, "by graphql-sse");
  assert.deepEqual(again.data, sent.data);
  client.dispose();
});

test("a subscription goes on after its cursor", async () => {
  await resumes(demo, async (variables, hear) => {
    const client = connect();
    client.subscribe(
      { query: documents.subscription, variables },
      { next: ({ data }) => hear(data), error: () => {}, complete: () => {} },
    );
    return async () => client.dispose();
  });
});
