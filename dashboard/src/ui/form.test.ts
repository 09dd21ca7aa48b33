import { describe, expect, it } from "vitest";
import { type Held, heard, kept } from "./form";

const key = (name: string, open = false) => JSON.stringify({ name, open });
const fresh: Held<{ name: string; open: boolean }> = {
  value: { name: "Ann", open: false },
  base: key("Ann"),
  seen: key("Ann"),
};
const typed = (held: typeof fresh, patch: Partial<typeof fresh.value>) => ({
  ...held,
  value: { ...held.value, ...patch },
});

describe("what a form holds", () => {
  it("shows what somebody else saved while nothing was typed", () => {
    expect(heard(fresh, key("Bea")).value.name).toBe("Bea");
  });

  it("never overwrites what is typed, and shows the news once it is discarded", () => {
    const mine = typed(fresh, { name: "Cleo" });
    expect(heard(mine, key("Bea"))).toBe(mine);
    const discarded = { ...mine, value: fresh.value };
    expect(heard(discarded, key("Bea")).value.name).toBe("Bea");
  });

  it("keeps what was saved while the answer from before is still the last one", () => {
    const mine = typed(fresh, { name: "Cleo" });
    const saved = kept(mine, mine.value, key("Ann"));
    expect(heard(saved, key("Ann"))).toBe(saved);
    // What is typed in between changes that alone, and saving it does not take the name back.
    const more = heard(typed(saved, { open: true }), key("Ann"));
    expect(more.value).toEqual({ name: "Cleo", open: true });
    const met = heard(more, key("Cleo"));
    expect(met.value).toEqual({ name: "Cleo", open: true });
    expect(met.seen).toBe(key("Cleo"));
  });

  it("shows how the server wrote down what was saved", () => {
    const mine = typed(fresh, { name: " Cleo " });
    const saved = kept(mine, mine.value, key("Ann"));
    expect(heard(saved, key("Cleo")).value.name).toBe("Cleo");
  });
});
