import { Checkbox, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { newClientId } from "../api/client-id";
import { useAsk } from "../api/use-ask";
import { usePermissions, useViewer } from "../shell/scope";
import { SaveBar, useDraft } from "../ui/form";
import { useDebounced } from "../ui/hooks";
import { Select } from "../ui/select";
import {
  ChoicesQuery,
  CreateKeywordAlertMutation,
  type KeywordAlert,
  type Term,
  TryQuery,
  UpdateKeywordAlertMutation,
} from "./documents";
import css from "./keywords.module.css";
import { TermsField } from "./terms-field";
import { silences, speakerLabels, speakers, written } from "./words";

const TYPING_MS = 250;
const LONGEST_TRY = 4000;

interface Choice {
  readonly id: string;
  readonly name: string;
}

/** A keyword alert as somebody writes it, with a box to try it in. */
export function AlertForm(props: {
  readonly organizationId: string;
  readonly alert: KeywordAlert | null;
  readonly onDone: () => void;
}) {
  const { alert, organizationId } = props;
  const viewer = useViewer();
  const may = usePermissions();
  const [clientId] = useState(newClientId);
  const [text, setText] = useState("");
  // Whether some are to be chosen: as long as none is, that would mean all.
  const [someAgents, chooseAgents] = useState((alert?.aiAgentIds.length ?? 0) > 0);
  const [somePeople, choosePeople] = useState((alert?.userIds.length ?? 0) > 0);
  const choices = useAsk(ChoicesQuery, { organizationId, people: may("team.view") });
  const draft = useDraft(
    {
      name: alert?.name ?? "",
      terms: alert?.terms ?? [{ kind: "WORD" as const, text: "" }],
      aiAgentIds: alert?.aiAgentIds ?? [],
      speakers: alert?.speakers ?? ["VISITOR" as const],
      userIds: alert?.userIds ?? [],
      through: alert?.through ?? [],
      cooldownMinutes: alert?.cooldownMinutes ?? 10,
    },
    async (value) => {
      const input = { ...value, terms: written(value.terms) };
      if (alert) await change(UpdateKeywordAlertMutation, { id: alert.id, input });
      else await change(CreateKeywordAlertMutation, { clientId, organizationId, input });
      props.onDone();
    },
  );
  const { value } = draft;
  const trial = useTrial(value.terms, text);
  const agents = choices.data?.aiAgents.nodes ?? [];
  const members = (choices.data?.members?.nodes ?? []).map((member) => member.user);
  // Whoever sets an alert can have it tell them, also as staff, who are no members here.
  const people = members.some((user) => user.id === viewer.user.id)
    ? members
    : [{ id: viewer.user.id, name: `${viewer.user.name} (you)` }, ...members];

  return (
    <form onSubmit={draft.submit} className={css.form}>
      <TextInput
        label="Name"
        description="What you call it. Whoever is told reads it first."
        placeholder="Refunds"
        required
        withAsterisk={false}
        maxLength={80}
        data-autofocus
        value={value.name}
        onChange={(event) => draft.set({ name: event.currentTarget.value })}
        error={draft.fieldError("name")}
      />
      <TermsField
        terms={value.terms}
        onChange={(terms) => draft.set({ terms })}
        faults={trial.faults}
        error={draft.fieldError("terms")}
      />
      <div className={css.try}>
        <Textarea
          label="Try it"
          description="Write what a visitor could say. What would be found is marked below."
          maxLength={LONGEST_TRY}
          autosize
          minRows={2}
          maxRows={6}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <div role="status" className={css.found} data-testid="keyword-trial">
          {text.trim() === "" ? null : trial.pieces.some((piece) => piece.found) ? (
            <Pieces pieces={trial.pieces} />
          ) : (
            <span className={css.dim}>Nothing would be found in this.</span>
          )}
        </div>
      </div>
      <Boxes
        legend="In whose words"
        choices={speakers.map((id) => ({ id, name: speakerLabels[id] }))}
        chosen={value.speakers}
        onChange={(chosen) => draft.set({ speakers: speakers.filter((one) => chosen.includes(one)) })}
        error={draft.fieldError("speakers")}
      />
      <Some
        label="With which AI agents"
        all="All AI agents"
        some="Some of them"
        choosing={someAgents}
        onChoose={chooseAgents}
        choices={agents}
        chosen={value.aiAgentIds}
        onChange={(aiAgentIds) => draft.set({ aiAgentIds })}
        error={draft.fieldError("aiAgentIds")}
      />
      <Some
        label="Who is told"
        all="Everybody who works here and may read the conversation"
        some="Certain people"
        choosing={somePeople}
        onChoose={choosePeople}
        choices={people}
        chosen={value.userIds}
        onChange={(userIds) => draft.set({ userIds })}
        error={draft.fieldError("userIds")}
      />
      <Boxes
        legend="Besides the bell"
        choices={[
          { id: "EMAIL", name: "By email" },
          { id: "PUSH", name: "By push" },
        ]}
        chosen={value.through}
        onChange={(chosen) =>
          draft.set({ through: (["EMAIL", "PUSH"] as const).filter((way) => chosen.includes(way)) })
        }
        error={null}
      />
      <Select
        label="How often"
        description="Of one conversation. All that is found stands in the list of hits nevertheless."
        value={String(value.cooldownMinutes)}
        options={silences(value.cooldownMinutes)}
        onChange={(minutes) => draft.set({ cooldownMinutes: Number(minutes) })}
      />
      <SaveBar
        draft={draft}
        fields={["name", "terms", "speakers", "aiAgentIds", "userIds"]}
        label={alert ? "Save" : "Add alert"}
        disabled={
          written(value.terms).length === 0 ||
          value.speakers.length === 0 ||
          (someAgents && value.aiAgentIds.length === 0) ||
          (somePeople && value.userIds.length === 0)
        }
      />
    </form>
  );
}

/** What the server's own engine says of terms, a moment after the last key. */
function useTrial(terms: readonly Term[], text: string) {
  const asked = useDebounced(JSON.stringify({ terms: written(terms), text }), TYPING_MS);
  const variables = JSON.parse(asked) as { terms: Term[]; text: string };
  const { data } = useAsk(TryQuery, variables, { pause: variables.terms.length === 0 });
  const found = data?.tryKeywordAlert;
  // What was said of other terms is no fault of these.
  const same = found?.terms.length === written(terms).length && variables.terms.length > 0;
  return {
    faults: same ? found.terms.map((term) => term.message) : [],
    pieces: found && variables.terms.length > 0 ? found.pieces : [],
  };
}

function Pieces(props: { readonly pieces: readonly { readonly text: string; readonly found: boolean }[] }) {
  return props.pieces.map((piece, at) =>
    piece.found ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text, in their order
      <mark key={at} className={css.mark}>
        {piece.text}
      </mark>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text, in their order
      <span key={at}>{piece.text}</span>
    ),
  );
}

