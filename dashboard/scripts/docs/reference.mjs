// The pages of one API, made from its SDL: what each field gives, who may have it, and what is about to go.

import { parse } from "graphql";
import { prose, safe } from "./text.mjs";

const ROOTS = ["Query", "Mutation", "Subscription"];
const PLACES = {
  ObjectTypeDefinition: "objects",
  InputObjectTypeDefinition: "inputs",
  EnumTypeDefinition: "enums",
  UnionTypeDefinition: "unions",
  ScalarTypeDefinition: "unions",
};
const TITLES = {
  queries: "Queries",
  mutations: "Mutations",
  subscriptions: "Subscriptions",
  objects: "Objects",
  inputs: "Inputs",
  enums: "Enumerations",
  unions: "Unions and scalars",
};
const BUILT_IN = ["ID", "String", "Int", "Float", "Boolean"];

const directive = (node, name) => node.directives?.find((one) => one.name.value === name);
const argument = (node, name) => node?.arguments?.find((one) => one.name.value === name)?.value.value;

/** Who may have it: what it says itself, else what its type says. */
export function access(node, type) {
  for (const place of [node, type]) {
    const permission = place && argument(directive(place, "requires"), "permission");
    if (permission) return { kind: "requires", permission };
    if (place && directive(place, "ownerOnly")) return { kind: "owner" };
    if (place && directive(place, "public")) return { kind: "public" };
  }
  return null;
}

function badge(found) {
  if (found === null) return "";
  if (found.kind === "requires")
    return `<span class="badge" title="needs this permission">${safe(found.permission)}</span>`;
  return found.kind === "owner"
    ? '<span class="badge own" title="whoever it belongs to">owner only</span>'
    : '<span class="badge open" title="everybody">public</span>';
}

function deprecation(node) {
  const found = directive(node, "deprecated");
  if (!found) return "";
  const reason = argument(found, "reason") ?? "No longer to be used.";
  return `<p class="deprecated"><strong>Deprecated.</strong> ${prose(reason)}</p>`;
}

/** Everything that is on a page, to go to. */
function jump(html) {
  const names = [...html.matchAll(/<section class="entry" id="([^"]+)"/g)].map(([, name]) => name);
  const links = names.map((name) => `<li><a href="#${name}">${name}</a></li>`).join("");
  return `<details class="jump"><summary>All ${names.length} by name</summary><ul>${links}</ul></details>`;
}

/**
 * @param {string} api
 * @param {string} sdl
 */
export function reference(api, sdl) {
  const { definitions } = parse(sdl);
  const types = new Map(
    definitions.filter((one) => one.name && PLACES[one.kind]).map((one) => [one.name.value, one]),
  );
  const page = (place) => `${api}-${place}.html`;

  const named = (name) => {
    const type = types.get(name);
    if (!type || BUILT_IN.includes(name)) return `<span class="scalar">${name}</span>`;
    return `<a class="type" href="${page(PLACES[type.kind])}#${name}">${name}</a>`;
  };
  const typed = (node) => {
    if (node.kind === "NonNullType") return `${typed(node.type)}!`;
    return node.kind === "ListType" ? `[${typed(node.type)}]` : named(node.name.value);
  };
  const taken = (one) => `<span class="argument">${one.name.value}: ${typed(one.type)}</span>`;
  const signature = (field) => {
    const given = (field.arguments ?? []).map(taken).join(", ");
    return `<code class="signature"><b>${field.name.value}</b>${given && `(${given})`}: ${typed(field.type)}</code>`;
  };
  const told = (node, type) =>
    `<div class="said">${badge(access(node, type))}<p>${prose(node.description?.value)}</p></div>${deprecation(node)}`;

  const entries = [];
  const gone = [];
  const note = (label, kind, href, node) => {
    entries.push([label, kind, href]);
    if (directive(node, "deprecated"))
      gone.push({ label, href, reason: argument(directive(node, "deprecated"), "reason") });
  };

  const root = (name, place) => {
    const type = types.get(name);
    const kind = name.toLowerCase();
    return (type?.fields ?? [])
      .map((field) => {
        const label = field.name.value;
        note(label, kind, `${page(place)}#${label}`, field);
        return `<section class="entry" id="${label}"><h2><a href="#${label}">${label}</a></h2>${signature(field)}${told(field, type)}</section>`;
      })
      .join("\n");
  };

  const body = (type) => {
    if (type.kind === "UnionTypeDefinition")
      return `<p class="members">One of ${type.types.map((one) => named(one.name.value)).join(", ")}.</p>`;
    if (type.kind === "EnumTypeDefinition")
      return `<dl>${type.values
        .map((one) => {
          note(`${type.name.value}.${one.name.value}`, "value", `${page("enums")}#${type.name.value}`, one);
          return `<dt><code>${one.name.value}</code></dt><dd>${prose(one.description?.value)}${deprecation(one)}</dd>`;
        })
        .join("")}</dl>`;
    return (type.fields ?? [])
      .map((field) => {
        const id = `${type.name.value}.${field.name.value}`;
        note(id, "field", `${page(PLACES[type.kind])}#${id}`, field);
        return `<div class="field" id="${id}">${signature(field)}${told(field, type)}</div>`;
      })
      .join("\n");
  };

  const listed = (place) =>
    [...types.values()]
      .filter((type) => PLACES[type.kind] === place && !ROOTS.includes(type.name.value))
      .sort((one, other) => one.name.value.localeCompare(other.name.value))
      .map((type) => {
        const name = type.name.value;
        note(name, "type", `${page(place)}#${name}`, type);
        const who = type.kind === "ObjectTypeDefinition" ? badge(access(type, null)) : "";
        return `<section class="entry" id="${name}"><h2><a href="#${name}">${name}</a></h2>
<div class="said">${who}<p>${prose(type.description?.value)}</p></div>${body(type)}</section>`;
      })
      .join("\n");

  const pages = [
    ["queries", root("Query", "queries")],
    ["mutations", root("Mutation", "mutations")],
    ["subscriptions", root("Subscription", "subscriptions")],
    ...["objects", "inputs", "enums", "unions"].map((place) => [place, listed(place)]),
  ]
    .filter(([, html]) => html !== "")
    .map(([place, html]) => ({ path: page(place), title: TITLES[place], html: jump(html) + html }));
  return { pages, entries, gone };
}
