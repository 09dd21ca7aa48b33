import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { getMainDefinition } from "@apollo/client/utilities";
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
  const http = new HttpLink({ uri: demo.http, headers: demo.headers, fetch });
  const link = ApolloLink.split(
    ({ query }) => getMainDefinition(query).operation === "subscription",
    new GraphQLWsLink(socket),
    http,
  );
  return { socket, client: new ApolloClient({ link, cache: new InMemoryCache() }) };
}

test("a query and a mutation", async () => {
  const { client, socket } = connect();
  const { data } = await client.query({ query: gql(documents.query) });
  assert.equal(data.viewer.user.email, demo.operator);
  const variables = demo.send("by Apollo Client");
  const sent = await client.mutate({ mutation: gql(documents.mutation), variables });
  const again = await client.mutate({ mutation: gql(documents.mutation), variables });
  assert.equal(sent.data.sendMessage.text, "by Apollo Client");
  assert.deepEqual(again.data, sent.data);
  client.stop();
  await socket.dispose();
});

test("a subscription goes on after its cursor", async () => {
  await resumes(demo, async (variables, hear) => {
    const { client, socket } = connect();
    const running = client
      .subscribe({ query: gql(documents.subscription), variables, fetchPolicy: "no-cache" })
      .subscribe({ next: ({ data }) => data && hear(data), error: () => {} });
    return async () => {
      socket.terminate();
      running.unsubscribe();
      client.stop();
    };
  });
});
