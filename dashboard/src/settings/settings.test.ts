import { describe, expect, it } from "vitest";
import type { Setting } from "./documents";
import { byArea, changedKeys, choiceLabel, inheritedValue, ownValues, valueLabel } from "./values";

const setting = (patch: Partial<Setting>): Setting => ({
  key: "handoff.enabled",
  name: "Handoff",
  description: "",
  kind: "BOOLEAN",
  value: "true",
  origin: "AGENCY",
  mode: "FREE",
  minimum: null,
  maximum: null,
  choices: [],
  permission: "handoff.enable",
  longest: null,
  editable: true,
  reason: null,
  agencyValue: "true",
  ownValue: null,
  ...patch,
});

describe("values of settings", () => {
  it("are those of the level that one looks at", () => {
    const all = [setting({}), setting({ key: "organization.language", agencyValue: null, ownValue: "de" })];
    expect(ownValues(all, false)).toEqual({ "handoff.enabled": null, "organization.language": "de" });
    expect(ownValues(all, true)).toEqual({ "handoff.enabled": "true", "organization.language": null });
  });

  it("are saved one by one, and only those that changed", () => {
    const before = { a: "1", b: null, c: "x" };
    expect(changedKeys(before, { a: "1", b: "2", c: null })).toEqual(["b", "c"]);
    expect(changedKeys(before, before)).toEqual([]);
  });

  it("fall back to the agency's where they are taken away", () => {
    expect(inheritedValue(setting({ ownValue: "false", value: "false" }), false)).toBe("true");
    expect(inheritedValue(setting({ value: "true" }), false)).toBe("true");
    expect(inheritedValue(setting({ agencyValue: null, ownValue: "false" }), false)).toBeNull();
  });

  it("read as words", () => {
    expect(valueLabel({ key: "x", kind: "BOOLEAN" }, "false")).toBe("Off");
    expect(choiceLabel("widget.position", "BOTTOM_RIGHT")).toBe("Bottom right");
    expect(choiceLabel("organization.time_zone", "America/New_York")).toBe("America/New York");
    expect(choiceLabel("organization.language", "not a language")).toBe("not a language");
  });

  it("stand together by their area", () => {
    const areas = byArea([
      setting({}),
      setting({ key: "widget.position" }),
      setting({ key: "handoff.ask_contact" }),
    ]);
    expect(areas.map((area) => [area.name, area.settings.length])).toEqual([
      ["Escalation", 2],
      ["Widget", 1],
    ]);
  });
});
