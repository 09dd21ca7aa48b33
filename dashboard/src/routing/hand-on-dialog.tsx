import { Button, Modal, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { change } from "../api/client";
import { type ApiError, sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { took } from "../conversations/actions";
import type { Conversation } from "../conversations/documents";
import { useViewer } from "../shell/scope";
import form from "../ui/form.module.css";
import { SearchIcon } from "../ui/icons";
import { Failed, RowSkeletons } from "../ui/states";
import { toast } from "../ui/toast";
import { RosterQuery } from "./documents";
import { ReassignMutation, TransferMutation } from "./hand-on-documents";
import { PresenceDot } from "./presence-dot";
import css from "./routing.module.css";

/** What the server lets pass when it is wanted anyway. */
const soft = ["NOT_THERE", "NOBODY_THERE"];

/** A person or a team to whom a chat goes: who is there, and how many chats they have. */
export default function HandOnDialog(props: {
  readonly conversation: Conversation;
  readonly organizationId: string;
  readonly kind: "transfer" | "reassign";
  readonly onClose: () => void;
}) {
  const { conversation, kind, onClose } = props;
  const { user } = useViewer();
  const { data, error, again } = useAsk(RosterQuery, { organizationId: props.organizationId });
  const [search, setSearch] = useState("");
  const [chosen, choose] = useState<string | null>(null);
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [refused, refuse] = useState<ApiError | null>(null);

  const wanted = search.trim().toLowerCase();
  const has = (name: string) => name.toLowerCase().includes(wanted);
  const people = (data?.roster.entries ?? []).filter(
    (one) =>
      has(one.user.name) &&
      one.user.id !== conversation.assignee?.id &&
      (kind === "reassign" || one.user.id !== user.id),
  );
  const teams = kind === "transfer" ? (data?.teams ?? []).filter((one) => has(one.name)) : [];
  const capacity = data?.roster.capacity ?? 0;
  const anyway = refused !== null && soft.includes(refused.reason ?? "");

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!chosen || busy) return;
    setBusy(true);
    refuse(null);
    const more = { id: conversation.id, note: note.trim() || null, anyway };
    const team = chosen.startsWith("tem_");
    try {
      const { changed } =
        kind === "reassign"
          ? await change(ReassignMutation, { ...more, userId: chosen }, ["Roster"])
          : await change(TransferMutation, { ...more, ...(team ? { teamId: chosen } : { userId: chosen }) }, [
              "Roster",
            ]);
      took(changed);
      const name = team
        ? `the team “${data?.teams.find((one) => one.id === chosen)?.name ?? ""}”`
        : (changed.assignee?.name ?? "somebody else");
      toast(`The chat went to ${name}`);
      onClose();
    } catch (thrown) {
      refuse(toApiError(thrown));
    } finally {
      setBusy(false);
    }
  };

  const pick = (value: string) => {
    choose(value);
    refuse(null);
  };

  return (
    <Modal
      opened
      onClose={onClose}
      title={kind === "transfer" ? "Transfer this chat" : "Give this chat to somebody"}
      centered
    >
      <form className={css.form} onSubmit={(event) => void submit(event)}>
        <TextInput
          aria-label="Find a person or a team"
          placeholder={kind === "transfer" ? "Find a person or a team" : "Find a person"}
          leftSection={<SearchIcon size={14} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          data-autofocus
        />
        {error ? <Failed error={error} retry={again} /> : null}
        {!data && !error ? <RowSkeletons count={3} /> : null}
        {data ? (
          <fieldset className={css.choices}>
            <legend className="hidden-text">To whom</legend>
            {people.map((one) => {
              const full = one.chats >= capacity;
              return (
                <label key={one.user.id} className={css.choice} data-testid="hand-on-person">
                  <input
                    type="radio"
                    name="to"
                    value={one.user.id}
                    checked={chosen === one.user.id}
                    disabled={full}
                    onChange={() => pick(one.user.id)}
                  />
                  <PresenceDot presence={one.presence} />
                  <span className={css.name}>{one.user.name}</span>
                  <span className={css.load} data-full={full || undefined}>
                    {one.chats} of {capacity} chats{full ? ", full" : ""}
                  </span>
                </label>
              );
            })}
            {teams.map((team) => {
              const there = team.members.filter((member) =>
                data.roster.entries.some((one) => one.user.id === member.id && one.presence === "ONLINE"),
              ).length;
              return (
                <label key={team.id} className={css.choice} data-team data-testid="hand-on-team">
                  <input
                    type="radio"
                    name="to"
                    value={team.id}
                    checked={chosen === team.id}
                    onChange={() => pick(team.id)}
                  />
                  <span className={css.name}>Team {team.name}</span>
                  <span className={css.load}>
                    {there} of {team.members.length} there
                  </span>
                </label>
              );
            })}
            {people.length + teams.length === 0 ? (
              <p className={css.dim}>
                {wanted ? "Nobody has this name." : "Nobody else may answer live chats here."}
              </p>
            ) : null}
          </fieldset>
        ) : null}
        <Textarea
          label="Note"
          description="For your team alone; the visitor never sees it."
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          maxLength={2000}
          autosize
          minRows={2}
          maxRows={6}
        />
        {refused ? (
          <p className={css.problem} role="alert">
            {sentence(refused)}
            {anyway ? " You can hand it on anyway: it waits until they are back, or goes to the queue." : ""}
          </p>
        ) : null}
        <div className={form.bar}>
          <Button type="submit" disabled={!chosen} loading={busy}>
            {anyway ? "Hand it on anyway" : kind === "transfer" ? "Transfer" : "Give it"}
          </Button>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Modal>
  );
}
