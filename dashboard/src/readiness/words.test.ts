import { describe, expect, it } from "vitest";
import type { RehearsalData } from "./documents";
import { result, stepLabel, verdict } from "./words";

type Step = RehearsalData["steps"][number];
const names = ["OPENED", "WROTE", "AI_ANSWERED", "REQUESTED", "ACCEPTED", "ANSWERED", "FINISHED"] as const;
const steps = (states: string): Step[] =>
  names.map((name, at) => ({
    name,
    state: ({ d: "DONE", w: "WAITING", a: "AHEAD", f: "FAILED" } as const)[states[at] as "d"],
    at: null,
  }));

describe("readiness in words", () => {
  it("says how bad it is", () => {
    expect(verdict("GOOD", [{ outcome: "GOOD" }])).toMatch(/at once/);
    expect(verdict("WARNING", [{ outcome: "WARNING" }])).toMatch(/later/);
    expect(verdict("FAILED", [{ outcome: "FAILED" }])).toMatch(/one thing/);
    expect(verdict("FAILED", [{ outcome: "FAILED" }, { outcome: "FAILED" }])).toMatch(/2 things/);
  });

  it("calls a rehearsal passed only when a person did all of it", () => {
    expect(result({ steps: steps("ddwdddd"), endedAt: null }).label).toBe("Passed");
    expect(result({ steps: steps("dddwaaa"), endedAt: null }).label).toBe("Running");
    expect(result({ steps: steps("ddddfff"), endedAt: null }).label).toBe("Not answered");
    expect(result({ steps: steps("ddddwaa"), endedAt: "2026-01-01T00:00:00Z" }).label).toBe("Not answered");
  });

  it("names who accepted", () => {
    const accepted = steps("ddddd")[4] as Step;
    expect(stepLabel(accepted, "Olivia Hart")).toBe("Olivia Hart accepted the request");
    expect(stepLabel({ ...accepted, state: "WAITING" }, null)).toMatch(/has to accept/);
    expect(stepLabel({ ...accepted, name: "AI_ANSWERED", state: "FAILED" }, null)).toMatch(
      /had not answered/,
    );
  });
});
