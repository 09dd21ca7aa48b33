// What both sides show alike: messages with an author and a number.

import { expect, type Locator } from "@playwright/test";

export type AuthorKind = "VISITOR" | "AI" | "OPERATOR" | "SYSTEM";

export abstract class Thread {
  protected abstract readonly messages: Locator;

  message(text: string | RegExp, author?: AuthorKind): Locator {
    const all = author === undefined ? this.messages : this.messages.and(this.byAuthor(author));
    return all.filter({ hasText: text });
  }

  protected abstract byAuthor(author: AuthorKind): Locator;

  /** Nothing lost, nothing doubled, in one order: the numbers go up by one, and each text is there once. */
  async expectWhole(texts: readonly string[]): Promise<void> {
    for (const text of texts) await expect(this.message(text), text).toHaveCount(1);
    await expect(async () => {
      const shown = await this.messages.evaluateAll((all) => all.map((one) => one.getAttribute("data-seq")));
      expect(shown, "every message has its number").not.toContain(null);
      const numbers = shown.map(Number);
      const first = numbers[0] ?? 0;
      expect(numbers).toEqual(numbers.map((_, place) => first + place));
    }).toPass({ timeout: 10_000 });
    const order = await this.messages.allInnerTexts();
    const places = texts.map((text) => order.findIndex((shown) => shown.includes(text)));
    expect(places, "in the order they were sent").toEqual(places.toSorted((one, other) => one - other));
  }
}
