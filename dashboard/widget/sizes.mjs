// What a client's page has to load, gzipped; exits with 1 when a part is above its limit. The panel is what its page asks for
// at once: the page itself, and whatever that names. Scripts that are only imported on demand are counted one by one.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const dist = new URL("../dist/widget/", import.meta.url);
const read = (path) => readFileSync(new URL(path, dist));
const gzipped = (path) => gzipSync(read(path), { level: 9 }).length;

const assets = readdirSync(new URL("assets/", dist))
  .filter((name) => /\.(js|css)$/.test(name))
  .map((name) => `assets/${name}`);

/** With everything that a file imports by itself, not by `import()`. */
function withImports(paths) {
  const all = new Set(paths);
  for (const path of all) {
    if (!path.endsWith(".js")) continue;
    for (const [, name] of read(path)
      .toString()
      .matchAll(/(?:\bfrom|\bimport)\s*["']\.\/([^"']+)["']/g))
      all.add(`assets/${name}`);
  }
  return [...all];
}

const page = read("frame.html").toString();
const first = withImports(assets.filter((path) => page.includes(path)));
const parts = [
  { name: "w.js", files: ["w.js"], limit: 2_000 },
  { name: "sdk.js", files: ["sdk.js"], limit: 2_000 },
  { name: "panel", files: ["frame.html", ...first], limit: 15_000 },
  ...assets
    .filter((path) => !first.includes(path))
    .map((path) => ({ name: `panel, later: ${path.slice(7).split("-")[0]}`, files: [path], limit: 10_000 })),
];

for (const { name, files, limit } of parts) {
  const sizes = files.map((file) => [file, gzipped(file)]);
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  console.log(
    JSON.stringify({
      bench: "sizes",
      part: name,
      value: total,
      unit: "bytes gzip",
      limit,
      files: Object.fromEntries(sizes),
    }),
  );
  if (total > limit) process.exitCode = 1;
}
