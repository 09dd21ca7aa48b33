import { expect, test } from "vitest";
import { bodyOf, readClicked, readTold } from "./told";

const told = {
  id: "ntf_1",
  kind: "HANDOFF_REQUESTED",
  title: "Ada asks for a person",
  body: "Is my cake ready?",
  link: "/live-chats/cnv_1",
  tag: "HANDOFF_REQUESTED cnv_1",
  count: 2,
  rings: true,
  at: "2026-11-20T13:47:33.123456Z",
};

test("what the server says is read whole", () => {
  expect(readTold(JSON.stringify(told))).toEqual(told);
  expect(bodyOf(told)).toBe("Is my cake ready?\n2 times");
  expect(bodyOf({ ...told, body: null, count: 1 })).toBe("");
});

test("what is none of ours is nothing, and no link leads elsewhere", () => {
  for (const text of ["", "{", "null", "[]", "{}", '{"title":1}', '{"title":""}']) {
    expect(readTold(text), text).toBeNull();
  }
  for (const link of ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)", 7, null]) {
    expect(readTold(JSON.stringify({ ...told, link }))?.link, String(link)).toBe("/");
  }
});

test("only a click of this minute opens something", () => {
  const clicked = { type: "clicked", link: "/live-chats/cnv_1", accept: true, at: 1_000_000 };
  expect(readClicked(clicked, 1_030_000)).toEqual(clicked);
  expect(readClicked(clicked, 1_060_001)).toBeNull();
  expect(readClicked({ ...clicked, link: "https://evil.test/" }, 1_000_000)).toBeNull();
  expect(readClicked({ ...clicked, accept: "yes" }, 1_000_000)?.accept).toBe(false);
  for (const other of [null, 1, "clicked", { type: "other" }, { ...clicked, at: "now" }]) {
    expect(readClicked(other, 1_000_000)).toBeNull();
  }
});
