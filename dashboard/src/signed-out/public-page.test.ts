import { describe, expect, it } from "vitest";
import { readPublicPage } from "./public-page";

describe("pages that a mail opens", () => {
  it("knows them by their path and takes the token along", () => {
    expect(readPublicPage("/invitation", "?token=abc")).toEqual({ name: "invitation", token: "abc" });
    expect(readPublicPage("/reset-password/", "?token=%20x%20")).toEqual({
      name: "reset-password",
      token: "x",
    });
    expect(readPublicPage("/forgot-password", "")).toEqual({ name: "forgot-password", token: null });
    expect(readPublicPage("/confirm-address", "?token=")).toEqual({ name: "confirm-address", token: null });
  });

  it("leaves every other path to the dashboard", () => {
    for (const path of ["/", "/team", "/invitations", "/invitation/more", "/x/invitation"]) {
      expect(readPublicPage(path, "?token=abc")).toBeNull();
    }
  });
});
