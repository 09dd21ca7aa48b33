import { ActionIcon, Button } from "@mantine/core";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { ask, change } from "../api/client";
import { newClientId } from "../api/client-id";
import { sentence, toApiError } from "../api/errors";
import type { Conversation } from "../conversations/documents";
import { TrashIcon } from "../ui/icons";
import { clockTime, exact } from "../ui/time";
import { toast } from "../ui/toast";
import { Choices, choiceKey } from "./choices";
import {
  AddNoteMutation,
  DeleteNoteMutation,
  EditNoteMutation,
  MentionableQuery,
  type Note,
  NotesQuery,
} from "./documents";
import { typedAfter } from "./fill";
import css from "./words.module.css";

const nothing: readonly Note[] = [];

/** The notes of a conversation, read again whenever one of them changed. Nothing for whoever may not see any. */
export function useNotes(conversation: Conversation | null): readonly Note[] {
  const [held, hold] = useState<{ readonly id: string; readonly notes: readonly Note[] } | null>(null);
  const id = conversation?.contentVisible && conversation.canNote ? conversation.id : null;
  const rev = conversation?.notesRev ?? 0;
  useEffect(() => {
    if (id === null || rev === 0) return;
    let over = false;
    ask(NotesQuery, { id })
      .then(({ conversation: found }) => {
        if (!over) hold({ id, notes: found.notes });
      })
      // Taken by somebody else meanwhile: then there is nothing to show.
      .catch(() => undefined);
    return () => {
      over = true;
    };
  }, [id, rev]);
  return id !== null && rev > 0 && held?.id === id ? held.notes : nothing;
}

/** Notes by the entry after which they stand; those of earlier pages stand before the first one that is loaded. */
export function notesAfter(notes: readonly Note[], seq: number, first: number): readonly Note[] {
  return notes.filter((note) => note.afterSeq === seq || (seq === first && note.afterSeq < first));
}

/** A note's words, with the people that it mentions marked. Everything else stays exactly the text that was written. */
function withMentions(note: Note): ReactNode[] {
  const names = note.mentions.map((user) => `@${user.name}`).sort((a, b) => b.length - a.length);
  if (names.length === 0) return [note.text];
  const pattern = new RegExp(
    `(${names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`,
  );
  return note.text.split(pattern).map((part, index) =>
    names.includes(part) ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of a text that does not change
      <mark key={index} className={css.mention}>
        {part}
      </mark>
    ) : (
      part
    ),
  );
}

export function NoteEntry({
  note,
  conversationId,
}: {
  readonly note: Note;
  readonly conversationId: string;
}) {
  const [editing, edit] = useState(false);
  if (editing) {
    return <NoteForm conversationId={conversationId} note={note} onDone={() => edit(false)} />;
  }
  const remove = () => {
    change(DeleteNoteMutation, { id: note.id }).catch((thrown) => toast(sentence(toApiError(thrown))));
  };
  return (
    <aside className={css.note} data-testid="note" aria-label={`Note by ${note.authorName}`}>
      <header className={css.noteHead}>
        <span className={css.noteSign}>Note</span>
        <b>{note.own ? "You" : note.authorName}</b>
        <time dateTime={note.createdAt} title={exact(note.createdAt)}>
          {clockTime(note.createdAt)}
        </time>
        {note.editedAt ? <span title={exact(note.editedAt)}>edited</span> : null}
        {note.own ? (
          <span className={css.noteTools}>
            <button type="button" onClick={() => edit(true)}>
              Edit
            </button>
            <ActionIcon size={22} aria-label="Remove this note" onClick={remove}>
              <TrashIcon size={14} />
            </ActionIcon>
          </span>
        ) : null}
      </header>
      <div className={css.noteText} dir="auto">
        {withMentions(note)}
      </div>
    </aside>
  );
}

interface Person {
  readonly id: string;
  readonly name: string;
}

/** Where a note is written. `@` opens the list of people who may read the conversation. */
export function NoteForm(props: {
  readonly conversationId: string;
  readonly note?: Note;
  readonly onDone: () => void;
}) {
  const { note, conversationId } = props;
  const [text, setText] = useState(note?.text ?? "");
  const [caret, setCaret] = useState(0);
  const [people, setPeople] = useState<readonly Person[]>(note?.mentions ?? []);
  const [found, find] = useState<readonly Person[] | null>(null);
  const [active, setActive] = useState(0);
  const [closed, close] = useState<number | null>(null);
  const [busy, setBusy] = useState(false);
  const [clientId] = useState(newClientId);
  const field = useRef<HTMLTextAreaElement>(null);
  const typed = typedAfter("@", text, caret, 2);
  const wanted = typed && typed.at !== closed ? typed.word : null;

  useEffect(() => field.current?.focus(), []);
  useEffect(() => {
    if (wanted === null) return find(null);
    let over = false;
    ask(MentionableQuery, { id: conversationId, search: wanted })
      .then(({ mentionable }) => {
        if (over) return;
        find(mentionable);
        setActive(0);
      })
      .catch(() => undefined);
    return () => {
      over = true;
    };
  }, [wanted, conversationId]);

  const open = wanted !== null && found !== null && found.length > 0;
  const pick = (index: number) => {
    const person = found?.[index];
    if (!person || !typed) return;
    const words = `@${person.name} `;
    setText(text.slice(0, typed.at) + words + text.slice(caret));
    setPeople((before) => [...before.filter((one) => one.id !== person.id), person]);
    const end = typed.at + words.length;
    close(typed.at);
    requestAnimationFrame(() => {
      field.current?.setSelectionRange(end, end);
      setCaret(end);
    });
  };

  const save = async () => {
    const words = text.trim();
    if (words === "" || busy) return;
    setBusy(true);
    const mentionIds = people.filter((one) => words.includes(`@${one.name}`)).map((one) => one.id);
    try {
      if (note) await change(EditNoteMutation, { id: note.id, text: words, mentionIds });
      else await change(AddNoteMutation, { clientId, id: conversationId, text: words, mentionIds });
      props.onDone();
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    } finally {
      setBusy(false);
    }
  };

  const pressed = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const act = { move: setActive, pick, close: () => close(typed?.at ?? null) };
    if (open && choiceKey(event, { count: found.length, active }, act)) return;
    if (event.key === "Escape") return props.onDone();
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void save();
  };

  const look = () => setCaret(field.current?.selectionEnd ?? 0);
  return (
    <form
      className={css.noteForm}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {open ? (
        <Choices
          id="mentions"
          label="People"
          active={active}
          onPick={pick}
          empty=""
          choices={found.map((person) => ({ id: person.id, label: person.name }))}
        />
      ) : null}
      <textarea
        ref={field}
        className={css.noteField}
        aria-label="Note"
        placeholder="A note for your team. The visitor never sees it. @ mentions somebody."
        rows={2}
        dir="auto"
        maxLength={4000}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setCaret(event.currentTarget.selectionEnd);
        }}
        onSelect={look}
        onKeyDown={pressed}
      />
      <div className={css.noteBar}>
        <Button variant="subtle" color="gray" size="compact-sm" onClick={props.onDone}>
          Cancel
        </Button>
        <Button
          type="submit"
          variant="default"
          size="compact-sm"
          loading={busy}
          disabled={text.trim() === ""}
        >
          {note ? "Save note" : "Add note"}
        </Button>
      </div>
    </form>
  );
}
