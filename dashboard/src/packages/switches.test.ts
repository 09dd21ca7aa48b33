import { describe, expect, it } from "vitest";
import { grouped, inSwitches, ordered, pressPermission, pressSwitch, switchState } from "./switches";

const respond = {
  name: "Respond to Live Chats",
  level: "ORGANIZATION" as const,
  permissions: [
    { name: "live_chat.view_queue" },
    { name: "live_chat.respond" },
    { name: "live_chat.complete" },
  ],
};
const brand = { name: "Branding", level: "AGENCY" as const, permissions: [{ name: "branding.edit" }] };
const anything = () => true;

describe("a switch", () => {
  it("is half on while only some permissions beneath it are held", () => {
    expect(switchState(respond, new Set())).toBe("off");
    expect(switchState(respond, new Set(["live_chat.respond"]))).toBe("half");
    expect(switchState(respond, new Set(respond.permissions.map((one) => one.name)))).toBe("on");
  });

  it("goes from half to on, and from on to off", () => {
    const on = pressSwitch(respond, ["live_chat.respond"], anything);
    expect(on).toEqual(["live_chat.complete", "live_chat.respond", "live_chat.view_queue"]);
    expect(pressSwitch(respond, [...on, "home.view"], anything)).toEqual(["home.view"]);
  });

  it("leaves alone what the person may not give", () => {
    const mayGive = (name: string) => name !== "live_chat.complete";
    const on = pressSwitch(respond, [], mayGive);
    expect(on).toEqual(["live_chat.respond", "live_chat.view_queue"]);
    // All that may be given is on: pressing again takes it, and not what somebody else gave.
    expect(pressSwitch(respond, [...on, "live_chat.complete"], mayGive)).toEqual(["live_chat.complete"]);
  });

  it("pressed twice changes nothing", () => {
    const before = ordered(["home.view", "live_chat.respond"]);
    expect(pressPermission("team.view", pressPermission("team.view", before))).toEqual(before);
  });
});

describe("a change in words", () => {
  it("names the switch, or says that it is a part of it", () => {
    expect(inSwitches(["live_chat.respond"], [respond, brand])).toEqual(["part of Respond to Live Chats"]);
    expect(inSwitches(["branding.edit", "odd.one"], [respond, brand])).toEqual(["Branding", "odd.one"]);
  });
});

describe("the groups of the page", () => {
  it("show the agency's own switches only for a package of the agency", () => {
    const names = (level: "AGENCY" | "ORGANIZATION") =>
      grouped([respond, brand], level).map((group) => group.name);
    expect(names("ORGANIZATION")).toEqual(["Live chats"]);
    expect(names("AGENCY")).toEqual(["Live chats", "Agency"]);
  });

  it("lose no switch that they do not know", () => {
    const odd = { ...respond, name: "Something new" };
    expect(grouped([odd], "ORGANIZATION")).toEqual([{ name: "More", switches: [odd] }]);
  });
});
