import { useState } from "react";
import { change } from "../api/client";
import { OrganizationSelect } from "../organizations/organization-select";
import { Confirm } from "../ui/confirm";
import { SaveBar, useDraft } from "../ui/form";
import { Section } from "../ui/page";
import css from "./ai-agents.module.css";
import { type AiAgentFrame, AssignMutation } from "./documents";

export function AssignmentSection({ agent }: { readonly agent: AiAgentFrame }) {
  const [chosenName, nameChosen] = useState<string | null>(null);
  const [asking, ask] = useState(false);
  const saved = { organizationId: agent.organization?.id ?? "" };
  const draft = useDraft(saved, async (value) => {
    await change(AssignMutation, { id: agent.id, organizationId: value.organizationId || null });
  });
  const taking = saved.organizationId !== "" && draft.changed;
  const chosen = draft.value.organizationId !== "" && chosenName !== null ? { name: chosenName } : undefined;
  return (
    <Section
      id="assignment"
      title="Assignment"
      text="The organization whose people see this AI agent, its conversations and its requests."
    >
      <form
        className={css.form}
        onSubmit={(event) => {
          // Taking an AI agent away from an organization takes its widget off the air: that is asked first.
          if (taking && !asking) {
            event.preventDefault();
            ask(true);
          } else draft.submit(event);
        }}
      >
        <div className={css.short}>
          <OrganizationSelect
            label="Organization"
            none="Not assigned"
            value={draft.value.organizationId}
            current={agent.organization}
            onChange={(organizationId, name) => {
              draft.set({ organizationId });
              nameChosen(name);
            }}
          />
        </div>
        <SaveBar draft={draft} fields={[]} />
        <Confirm
          opened={asking}
          title={chosen ? `Assign to ${chosen.name}?` : "Take the assignment away?"}
          action={chosen ? "Assign" : "Unassign"}
          onClose={() => ask(false)}
          onConfirm={() => {
            ask(false);
            draft.submit();
          }}
        >
          {agent.organization?.name} loses this AI agent:{" "}
          {chosen ? "its requests go to" : "its widget says “not available” to"}{" "}
          {chosen ? chosen.name : "visitors"}. The history stays with {agent.organization?.name}.
        </Confirm>
      </form>
    </Section>
  );
}
