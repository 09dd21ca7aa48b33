import { describe, expect, it } from "vitest";
import { qrPath } from "./qr";

describe("drawing a QR code", () => {
  it("makes one rectangle of each run", () => {
    expect(qrPath(["101", "011", "000"])).toBe("M0 0h1v1h-1zM2 0h1v1h-1zM1 1h2v1h-2z");
  });

  it("draws as much dark as there is", () => {
    const rows = ["1110111", "1010101", "0000000"];
    const drawn = [...qrPath(rows).matchAll(/h(\d+)v1/g)].reduce((sum, [, width]) => sum + Number(width), 0);
    expect(drawn).toBe(rows.join("").replaceAll("0", "").length);
  });
});
