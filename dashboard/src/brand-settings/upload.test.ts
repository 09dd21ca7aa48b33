import { describe, expect, it } from "vitest";
import { refusedFile } from "./upload";

describe("a file", () => {
  it("is refused before it is sent when the server would refuse it", () => {
    expect(refusedFile({ size: 1_000, type: "image/png" })).toBeNull();
    expect(refusedFile({ size: 1_000, type: "" })).toBeNull();
    expect(refusedFile({ size: 3_400_000, type: "image/png" })).toContain("3.2 MB");
    expect(refusedFile({ size: 0, type: "image/png" })).toContain("empty");
    expect(refusedFile({ size: 10, type: "text/html" })).toContain("not an image");
  });
});
