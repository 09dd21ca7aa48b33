import { describe, expect, it } from "vitest";
import { cellState, columns, moved } from "./columns";

const permission = (name: string) => ({ name, description: "" });
const switches = [
  { name: "Home", description: "", permissions: [permission("home.view")] },
  {
    name: "Knowledge Base",
    description: "",
    permissions: [permission("knowledge.read"), permission("knowledge.edit")],
  },
];

describe("the columns of the matrix", () => {
  it("are the switches, and the permissions of those that are opened", () => {
    expect(columns(switches, new Set()).map((one) => one.label)).toEqual(["Home", "Knowledge Base"]);
    expect(columns(switches, new Set(["Knowledge Base"])).map((one) => [one.kind, one.label])).toEqual([
      ["switch", "Home"],
      ["switch", "Knowledge Base"],
      ["fine", "knowledge.read"],
      ["fine", "knowledge.edit"],
    ]);
  });

  it("tell on, off and in part", () => {
    const [, knowledge, read, edit] = columns(switches, new Set(["Knowledge Base"]));
    const held = new Set(["knowledge.read"]);
    expect([knowledge, read, edit].map((one) => one && cellState(one, held))).toEqual(["half", "on", "off"]);
  });
});

describe("moving by keyboard", () => {
  it("stays inside the table", () => {
    const size = { rows: 2, columns: 3 };
    expect(moved("ArrowUp", { row: 0, column: 1 }, size)).toEqual({ row: 0, column: 1 });
    expect(moved("ArrowRight", { row: 0, column: 1 }, size)).toEqual({ row: 0, column: 2 });
    expect(moved("End", { row: 1, column: 0 }, size)).toEqual({ row: 1, column: 2 });
    expect(moved("a", { row: 0, column: 0 }, size)).toBeNull();
  });
});
