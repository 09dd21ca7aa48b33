import { expect, test } from "vitest";
import { complaints } from "./breaking.mjs";

const ACCESS = `directive @public on FIELD_DEFINITION | OBJECT`;
const old = (reason) => `old(one: Int): Gone @public @deprecated(reason: "${reason}")`;
const schema = (fields, rest = "") => `${ACCESS} type Query { stays: Int @public ${fields} } ${rest}`;
const GONE = "type Gone { a: Int } ";
const DUE = "From 2027-06-01 on: use `stays`.";

/** What is said when `before` was released and `after` is there, on a day. */
function check(before, after, day, expected, notBefore) {
  expect(complaints(before, after, day, notBefore)).toEqual(expected);
}

test("nothing is said where nothing changed, or something came", () => {
  check(schema(""), schema(""), "2027-01-01", []);
  check(schema(""), schema("more(one: Int): [New!]", "type New { a: Int }"), "2027-01-01", []);
  check(schema("a(one: Int): Int"), schema("a(one: Int, two: Int): Int!"), "2027-01-01", []);
});

test("what goes unannounced is a break", () => {
  const removed = "Query.a was removed.";
  check(schema("a: Int"), schema(""), "2027-01-01", [removed]);
  check(schema("a: Int"), schema("a: String"), "2027-01-01", ["Query.a changed type from Int to String."]);
  check(schema("a: Int!"), schema("a: Int"), "2027-01-01", ["Query.a changed type from Int! to Int."]);
  check(schema("a(one: Int): Int"), schema("a: Int"), "2027-01-01", ["Query.a arg one was removed."]);
  check(schema("a: Int"), schema("a(one: Int!): Int"), "2027-01-01", [
    "A required arg one on Query.a was added.",
  ]);
  check(schema("a: E", "enum E { X Y }"), schema("a: E", "enum E { X }"), "2027-01-01", [
    "Y was removed from enum type E.",
  ]);
  check(
    schema("a: U", "union U = A | B type A { x: Int } type B { x: Int }"),
    schema("a: U", "union U = A type A { x: Int } type B { x: Int }"),
    "2027-01-01",
    ["B was removed from union type U."],
  );
});

test("what was deprecated goes on its day, not before", () => {
  const before = schema(old(DUE), GONE);
  const early = complaints(before, schema(""), "2027-05-31");
  expect(early).toContain("Query.old was removed.");
  expect(early).toContain("Gone was removed.");
  check(before, schema(""), "2027-06-01", []);
  // That it was deprecated only now does not help: nobody has been told.
  check(schema("old(one: Int): Gone @public", GONE), schema("", GONE), "2028-01-01", [
    "Query.old was removed.",
  ]);
  // Without a day it never goes.
  check(schema(old("no more"), GONE), schema("", GONE), "2028-01-01", ["Query.old was removed."]);
});

test("a type that something else leads to stays when one way to it goes", () => {
  const before = schema(`${old(DUE)} also: Gone`, GONE);
  check(before, schema("also: Gone", GONE), "2027-06-01", []);
  expect(complaints(before, schema("also: Gone", "type Gone { b: Int }"), "2027-06-01")).toEqual([
    "Gone.a was removed.",
  ]);
});

test("values, arguments and input fields go in the same way", () => {
  const due = `@deprecated(reason: "${DUE}")`;
  const before = schema(
    `a(one: Int ${due}, two: I): E`,
    `enum E { X Y ${due} } input I { x: Int y: Int ${due} }`,
  );
  const after = schema("a(two: I): E", "enum E { X } input I { x: Int }");
  expect(complaints(before, after, "2027-05-31")).toHaveLength(3);
  check(before, after, "2027-06-01", []);
});

test("who deprecates names a day, does not take it back, and leaves six months at a release", () => {
  const before = schema("old(one: Int): Gone @public", GONE);
  check(before, schema(old("no more"), GONE), "2027-01-01", [
    'Query.old is deprecated without a day: "From 2027-06-01 on: use ... instead."',
  ]);
  check(before, schema(old(DUE), GONE), "2027-01-01", []);
  check(
    before,
    schema(old(DUE), GONE),
    "2027-01-01",
    ["Query.old goes on 2027-06-01: it has 6 months, until 2027-07-01."],
    "2027-07-01",
  );
  check(before, schema(old(DUE), GONE), "2026-12-01", [], "2027-06-01");
  check(schema(old(DUE), GONE), schema(old("From 2027-03-01 on."), GONE), "2027-01-01", [
    "Query.old was to stay until 2027-06-01, and now only until 2027-03-01.",
  ]);
});
