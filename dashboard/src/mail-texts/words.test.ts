import { expect, test } from "vitest";
import { asInput, inserted } from "./words";

test("a value is put where the cursor stands, and in place of what is selected", () => {
  expect(inserted("Hello !", 6, 6, "visitor")).toEqual(["Hello {{ visitor }}!", 19]);
  expect(inserted("Hello you!", 6, 9, "visitor")).toEqual(["Hello {{ visitor }}!", 19]);
});

test("a button without a label has the original one", () => {
  const typed = { subject: "a", heading: "b", body: "c", button: " ", after: "" };
  expect(asInput(typed).button).toBeNull();
  expect(asInput({ ...typed, button: "Go" }).button).toBe("Go");
});
