import { describe, expect, it } from "vitest";
import type { Preference } from "./documents";
import { clockOf, followsAll, minutesOf, originWords, quietDraft, quietInput, quietProblem } from "./words";

describe("quiet hours", () => {
  it("are minutes of the day on the wire and clock times in the form", () => {
    expect([0, 425, 1_320, 1_439].map(clockOf)).toEqual(["00:00", "07:05", "22:00", "23:59"]);
    expect(["00:00", "7:05", "22:00", "22:00:30"].map(minutesOf)).toEqual([0, 425, 1_320, 1_320]);
    for (const wrong of ["", "25:00", "12:60", "noon"]) expect(minutesOf(wrong)).toBeNull();
  });

  it("stay as they were typed while they are switched off", () => {
    expect(quietDraft({ quietFrom: null, quietUntil: null })).toEqual({
      quiet: false,
      from: "22:00",
      until: "07:00",
    });
    const on = quietDraft({ quietFrom: 1_260, quietUntil: 360 });
    expect(on).toEqual({ quiet: true, from: "21:00", until: "06:00" });
    expect(quietInput(on)).toEqual({ quietFrom: 1_260, quietUntil: 360 });
    expect(quietInput({ ...on, quiet: false })).toEqual({ quietFrom: null, quietUntil: null });
  });

  it("are two times, and different ones", () => {
    const on = { quiet: true, from: "21:00", until: "06:00" };
    expect(quietProblem(on)).toBeNull();
    expect(quietProblem({ ...on, from: "" })).toBe("Give both times.");
    expect(quietProblem({ ...on, until: "21:00" })).toBe("Give two different times.");
    expect(quietProblem({ ...on, quiet: false, from: "" })).toBeNull();
  });
});

describe("where a choice comes from", () => {
  it("is the reader's own, the organization's, or nobody's", () => {
    expect(originWords("OWN", "person")).toEqual({ label: "Chosen by you", own: true });
    expect(originWords("ORGANIZATION", "person")).toEqual({ label: "From the organization", own: false });
    expect(originWords("ORGANIZATION", "organization")).toEqual({ label: "Set here", own: true });
    expect(originWords("PLATFORM", "organization")).toEqual({ label: "Standard", own: false });
  });

  it("is what they chose for all organizations, where it is the same", () => {
    const one: Preference = {
      organizationId: "org_a",
      organizationName: "A",
      email: false,
      push: true,
      events: "ALL",
      quietFrom: null,
      quietUntil: null,
      timeZone: "UTC",
      muted: false,
      mutedAiAgents: [],
      digest: "NEVER",
      aiAgents: [],
      origin: "OWN",
    };
    const all = { ...one, organizationId: null, organizationName: null };
    expect(followsAll(one, all)).toBe(true);
    expect(followsAll({ ...one, email: true }, all)).toBe(false);
    expect(followsAll(one, { ...all, origin: "PLATFORM" })).toBe(false);
    expect(followsAll({ ...one, origin: "ORGANIZATION" }, all)).toBe(false);
    expect(followsAll(all, all)).toBe(false);
    expect(followsAll(one, null)).toBe(false);
  });
});
