import { Button } from "@mantine/core";
import { useEffect, useState } from "react";
import { change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { Badge } from "../ui/badge";
import { SaveBar, useDraft } from "../ui/form";
import { zoneLabel } from "../ui/time-zones";
import { toast } from "../ui/toast";
import { type Choice, ChoiceFields, choiceFields, Option, Problem } from "./choice-fields";
import { type Preference, UpdatePreferencesMutation } from "./documents";
import css from "./notifications.module.css";
import { forgetWishes } from "./wishes";
import { followsAll, originWords, quietDraft, quietInput, quietProblem } from "./words";

interface Values extends Choice {
  readonly muted: boolean;
  readonly mutedAiAgents: readonly string[];
}

const fields = [...choiceFields, "muted", "mutedAiAgents", "mutedAiAgentIds"];

/** What one person wants to be told of one organization, or of all where they chose nothing else. */
export function PreferenceForm(props: {
  readonly preference: Preference;
  /** What they chose for all organizations, which staff can. */
  readonly ofAll: Preference | null;
  /** Not shown at the moment; what was typed stays. */
  readonly hidden: boolean;
  readonly onChanged: (changed: boolean) => void;
  readonly onSaved: () => void;
}) {
  const { preference, onChanged, onSaved } = props;
  const { organizationId } = preference;
  const place = preference.organizationName ?? "all organizations";
  const [returning, setReturning] = useState(false);
  const saved: Values = {
    email: preference.email,
    push: preference.push,
    events: preference.events,
    digest: preference.digest,
    ...quietDraft(preference),
    muted: preference.muted,
    mutedAiAgents: [...preference.mutedAiAgents].sort(),
  };
  const draft = useDraft<Values>(saved, async (value) => {
    const { email, push, events, muted, mutedAiAgents, digest } = value;
    await change(UpdatePreferencesMutation, {
      organizationId,
      preference: {
        email,
        push,
        events,
        ...quietInput(value),
        muted,
        mutedAiAgentIds: [...mutedAiAgents],
        digest,
      },
    });
    forgetWishes();
    onSaved();
  });
  const { value, changed } = draft;
  const origin = followsAll(preference, props.ofAll)
    ? { label: "As for all organizations", own: false }
    : originWords(preference.origin, "person");

  useEffect(() => onChanged(changed), [onChanged, changed]);

  const followDefaults = async () => {
    setReturning(true);
    try {
      await change(UpdatePreferencesMutation, { organizationId, preference: null });
      draft.reset();
      forgetWishes();
      onSaved();
      toast("The defaults count again");
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    } finally {
      setReturning(false);
    }
  };

  const muteAgent = (id: string, muted: boolean) => {
    const others = value.mutedAiAgents.filter((one) => one !== id);
    draft.set({ mutedAiAgents: (muted ? [...others, id] : others).sort() });
  };

  return (
    <form
      className={css.form}
      onSubmit={draft.submit}
      hidden={props.hidden}
      aria-label={`What you are told of ${place}`}
      data-testid="preferences"
    >
      <div className={css.origin}>
        <Badge tone={origin.own ? "good" : "plain"}>{origin.label}</Badge>
        {origin.own ? (
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            loading={returning}
            onClick={() => void followDefaults()}
          >
            Use the defaults again
          </Button>
        ) : null}
      </div>
      <ChoiceFields
        value={value}
        onChange={(patch) => draft.set(patch)}
        fieldError={draft.fieldError}
        zone={`In your time zone: ${zoneLabel(preference.timeZone, new Date())}`}
      />
      <fieldset className={css.group}>
        <legend>Mute</legend>
        <Option
          type="checkbox"
          checked={value.muted}
          onChange={(muted) => draft.set({ muted })}
          label={preference.organizationName ? `Mute ${preference.organizationName}` : "Mute everything"}
          text="Nothing of it is sent to you, rings, or stands at the bell. Its chats stay where they are."
        />
        {preference.aiAgents.length > 0 && !value.muted ? (
          <>
            <p className={css.sub}>Or single AI agents</p>
            {preference.aiAgents.map((agent) => (
              <Option
                key={agent.id}
                type="checkbox"
                checked={value.mutedAiAgents.includes(agent.id)}
                onChange={(muted) => muteAgent(agent.id, muted)}
                label={agent.name}
              />
            ))}
          </>
        ) : null}
        <Problem words={draft.fieldError("muted") ?? draft.fieldError("mutedAiAgentIds")} />
      </fieldset>
      <SaveBar draft={draft} fields={fields} disabled={quietProblem(value) !== null} />
    </form>
  );
}
