// The audit of GraphQL over HTTP, all of it, on both APIs.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { auditServer } from "graphql-http";
import { DemoServer } from "../demo-server.mjs";

let server;
before(async () => {
  server = await DemoServer.start("sqlite");
});
after(() => server?.stop());

for (const path of ["/graphql", "/widget/graphql"]) {
  test(`${path} passes 61 of 61 audits`, async () => {
    const results = await auditServer({ url: server.url + path, fetchFn: fetch });
    const failed = results.filter((result) => result.status !== "ok");
    assert.deepEqual(
      failed.map((result) => `${result.id} ${result.status}: ${result.name}: ${result.reason}`),
      [],
    );
    assert.equal(results.length, 61);
  });
}
