import { Button, Modal, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { newClientId } from "../api/client-id";
import { sentence, toApiError } from "../api/errors";
import { Badge } from "../ui/badge";
import { Confirm } from "../ui/confirm";
import { SaveBar, useDraft } from "../ui/form";
import { PeopleIcon } from "../ui/icons";
import { Section } from "../ui/page";
import { Empty } from "../ui/states";
import { toast } from "../ui/toast";
import {
  AddTeamMemberMutation,
  CreateTeamMutation,
  DeleteTeamMutation,
  RemoveTeamMemberMutation,
  type RosterEntry,
  type Team,
  UpdateTeamMutation,
} from "./documents";
import css from "./routing.module.css";

interface Props {
  readonly organizationId: string;
  readonly teams: readonly Team[];
  readonly people: readonly RosterEntry[];
  readonly mayEdit: boolean;
  readonly again: () => void;
}

/** The teams of an organization: who is in them, and which requests go to them. */
export function Teams({ organizationId, teams, people, mayEdit, again }: Props) {
  const [editing, edit] = useState<Team | "new" | null>(null);
  const [removing, remove] = useState<Team | null>(null);

  const deleteTeam = async (team: Team) => {
    remove(null);
    try {
      await change(DeleteTeamMutation, { teamId: team.id }, ["Team", "Roster"]);
      toast(`The team “${team.name}” is gone`);
      again();
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    }
  };
  const current = editing === "new" ? null : (teams.find((one) => one.id === editing?.id) ?? editing);

  return (
    <Section
      id="teams"
      title="Teams"
      text="A request with one of a team’s topics in it goes to that team. Operators can transfer a chat to a team as well."
      actions={
        mayEdit ? (
          <Button variant="default" onClick={() => edit("new")}>
            New team
          </Button>
        ) : null
      }
    >
      {teams.length === 0 ? (
        <Empty title="There is no team yet" icon={<PeopleIcon size={22} />}>
          {mayEdit
            ? "Without teams every request is for everybody who may answer."
            : "Whoever holds the permission “Settings” can make one."}
        </Empty>
      ) : null}
      <ul className={css.list} aria-label="Teams">
        {teams.map((team) => (
          <li key={team.id} className={css.team} data-testid="team-row">
            <div className={css.teamBody}>
              <div className={css.name}>{team.name}</div>
              <div className={css.dim}>
                {team.members.length === 0 ? "Nobody yet" : team.members.map((one) => one.name).join(", ")}
              </div>
              {team.topics.length > 0 ? (
                <div className={css.topics}>
                  {team.topics.map((topic) => (
                    <Badge key={topic}>{topic}</Badge>
                  ))}
                </div>
              ) : null}
            </div>
            {mayEdit ? (
              <>
                <Button variant="default" size="compact-sm" onClick={() => edit(team)}>
                  Edit<span className="hidden-text"> {team.name}</span>
                </Button>
                <Button variant="subtle" color="gray" size="compact-sm" onClick={() => remove(team)}>
                  Remove<span className="hidden-text"> {team.name}</span>
                </Button>
              </>
            ) : null}
          </li>
        ))}
      </ul>
      {editing ? (
        <Modal
          opened
          onClose={() => edit(null)}
          title={current ? `Team “${current.name}”` : "New team"}
          centered
        >
          <TeamForm
            key={current?.id ?? "new"}
            organizationId={organizationId}
            team={current}
            onSaved={() => {
              again();
              edit(null);
            }}
          />
          {current ? <Members team={current} people={people} again={again} /> : null}
        </Modal>
      ) : null}
      <Confirm
        opened={removing !== null}
        title={`Remove the team “${removing?.name ?? ""}”?`}
        action="Remove it"
        onClose={() => remove(null)}
        onConfirm={() => {
          if (removing) void deleteTeam(removing);
        }}
      >
        Its members stay where they are. What waits for the team waits for everybody then.
      </Confirm>
    </Section>
  );
}

function TeamForm(props: {
  readonly organizationId: string;
  readonly team: Team | null;
  readonly onSaved: () => void;
}) {
  const { team, organizationId } = props;
  const [clientId] = useState(newClientId);
  const draft = useDraft(
    { name: team?.name ?? "", topics: team?.topics.join("\n") ?? "" },
    async ({ name, topics }) => {
      const lines = topics
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "");
      if (team) await change(UpdateTeamMutation, { teamId: team.id, name, topics: lines }, ["Team"]);
      else
        await change(CreateTeamMutation, { clientId, organizationId, name, topics: lines }, [
          "Team",
          "Roster",
        ]);
      props.onSaved();
    },
  );
  return (
    <form className={css.form} onSubmit={draft.submit}>
      <TextInput
        label="Name"
        value={draft.value.name}
        onChange={(event) => draft.set({ name: event.currentTarget.value })}
        error={draft.fieldError("name")}
        maxLength={80}
        data-autofocus
      />
      <Textarea
        label="Topics"
        description="Words or short phrases, one a line: “invoice”, “wedding cake”."
        value={draft.value.topics}
        onChange={(event) => draft.set({ topics: event.currentTarget.value })}
        error={draft.fieldError("topics")}
        autosize
        minRows={3}
        maxRows={8}
      />
      <SaveBar draft={draft} fields={["name", "topics"]} label={team ? "Save" : "Make the team"} />
    </form>
  );
}

/** One by one: no click replaces the whole list. */
function Members(props: {
  readonly team: Team;
  readonly people: readonly RosterEntry[];
  readonly again: () => void;
}) {
  const { team, again } = props;
  const [busy, setBusy] = useState(false);
  // What was just clicked shows at once what it will be, until the list says so as well.
  const [clicked, setClicked] = useState<{ id: string; listed: boolean } | null>(null);
  const isMember = (id: string) => team.members.some((member) => member.id === id);
  if (clicked && !busy && isMember(clicked.id) === clicked.listed) setClicked(null);
  const toggle = async (userId: string, listed: boolean) => {
    setBusy(true);
    setClicked({ id: userId, listed });
    try {
      const variables = { teamId: team.id, userId };
      await (listed
        ? change(AddTeamMemberMutation, variables, ["Roster"])
        : change(RemoveTeamMemberMutation, variables, ["Roster"]));
      again();
    } catch (thrown) {
      setClicked(null);
      toast(sentence(toApiError(thrown)));
    } finally {
      setBusy(false);
    }
  };
  return (
    <fieldset className={css.choices}>
      <legend className={css.name}>Members</legend>
      {props.people.map((one) => (
        <label key={one.user.id} className={css.choice} data-team>
          <input
            type="checkbox"
            checked={clicked?.id === one.user.id ? clicked.listed : isMember(one.user.id)}
            aria-busy={busy && clicked?.id === one.user.id}
            onChange={(event) => {
              if (!busy) void toggle(one.user.id, event.currentTarget.checked);
            }}
          />
          <span>{one.user.name}</span>
        </label>
      ))}
    </fieldset>
  );
}
