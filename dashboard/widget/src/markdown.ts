// The little Markdown that answers may use: paragraphs, lists, bold, links. Parsed into data, rendered as DOM nodes; there
// is no HTML in between, so there is nothing to sanitise. Whatever is not recognised stays the text it was.

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "bold"; parts: Inline[] }
  | { kind: "link"; href: string; parts: Inline[] };

export type Block =
  | { kind: "paragraph"; lines: Inline[][] }
  | { kind: "list"; ordered: boolean; start: number; items: Inline[][] };

const ITEM = /^ {0,6}(?:[-*•]|(\d{1,4})[.)]) +(.*)$/;
const HEADING = /^#{1,6} +(.*)$/;
// Lengths are bounded so that hostile text cannot make the search slow.
const INLINE =
  /\*\*(?=\S)([^\n]{1,600}?\S|\S)\*\*|\[([^\]\n]{1,300})\]\(([^()\s]{1,1000})\)|(https?:\/\/[^\s<>"']{1,1000})/g;

export function parseMarkdown(text: string): Block[] {
  const blocks: Block[] = [];
  for (const line of text.split(/\r?\n/)) {
    const last = blocks.at(-1);
    const item = ITEM.exec(line);
    if (line.trim() === "") {
      // An empty line ends a paragraph; a list goes on if its next item follows.
      if (last?.kind === "paragraph") blocks.push({ kind: "paragraph", lines: [] });
    } else if (item !== null) {
      const ordered = item[1] !== undefined;
      const content = parseInline(item[2] ?? "");
      if (last?.kind === "list" && last.ordered === ordered) last.items.push(content);
      else blocks.push({ kind: "list", ordered, start: Number(item[1] ?? 1), items: [content] });
    } else {
      const heading = HEADING.exec(line);
      const content: Inline[] =
        heading === null ? parseInline(line) : [{ kind: "bold", parts: parseInline(heading[1] ?? "") }];
      if (last?.kind === "paragraph") last.lines.push(content);
      else blocks.push({ kind: "paragraph", lines: [content] });
    }
  }
  return blocks.filter((block) => block.kind === "list" || block.lines.length > 0);
}

function parseInline(text: string): Inline[] {
  const parts: Inline[] = [];
  let from = 0;
  const plain = (until: number): void => {
    if (until > from) parts.push({ kind: "text", text: text.slice(from, until) });
  };
  for (const match of text.matchAll(INLINE)) {
    const [whole, bold, label, target, bare] = match;
    const found = bold !== undefined ? boldPart(bold) : link(label, target ?? bare);
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

function boldPart(text: string): Found {
  return { part: { kind: "bold", parts: parseInline(text) }, unused: 0 };
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