function Boxes(props: {
  readonly legend: string;
  readonly choices: readonly Choice[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: string[]) => void;
  readonly error: string | null;
}) {
  const { chosen } = props;
  return (
    <fieldset className={css.group}>
      <legend>{props.legend}</legend>
      {props.choices.map((choice) => (
        <Checkbox
          key={choice.id}
          label={choice.name}
          checked={chosen.includes(choice.id)}
          onChange={(event) => {
            const others = chosen.filter((one) => one !== choice.id);
            props.onChange(event.currentTarget.checked ? [...others, choice.id] : others);
          }}
        />
      ))}
      {props.error ? (
        <p role="alert" className={css.problem}>
          {props.error}
        </p>
      ) : null}
    </fieldset>
  );
}

/** All of something, or some of it, chosen from a list. */
function Some(props: {
  readonly label: string;
  readonly all: string;
  readonly some: string;
  readonly choosing: boolean;
  readonly onChoose: (choosing: boolean) => void;
  readonly choices: readonly Choice[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: string[]) => void;
  readonly error: string | null;
}) {
  const { chosen, choosing } = props;
  return (
    <div className={css.some}>
      <Select
        label={props.label}
        value={choosing ? "some" : "all"}
        options={[
          { value: "all", label: props.all },
          { value: "some", label: props.some },
        ]}
        onChange={(next) => {
          props.onChoose(next === "some");
          if (next === "all") props.onChange([]);
        }}
      />
      {choosing ? (
        <Boxes
          legend={props.some}
          choices={props.choices}
          chosen={chosen}
          onChange={props.onChange}
          error={props.error ?? (chosen.length === 0 ? "Choose at least one." : null)}
        />
      ) : null}
    </div>
  );
}
