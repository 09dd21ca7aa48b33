// The little Markdown that answers may use: paragraphs, lists, quotes, code, bold, italic, links.
// Parsed into data, rendered as DOM nodes; there
// is no HTML in between, so there is nothing to sanitise. Whatever is not recognised stays the text it was.

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "strong"; parts: Inline[] }
  | { kind: "em"; parts: Inline[] }
  | { kind: "link"; href: string; parts: Inline[] };

export type Block =
  | { kind: "paragraph"; lines: Inline[][] }
  | { kind: "list"; ordered: boolean; start: number; items: Inline[][] }
  | { kind: "code"; lines: string[] }
  | { kind: "quote"; lines: string[]; blocks: Block[] };

const FENCE = /^ {0,3}```/;
const QUOTE = /^ {0,3}> ?(.*)$/;
/** Quotes within quotes; what is deeper stays text, so that no text makes the panel dig. */
const DEEPEST = 3;
const ITEM = /^ {0,6}(?:[-*•]|(\d{1,4})[.)]) +(.*)$/;
const HEADING = /^#{1,6} +(.*)$/;
// Lengths are bounded so that hostile text cannot make the search slow.
const INLINE =
  /`([^`\n]{1,600})`|\*\*(?=\S)([^\n]{1,600}?\S|\S)\*\*|(?<![\w*])\*(?=[^\s*])([^*\n]{0,600}[^\s*])\*(?![\w*])|(?<!\w)_(?=[^\s_])([^_\n]{0,600}[^\s_])_(?!\w)|\[([^\]\n]{1,300})\]\(([^()\s]{1,1000})\)|(https?:\/\/[^\s<>"'`]{1,1000})/g;

export function parseMarkdown(text: string, depth = 0): Block[] {
  const blocks: Block[] = [];
  let fenced: string[] | null = null;
  for (const line of text.split(/\r?\n/)) {
    if (FENCE.test(line)) {
      if (fenced === null) {
        fenced = [];
        blocks.push({ kind: "code", lines: fenced });
      } else fenced = null;
      continue;
    }
    if (fenced !== null) {
      fenced.push(line);
      continue;
    }
    const last = blocks.at(-1);
    const item = ITEM.exec(line);
    const quoted = depth < DEEPEST ? QUOTE.exec(line)?.[1] : undefined;
    if (line.trim() === "") {
      // An empty line ends a paragraph; a list goes on if its next item follows.
      if (last?.kind === "paragraph" || last?.kind === "quote") blocks.push({ kind: "paragraph", lines: [] });
    } else if (quoted !== undefined) {
      if (last?.kind === "quote") last.lines.push(quoted);
      else blocks.push({ kind: "quote", lines: [quoted], blocks: [] });
    } else if (item !== null) {
      const ordered = item[1] !== undefined;
      const content = parseInline(item[2] ?? "");
      if (last?.kind === "list" && last.ordered === ordered) last.items.push(content);
      else blocks.push({ kind: "list", ordered, start: Number(item[1] ?? 1), items: [content] });
    } else {
      const heading = HEADING.exec(line);
      const content: Inline[] =
        heading === null ? parseInline(line) : [{ kind: "strong", parts: parseInline(heading[1] ?? "") }];
      if (last?.kind === "paragraph") last.lines.push(content);
      else blocks.push({ kind: "paragraph", lines: [content] });
    }
  }
  for (const block of blocks)
    if (block.kind === "quote") block.blocks = parseMarkdown(block.lines.join("\n"), depth + 1);
  return blocks.filter((block) => block.kind !== "paragraph" || block.lines.length > 0);
}

function parseInline(text: string): Inline[] {
  const parts: Inline[] = [];
  let from = 0;
  const plain = (until: number): void => {
    if (until > from) parts.push({ kind: "text", text: text.slice(from, until) });
  };
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, bold, star, low, label, target, bare] = match;
    const leaning = star ?? low;
    const found: Found | null =
      code !== undefined
        ? { part: { kind: "code", text: code }, unused: 0 }
        : bold !== undefined
          ? { part: { kind: "strong", parts: parseInline(bold) }, unused: 0 }
          : leaning !== undefined
            ? { part: { kind: "em", parts: parseInline(leaning) }, unused: 0 }
            : link(label, target ?? bare);
    if (found === null) continue;
    plain(match.index);
    parts.push(found.part);
    from = match.index + whole.length - found.unused;
  }
  plain(text.length);
  return parts;
}

interface Found {
  part: Inline;
  /** Characters at the end of the match that belong to the text after it. */
  unused: number;
}

function link(label: string | undefined, target: string | undefined): Found | null {
  if (target === undefined) return null;
  // The full stop after a bare address ends the sentence, not the address.
  const address = label === undefined ? target.replace(/[.,;:!?)\]*]+$/, "") : target;
  const href = safeHref(address);
  if (href === null) return null;
  const part: Inline = { kind: "link", href, parts: [{ kind: "text", text: label ?? address }] };
  return { part, unused: label === undefined ? target.length - address.length : 0 };
}

/** The address, when it is one that a visitor may be sent to; never a script, never one in disguise (`https://bank@evil`). */
export function safeHref(address: string): string | null {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  const web = url.protocol === "https:" || url.protocol === "http:";
  if (web && url.username === "" && url.password === "") return url.href;
  return url.protocol === "mailto:" ? url.href : null;
}
