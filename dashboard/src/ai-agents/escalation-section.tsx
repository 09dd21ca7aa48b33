import "@mantine/core/styles/Switch.css";
import { NumberInput, Skeleton, Switch } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { type ApiError, sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import type { ResultOf } from "../gql/graphql";
import { BusinessHours } from "../hours/business-hours";
import { useViewer } from "../shell/scope";
import { SaveBar, useDraft } from "../ui/form";
import { LockIcon } from "../ui/icons";
import { Section } from "../ui/page";
import { Refusal } from "../ui/refusal";
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
import { OfferForm } from "./offer-form";

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
        <Refusal permission="handoff.read" objectId={agent.id} what="Seeing how that is set up" />
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
      <OfferForm key={`offer ${agent.id}`} agent={agent} handoff={handoff} />
      <BusinessHours organizationId={agent.organization?.id ?? null} aiAgentId={agent.id} />
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

/** The agency has fixed this value for its organizations (W09): said at the field, since asking for a permission would not help. */
function lockedWords(handoff: Handoff, key: string, agency: string): string | null {
  return handoff.locked.includes(key)
    ? `${agency} has fixed this. People of the agency with the permission “Packages” can change that.`
    : null;
}

function EnableSwitch({ agent, handoff }: { readonly agent: AiAgentFrame; readonly handoff: Handoff }) {
  const [wanted, want] = useState<boolean | null>(null);
  const [refusal, setRefusal] = useState<ApiError | null>(null);
  const blocked = !handoff.enabled && handoff.blockedBy !== null;
  const locked = lockedWords(handoff, "handoff.enabled", useViewer().agency.name);

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
        disabled={!agent.canEnableHandoff || blocked || locked !== null || wanted !== null}
        onChange={(event) => void set(event.currentTarget.checked)}
      />
      {locked ? <Locked>{locked}</Locked> : null}
      {blocked && handoff.blockedBy && !locked ? (
        <p className={css.why} data-testid="handoff-blocked">
          {blockedWords(handoff.blockedBy)}
        </p>
      ) : null}
      {(!agent.canEnableHandoff || refusal?.code === "FORBIDDEN") && !locked ? (
        <Refusal permission="handoff.enable" objectId={agent.id} what="Enabling live agent handoff" />
      ) : null}
      {refusal && refusal.code !== "FORBIDDEN" ? (
        <p className={css.why} role="alert">
          {refusal.reason === "AI_AGENT_UNASSIGNED" ? blockedWords(refusal.reason) : sentence(refusal)}
        </p>
      ) : null}
    </div>
  );
}

function Locked({ children }: { readonly children: string }) {
  return (
    <p className={css.dim} data-testid="setting-locked">
      <LockIcon size={12} /> {children}
    </p>
  );
}

function SettingsForm({ agent, handoff }: { readonly agent: AiAgentFrame; readonly handoff: Handoff }) {
  const saved = { askContact: handoff.askContact, buttonAfterMessages: handoff.buttonAfterMessages };
  const draft = useDraft(saved, async (value) => {
    // Only what changed: a value that the agency has fixed must not be sent along, or all of it is refused.
    await change(UpdateHandoffMutation, {
      id: agent.id,
      ...(value.askContact === saved.askContact ? {} : { askContact: value.askContact }),
      ...(value.buttonAfterMessages === saved.buttonAfterMessages
        ? {}
        : { buttonAfterMessages: value.buttonAfterMessages }),
    });
  });
  const fixed = !agent.canEditHandoff;
  const agency = useViewer().agency.name;
  const askLocked = lockedWords(handoff, "handoff.ask_contact", agency);
  const buttonLocked = lockedWords(handoff, "handoff.button_after_messages", agency);
  return (
    <form onSubmit={draft.submit} className={css.form}>
      <Switch
        label="Ask for contact details"
        description="Before the request is sent, the visitor can leave a name and an email address."
        checked={draft.value.askContact}
        disabled={fixed || askLocked !== null}
        onChange={(event) => draft.set({ askContact: event.currentTarget.checked })}
      />
      {askLocked ? <Locked>{askLocked}</Locked> : null}
      <NumberInput
        label="Show the button after this many visitor messages"
        description="0 shows it at once."
        min={0}
        max={50}
        allowDecimal={false}
        allowNegative={false}
        maw={320}
        value={draft.value.buttonAfterMessages}
        disabled={fixed || buttonLocked !== null}
        onChange={(value) => draft.set({ buttonAfterMessages: typeof value === "number" ? value : 0 })}
        error={draft.fieldError("buttonAfterMessages")}
      />
      {buttonLocked ? <Locked>{buttonLocked}</Locked> : null}
      {fixed ? (
        agent.canEnableHandoff || handoff.locked.includes("handoff.enabled") ? (
          <Refusal permission="handoff.edit" objectId={agent.id} what="Changing how a person is offered" />
        ) : null
      ) : askLocked && buttonLocked ? null : (
        <SaveBar draft={draft} fields={["buttonAfterMessages"]} />
      )}
    </form>
  );
}
