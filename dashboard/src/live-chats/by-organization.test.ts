import { describe, expect, it } from "vitest";
import { ofOrganization, organizationsIn } from "./by-organization";

const row = (id: string | null) => ({ organization: id === null ? null : { id, name: `Name ${id}` } });

describe("one inbox over all organizations", () => {
  const rows = [row("b"), row("a"), row(null), row("b")];

  it("knows which are in it, by name", () => {
    expect(organizationsIn(rows)).toEqual([
      { id: "a", name: "Name a", count: 1 },
      { id: "b", name: "Name b", count: 2 },
    ]);
  });

  it("shows all of them, or one", () => {
    expect(ofOrganization(rows, null)).toHaveLength(4);
    expect(ofOrganization(rows, "b")).toHaveLength(2);
    expect(ofOrganization(rows, "gone")).toHaveLength(0);
  });
});
