import { describe, expect, it } from "vitest";
import { ApiError } from "../api/errors";
import { consequence, limitWords, proposedRole, refusalWords } from "./words";

const named = (...names: string[]) => names.map((name) => ({ name }));
const free = { allAiAgents: true, aiAgents: [], allOrganizations: true, organizations: [] };

describe("limits in words", () => {
  it("says nothing where there is none", () => expect(limitWords(free)).toBeNull());

  it("names one or two, and counts more", () => {
    expect(limitWords({ ...free, allAiAgents: false, aiAgents: named("Bea") })).toBe("Only Bea");
    expect(limitWords({ ...free, allAiAgents: false, aiAgents: named("Bea", "Max") })).toBe(
      "Only Bea and Max",
    );
    expect(limitWords({ ...free, allOrganizations: false, organizations: named("A", "B", "C") })).toBe(
      "Only A and 2 more organizations",
    );
  });

  it("says that an empty limit shuts everything", () => {
    expect(limitWords({ ...free, allAiAgents: false })).toBe("No AI agent yet");
    expect(limitWords({ ...free, allOrganizations: false })).toBe("No organization yet");
  });
});

describe("what follows", () => {
  it("names the chats that go back to the queue", () => {
    for (const act of ["suspend", "remove"] as const) {
      expect(consequence(act, "Olga", "Bakery")).toContain("Their open chats go back to the queue");
    }
    expect(consequence("leave", "Olga", "Bakery")).toContain("You lose access to Bakery");
  });
});

describe("refusals", () => {
  const refused = (reason: string) => refusalWords(new ApiError("Server says", "CONFLICT", { reason }));
  it("speak of this page, and fall back to the server's sentence", () => {
    expect(refused("LAST_OWNER")).toContain("make another person owner first");
    expect(refused("SOMETHING_ELSE")).toBe("Server says");
  });
});

describe("the role that an invitation proposes", () => {
  const role = (name: string, givable = true) => ({ givable, role: { id: `rol_${name}`, name } });
  it("is Operator in an organization and Member among staff, and nothing when that cannot be given", () => {
    const roles = [role("Owner"), role("Operator"), role("Member")];
    expect(proposedRole(roles, false)).toBe("rol_Operator");
    expect(proposedRole(roles, true)).toBe("rol_Member");
    expect(proposedRole([role("Operator", false), role("Viewer")], false)).toBeNull();
  });
});
