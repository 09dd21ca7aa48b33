import { ActionIcon, Button, Modal, Skeleton, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { newClientId } from "../api/client-id";
import { sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { usePermissionsIn } from "../shell/scope";
import { Confirm } from "../ui/confirm";
import { SaveBar, useDraft } from "../ui/form";
import { BookIcon, PlusIcon, TrashIcon } from "../ui/icons";
import { Section } from "../ui/page";
import { Refusal } from "../ui/refusal";
import { Empty, Failed } from "../ui/states";
import { toast } from "../ui/toast";
import {
  AddStartersMutation,
  CannedRepliesQuery,
  type CannedReply,
  CreateCannedReplyMutation,
  DeleteCannedReplyMutation,
  UpdateCannedReplyMutation,
} from "./documents";
import { fill, variables } from "./fill";
import css from "./words.module.css";

interface Props {
  /** Null: what the agency has for all of its organizations. */
  readonly organizationId: string | null;
  readonly agencyId: string;
}

/** The canned replies of a place, where they are written. Whoever may not write them still reads what there is. */
export function CannedRepliesSection({ organizationId, agencyId }: Props) {
  const may = usePermissionsIn(organizationId);
  const editable = may("canned_reply.edit");
  const { data, error, again } = useAsk(
    CannedRepliesQuery,
    { organizationId },
    { of: ["CannedReply"], pause: !may("live_chat.respond") },
  );
  const [editing, edit] = useState<CannedReply | "new" | null>(null);
  const [deleting, askToDelete] = useState<CannedReply | null>(null);
  const replies = data?.cannedReplies ?? [];
  const own = replies.filter((reply) => organizationId === null || !reply.ofAgency);
  const done = () => {
    edit(null);
    again();
  };

  if (!may("live_chat.respond")) return null;
  const remove = (reply: CannedReply) => {
    askToDelete(null);
    change(DeleteCannedReplyMutation, { id: reply.id })
      .then(again)
      .catch((thrown) => toast(sentence(toApiError(thrown))));
  };
  const start = () => {
    change(AddStartersMutation, { organizationId })
      .then(again)
      .catch((thrown) => toast(sentence(toApiError(thrown))));
  };
  // Neighbours change places; the numbers of the others stay as they are.
  const move = async (reply: CannedReply, by: -1 | 1) => {
    const other = own[own.indexOf(reply) + by];
    if (!other) return;
    const apart = reply.position === other.position ? by : 0;
    const put = (one: CannedReply, position: number) =>
      change(UpdateCannedReplyMutation, {
        id: one.id,
        position,
        input: { shortcut: one.shortcut, title: one.title, text: one.text, tags: one.tags },
      });
    try {
      await put(reply, Math.max(0, other.position + apart));
      await put(other, reply.position);
      again();
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    }
  };

  return (
    <Section
      id="canned-replies"
      title="Canned replies"
      text="What operators insert by typing / and a shortcut in a chat. What the agency wrote for all organizations stands below the own ones."
      actions={
        editable ? (
          <Button leftSection={<PlusIcon size={16} />} variant="default" onClick={() => edit("new")}>
            Add reply
          </Button>
        ) : undefined
      }
    >
      {error ? <Failed error={error} retry={again} /> : null}
      {!data && !error ? <Skeleton height={120} /> : null}
      {data && replies.length === 0 ? (
        <Empty
          title="No canned replies yet"
          icon={<BookIcon size={22} />}
          action={
            editable ? (
              <Button variant="default" onClick={start}>
                Add the starter pack
              </Button>
            ) : undefined
          }
        >
          A greeting, “I am looking into it”, a thank you: what your team says every day.
        </Empty>
      ) : null}
      <ul className={css.replies} aria-label="Canned replies">
        {replies.map((reply) => {
          const mine = own.includes(reply);
          const at = own.indexOf(reply);
          return (
            <li key={reply.id} data-testid="canned-reply">
              <div className={css.replyBody}>
                <div className={css.replyHead}>
                  <code>/{reply.shortcut}</code>
                  {mine && editable ? (
                    <button type="button" className={css.replyTitle} onClick={() => edit(reply)}>
                      {reply.title}
                    </button>
                  ) : (
                    <b>{reply.title}</b>
                  )}
                  {mine ? null : <span className={css.hint}>From the agency</span>}
                  {reply.tags.map((tag) => (
                    <span key={tag} className={css.chip}>
                      {tag}
                    </span>
                  ))}
                </div>
                <p className={css.replyText} dir="auto">
                  {reply.text}
                </p>
              </div>
              {mine && editable ? (
                <span className={css.replyTools}>
                  <button
                    type="button"
                    disabled={at === 0}
                    aria-label={`Move ${reply.title} up`}
                    onClick={() => void move(reply, -1)}
                  >
                    ↑
                  </button>
                  <button
                    type="button"
                    disabled={at === own.length - 1}
                    aria-label={`Move ${reply.title} down`}
                    onClick={() => void move(reply, 1)}
                  >
                    ↓
                  </button>
                  <ActionIcon aria-label={`Delete ${reply.title}`} onClick={() => askToDelete(reply)}>
                    <TrashIcon size={16} />
                  </ActionIcon>
                </span>
              ) : null}
            </li>
          );
        })}
      </ul>
      {editable ? null : (
        <Refusal
          permission="canned_reply.edit"
          objectId={organizationId ?? agencyId}
          what="Writing canned replies"
        />
      )}
      <Modal
        opened={editing !== null}
        onClose={() => edit(null)}
        title={editing === "new" ? "Add reply" : "Edit reply"}
        centered
        size="lg"
      >
        {editing ? (
          <ReplyForm
            organizationId={organizationId}
            reply={editing === "new" ? null : editing}
            onDone={done}
          />
        ) : null}
      </Modal>
      <Confirm
        opened={deleting !== null}
        title="Delete this reply?"
        action="Delete"
        onClose={() => askToDelete(null)}
        onConfirm={() => {
          if (deleting) remove(deleting);
        }}
      >
        Nobody will find “{deleting?.title}” by its shortcut any more. What was sent stays as it is.
      </Confirm>
    </Section>
  );
}

function ReplyForm(props: {
  readonly organizationId: string | null;
  readonly reply: CannedReply | null;
  readonly onDone: () => void;
}) {
  const { reply, organizationId } = props;
  const [clientId] = useState(newClientId);
  const draft = useDraft(
    {
      shortcut: reply?.shortcut ?? "",
      title: reply?.title ?? "",
      text: reply?.text ?? "",
      tags: reply?.tags.join(", ") ?? "",
    },
    async (value) => {
      const input = { ...value, tags: value.tags.split(",") };
      if (reply) await change(UpdateCannedReplyMutation, { id: reply.id, input });
      else await change(CreateCannedReplyMutation, { clientId, organizationId, input });
      props.onDone();
    },
  );
  const { value } = draft;
  const example = fill(value.text, {
    "visitor.name": "Jo",
    topic: "an invoice",
    "operator.name": "Olivia",
    "ai_agent.name": "Crumb",
  });
  return (
    <form onSubmit={draft.submit} className={css.form}>
      <TextInput
        label="Shortcut"
        description="What one types after the slash."
        required
        withAsterisk={false}
        maxLength={32}
        data-autofocus
        leftSection="/"
        value={value.shortcut}
        onChange={(event) => draft.set({ shortcut: event.currentTarget.value })}
        error={draft.fieldError("shortcut")}
      />
      <TextInput
        label="Title"
        required
        withAsterisk={false}
        maxLength={80}
        value={value.title}
        onChange={(event) => draft.set({ title: event.currentTarget.value })}
        error={draft.fieldError("title")}
      />
      <Textarea
        label="Text"
        required
        withAsterisk={false}
        rows={5}
        resize="vertical"
        maxLength={4000}
        value={value.text}
        onChange={(event) => draft.set({ text: event.currentTarget.value })}
        error={draft.fieldError("text")}
      />
      <p className={css.hint}>
        {variables.map((name) => (
          <button
            key={name}
            type="button"
            className={css.variable}
            onClick={() => draft.set({ text: `${value.text}{${name}}` })}
          >
            {`{${name}}`}
          </button>
        ))}
      </p>
      <p className={css.hint}>
        With <code>{"{visitor.name|there}"}</code> you say what stands there when it is not known.
      </p>
      {value.text.includes("{") ? (
        <p className={css.example} dir="auto">
          {example}
        </p>
      ) : null}
      <TextInput
        label="Tags"
        description="Separated by commas."
        value={value.tags}
        onChange={(event) => draft.set({ tags: event.currentTarget.value })}
        error={draft.fieldError("tags")}
      />
      <SaveBar
        draft={draft}
        fields={["shortcut", "title", "text", "tags"]}
        label={reply ? "Save" : "Add reply"}
      />
    </form>
  );
}
