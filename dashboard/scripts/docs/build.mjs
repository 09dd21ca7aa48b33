// The documentation site, as plain files that any server or folder can hold:  node build.mjs FOLDER [TITLE]
// An agency hands it to its clients, so it shows no name but the one it is given.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { reference } from "./reference.mjs";
import { block, document, plain, prose, safe, slug } from "./text.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const read = (path) => readFileSync(here(path), "utf8");

const APIS = [
  ["desk", "Desk API"],
  ["widget", "Widget API"],
];
/** The first is where everybody begins; documents that are not named come after these. */
const ORDER = ["api", "subscriptions", "widget"];
/** What stands for the values that only a real chat has. */
const SAMPLES = {
  conversationId: "cnv_01m8...",
  handoffId: "hnd_01m8...",
  organizationId: "org_01m8...",
  aiAgentId: "agt_01m8...",
  widgetId: "wid_01m8...",
  clientId: "9b2e6f0a-1c7d-4f52-8a3e-6d0f5b1c2a94",
  cursor: "1.3",
  email: "olga@example.com",
  password: "...",
};

const json = (value) =>
  JSON.stringify(value, null, 2).replace(/\{\{(\w+)\}\}/g, (_, name) => SAMPLES[name] ?? "...");

function guides() {
  const rank = (name) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  const names = readdirSync(here("../../../docs"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => file.slice(0, -3))
    .sort((one, other) => rank(one) - rank(other) || one.localeCompare(other));
  const pages = names.map((name) => {
    const text = read(`../../../docs/${name}.md`);
    const title = plain(/^# (.*)/m.exec(text)?.[1] ?? name);
    return { path: name === ORDER[0] ? "index.html" : `${name}.html`, title, html: document(text) };
  });
  const client = read("../../../docs/client.ts");
  const about =
    "A client that resumes, in sixty lines of TypeScript and without a dependency, for whoever follows conversations.";
  pages.push({
    path: "client.html",
    title: "A client",
    html: `<h1>A client</h1><p>${about} <a href="client.ts" download>Download</a></p>${block(client)}`,
  });
  return { title: "Guides", pages, entries: pages.map(({ title, path }) => [title, "guide", path]) };
}

function examples(api) {
  const folder = `../../../schema/examples/${api}`;
  const entries = [];
  const html = readdirSync(here(folder))
    .filter((file) => file.endsWith(".graphql"))
    .sort()
    .map((file) => {
      const lines = read(`${folder}/${file}`).split("\n");
      const begins = lines.findIndex((line) => !line.startsWith("#"));
      const says = lines
        .slice(0, begins)
        .map((line) => line.replace(/^# ?/, ""))
        .join(" ");
      const { variables, result } = JSON.parse(read(`${folder}/${file.replace(/graphql$/, "json")}`));
      const name = file.replace(/^\d+-|\.graphql$/g, "").replaceAll("-", " ");
      const title = name[0].toUpperCase() + name.slice(1);
      entries.push([title, "example", `${api}-examples.html#${slug(title)}`]);
      const asks =
        Object.keys(variables).length > 0 ? `<h3>Variables</h3>${block(json(variables), "json")}` : "";
      const events = Array.isArray(result);
      const gives = events ? result.map((one) => json({ data: one })).join("\n") : json({ data: result });
      return `<section class="entry" id="${slug(title)}"><h2><a href="#${slug(title)}">${safe(title)}</a></h2>
<p>${prose(says)}</p>${block(lines.slice(begins).join("\n"), "graphql")}${asks}
<h3>${events ? "First events" : "Answer"}</h3>${block(gives, "json")}</section>`;
    })
    .join("\n");
  return { page: { path: `${api}-examples.html`, title: "Examples", html }, entries };
}

function goingAway(gone) {
  const rows = gone
    .map(
      ({ label, href, reason }) =>
        `<dt><a href="${href}"><code>${safe(label)}</code></a></dt><dd>${prose(reason)}</dd>`,
    )
    .join("");
  return {
    path: "deprecations.html",
    title: "Deprecations",
    html: `<h1>Deprecations</h1><p>What is about to go stays for at least six months after it was first said here, each with
the day from which on it may be gone and what to use instead.</p>${rows ? `<dl>${rows}</dl>` : "<p>Nothing is deprecated now.</p>"}`,
  };
}

function navigation(groups, current) {
  return groups
    .map(({ title, pages }) => {
      const links = pages.map(
        ({ path, title: name }) =>
          `<li><a href="${path}"${path === current ? ' aria-current="page"' : ""}>${safe(name)}</a></li>`,
      );
      return `<p>${safe(title)}</p><ul>${links.join("")}</ul>`;
    })
    .join("");
}

function whole(site, groups, group, { path, title, html }) {
  const heading = html.startsWith("<h1") ? "" : `<h1>${safe(group.title)}: ${safe(title.toLowerCase())}</h1>`;
  const links = navigation(groups, path);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${safe(title)} · ${safe(site)}</title>
<link rel="stylesheet" href="style.css">
<link rel="icon" href="data:,">
<script src="names.js" defer></script>
<script src="search.js" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<a class="site" href="index.html">${safe(site)}</a>
<div class="search"><input type="search" id="search" placeholder="Find a field or a type" aria-label="Find a field or a type" autocomplete="off"><ul class="found" id="found" hidden></ul></div>
</header>
<div class="columns">
<nav class="aside" aria-label="Pages">${links}</nav>
<details class="menu"><summary>${safe(group.title)}: ${safe(title)}</summary><nav aria-label="Pages">${links}</nav></details>
<main id="content">
${heading}${html}
</main>
</div>
</body>
</html>
`;
}

/**
 * All files of the site, by name.
 * @param {string} site what it is called
 */
export function build(site) {
  const groups = [guides()];
  const gone = [];
  for (const [api, title] of APIS) {
    const { pages, entries, gone: some } = reference(api, read(`../../../schema/${api}.graphql`));
    const shown = examples(api);
    gone.push(...some);
    groups.push({
      title,
      pages: [shown.page, ...pages],
      entries: [...shown.entries, ...entries.map(([label, kind, href]) => [label, `${api} ${kind}`, href])],
    });
  }
  groups[0].pages.push(goingAway(gone));
  const files = new Map([
    ["style.css", read("style.css")],
    ["search.js", read("search.js")],
    ["names.js", `globalThis.names = ${JSON.stringify(groups.flatMap(({ entries }) => entries))};\n`],
    ["client.ts", read("../../../docs/client.ts")],
  ]);
  for (const group of groups)
    for (const page of group.pages) files.set(page.path, whole(site, groups, group, page));
  return files;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [folder, site = "API documentation"] = process.argv.slice(2);
  if (!folder) throw new Error("build.mjs FOLDER [TITLE]");
  const files = build(site);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  console.log(`${files.size} files in ${folder}: open ${join(folder, "index.html")}`);
}
