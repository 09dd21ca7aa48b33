import { type Child, h } from "../dom";
import { type Block, type Inline, parseMarkdown } from "./parse-markdown";

/** Text of an AI or an operator. Every piece becomes a DOM node of its own; no HTML is ever parsed. */
export function Markdown({ text }: { text: string }) {
  return parseMarkdown(text).map(renderBlock);
}

function renderBlock(block: Block): Child {
  if (block.kind === "paragraph") {
    return (
      <p dir="auto">{block.lines.map((line, index) => [index > 0 && <br />, line.map(renderInline)])}</p>
    );
  }
  // Scrolls sideways by itself, so it has to be reachable by keyboard.
  if (block.kind === "code") {
    return (
      <pre tabindex="0" dir="ltr">
        <code>{block.lines.join("\n")}</code>
      </pre>
    );
  }
  if (block.kind === "quote") return <blockquote>{block.blocks.map(renderBlock)}</blockquote>;
  const items = block.items.map((item, index) => (
    <li key={index} dir="auto">
      {item.map(renderInline)}
    </li>
  ));
  return block.ordered ? <ol start={block.start}>{items}</ol> : <ul>{items}</ul>;
}

function renderInline(part: Inline): Child {
  if (part.kind === "text") return part.text;
  if (part.kind === "code") return <code dir="auto">{part.text}</code>;
  if (part.kind === "link") {
    return (
      <a href={part.href} target="_blank" rel="noopener noreferrer nofollow">
        {part.parts.map(renderInline)}
      </a>
    );
  }
  const inner = part.parts.map(renderInline);
  return part.kind === "em" ? <em>{inner}</em> : <strong>{inner}</strong>;
}
