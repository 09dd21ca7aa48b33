// Fails when src/gql/desk-env.d.ts was not made from the schema as it stands.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "desk-types-"));
const fresh = join(scratch, "desk-env.d.ts");
try {
  execFileSync(join(root, "node_modules/.bin/gql.tada"), ["generate-output", "--output", fresh], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (readFileSync(fresh, "utf8") !== readFileSync(join(root, "src/gql/desk-env.d.ts"), "utf8")) {
    console.error("src/gql/desk-env.d.ts is stale: run `npm run types` and commit the result");
    process.exitCode = 1;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
