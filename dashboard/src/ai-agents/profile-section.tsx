import { Skeleton, Textarea, TextInput } from "@mantine/core";
import { change } from "../api/client";
import { useAsk } from "../api/use-ask";
import { SaveBar, useDraft } from "../ui/form";
import { Section } from "../ui/page";
import { Refusal } from "../ui/refusal";
import { Failed } from "../ui/states";
import css from "./ai-agents.module.css";
import { type AiAgentFrame, ProfileQuery, UpdateProfileMutation } from "./documents";

export function ProfileSection({ agent }: { readonly agent: AiAgentFrame }) {
  return (
    <Section id="profile" title="Profile" text="What the AI agent is called and how it behaves.">
      {agent.canPrompt ? (
        <Loaded id={agent.id} />
      ) : (
        <Refusal
          permission="ai_agent.edit_prompt"
          objectId={agent.id}
          what="Reading and changing the instructions"
        />
      )}
    </Section>
  );
}

function Loaded({ id }: { readonly id: string }) {
  const { data, error, again } = useAsk(ProfileQuery, { id });
  if (error) return <Failed error={error} retry={again} />;
  if (!data) return <Skeleton height={160} />;
  return <ProfileForm key={id} id={id} name={data.aiAgent.name} instructions={data.aiAgent.instructions} />;
}

function ProfileForm(saved: { readonly id: string; readonly name: string; readonly instructions: string }) {
  const draft = useDraft({ name: saved.name, instructions: saved.instructions }, async (value) => {
    await change(UpdateProfileMutation, {
      id: saved.id,
      name: value.name.trim(),
      instructions: value.instructions,
    });
  });
  return (
    <form onSubmit={draft.submit} className={css.form}>
      <TextInput
        label="Name"
        required
        withAsterisk={false}
        maw={420}
        value={draft.value.name}
        onChange={(event) => draft.set({ name: event.currentTarget.value })}
        error={draft.fieldError("name")}
      />
      <Textarea
        label="Instructions"
        description="Tone, limits, and what it should never do. Facts belong in the knowledge base."
        rows={6}
        resize="vertical"
        value={draft.value.instructions}
        onChange={(event) => draft.set({ instructions: event.currentTarget.value })}
        error={draft.fieldError("instructions")}
      />
      <SaveBar draft={draft} fields={["name", "instructions"]} />
    </form>
  );
}
