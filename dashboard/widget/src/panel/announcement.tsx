import type { Message } from "../types";
import { h } from "./dom";
import { texts } from "./texts";

/** A turn of the conversation rather than something said: who came, who left, what ended. */
export function Announcement({ message }: { message: Message }) {
  const { author, kind, seq, text } = message;
  const ended = kind === "COMPLETED";
  const words = ended ? texts.conversationEnded : text || ownWords(message);
  return (
    <div
      key={seq}
      class={ended ? "turn ended" : "turn"}
      data-testid="message"
      data-author={author.kind}
      data-seq={seq}
      data-kind={kind}
      dir="auto"
    >
      <span>{words}</span>
      {ended && text !== "" && text !== words && <small dir="auto">{text}</small>}
    </div>
  );
}

function ownWords({ author, kind }: Message): string {
  if (kind === "MISSED") return texts.missed;
  return author.name !== null && (kind === "HANDOFF_ACCEPTED" || kind === "INTERVENED")
    ? texts.joined(author.name)
    : "";
}
