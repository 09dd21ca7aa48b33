import type { Pending } from "../live";
import type { AuthorKind, Message } from "../types";
import { type Child, h } from "./dom";
import { Icon } from "./icon";
import { Markdown } from "./markdown";
import { texts } from "./texts";
import { clock, exact } from "./time";

interface Props {
  message: Message;
  /** First of a row by the same author: carries the name. */
  first: boolean;
  /** Last of a row by the same author: carries the time. */
  last: boolean;
  /** The name of the widget, which is the AI's as well: the AI agent's own is for the house. */
  title: string;
  /** "Seen" or "Sent", under the newest of the visitor's own. */
  mark: string | null;
}

/** One kept message. */
export function Bubble({ message, first, last, title, mark }: Props) {
  const { kind, name } = message.author;
  const mine = kind === "VISITOR";
  return (
    <div
      key={message.seq}
      class={mine ? "row mine" : "row"}
      data-testid="message"
      data-author={kind}
      data-seq={message.seq}
    >
      <Name author={kind} name={(kind === "OPERATOR" && name) || title} shown={first} />
      <div class="bubble">{mine ? <Plain text={message.text} /> : <Markdown text={message.text} />}</div>
      {message.sources.length > 0 && (
        <ul class="sources" aria-label={texts.sources}>
          {message.sources.map((source, index) => (
            <li key={index} dir="auto">
              <Icon name="source" />
              {source}
            </li>
          ))}
        </ul>
      )}
      {(last || mark !== null) && (
        <p class="meta">
          <time dir="auto" datetime={message.createdAt} title={exact(message.createdAt)}>
            {clock(message.createdAt)}
          </time>
          {mark !== null && ` · ${mark}`}
        </p>
      )}
    </div>
  );
}

interface PendingProps {
  entry: Pending;
  /** How it stands with the sending, unless that failed. */
  note: string | null;
  onRetry: () => void;
}

/** What the visitor wrote and the server has not confirmed. */
export function PendingBubble({ entry, note, onRetry }: PendingProps) {
  const failed = entry.state === "failed";
  return (
    <div
      key={entry.clientId}
      class="row mine"
      data-testid="message"
      data-author="VISITOR"
      data-state={failed ? "failed" : "sending"}
    >
      <Name author="VISITOR" name="" shown={false} />
      <div class="bubble pending">
        <Plain text={entry.text} />
      </div>
      {failed ? (
        <p class="meta" role="alert">
          {texts.failed}
          <button type="button" class="link" onclick={onRetry}>
            {texts.retry}
          </button>
        </p>
      ) : (
        note !== null && <p class="meta">{note}</p>
      )}
    </div>
  );
}

/** Something on its way from the other side: the answer so far, or three dots. */
export function Writing({ author, name, children }: { author: AuthorKind; name: string; children?: Child }) {
  return (
    <div class="row" data-testid="writing">
      <Name author={author} name={name} shown={true} />
      {children}
    </div>
  );
}

/** Who speaks: seen on the first of a row, heard on each. */
export function Name({ author, name, shown }: { author: AuthorKind; name: string; shown: boolean }) {
  if (author === "VISITOR") return <span class="hidden">{texts.visitor}</span>;
  return (
    <p class={shown ? "name" : "hidden"} dir="auto">
      {name}
      {author === "AI" && <span class="tag">{texts.ai}</span>}
    </p>
  );
}

function Plain({ text }: { text: string }) {
  return (
    <p class="plain" dir="auto">
      {text}
    </p>
  );
}
