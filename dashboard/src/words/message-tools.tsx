import { Button, Modal } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import type { Conversation, Message } from "../conversations/documents";
import { exact } from "../ui/time";
import { toast } from "../ui/toast";
import { DeleteMessageMutation, EarlierTextsQuery, EditMessageMutation } from "./documents";
import css from "./words.module.css";

interface Props {
  readonly message: Message;
  readonly own: boolean;
  readonly conversation: Conversation;
}

/** What can be done with a message afterwards: one's own is changed or taken back; supervisors see what it said before. */
export function MessageTools({ message, own, conversation }: Props) {
  const [open, show] = useState<"edit" | "earlier" | null>(null);
  const operators = message.author.kind === "OPERATOR" && message.kind === "TEXT";
  if (!operators) return null;
  const gone = message.deletedAt !== null;
  const mayEdit = own && !gone && conversation.canRespond;
  const mayRemove = !gone && conversation.canRespond && (own || conversation.canSupervise);
  const changed = gone || message.editedAt !== null;
  const remove = () => {
    change(DeleteMessageMutation, { id: message.id }).catch((thrown) => toast(sentence(toApiError(thrown))));
  };
  if (!mayEdit && !mayRemove && !(changed && conversation.canSupervise)) return null;
  return (
    <span className={css.tools}>
      {mayEdit ? (
        <button type="button" onClick={() => show("edit")}>
          Edit
        </button>
      ) : null}
      {mayRemove ? (
        <button type="button" onClick={remove}>
          Take back
        </button>
      ) : null}
      {changed && conversation.canSupervise ? (
        <button type="button" onClick={() => show("earlier")}>
          Earlier text
        </button>
      ) : null}
      <Modal
        opened={open !== null}
        onClose={() => show(null)}
        title={open === "earlier" ? "What it said before" : "Edit message"}
        centered
      >
        {open === "edit" ? <EditForm message={message} onDone={() => show(null)} /> : null}
        {open === "earlier" ? <Earlier id={message.id} /> : null}
      </Modal>
    </span>
  );
}

function EditForm({ message, onDone }: { readonly message: Message; readonly onDone: () => void }) {
  const [text, setText] = useState(message.text);
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      await change(EditMessageMutation, { id: message.id, text });
      onDone();
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <textarea
        className={css.editField}
        aria-label="Message"
        rows={4}
        dir="auto"
        maxLength={8000}
        data-autofocus
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <p className={css.hint}>The visitor sees the new text, and that it was edited.</p>
      <Button type="submit" loading={busy} disabled={text.trim() === "" || text.trim() === message.text}>
        Save
      </Button>
    </form>
  );
}

function Earlier({ id }: { readonly id: string }) {
  const { data } = useAsk(EarlierTextsQuery, { id });
  return (
    <ol className={css.earlier}>
      {data?.earlierTexts.map((earlier) => (
        <li key={earlier.changedAt}>
          <div className={css.earlierText} dir="auto">
            {earlier.text}
          </div>
          <small>
            Until {exact(earlier.changedAt)}, changed by {earlier.changedBy}
          </small>
        </li>
      ))}
    </ol>
  );
}
