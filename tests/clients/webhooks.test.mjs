// What is sent to a webhook is verified by the published libraries, which know nothing of us: that for JavaScript and that for
// Python. That for Rust is in the Rust tests.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { DemoServer } from "../demo-server.mjs";

const password = "demo-demo-demo";
let receiver;
let server;
before(async () => {
  receiver = createServer().listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const relay = `http://127.0.0.1:${receiver.address().port}`;
  server = await DemoServer.start("sqlite", { environment: { LIVERY_WEBHOOK_RELAY: relay } });
});
after(async () => {
  await server?.stop();
  receiver?.close();
  receiver?.closeAllConnections();
});

async function ask(token, query, variables) {
  const reply = await fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await reply.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

/** The next delivery: its headers and its body as they came. */
async function next() {
  const [request, response] = await once(receiver, "request");
  const chunks = await request.toArray();
  response.writeHead(204).end();
  return { headers: request.headers, body: Buffer.concat(chunks).toString("utf8") };
}

/** What the library for Python says to deliveries: `{ type }` or `{ refused }` to each. */
function inPython(...deliveries) {
  const said = execFileSync("python3", ["verify.py"], {
    cwd: import.meta.dirname,
    env: { ...process.env, PYTHONPATH: "python" },
    input: deliveries.map((one) => `${JSON.stringify(one)}\n`).join(""),
    encoding: "utf8",
  });
  return said
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

test("a delivery verifies with its secret, with both while they overlap, and not when it was changed", async () => {
  const email = "owner@bluebakery.test";
  const signIn = "mutation($e: String!, $p: String!) { signIn(email: $e, password: $p) { accessToken } }";
  const { accessToken: token } = (await ask(null, signIn, { e: email, p: password })).signIn;
  const found = await ask(token, "{ viewer { memberships { organization { id } } } }");
  const organization = found.viewer.memberships[0].organization.id;
  const create = `mutation($o: ID!) { createWebhook(clientId: "one", organizationId: $o,
    input: { url: "https://hooks.example.com/in", events: [RATED] }) { secret webhook { id } } }`;
  const { secret, webhook } = (await ask(token, create, { o: organization })).createWebhook;
  const send = async () => {
    const coming = next();
    await ask(token, "mutation($i: ID!) { testWebhook(webhookId: $i) { id } }", { i: webhook.id });
    return coming;
  };
  const first = await send();
  const told = new Webhook(secret).verify(first.body, first.headers);
  assert.equal(told.type, "webhook.test");
  assert.throws(() => new Webhook(secret).verify(`${first.body} `, first.headers), WebhookVerificationError);

  const rotate = "mutation($i: ID!) { rotateWebhookSecret(webhookId: $i) { secret } }";
  const newer = (await ask(token, rotate, { i: webhook.id })).rotateWebhookSecret.secret;
  assert.throws(() => new Webhook(newer).verify(first.body, first.headers), WebhookVerificationError);
  const second = await send();
  for (const one of [secret, newer])
    assert.equal(new Webhook(one).verify(second.body, second.headers).type, told.type);

  const heard = inPython(
    { secret, ...first },
    { secret: newer, ...second },
    { secret, ...second },
    { secret: newer, ...first },
    { secret, ...first, body: `${first.body} ` },
    { secret, ...first, headers: { ...first.headers, "webhook-id": second.headers["webhook-id"] } },
    { secret, ...first, headers: { ...first.headers, "webhook-timestamp": "1000000000" } },
  );
  assert.deepEqual(
    heard.map((one) => one.type),
    [told.type, told.type, told.type, undefined, undefined, undefined, undefined],
    JSON.stringify(heard),
  );
});
