import { describe, expect, it } from "vitest";
import { actionWords, differences, fieldWords, listChange, noFilter, toFilter } from "./difference";

describe("the difference of two values", () => {
  it("is told field by field, what changed first", () => {
    const found = differences('{"name":"Bakery","radius":6}', '{"name":"Bakery","radius":8,"font":"serif"}');
    expect(found).toEqual([
      { field: "radius", before: "6", after: "8", kind: "changed" },
      { field: "font", before: null, after: "serif", kind: "added" },
      { field: "name", before: "Bakery", after: "Bakery", kind: "same" },
    ]);
  });

  it("goes into what is nested, and knows what was made and what is gone", () => {
    expect(differences(null, '{"handoff":{"askContact":true}}')).toEqual([
      { field: "handoff › ask contact", before: null, after: "yes", kind: "added" },
    ]);
    expect(differences('{"a":[]}', null)).toEqual([
      { field: "a", before: "none", after: null, kind: "removed" },
    ]);
    expect(differences(null, null)).toEqual([]);
  });

  it("tells nothing from an empty text and from an absent one", () => {
    expect(differences('{"a":null}', '{"a":""}')[0]).toMatchObject({ before: "nothing", after: "empty" });
  });

  it("shows what is no JSON as it is", () => {
    expect(differences("plain", "other")).toEqual([
      { field: "Value", before: "plain", after: "other", kind: "changed" },
    ]);
  });

  it("names what came to a long list and what left it", () => {
    expect(listChange("a, b, c", "a, c, d, e")).toEqual({ gone: ["b"], came: ["d", "e"] });
    expect(listChange("a", "b")).toBeNull();
  });
});

describe("the filter", () => {
  it("takes whole days, and leaves out what is empty", () => {
    const filter = toFilter({ ...noFilter, from: "2026-11-02", to: "2026-11-02", search: "  brand " });
    expect(filter.search).toBe("brand");
    expect(filter.actorId).toBeNull();
    expect(Date.parse(filter.to ?? "") - Date.parse(filter.from ?? "")).toBe(86_399_999);
  });
});

describe("words", () => {
  it("are made of names", () => {
    expect(actionWords("package.updated")).toBe("Package updated");
    expect(fieldWords("buttonAfterMessages")).toBe("button after messages");
  });
});
