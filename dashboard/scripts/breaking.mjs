// What the last release promised has to hold: nothing goes that was not deprecated there, and whose day has not come.
//   node breaking.mjs          checks schema/*.graphql against schema/released/*.graphql
//   node breaking.mjs release  does so, wants six months from today on for what is deprecated anew, and makes them the released ones

import { copyFileSync, readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildASTSchema, findBreakingChanges, parse, visit } from "graphql";

const ROOTS = ["Query", "Mutation", "Subscription"];
const MONTHS = 6;

const isDeprecated = (node) => node.directives?.some(({ name }) => name.value === "deprecated") ?? false;

/** The day from which on it may be gone, as its reason says; null where it says none. */
function dayOf(node) {
  const deprecated = node.directives?.find(({ name }) => name.value === "deprecated");
  const reason = deprecated?.arguments?.find(({ name }) => name.value === "reason")?.value.value;
  const day = /\b\d{4}-\d{2}-\d{2}\b/.exec(reason ?? "")?.[0];
  return day && !Number.isNaN(Date.parse(day)) ? day : null;
}

/** Everything that is deprecated, by its whole name, with its day. */
function deprecations(document) {
  const found = new Map();
  const above = [];
  visit(document, {
    enter(node) {
      if (node.name && /Definition$/.test(node.kind)) {
        above.push(node.name.value);
        if (isDeprecated(node)) found.set(above.join("."), dayOf(node));
      }
    },
    leave(node) {
      if (node.name && /Definition$/.test(node.kind)) above.pop();
    },
  });
  return found;
}

/** What is still promised: without what may be gone, and without the types that nothing else leads to. */
function promised(document, today) {
  const kept = visit(document, {
    enter(node) {
      if (isDeprecated(node) && (dayOf(node) ?? "9999") <= today) return null;
    },
  });
  const types = new Map(kept.definitions.filter(({ name }) => name).map((node) => [node.name.value, node]));
  const reached = new Set();
  const follow = (name) => {
    if (reached.has(name) || !types.has(name)) return;
    reached.add(name);
    visit(types.get(name), { NamedType: ({ name: other }) => follow(other.value) });
  };
  for (const root of ROOTS) follow(root);
  const definitions = kept.definitions.filter(
    ({ kind, name }) => !name || kind === "DirectiveDefinition" || reached.has(name.value),
  );
  return { ...kept, definitions };
}

/**
 * What is wrong with a schema, after what was released.
 * @param {string} released
 * @param {string} present
 * @param {string} today
 * @param {string | null} notBefore before which day nothing that is deprecated anew may go
 */
export function complaints(released, present, today, notBefore = null) {
  const [before, now] = [parse(released), parse(present)];
  const schema = (document) => buildASTSchema(document, { assumeValid: true, assumeValidSDL: true });
  const found = findBreakingChanges(schema(promised(before, today)), schema(now)).map(
    ({ description }) => description,
  );
  const earlier = deprecations(before);
  for (const [name, day] of deprecations(now)) {
    const said = earlier.get(name);
    if (day === null)
      found.push(`${name} is deprecated without a day: "From 2027-06-01 on: use ... instead."`);
    else if (said && day < said) found.push(`${name} was to stay until ${said}, and now only until ${day}.`);
    else if (notBefore && !said && day < notBefore)
      found.push(`${name} goes on ${day}: it has ${MONTHS} months, until ${notBefore}.`);
  }
  return found;
}

function main(order) {
  const file = (path) => fileURLToPath(new URL(`../../schema/${path}`, import.meta.url));
  const today = new Date();
  const later = new Date(today);
  later.setUTCMonth(later.getUTCMonth() + MONTHS);
  const [day, notBefore] = [today, later].map((date) => date.toISOString().slice(0, 10));
  const apis = ["desk.graphql", "widget.graphql"];
  const found = apis.flatMap((api) => {
    const [released, present] = [`released/${api}`, api].map((path) => readFileSync(file(path), "utf8"));
    return complaints(released, present, day, order === "release" ? notBefore : null).map(
      (complaint) => `schema/${api}: ${complaint}`,
    );
  });
  for (const complaint of found) console.error(complaint);
  if (found.length > 0) process.exitCode = 1;
  else if (order === "release") for (const api of apis) copyFileSync(file(api), file(`released/${api}`));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main(process.argv[2]);
