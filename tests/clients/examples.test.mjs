// Every example of `schema/examples/` is run as it is written, in a chat of its own, and answered as it says. Whoever adds
// one adds two files and nothing here: NAME.graphql, and NAME.json beside it with
//   as         who asks: nobody, visitor, operator or owner
//   given      what has happened before: nothing, talking, requested or accepted
//   variables  of which {{name}} is filled in
//   result     the data that comes back; of a subscription, its first events. Looked at are names, kinds of values, and
//              words in capitals (outside of lists, where anything of that kind may stand).

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { Demo, PASSWORD } from "./demo.mjs";

const folder = fileURLToPath(new URL("../../schema/examples/", import.meta.url));
const PLENTY = "100000";

let demo;
before(async () => {
  demo = await Demo.start({
    LIVERY_VISITOR_SESSIONS_PER_MINUTE: PLENTY,
    LIVERY_VISITOR_REQUESTS_PER_MINUTE: PLENTY,
    LIVERY_VISITORS_PER_NETWORK: PLENTY,
  });
});
after(() => demo?.stop());

/** How an answer differs from what is documented; null stands for anything. */
function differences(shown, got, at, exact = true) {
  if (shown === null || got === null) return [];
  if (Array.isArray(shown)) {
    if (!Array.isArray(got)) return [`${at} is no list`];
    return got.flatMap((one, index) => differences(shown[0], one, `${at}[${index}]`, false));
  }
  if (typeof shown !== typeof got) return [`${at} is a ${typeof got}`];
  if (typeof shown !== "object")
    return exact && /^[A-Z][A-Z_]+$/.test(shown) && got !== shown ? [`${at} is ${got}`] : [];
  const names = new Set([...Object.keys(shown), ...Object.keys(got)]);
  return [...names].flatMap((name) =>
    name in shown && name in got
      ? differences(shown[name], got[name], `${at}.${name}`, exact)
      : [`${at}.${name} is ${name in got ? "not documented" : "missing"}`],
  );
}

function filled(value, values) {
  if (typeof value === "string")
    return value.replace(/\{\{(\w+)\}\}/g, (_, name) => {
      assert.ok(name in values, `there is no ${name} here`);
      return values[name];
    });
  if (Array.isArray(value)) return value.map((one) => filled(one, values));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filled(one, values)]));
}

async function answer(url, token, query, variables) {
  const headers = {
    "content-type": "application/json",
    ...(token ? { authorization: `Bearer ${token}` } : {}),
  };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  return response.json();
}

async function events(url, token, query, variables, count) {
  const connectionParams = token ? { token } : {};
  const client = createClient({
    url: url.replace("http", "ws"),
    webSocketImpl: WebSocket,
    connectionParams,
    retryAttempts: 0,
  });
  const heard = [];
  for await (const { data, errors } of client.iterate({ query, variables })) {
    assert.equal(errors, undefined, JSON.stringify(errors));
    heard.push(data);
    if (heard.length === count) break;
  }
  await client.dispose();
  return heard;
}

const examples = readdirSync(folder, { recursive: true })
  .filter((name) => name.endsWith(".graphql"))
  .sort();
assert.ok(examples.length >= 12, "there are examples");

for (const name of examples) {
  test(`example ${name}`, async () => {
    const query = readFileSync(`${folder}${name}`, "utf8");
    const { as, given, variables, result } = JSON.parse(
      readFileSync(`${folder}${name}`.replace(/graphql$/, "json"), "utf8"),
    );
    const chat = given === "nothing" ? {} : await demo.chat(given);
    const { organizationId, aiAgentId, widgetId, operator: email } = demo;
    const values = {
      organizationId,
      aiAgentId,
      widgetId,
      email,
      password: PASSWORD,
      clientId: randomUUID(),
      ...chat,
    };
    const token = { nobody: null, visitor: chat.token, operator: demo.token, owner: demo.ownerToken }[as];
    assert.notEqual(token, undefined, `as ${as}, given ${given}`);
    const url = name.startsWith("widget") ? `${demo.origin}/widget/graphql` : demo.http;
    const asked = [url, token, query, filled(variables, values)];
    if (Array.isArray(result)) {
      const heard = await events(...asked, result.length);
      assert.deepEqual(
        result.flatMap((one, index) => differences(one, heard[index], `event ${index}`)),
        [],
      );
      assert.deepEqual(
        heard.map((event) => Object.values(event)[0].__typename),
        result.map((event) => Object.values(event)[0].__typename),
      );
    } else {
      const { data, errors } = await answer(...asked);
      assert.equal(errors, undefined, JSON.stringify(errors));
      assert.deepEqual(differences(result, data, "data"), []);
    }
    if (chat.handoffId) await demo.end(chat.conversationId);
  });
}

test("an answer that is not as documented is found", () => {
  const shown = { a: { state: "HUMAN", seq: 1, nodes: [{ id: "x" }] } };
  assert.deepEqual(differences(shown, { a: { state: "HUMAN", seq: 9, nodes: [] } }, "data"), []);
  const got = { a: { state: "AI", seq: "1", nodes: [{ id: "y" }, { key: "z" }] } };
  assert.deepEqual(differences(shown, got, "data"), [
    "data.a.state is AI",
    "data.a.seq is a string",
    "data.a.nodes[1].id is missing",
    "data.a.nodes[1].key is not documented",
  ]);
});
