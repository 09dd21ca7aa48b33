import { type Block, type Inline, parseMarkdown } from "../markdown";
import { h } from "./dom";

/** Text of an AI or an operator. Every piece becomes a DOM node of its own; no HTML is ever parsed. */
export function Markdown({ text }: { text: string }) {
  return parseMarkdown(text).map(renderBlock);
}

function renderBlock(block: Block) {
  if (block.kind === "paragraph") {
    return (
      <p dir="auto">{block.lines.map((line, index) => [index > 0 && <br />, line.map(renderInline)])}</p>
    );
  }
  const items = block.items.map((item, index) => (
    <li key={index} dir="auto">
      {item.map(renderInline)}
    </li>
  ));
  return block.ordered ? <ol start={block.start}>{items}</ol> : <ul>{items}</ul>;
}

function renderInline(part: Inline) {
  if (part.kind === "text") return part.text;
  if (part.kind === "bold") return <strong>{part.parts.map(renderInline)}</strong>;
  return (
    <a href={part.href} target="_blank" rel="noopener noreferrer nofollow">
      {part.parts.map(renderInline)}
    </a>
  );
}
