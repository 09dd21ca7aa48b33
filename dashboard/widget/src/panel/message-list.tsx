import type { Chat } from "../chat";
import { lastSeq, remoteTyping, seenSeq } from "../live";
import type { State } from "../store";
import type { Message } from "../types";
import { Announcement } from "./announcement";
import { Bubble, Name, PendingBubble, Plain, Writing } from "./bubble";
import { type Child, h } from "./dom";
import { Icon } from "./icon";
import type { MoreLoader } from "./more";
import { createScroller } from "./scroller";
import { texts } from "./texts";
import { dayKey, dayName } from "./time";

export interface MessageList {
  before(): void;
  view(state: State): Child;
  after(open: boolean): void;
}

/** A row of one author is broken up when this much time passed. */
const PAUSE = 5 * 60_000;

export function createMessageList(chat: Chat, more: MoreLoader): MessageList {
  const scroller = createScroller();
  /** A message that changes is another value: what was drawn of one is drawn again only when its surroundings did. */
  const drawn = new WeakMap<Message, { key: string; view: Child }>();
  let isOpen = false;
  let pending = 0;

  const look = () => {
    if (isOpen && scroller.atEnd && document.visibilityState === "visible") chat.seen();
  };

  const row = (
    message: Message,
    before: Message | undefined,
    after: Message | undefined,
    title: string,
    note: string,
  ) => {
    const first = !continues(before, message);
    const last = after === undefined || !continues(message, after);
    const key = `${first}${last}${note}${title}${more.now !== null}`;
    const known = drawn.get(message);
    if (known?.key === key) return known.view;
    const view =
      message.author.kind === "SYSTEM" || !/^(TEXT|OFFLINE_QUERY)$/.test(message.kind) ? (
        <Announcement message={message} />
      ) : (
        <Bubble
          message={message}
          first={first}
          last={last}
          title={title}
          mark={note || null}
          more={more.now}
        />
      );
    drawn.set(message, { key, view });
    return view;
  };

  const view = ({ live, config, line, loadingOlder }: State) => {
    const { messages } = live;
    const typing = remoteTyping(live, Date.now());
    const seen = seenSeq(live);
    const newestOfVisitor = messages.findLast((message) => message.author.kind === "VISITOR")?.seq;
    const note = ({ author, seq }: Message) =>
      author.kind !== "VISITOR" ? "" : seq === seen ? texts.seen : seq === newestOfVisitor ? texts.sent : "";
    return (
      <div class="middle">
        <section
          class="scroll"
          tabindex="0"
          aria-label={texts.log}
          onscroll={() => {
            look();
            if (scroller.atStart) void more.now?.older();
          }}
        >
          {loadingOlder && <p class="older">{texts.older}</p>}
          {live.older === null && config.greeting !== "" && (
            <div class="row" data-testid="greeting">
              <Name author="AI" name={config.title} shown={true} />
              <div class="bubble">
                {more.now?.markdown(config.greeting) ?? <Plain text={config.greeting} />}
              </div>
            </div>
          )}
          <div
            class="log"
            role="log"
            aria-live="polite"
            aria-label={texts.thread}
            aria-busy={String(loadingOlder)}
          >
            {messages.map((message, index) => [
              <Day message={message} before={messages[index - 1]} />,
              row(message, messages[index - 1], messages[index + 1], config.title, note(message)),
            ])}
            {live.pending.map((entry, index) => (
              <PendingBubble
                entry={entry}
                // Said once for all that wait.
                note={
                  index < live.pending.length - 1 ? null : line === "down" ? texts.waiting : texts.sending
                }
                onRetry={() => chat.retry(entry.clientId)}
              />
            ))}
          </div>
          {/* Outside of the log: a growing answer would be read out again with each word. */}
          {live.drafts.map((draft) => (
            <Writing author="AI" name={config.title}>
              <div class="bubble writing">
                {more.now?.markdown(draft.text) ?? <Plain text={draft.text} />}
              </div>
            </Writing>
          ))}
          {typing !== null && (
            <Writing
              author={typing.author}
              name={(typing.author === "OPERATOR" && typing.name) || config.title}
            >
              <div class="bubble dots" role="img" aria-label={texts.typing}>
                <i />
                <i />
                <i />
              </div>
            </Writing>
          )}
        </section>
        {!scroller.atEnd && live.readSeq < lastSeq(live) && (
          <button
            type="button"
            class="jump"
            onclick={() => {
              scroller.toEnd();
              look();
            }}
          >
            <Icon name="down" />
            {texts.jump}
          </button>
        )}
      </div>
    );
  };

  return {
    before: scroller.before,
    view,
    after(open) {
      const { live } = chat.state;
      const opened = open && !isOpen;
      isOpen = open;
      // Whoever writes wants to see it.
      if (live.pending.length > pending || opened) scroller.toEnd();
      pending = live.pending.length;
      scroller.after(document.querySelector<HTMLElement>(".scroll"), live.messages[0]?.seq ?? 0);
      look();
    },
  };
}

/** Said where a new day begins; not for a conversation that is all of today. */
function Day({ message, before }: { message: Message; before: Message | undefined }) {
  const name = dayName(message.createdAt);
  const begins =
    before === undefined ? name !== texts.today : dayKey(before.createdAt) !== dayKey(message.createdAt);
  return (
    begins && (
      <div class="day" key={`day${message.seq}`}>
        {name}
      </div>
    )
  );
}

/** Whether `after` goes on in the row that `before` belongs to. */
function continues(before: Message | undefined, after: Message): boolean {
  return (
    before?.kind === "TEXT" &&
    after.kind === "TEXT" &&
    before.author.kind === after.author.kind &&
    before.author.name === after.author.name &&
    Date.parse(after.createdAt) - Date.parse(before.createdAt) < PAUSE
  );
}
