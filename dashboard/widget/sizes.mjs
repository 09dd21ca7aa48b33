// What a client's page has to load, gzipped; exits with 1 when the loader or the panel is above its limit.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const dist = new URL("../dist/widget/", import.meta.url);
const gzipped = (path) => gzipSync(readFileSync(new URL(path, dist)), { level: 9 }).length;

const assets = readdirSync(new URL("assets/", dist)).filter((name) => /\.(js|css)$/.test(name));
const panel = ["frame.html", ...assets.map((name) => `assets/${name}`)];
const parts = [
  { name: "w.js", files: ["w.js"], limit: 2_000 },
  { name: "panel", files: panel, limit: 15_000 },
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
