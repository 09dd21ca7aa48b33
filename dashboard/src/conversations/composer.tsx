import { Button } from "@mantine/core";
import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from "react";
import { change } from "../api/client";
import { AttachButton, AttachedList, useAttach } from "../files/attach";
import type { Uploaded } from "../files/upload";
import { useSlash } from "../words/slash";
import css from "./composer.module.css";
import { type Conversation, TypingMutation } from "./documents";
import { keepDraft, readDraft } from "./drafts";

const TELL_AGAIN_MS = 3_000;
const QUIET_AFTER_MS = 4_000;

/** Tells the visitor that somebody writes: at most every three seconds, and when it stops. */
function useTyping(id: string) {
  const told = useRef(0);
  const quiet = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const tell = (typing: boolean) => {
    told.current = typing ? performance.now() : 0;
    // Lost ones do no harm: the next one comes in a moment, and the other side forgets after six seconds.
    change(TypingMutation, { id, typing }).catch(() => undefined);
  };
  const stop = () => {
    clearTimeout(quiet.current);
    if (told.current !== 0) tell(false);
  };
  const latestStop = useRef(stop);
  latestStop.current = stop;
  useEffect(() => () => latestStop.current(), []);
  return {
    stop,
    typed() {
      clearTimeout(quiet.current);
      quiet.current = setTimeout(() => latestStop.current(), QUIET_AFTER_MS);
      if (told.current === 0 || performance.now() - told.current > TELL_AGAIN_MS) tell(true);
    },
  };
}

export function Composer(props: {
  readonly id: string;
  readonly conversation: Conversation;
  readonly fieldRef: RefObject<HTMLTextAreaElement | null>;
  readonly onSend: (text: string, files: readonly Uploaded[]) => void;
}) {
  const [text, setText] = useState(() => readDraft(props.id));
  const typing = useTyping(props.id);
  const attach = useAttach(props.id);
  const sendable = !attach.busy && (text.trim() !== "" || attach.ready);

  const write = (next: string) => {
    setText(next);
    keepDraft(props.id, next);
    if (next.trim() === "") typing.stop();
    else typing.typed();
  };

  const slash = useSlash(props.conversation, { text, write, element: () => props.fieldRef.current });

  const send = () => {
    const words = text.trim();
    if (!sendable) return;
    props.onSend(words, attach.uploads.take());
    setText("");
    keepDraft(props.id, "");
    typing.stop();
  };

  const pressed = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (slash.pressed(event)) return;
    // Enter also ends the choice of an input method; that must not send half a word.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };

  return (
    <form
      className={css.composer}
      data-over={attach.over || undefined}
      {...attach.dropping}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {slash.list}
      <textarea
        ref={props.fieldRef}
        className={css.field}
        aria-label="Message"
        placeholder="Write a message"
        rows={2}
        dir="auto"
        maxLength={8000}
        value={text}
        {...slash.field}
        onChange={(event) => {
          write(event.currentTarget.value);
          slash.look();
        }}
        onSelect={slash.look}
        onKeyDown={pressed}
        onPaste={attach.onPaste}
        onBlur={typing.stop}
      />
      <AttachedList attach={attach} />
      <div className={css.bar}>
        <AttachButton attach={attach} />
        <span className={css.hint}>Enter sends, Shift + Enter starts a new line, / has canned replies</span>
        <Button type="submit" disabled={!sendable}>
          Send
        </Button>
      </div>
    </form>
  );
}
