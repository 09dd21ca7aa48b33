import { describe, expect, it } from "vitest";
import { type Noise, type Wishes, wantsToHear } from "./quiet";

const wishes = (patch: Partial<Wishes> = {}): Wishes => ({
  organizationId: "org_a",
  events: "ALL",
  quietFrom: null,
  quietUntil: null,
  timeZone: "Europe/Zurich",
  muted: false,
  mutedAiAgents: [],
  ...patch,
});
const request: Noise = { kind: "request", organizationId: "org_a", aiAgentId: "agt_1" };
const message: Noise = { ...request, kind: "message" };
/** In January Zurich is an hour ahead. */
const at = (clock: string) => Date.parse(`2026-01-10T${clock}:00Z`);
const hears = (patch: Partial<Wishes>, noise: Noise, clock = "12:00") =>
  wantsToHear([wishes(patch)], noise, at(clock));

describe("what somebody wants to hear", () => {
  it("is everything, as long as they have not chosen", () => {
    expect(wantsToHear([], request, at("12:00"))).toBe(true);
    expect(hears({}, request)).toBe(true);
    expect(hears({}, message)).toBe(true);
  });

  it("is not what they muted", () => {
    expect(hears({ muted: true }, request)).toBe(false);
    expect(hears({ mutedAiAgents: ["agt_1"] }, request)).toBe(false);
    expect(hears({ mutedAiAgents: ["agt_2"] }, request)).toBe(true);
  });

  it("is requests alone, or nothing, for whoever wants that", () => {
    expect(hears({ events: "REQUESTS" }, request)).toBe(true);
    expect(hears({ events: "REQUESTS" }, message)).toBe(false);
    expect(hears({ events: "NONE" }, request)).toBe(false);
  });

  it("is nothing in quiet hours, which are in their zone and may go over midnight", () => {
    const night = { quietFrom: 22 * 60, quietUntil: 7 * 60 };
    expect(hears(night, request, "20:59")).toBe(true);
    expect(hears(night, request, "21:00")).toBe(false);
    expect(hears(night, request, "05:59")).toBe(false);
    expect(hears(night, request, "06:00")).toBe(true);
    const noon = { quietFrom: 12 * 60, quietUntil: 13 * 60 };
    expect(hears(noon, request, "11:30")).toBe(false);
    expect(hears(noon, request, "12:00")).toBe(true);
    expect(hears({ quietFrom: 60, quietUntil: 60 }, request, "00:00")).toBe(true);
    expect(hears({ ...night, timeZone: "Nowhere/Land" }, request, "22:00")).toBe(false);
  });

  it("is what they chose for all organizations where they chose nothing for one", () => {
    const all = wishes({ organizationId: null, muted: true });
    expect(wantsToHear([all], request, at("12:00"))).toBe(false);
    expect(wantsToHear([all, wishes()], request, at("12:00"))).toBe(true);
  });
});
