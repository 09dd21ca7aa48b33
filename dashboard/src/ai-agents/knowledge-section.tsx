import { ActionIcon, Button, Modal, Skeleton, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { newClientId } from "../api/client-id";
import { sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { Confirm } from "../ui/confirm";
import { SaveBar, useDraft } from "../ui/form";
import { useDebounced } from "../ui/hooks";
import { BookIcon, PlusIcon, SearchIcon, TrashIcon } from "../ui/icons";
import { Section } from "../ui/page";
import { Empty, Failed } from "../ui/states";
import { Ago } from "../ui/time";
import { toast } from "../ui/toast";
import css from "./ai-agents.module.css";
import {
  type AiAgentFrame,
  CreateEntryMutation,
  DeleteEntryMutation,
  type Entry,
  KnowledgeQuery,
  UpdateEntryMutation,
} from "./documents";

export function KnowledgeSection({ agent }: { readonly agent: AiAgentFrame }) {
  const [text, setText] = useState("");
  const search = useDebounced(text.trim(), 250);
  const [trail, setTrail] = useState<readonly string[]>([]);
  const [editing, edit] = useState<Entry | "new" | null>(null);
  const [deleting, askToDelete] = useState<Entry | null>(null);
  const { data, error, again } = useAsk(
    KnowledgeQuery,
    { id: agent.id, search: search === "" ? null : search, after: trail.at(-1) ?? null },
    { of: ["KnowledgeEntry"] },
  );
  const knowledge = data?.aiAgent.knowledge;
  const entries = knowledge?.nodes ?? [];
  const editable = agent.canEditKnowledge;

  const remove = async (entry: Entry) => {
    askToDelete(null);
    try {
      await change(DeleteEntryMutation, { id: entry.id }, ["KnowledgeEntry"]);
      toast("Entry deleted", {
        action: {
          label: "Undo",
          run: () => {
            const again = {
              clientId: newClientId(),
              aiAgentId: agent.id,
              title: entry.title,
              body: entry.body,
            };
            change(CreateEntryMutation, again).catch((thrown) => toast(sentence(toApiError(thrown))));
          },
        },
      });
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    }
  };

  return (
    <Section
      id="knowledge"
      title="Knowledge Base"
      text="What the AI agent answers from. Each answer names the entries that it used."
      actions={
        editable ? (
          <Button variant="default" leftSection={<PlusIcon size={16} />} onClick={() => edit("new")}>
            Add entry
          </Button>
        ) : null
      }
    >
      <TextInput
        aria-label="Search the knowledge base"
        placeholder="Search"
        type="search"
        leftSection={<SearchIcon size={16} />}
        mb={8}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setTrail([]);
        }}
      />
      {error ? <Failed error={error} retry={again} /> : null}
      {!data && !error ? <Skeleton height={180} /> : null}
      {data && entries.length === 0 ? (
        <Empty title={search ? "Nothing found" : "The knowledge base is empty"} icon={<BookIcon size={22} />}>
          {search
            ? "No entry fits this search."
            : editable
              ? "Add opening hours, prices, shipping: whatever visitors ask about."
              : "Whoever has the permission “Knowledge Base” can add entries."}
        </Empty>
      ) : null}
      <ul className={css.list} aria-label="Knowledge entries">
        {entries.map((entry) => (
          <li key={entry.id} className={css.item} data-testid="knowledge-entry">
            <div className={css.text}>
              {editable ? (
                <button type="button" className={css.entryTitle} onClick={() => edit(entry)}>
                  {entry.title}
                </button>
              ) : (
                <div className={css.name}>{entry.title}</div>
              )}
              <div className={css.entryBody}>{entry.body}</div>
            </div>
            <span className={css.dim}>
              <Ago at={entry.updatedAt} />
            </span>
            {editable ? (
              <ActionIcon
                className={css.above}
                aria-label={`Delete ${entry.title}`}
                onClick={() => askToDelete(entry)}
              >
                <TrashIcon size={16} />
              </ActionIcon>
            ) : null}
          </li>
        ))}
      </ul>
      {knowledge?.pageInfo.hasNextPage || trail.length > 0 ? (
        <div className={css.pages}>
          <Button
            variant="default"
            disabled={trail.length === 0}
            onClick={() => setTrail(trail.slice(0, -1))}
          >
            Previous
          </Button>
          <Button
            variant="default"
            disabled={!knowledge?.pageInfo.hasNextPage}
            onClick={() => {
              const end = knowledge?.pageInfo.endCursor;
              if (end) setTrail([...trail, end]);
            }}
          >
            Next
          </Button>
        </div>
      ) : null}
      <Modal
        opened={editing !== null}
        onClose={() => edit(null)}
        title={editing === "new" ? "Add entry" : "Edit entry"}
        centered
        size="lg"
      >
        {editing ? (
          <EntryForm
            agentId={agent.id}
            entry={editing === "new" ? null : editing}
            onDone={() => edit(null)}
          />
        ) : null}
      </Modal>
      <Confirm
        opened={deleting !== null}
        title="Delete this entry?"
        action="Delete"
        onClose={() => askToDelete(null)}
        onConfirm={() => {
          if (deleting) void remove(deleting);
        }}
      >
        The AI agent will no longer answer from “{deleting?.title}”.
      </Confirm>
    </Section>
  );
}

function EntryForm(props: {
  readonly agentId: string;
  readonly entry: Entry | null;
  readonly onDone: () => void;
}) {
  const { entry, agentId } = props;
  const [clientId] = useState(newClientId);
  const draft = useDraft({ title: entry?.title ?? "", body: entry?.body ?? "" }, async ({ title, body }) => {
    if (entry) await change(UpdateEntryMutation, { id: entry.id, title: title.trim(), body });
    else await change(CreateEntryMutation, { clientId, aiAgentId: agentId, title: title.trim(), body });
    props.onDone();
  });
  return (
    <form onSubmit={draft.submit} className={css.form}>
      <TextInput
        label="Title"
        description="Visitors see it under answers that use this entry."
        required
        withAsterisk={false}
        data-autofocus
        value={draft.value.title}
        onChange={(event) => draft.set({ title: event.currentTarget.value })}
        error={draft.fieldError("title")}
      />
      <Textarea
        label="Text"
        required
        withAsterisk={false}
        rows={9}
        resize="vertical"
        value={draft.value.body}
        onChange={(event) => draft.set({ body: event.currentTarget.value })}
        error={draft.fieldError("body")}
      />
      <SaveBar draft={draft} fields={["title", "body"]} label={entry ? "Save" : "Add entry"} />
    </form>
  );
}
