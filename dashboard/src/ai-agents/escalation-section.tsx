import "@mantine/core/styles/Switch.css";
import { NumberInput, Skeleton, Switch } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { type ApiError, sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import type { ResultOf } from "../gql/graphql";
import { SaveBar, useDraft } from "../ui/form";
import { Section } from "../ui/page";
import { Failed } from "../ui/states";
import { toast } from "../ui/toast";
import css from "./ai-agents.module.css";
import {
  type AiAgentFrame,
  type HandoffFields,
  HandoffQuery,
  SetHandoffMutation,
  UpdateHandoffMutation,
} from "./documents";
import { Missing } from "./missing";

export function EscalationSection({ agent }: { readonly agent: AiAgentFrame }) {
  return (
    <Section
      id="escalation"
      title="Escalation"
      text="When the AI agent cannot help, or the visitor asks for it, a person takes over in Live Chats."
    >
      {agent.canReadHandoff ? (
        <Loaded agent={agent} />
      ) : (
        <Missing permission="handoff.read" objectId={agent.id} what="Seeing how that is set up" />
      )}
    </Section>
  );
}

function Loaded({ agent }: { readonly agent: AiAgentFrame }) {
  const { data, error, again } = useAsk(HandoffQuery, { id: agent.id });
  if (error) return <Failed error={error} retry={again} />;
  if (!data) return <Skeleton height={120} />;
  const { handoff } = data.aiAgent;
  return (
    <div className={css.form}>
      <EnableSwitch agent={agent} handoff={handoff} />
      <SettingsForm key={agent.id} agent={agent} handoff={handoff} />
    </div>
  );
}

type Handoff = ResultOf<typeof HandoffFields>;

function blockedWords(reason: string): string {
  if (reason === "AI_AGENT_UNASSIGNED") {
    return "Handoff needs people who answer: assign this AI agent to an organization first.";
  }
  return `It cannot be enabled at the moment (${reason.toLowerCase().replaceAll("_", " ")}).`;
}

function EnableSwitch({ agent, handoff }: { readonly agent: AiAgentFrame; readonly handoff: Handoff }) {
  const [wanted, want] = useState<boolean | null>(null);
  const [refusal, setRefusal] = useState<ApiError | null>(null);
  const blocked = !handoff.enabled && handoff.blockedBy !== null;

  const set = async (enabled: boolean) => {
    want(enabled);
    setRefusal(null);
    try {
      await change(SetHandoffMutation, { id: agent.id, enabled });
      toast(enabled ? "Live agent handoff is on" : "Live agent handoff is off");
    } catch (thrown) {
      setRefusal(toApiError(thrown));
    } finally {
      want(null);
    }
  };

  return (
    <div>
      <Switch
        label="Enable Live Agent Handoff"
        description="Visitors can ask for a person, and requests appear in Live Chats."
        checked={wanted ?? handoff.enabled}
        disabled={!agent.canEnableHandoff || blocked || wanted !== null}
        onChange={(event) => void set(event.currentTarget.checked)}
      />
      {blocked && handoff.blockedBy ? (
        <p className={css.why} data-testid="handoff-blocked">
          {blockedWords(handoff.blockedBy)}
        </p>
      ) : null}
      {!agent.canEnableHandoff || refusal?.code === "FORBIDDEN" ? (
        <Missing permission="handoff.enable" objectId={agent.id} what="Enabling live agent handoff" />
      ) : null}
      {refusal && refusal.code !== "FORBIDDEN" ? (
        <p className={css.why} role="alert">
          {refusal.reason === "AI_AGENT_UNASSIGNED" ? blockedWords(refusal.reason) : sentence(refusal)}
        </p>
      ) : null}
    </div>
  );
}

function SettingsForm({ agent, handoff }: { readonly agent: AiAgentFrame; readonly handoff: Handoff }) {
  const saved = { askContact: handoff.askContact, buttonAfterMessages: handoff.buttonAfterMessages };
  const draft = useDraft(saved, async (value) => {
    await change(UpdateHandoffMutation, { id: agent.id, ...value });
  });
  const fixed = !agent.canEditHandoff;
  return (
    <form onSubmit={draft.submit} className={css.form}>
      <Switch
        label="Ask for contact details"
        description="Before the request is sent, the visitor can leave a name and an email address."
        checked={draft.value.askContact}
        disabled={fixed}
        onChange={(event) => draft.set({ askContact: event.currentTarget.checked })}
      />
      <NumberInput
        label="Show the button after this many visitor messages"
        description="0 shows it at once."
        min={0}
        max={50}
        allowDecimal={false}
        allowNegative={false}
        maw={320}
        value={draft.value.buttonAfterMessages}
        disabled={fixed}
        onChange={(value) => draft.set({ buttonAfterMessages: typeof value === "number" ? value : 0 })}
        error={draft.fieldError("buttonAfterMessages")}
      />
      {fixed ? null : <SaveBar draft={draft} fields={["buttonAfterMessages"]} />}
    </form>
  );
}
