import type { Pending } from "../live";
import type { AuthorKind, Message } from "../types";
import { type Child, h } from "./dom";
import { Icon } from "./icon";
import type { More } from "./more";
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
  more: More | null;
}

/** Nothing but a few emoji: shown larger. */
const EMOJI = /^(?=\S)(?:\p{Extended_Pictographic}|\p{RI}|[\u200d\ufe0f\u{1f3fb}-\u{1f3ff}]|\s){1,12}$/u;

/** One kept message. */
export function Bubble({ message, first, last, title, mark, more }: Props) {
  const { kind, name } = message.author;
  const mine = kind === "VISITOR";
  const { text, createdAt, editedAt } = message;
  const gone = Boolean(message.deletedAt);
  const asked = message.kind === "OFFLINE_QUERY" && texts.byEmail;
  const notes = [asked, message.via === "EMAIL" && texts.byEmail, editedAt && !gone && texts.edited, mark];
  const said = notes.filter(Boolean).join(" · ");
  return (
    <div
      key={message.seq}
      class={mine ? "row mine" : "row"}
      data-testid="message"
      data-author={kind}
      data-seq={message.seq}
    >
      <Name author={kind} name={(kind === "OPERATOR" && name) || title} shown={first} />
      {gone ? (
        <p class="bubble gone">{texts.removed}</p>
      ) : (
        text !== "" && (
          <div class={EMOJI.test(text) ? "bubble emoji" : "bubble"}>
            {(!mine && more?.markdown(text)) || <Plain text={text} />}
          </div>
        )
      )}
      {!gone && more?.files(message.attachments ?? [])}
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
      {(last || said !== "") && (
        <p class="meta">
          <time dir="auto" datetime={createdAt} title={exact(createdAt)}>
            {clock(createdAt)}
          </time>
          {said !== "" && ` · ${said}`}
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
      {entry.text !== "" && (
        <div class="bubble pending">
          <Plain text={entry.text} />
        </div>
      )}
      {entry.files?.map(({ name }) => (
        <p class="bubble pending" dir="auto">
          {name}
        </p>
      ))}
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

export function Plain({ text }: { text: string }) {
  return (
    <p class="plain" dir="auto">
      {text}
    </p>
  );
}
