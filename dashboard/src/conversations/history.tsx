import { Button } from "@mantine/core";
import { Fragment, type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Thread } from "../live/types";
import { ChevronIcon } from "../ui/icons";
import type { Conversation, Message } from "./documents";
import css from "./history.module.css";
import { AnswerBubble, MessageEntry, OutgoingBubble } from "./message";

const NEAR_BOTTOM_PX = 80;
const LOAD_OLDER_AT_PX = 240;

function dayOf(at: string): string {
  return new Date(at).toDateString();
}

function dayWords(at: string): string {
  const date = new Date(at);
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (date.toDateString() === today.toDateString()) return "Today";
  if (date.toDateString() === yesterday.toDateString()) return "Yesterday";
  return date.toLocaleDateString(undefined, {
    weekday: "long",
    day: "numeric",
    month: "long",
    ...(date.getFullYear() === today.getFullYear() ? {} : { year: "numeric" }),
  });
}

interface Props {
  readonly thread: Thread<Conversation, Message>;
  /** What stands after an entry without being one, and how much of it there is. */
  readonly after: (seq: number, first: number) => ReactNode;
  readonly extra: number;
  readonly userId: string;
  readonly loadingOlder: boolean;
  readonly onOlder: () => void;
  readonly onRetry: (clientId: string) => void;
  readonly onDiscard: (clientId: string) => void;
  /** The last message is on the screen, in a tab that is looked at. */
  readonly onSeen: (seq: number) => void;
}

export function History({
  thread,
  after,
  extra,
  userId,
  loadingOlder,
  onOlder,
  onRetry,
  onDiscard,
  onSeen,
}: Props) {
  const { messages, outbox, answer, typing, conversation } = thread;
  const box = useRef<HTMLDivElement>(null);
  const held = useRef({ height: 0, first: 0, bottom: true });
  const [seenSeq, setSeenSeq] = useState(0);
  const first = messages[0]?.seq ?? 0;
  const last = messages.at(-1)?.seq ?? 0;

  const toBottom = useCallback(() => {
    const element = box.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, []);

  // Older messages push the rest down: what one was reading must stay where it was. Otherwise the end stays in view.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn decides the height
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const { height, first: heldFirst, bottom } = held.current;
    if (heldFirst !== 0 && first < heldFirst && !bottom) element.scrollTop += element.scrollHeight - height;
    else if (bottom) element.scrollTop = element.scrollHeight;
    held.current.height = element.scrollHeight;
    held.current.first = first;
  }, [first, last, outbox, answer, typing, extra]);

  // Whoever sends wants to see it, even when scrolled up.
  const sent = outbox.length;
  useEffect(() => {
    if (sent > 0) toBottom();
  }, [sent, toBottom]);

  // The pane becomes smaller when the field grows or a keyboard opens.
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      if (held.current.bottom) toBottom();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [toBottom]);

  const look = useCallback(() => {
    if (last === 0 || !held.current.bottom) return;
    setSeenSeq(last);
    if (document.visibilityState === "visible") onSeen(last);
  }, [last, onSeen]);

  useEffect(() => {
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [look]);

  const onScroll = () => {
    const element = box.current;
    if (!element) return;
    const below = element.scrollHeight - element.scrollTop - element.clientHeight;
    held.current.bottom = below < NEAR_BOTTOM_PX;
    if (held.current.bottom && seenSeq < last) look();
    if (element.scrollTop < LOAD_OLDER_AT_PX && thread.hasOlder && !loadingOlder) onOlder();
  };

  const unseen =
    seenSeq === 0 ? 0 : messages.filter((one) => one.seq > seenSeq && one.author.userId !== userId).length;

  return (
    <div className={css.frame}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a pane that scrolls must be reachable by keyboard */}
      <section className={css.scroll} ref={box} onScroll={onScroll} tabIndex={0} aria-label="Messages">
        {thread.hasOlder ? (
          <div className={css.older}>
            <Button variant="subtle" color="gray" loading={loadingOlder} onClick={onOlder}>
              Earlier messages
            </Button>
          </div>
        ) : null}
        <div className={css.entries}>
          {messages.map((message, index) => {
            const before = messages[index - 1];
            const newDay = !before || dayOf(before.createdAt) !== dayOf(message.createdAt);
            return (
              <Fragment key={message.clientId ?? message.id}>
                {newDay ? (
                  <div className={css.day}>
                    <span>{dayWords(message.createdAt)}</span>
                  </div>
                ) : null}
                <MessageEntry
                  message={message}
                  before={newDay ? null : (before ?? null)}
                  userId={userId}
                  conversation={conversation}
                />
                {after(message.seq, first)}
              </Fragment>
            );
          })}
          {answer ? <AnswerBubble text={answer.text} name={conversation?.aiAgent.name ?? "AI"} /> : null}
          {outbox.map((outgoing) => (
            <OutgoingBubble
              key={outgoing.clientId}
              outgoing={outgoing}
              onRetry={() => onRetry(outgoing.clientId)}
              onDiscard={() => onDiscard(outgoing.clientId)}
            />
          ))}
        </div>
        {typing && typing.author !== "OPERATOR" ? (
          <div className={css.typing} data-testid="typing">
            <span className={css.dots} aria-hidden="true">
              <i />
              <i />
              <i />
            </span>
            {typing.name ?? (typing.author === "AI" ? (conversation?.aiAgent.name ?? "The AI") : "Visitor")}{" "}
            is writing
          </div>
        ) : null}
      </section>
      {unseen > 0 ? (
        <button type="button" className={css.pill} onClick={toBottom}>
          {unseen === 1 ? "1 new message" : `${unseen} new messages`}
          <ChevronIcon size={14} />
        </button>
      ) : null}
    </div>
  );
}
