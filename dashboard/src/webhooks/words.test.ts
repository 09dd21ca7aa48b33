import { describe, expect, it } from "vitest";
import { choices, deliveryWords, eventLabel, readable, webhookWords } from "./words";

const on = { disabledBecause: null, failingSince: null, trouble: null, deliveredAt: null } as const;

describe("what is said of a webhook", () => {
  it("asks for a test until something has arrived", () => {
    expect(webhookWords(on)).toMatchObject({ label: "On", tone: "plain" });
    expect(webhookWords({ ...on, deliveredAt: "2026-01-01T00:00:00Z" })).toEqual({
      label: "On",
      tone: "good",
      text: null,
    });
  });

  it("says what is wrong, and why it is off", () => {
    const failing = { ...on, failingSince: "2026-01-01T00:00:00Z", trouble: "It answered with 500." };
    expect(webhookWords(failing).text).toMatch(/^It answered with 500\. It is tried again/);
    expect(webhookWords({ ...failing, disabledBecause: "FAILING" }).text).toMatch(
      /five days\. It answered with 500\./,
    );
    expect(webhookWords({ ...on, disabledBecause: "GONE" }).text).toMatch(/410/);
    expect(webhookWords({ ...on, disabledBecause: "BY_HAND" }).tone).toBe("plain");
  });
});

describe("what is said of a delivery", () => {
  it("tells the first try from the others", () => {
    expect(deliveryWords({ state: "QUEUED", attempts: 0 }).label).toBe("On its way");
    expect(deliveryWords({ state: "QUEUED", attempts: 3 }).label).toBe("Tried again");
    expect(deliveryWords({ state: "DELIVERED", attempts: 3 }).tone).toBe("good");
  });

  it("shows JSON in lines, and anything else as it is", () => {
    expect(readable('{"a":1}')).toBe('{\n  "a": 1\n}');
    expect(readable("<html>")).toBe("<html>");
  });

  it("names each event", () => {
    expect(new Set([...choices.map(eventLabel), eventLabel("TEST")]).size).toBe(choices.length + 1);
  });
});
