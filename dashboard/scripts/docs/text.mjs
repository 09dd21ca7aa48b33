// Words, code and types as HTML.

import MarkdownIt from "markdown-it";

const marks = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** @param {unknown} text */
export const safe = (text) => String(text).replace(/[&<>"]/g, (mark) => marks[mark]);

/** @param {string} text */
export const slug = (text) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "");

const KINDS = {
  graphql: [
    [/#.*/, "comment"],
    [/"(?:[^"\\]|\\.)*"/, "string"],
    [/\$\w+/, "variable"],
    [/\b(?:query|mutation|subscription|fragment|on)\b/, "word"],
  ],
  json: [
    [/"(?:[^"\\]|\\.)*"(?=\s*:)/, "variable"],
    [/"(?:[^"\\]|\\.)*"/, "string"],
    [/\b(?:true|false|null|\d+)\b/, "word"],
  ],
};

/**
 * @param {string} code
 * @param {string} kind
 */
export function highlight(code, kind) {
  const rules = KINDS[kind] ?? [];
  if (rules.length === 0) return safe(code);
  const all = new RegExp(rules.map(([rule]) => `(${rule.source})`).join("|"), "g");
  let html = "";
  let last = 0;
  for (const found of code.matchAll(all)) {
    const which = found.slice(1).findIndex((group) => group !== undefined);
    html += safe(code.slice(last, found.index));
    html += `<span class="${rules[which][1]}">${safe(found[0])}</span>`;
    last = found.index + found[0].length;
  }
  return html + safe(code.slice(last));
}

/**
 * @param {string} code
 * @param {string} [kind]
 */
export const block = (code, kind = "") =>
  `<pre tabindex="0"><code>${highlight(code.trimEnd(), kind)}</code></pre>`;

const markdown = new MarkdownIt({ html: false, highlight: (code, kind) => highlight(code, kind) });
const { rules } = markdown.renderer;
rules.table_open = () => '<div class="wide" tabindex="0"><table>';
rules.table_close = () => "</table></div>";
rules.heading_open = (tokens, at) => {
  const id = slug(tokens[at + 1].content);
  return `<${tokens[at].tag} id="${id}">`;
};
// A head of empty cells says nothing.
rules.thead_open = (tokens, at) => {
  const end = tokens.findIndex((token, index) => index > at && token.type === "thead_close");
  const empty = tokens.slice(at, end).every((token) => token.type !== "inline" || token.content === "");
  return empty ? "<thead hidden>" : "<thead>";
};
// Documents name each other by file; here each is a page.
rules.link_open = (tokens, at, options, _env, self) => {
  const href = tokens[at].attrGet("href") ?? "";
  tokens[at].attrSet("href", href.replace(/^(?:docs\/)?([\w-]+)\.md(?=#|$)/, "$1.html"));
  return self.renderToken(tokens, at, options);
};

/** @param {string} text */
export const document = (text) => markdown.render(text);

/** A description, whose lines were broken for its file alone. @param {string | undefined} text */
export const prose = (text) => (text ? markdown.renderInline(text.replace(/\s+/g, " ").trim()) : "");

/** @param {string} text */
export const plain = (text) => text.replace(/[`*]/g, "");
