import { memo, type ReactNode } from "react";
import { Attachments } from "../files/attachments";
import { receiptOf } from "../live/live";
import type { Outgoing } from "../live/types";
import { AgentIcon, BookIcon, CheckIcon, ClockIcon, DoubleCheckIcon, WarnIcon } from "../ui/icons";
import { clockTime, exact } from "../ui/time";
import { MessageTools } from "../words/message-tools";
import type { Conversation, Message } from "./documents";
import css from "./history.module.css";

const address = /(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]])/g;

/** Addresses become links; everything else stays exactly the text that was written. */
function withLinks(text: string): ReactNode[] {
  return text.split(address).map((part, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of a text that does not change
      <a key={index} href={part} target="_blank" rel="noopener noreferrer nofollow">
        {part}
      </a>
    ) : (
      part
    ),
  );
}

const GROUP_WITHIN_MS = 5 * 60_000;

function continues(before: Message | null, message: Message): boolean {
  return (
    before !== null &&
    before.kind === "TEXT" &&
    before.author.kind === message.author.kind &&
    before.author.userId === message.author.userId &&
    Date.parse(message.createdAt) - Date.parse(before.createdAt) < GROUP_WITHIN_MS
  );
}

interface EntryProps {
  readonly message: Message;
  /** The one above on the same day, if any: neighbours of one author are drawn as a group. */
  readonly before: Message | null;
  readonly userId: string;
  readonly conversation: Conversation | null;
}

function authorName(message: Message, userId: string, conversation: Conversation | null): string {
  switch (message.author.kind) {
    case "VISITOR":
      return message.author.name?.trim() || conversation?.visitor.name?.trim() || "Anonymous";
    case "AI":
      return message.author.name ?? conversation?.aiAgent.name ?? "AI";
    case "OPERATOR":
      return message.author.userId === userId ? "You" : (message.author.name ?? "Operator");
    case "SYSTEM":
      return "Automatic message";
  }
}

export const MessageEntry = memo(
  function MessageEntry({ message, before, userId, conversation }: EntryProps) {
    if (message.kind !== "TEXT" && message.kind !== "OFFLINE_QUERY") {
      return (
        <div
          className={css.announcement}
          data-testid="message"
          data-author={message.author.kind}
          data-seq={message.seq}
        >
          <span title={exact(message.createdAt)}>
            {message.text} · <time dateTime={message.createdAt}>{clockTime(message.createdAt)}</time>
          </span>
        </div>
      );
    }
    const grouped = continues(before, message);
    const own = message.author.kind === "OPERATOR" && message.author.userId === userId;
    return (
      <article
        className={css.message}
        data-testid="message"
        data-author={message.author.kind}
        data-seq={message.seq}
        data-own={own || undefined}
        data-grouped={grouped || undefined}
        data-gone={message.deletedAt ? true : undefined}
      >
        <header className={grouped ? "hidden-text" : css.author}>
          {message.author.kind === "AI" ? <AgentIcon size={14} /> : null}
          <span>{authorName(message, userId, conversation)}</span>
          {message.kind === "OFFLINE_QUERY" ? <span>Offline query</span> : null}
          {message.via === "EMAIL" ? <span>by email</span> : null}
          <time dateTime={message.createdAt} title={exact(message.createdAt)}>
            {clockTime(message.createdAt)}
          </time>
        </header>
        {message.text === "" && message.attachments.length > 0 ? null : (
          <div className={css.bubble} dir="auto" title={grouped ? exact(message.createdAt) : undefined}>
            {message.deletedAt ? <i>This message was taken back</i> : withLinks(message.text)}
          </div>
        )}
        <Attachments files={message.attachments} />
        {message.sources.length > 0 ? (
          <ul className={css.sources} aria-label="From the knowledge base">
            {message.sources.map((title) => (
              <li key={title}>
                <BookIcon size={12} /> {title}
              </li>
            ))}
          </ul>
        ) : null}
        {message.editedAt && !message.deletedAt ? (
          <span className={css.receipt} data-testid="edited" title={exact(message.editedAt)}>
            edited
          </span>
        ) : null}
        {conversation ? <MessageTools message={message} own={own} conversation={conversation} /> : null}
        {own ? <Receipt seen={receiptOf(message, conversation) === "seen"} /> : null}
      </article>
    );
  },
  (one, two) =>
    one.message === two.message &&
    one.before === two.before &&
    one.userId === two.userId &&
    one.conversation?.canRespond === two.conversation?.canRespond &&
    one.conversation?.canSupervise === two.conversation?.canSupervise &&
    one.conversation?.visitor.name === two.conversation?.visitor.name &&
    receiptOf(one.message, one.conversation) === receiptOf(two.message, two.conversation),
);

function Receipt({ seen }: { readonly seen: boolean }) {
  return (
    <span className={css.receipt} data-testid="receipt" data-state={seen ? "seen" : "sent"}>
      {seen ? <DoubleCheckIcon size={14} /> : <CheckIcon size={14} />}
      {seen ? "Seen" : "Sent"}
    </span>
  );
}

const words = { sending: "Sending", waiting: "Waiting to be sent", failed: "Not sent" } as const;

export function OutgoingBubble(props: {
  readonly outgoing: Outgoing;
  readonly onRetry: () => void;
  readonly onDiscard: () => void;
}) {
  const { outgoing } = props;
  const failed = outgoing.state === "failed";
  return (
    <article
      className={css.message}
      data-testid="message"
      data-author="OPERATOR"
      data-own
      data-state={outgoing.state}
      data-grouped
    >
      {outgoing.text === "" ? null : (
        <div className={css.bubble} dir="auto">
          {outgoing.text}
        </div>
      )}
      {outgoing.files?.map((file) => (
        <div key={file.id} className={css.bubble} dir="auto">
          {file.name}
        </div>
      ))}
      <span className={css.receipt} data-testid="receipt" data-state={outgoing.state}>
        {failed ? <WarnIcon size={14} /> : <ClockIcon size={14} />}
        {words[outgoing.state]}
        {failed ? (
          <button type="button" onClick={props.onRetry}>
            Retry
          </button>
        ) : null}
        {outgoing.state === "sending" ? null : (
          <button type="button" onClick={props.onDiscard}>
            Discard
          </button>
        )}
      </span>
      {failed && outgoing.error ? (
        <span className={css.receipt} role="alert">
          {outgoing.error}
        </span>
      ) : null}
    </article>
  );
}

/** What the AI has written so far. Not announced word by word: the finished message is. */
export function AnswerBubble({ text, name }: { readonly text: string; readonly name: string }) {
  return (
    <article className={css.message} data-author="AI" data-testid="answer-progress" aria-busy="true">
      <header className={css.author}>
        <AgentIcon size={14} />
        <span>{name}</span>
        <span>is writing</span>
      </header>
      <div className={css.bubble} dir="auto">
        {text}
        <span className={css.caret} aria-hidden="true" />
      </div>
    </article>
  );
}
