import { Button } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { Badge } from "../ui/badge";
import { SaveBar, useDraft } from "../ui/form";
import { Section } from "../ui/page";
import { Trouble } from "../ui/refusal";
import { RowSkeletons } from "../ui/states";
import { toast } from "../ui/toast";
import { type Choice, ChoiceFields, choiceFields } from "./choice-fields";
import { type Defaults, DefaultsQuery, SetDefaultsMutation } from "./documents";
import css from "./notifications.module.css";
import { forgetWishes } from "./wishes";
import { originWords, quietDraft, quietInput, quietProblem } from "./words";

/** What an organization's people are told as long as they have not chosen for themselves. */
export function NotificationDefaultsSection({ organizationId }: { readonly organizationId: string }) {
  const { data, error, again } = useAsk(DefaultsQuery, { organizationId });
  return (
    <Section
      id="notifications"
      title="Notifications"
      text="How people here are told of visitors, until they choose for themselves."
    >
      {error ? (
        <Trouble
          error={error}
          retry={again}
          permission="notification.edit_defaults"
          objectId={organizationId}
          what="Changing how people here are told"
        />
      ) : null}
      {!data && !error ? <RowSkeletons count={3} /> : null}
      {data ? <Form key={organizationId} defaults={data.notificationDefaults} onSaved={again} /> : null}
    </Section>
  );
}

function Form({ defaults, onSaved }: { readonly defaults: Defaults; readonly onSaved: () => void }) {
  const { organizationId } = defaults;
  const [returning, setReturning] = useState(false);
  const saved: Choice = {
    email: defaults.email,
    push: defaults.push,
    events: defaults.events,
    digest: defaults.digest,
    ...quietDraft(defaults),
  };
  const draft = useDraft<Choice>(saved, async (value) => {
    const { email, push, events, digest } = value;
    await change(SetDefaultsMutation, {
      organizationId,
      defaults: { email, push, events, ...quietInput(value), digest },
    });
    forgetWishes();
    onSaved();
  });
  const origin = originWords(defaults.origin, "organization");
  const followStandard = async () => {
    setReturning(true);
    try {
      await change(SetDefaultsMutation, { organizationId, defaults: null });
      draft.reset();
      forgetWishes();
      onSaved();
      toast("The standard counts again");
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    } finally {
      setReturning(false);
    }
  };
  return (
    <form className={css.form} onSubmit={draft.submit} data-testid="notification-defaults">
      <div className={css.origin}>
        <Badge tone={origin.own ? "good" : "plain"}>{origin.label}</Badge>
        {origin.own ? (
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            loading={returning}
            onClick={() => void followStandard()}
          >
            Use the standard again
          </Button>
        ) : null}
      </div>
      <ChoiceFields
        value={draft.value}
        onChange={(patch) => draft.set(patch)}
        fieldError={draft.fieldError}
        zone="In the time zone of whoever is told."
      />
      <SaveBar draft={draft} fields={choiceFields} disabled={quietProblem(draft.value) !== null} />
    </form>
  );
}
