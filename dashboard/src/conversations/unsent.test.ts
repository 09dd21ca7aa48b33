import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { auth } from "../api/auth";
import type { Outgoing } from "../live/types";
import { forgetUnsent, keepUnsent, readUnsent, unsentIn } from "./unsent";

const signedIn = (id: string) =>
  auth.set({
    status: "signedIn",
    viewer: {
      user: { id, name: "Olga", email: "olga@example.test" },
      agency: { id: "agc_1", name: "Agency" },
      session: { id: "ses_1" },
      permissions: [],
      hasSecondFactor: false,
      mustSetUpSecondFactor: false,
      language: null,
      timeZone: null,
      viewingAs: null,
      memberships: [],
    },
  });

const outgoing = (clientId: string, state: Outgoing["state"]): Outgoing => ({
  clientId,
  text: `text ${clientId}`,
  createdAt: "2026-11-20T10:00:00.000000Z",
  state,
  error: state === "failed" ? "no" : null,
});

function storage(): Storage {
  const methods = {
    getItem: (key: string) => entries[key] ?? null,
    setItem: (key: string, value: string) => {
      entries[key] = value;
    },
    removeItem: (key: string) => {
      delete entries[key];
    },
  };
  // The keys are properties of its own, the methods are not.
  const entries: Record<string, string> = Object.create(methods);
  return entries as unknown as Storage;
}

beforeEach(() => {
  vi.stubGlobal("sessionStorage", storage());
  signedIn("usr_1");
});

afterEach(() => {
  auth.set({ status: "starting" });
  vi.unstubAllGlobals();
});

describe("what was not sent", () => {
  it("is there again after a reload, in its order; what was refused stays refused", () => {
    keepUnsent("cnv_1", [outgoing("a", "sending"), outgoing("b", "failed"), outgoing("c", "waiting")]);
    expect(readUnsent("cnv_1").map((one) => [one.clientId, one.state])).toEqual([
      ["a", "waiting"],
      ["b", "failed"],
      ["c", "waiting"],
    ]);
    expect(unsentIn()).toEqual(["cnv_1"]);
    keepUnsent("cnv_1", []);
    expect(readUnsent("cnv_1")).toEqual([]);
    expect(unsentIn()).toEqual([]);
  });

  it("is nobody's but its writer's", () => {
    keepUnsent("cnv_1", [outgoing("a", "waiting")]);
    signedIn("usr_2");
    expect(readUnsent("cnv_1")).toEqual([]);
    expect(unsentIn()).toEqual([]);
    auth.set({ status: "signedOut", notice: null });
    expect(unsentIn()).toEqual([]);
    forgetUnsent();
    signedIn("usr_1");
    expect(unsentIn()).toEqual([]);
  });

  it("is nothing when the storage holds nonsense or is refused", () => {
    sessionStorage.setItem("unsent:usr_1:cnv_1", "{");
    expect(readUnsent("cnv_1")).toEqual([]);
    sessionStorage.setItem("unsent:usr_1:cnv_1", '[1,{"clientId":"a"}]');
    expect(readUnsent("cnv_1")).toEqual([]);
    vi.stubGlobal("sessionStorage", undefined);
    keepUnsent("cnv_1", [outgoing("a", "waiting")]);
    expect(readUnsent("cnv_1")).toEqual([]);
  });
});
