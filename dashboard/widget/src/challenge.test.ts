import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { find, sha256 } from "./challenge";

const hex = (hash: Uint32Array) => [...hash].map((word) => word.toString(16).padStart(8, "0")).join("");
const reference = (text: string) => createHash("sha256").update(text).digest("hex");

it("hashes as everybody does, at every length around the edges of a block", () => {
  for (let length = 0; length < 200; length += 1) {
    const text = "äx".repeat(length).slice(0, length);
    expect(hex(sha256(new TextEncoder().encode(text))), `${length}`).toBe(reference(text));
  }
});

it("finds an answer with enough noughts, quickly", async () => {
  const token = "v1.some.sealed.token".repeat(6);
  const began = performance.now();
  const answer = await find(token, 16);
  expect(reference(`${token}:${answer}`).startsWith("0000")).toBe(true);
  expect(performance.now() - began).toBeLessThan(10_000);
});
