import { describe, expect, it } from "vitest";
import { type Block, type Inline, parseMarkdown, safeHref } from "./parse-markdown";

/** The blocks in a notation that is easy to compare. */
function show(text: string): string {
  return shown(parseMarkdown(text));
}
function shown(blocks: readonly Block[]): string {
  return blocks.map(block).join(" / ");
}
function block(entry: Block): string {
  if (entry.kind === "paragraph") return `P(${entry.lines.map(inline).join("|")})`;
  if (entry.kind === "code") return `PRE(${entry.lines.join("|")})`;
  if (entry.kind === "quote") return `Q(${shown(entry.blocks)})`;
  return `${entry.ordered ? `OL${entry.start}` : "UL"}(${entry.items.map(inline).join("|")})`;
}
function inline(parts: Inline[]): string {
  return parts
    .map((part) => {
      if (part.kind === "text") return part.text;
      if (part.kind === "code") return `<code>${part.text}</code>`;
      if (part.kind === "link") return `<a ${part.href}>${inline(part.parts)}</a>`;
      const tag = part.kind === "strong" ? "b" : "i";
      return `<${tag}>${inline(part.parts)}</${tag}>`;
    })
    .join("");
}

describe("markdown", () => {
  it.each([
    ["plain", "P(plain)"],
    ["one\ntwo\n\nthree", "P(one|two) / P(three)"],
    ["**bold** and 2 ** 3", "P(<b>bold</b> and 2 ** 3)"],
    ["- a\n- **b**\n\n- c", "UL(a|<b>b</b>|c)"],
    ["3. a\n4) b", "OL3(a|b)"],
    ["Intro:\n* a\nafter", "P(Intro:) / UL(a) / P(after)"],
    ["# Title\ntext", "P(<b>Title</b>|text)"],
    ["[us](mailto:a@b.test).", "P(<a mailto:a@b.test>us</a>.)"],
    ["see https://a.test/b, or", "P(see <a https://a.test/b>https://a.test/b</a>, or)"],
    ["**https://a.test**", "P(<b><a https://a.test/>https://a.test</a></b>)"],
    ["**[x](https://a.test/)**!", "P(<b><a https://a.test/>x</a></b>!)"],
    ["**not closed", "P(**not closed)"],
    ["<b>no</b> <img src=x onerror=alert(1)>", "P(<b>no</b> <img src=x onerror=alert(1)>)"],
    ["[x](javascript:alert(1))", "P([x](javascript:alert(1)))"],
    [
      "*so* and _so_, not snake_case_name or 2 * 3 * 4",
      "P(<i>so</i> and <i>so</i>, not snake_case_name or 2 * 3 * 4)",
    ],
    ["**very *much* so**", "P(<b>very <i>much</i> so</b>)"],
    ["run `a ** b` or `**b**`", "P(run <code>a ** b</code> or <code>**b**</code>)"],
    ["```js\nlet a = 1;\n\n- b\n```\nafter", "PRE(let a = 1;||- b) / P(after)"],
    ["```\nnever closed **b**", "PRE(never closed **b**)"],
    ["> one\n> **two**\nthree", "Q(P(one|<b>two</b>)) / P(three)"],
    ["> > deep\n> - a", "Q(Q(P(deep)) / UL(a))"],
    [">>>>>> x", "Q(Q(Q(P(>>> x))))"],
    ["> [x](javascript:alert(1))", "Q(P([x](javascript:alert(1))))"],
    ["`<img src=x onerror=alert(1)>`", "P(<code><img src=x onerror=alert(1)></code>)"],
    ["", ""],
  ])("%j", (text, expected) => {
    expect(show(text)).toBe(expected);
  });

  it("loses no character of what it does not understand", () => {
    const hostile = "[a](b) ](( ** _x ` code [[x]](https://u:p@evil.test) > q *";
    expect(show(hostile)).toBe(`P(${hostile})`);
  });

  it.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "blob:https://a.test/1",
    "file:///etc/passwd",
    "//evil.test",
    "/relative",
    "https://bank.test@evil.test/",
  ])("never links to %j", (address) => {
    expect(safeHref(address)).toBeNull();
  });

  it("stays fast on hostile text", () => {
    const started = performance.now();
    for (const text of [
      "**a".repeat(5_000),
      "[".repeat(10_000),
      "[a](".repeat(3_000),
      "- ".repeat(8_000),
      "*a _a `a ".repeat(3_000),
      "> ".repeat(9_000),
      "_*".repeat(9_000),
      `${"> ".repeat(50)}\n`.repeat(300),
    ])
      show(text);
    expect(performance.now() - started).toBeLessThan(1_500);
  });
});
