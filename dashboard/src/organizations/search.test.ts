import { describe, expect, it } from "vitest";
import { organizationSearch, organizationsSearch, statesOf } from "./search";

describe("addresses of the organization pages", () => {
  it("carry only what differs from the plain page", () => {
    expect(organizationsSearch({ q: "", sort: "NAME", show: "all" })).toEqual({});
    expect(organizationsSearch({ q: "bak", sort: "ACTIVITY", show: "bin" })).toEqual({
      q: "bak",
      sort: "ACTIVITY",
      show: "bin",
    });
    expect(organizationSearch({ tab: "overview" })).toEqual({});
    expect(organizationSearch({ tab: "people" })).toEqual({ tab: "people" });
  });

  it("forget what no page has", () => {
    expect(organizationsSearch({ q: 7, sort: "SIZE", show: "secret" })).toEqual({});
    expect(organizationSearch({ tab: "x" })).toEqual({});
    expect(organizationsSearch({ q: "x".repeat(500) }).q).toHaveLength(100);
  });

  it("ask for the bin by itself", () => {
    expect(statesOf("all")).not.toContain("DELETED");
    expect(statesOf("bin")).toEqual(["DELETED"]);
  });
});
