import { describe, expect, it } from "vitest";
import { refusal } from "./upload";

describe("why a picture was refused", () => {
  it("is what the server says", () => {
    const error = refusal(400, { code: "INVALID", reason: "NOT_A_PICTURE", message: "This is no picture." });
    expect(error.code).toBe("INVALID");
    expect(error.reason).toBe("NOT_A_PICTURE");
    expect(error.message).toBe("This is no picture.");
  });

  it("is guessed from the status when something in between answered", () => {
    expect(refusal(413, null).message).toContain("2 MB");
    expect(refusal(503, "busy").code).toBe("UNAVAILABLE");
    expect(refusal(500, {}).code).toBe("INTERNAL");
  });
});
