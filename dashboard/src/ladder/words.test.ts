import { describe, expect, it } from "vitest";
import { channelsOf, takenWords, wayOf } from "./words";

describe("the ladder in words", () => {
  it("has three ways to tell people", () => {
    for (const way of ["RING", "EMAIL", "BOTH"] as const) expect(wayOf(channelsOf(way))).toBe(way);
    expect(wayOf([])).toBe("RING");
  });

  it("says what a step came to, or why it was not taken", () => {
    const step = { whom: "TEAM", address: null, channel: "EMAIL", people: 0 } as const;
    expect(takenWords({ ...step, outcome: "MAILED", people: 1 })).toBe("The team: email to 1 person");
    expect(takenWords({ ...step, outcome: "MAILED", people: 3 })).toBe("The team: email to 3 people");
    expect(takenWords({ ...step, channel: "RING", outcome: "RANG" })).toBe("The team: rang in the dashboard");
    expect(takenWords({ ...step, outcome: "CLAIMED" })).toBe(
      "The team, by email: not needed, somebody had accepted",
    );
    expect(takenWords({ ...step, whom: "OFFLINE_QUERY", channel: null, outcome: "CANCELLED" })).toBe(
      "Last step: not needed, the request had ended",
    );
    expect(
      takenWords({ ...step, whom: "ADDRESS", address: "desk@x.test", outcome: "MAILED", people: 1 }),
    ).toBe("desk@x.test: email to 1 person");
  });
});
