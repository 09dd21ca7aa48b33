import { describe, expect, it } from "vitest";
import { needingAttention, setUpSteps } from "./attention";

const organization = (id: string, more: object = {}) => ({
  id,
  name: id,
  state: "ACTIVE" as const,
  aiAgentCount: 1,
  memberCount: 2,
  waitingCount: 0,
  ...more,
});

describe("organizations that need somebody", () => {
  it("come by urgency, and those that need nobody not at all", () => {
    const found = needingAttention([
      organization("quiet"),
      organization("shut", { state: "SUSPENDED", waitingCount: 3 }),
      organization("bare", { aiAgentCount: 0 }),
      organization("busy", { waitingCount: 1 }),
      organization("busier", { waitingCount: 4 }),
      organization("empty", { memberCount: 0, aiAgentCount: 0 }),
    ]);
    expect(found.map((one) => one.organization.id)).toEqual(["busier", "busy", "empty", "bare", "shut"]);
    expect(found[1]?.words).toBe("1 visitor waits for a person");
  });

  it("does not guess what somebody may not see", () => {
    const { memberCount, waitingCount, ...seen } = organization("x");
    expect(memberCount + waitingCount).toBe(2);
    expect(needingAttention([seen])).toEqual([]);
  });
});

describe("first steps of an agency", () => {
  const none = { nodes: [] };
  const one = { nodes: [{}] };
  it("are those that this person can take", () => {
    const steps = setUpSteps({ organizations: none }, () => false);
    expect(steps).toEqual([]);
  });

  it("are done when the thing is there", () => {
    const steps = setUpSteps(
      {
        brandSettings: { version: 1, images: [{}] },
        domains: [{ state: "PENDING" }],
        organizations: one,
        members: one,
        invitations: one,
      },
      () => true,
    );
    expect(steps).toEqual([
      { step: "brand", done: true },
      { step: "domain", done: false },
      { step: "organization", done: true },
      { step: "invite", done: true },
    ]);
  });
});
