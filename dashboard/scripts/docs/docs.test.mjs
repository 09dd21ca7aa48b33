import { readFileSync } from "node:fs";
import { parse } from "graphql";
import { expect, test } from "vitest";
import { build } from "./build.mjs";
import { reference } from "./reference.mjs";

const files = build("A name of their own");
const pages = [...files].filter(([name]) => name.endsWith(".html"));

test("the site shows no product's name, and the one that it is given", () => {
  for (const [name, text] of files) expect(text, name).not.toMatch(/(?<!de)livery/i);
  for (const [name, html] of pages) expect(html, name).toContain("A name of their own");
});

test("every link leads somewhere", () => {
  const ids = new Map(
    pages.map(([name, html]) => [name, new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))]),
  );
  const dead = pages.flatMap(([name, html]) =>
    [...html.matchAll(/ href="([^":]+)"/g)]
      .map(([, href]) => href)
      .filter((href) => {
        const [page, id] = href.split("#");
        if (id === undefined) return !files.has(page);
        return !ids.get(page || name)?.has(id);
      })
      .map((href) => `${name}: ${href}`),
  );
  expect(dead).toEqual([]);
});

test("every field, argument and value of both schemas is there, and says who may have it", () => {
  for (const api of ["desk", "widget"]) {
    const { definitions } = parse(
      readFileSync(new URL(`../../../schema/${api}.graphql`, import.meta.url), "utf8"),
    );
    for (const type of definitions.filter((one) => one.kind === "ObjectTypeDefinition")) {
      const root = { Query: "queries", Mutation: "mutations", Subscription: "subscriptions" }[
        type.name.value
      ];
      const html = files.get(`${api}-${root ?? "objects"}.html`);
      for (const field of type.fields) {
        const id = root ? field.name.value : `${type.name.value}.${field.name.value}`;
        const at = html.indexOf(` id="${id}"`);
        expect(at, id).toBeGreaterThan(0);
        const entry = html.slice(at, html.indexOf("</p>", at));
        expect(entry, id).toContain('class="badge');
        for (const { name } of field.arguments) expect(entry, id).toContain(`${name.value}: `);
      }
    }
    for (const type of definitions.filter((one) => one.kind === "EnumTypeDefinition"))
      for (const value of type.values)
        expect(files.get(`${api}-enums.html`)).toContain(`<code>${value.name.value}</code>`);
  }
});

test("what is deprecated is marked where it stands, and listed", () => {
  const { pages: made, gone } = reference(
    "desk",
    `type Query { old: A! @requires(permission: "a.b") @deprecated(reason: "From 2027-06-01 on: use \`new\`.") new(one: ID!): [A!]! @public }
     type A @ownerOnly { x: String @public y: Int }`,
  );
  const queries = made.find(({ path }) => path === "desk-queries.html").html;
  expect(queries).toContain(
    '<p class="deprecated"><strong>Deprecated.</strong> From 2027-06-01 on: use <code>new</code>.</p>',
  );
  expect(queries).toContain('needs this permission">a.b</span>');
  expect(queries).toContain('[<a class="type" href="desk-objects.html#A">A</a>!]!');
  const objects = made.find(({ path }) => path === "desk-objects.html").html;
  expect(objects.slice(objects.indexOf('id="A.x"'), objects.indexOf('id="A.y"'))).toContain("public</span>");
  expect(objects.slice(objects.indexOf('id="A.y"'))).toContain("owner only</span>");
  expect(gone).toEqual([
    { label: "old", href: "desk-queries.html#old", reason: "From 2027-06-01 on: use `new`." },
  ]);
});
