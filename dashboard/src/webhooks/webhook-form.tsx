import { Checkbox, TextInput } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { newClientId } from "../api/client-id";
import { SaveBar, useDraft } from "../ui/form";
import { Select } from "../ui/select";
import { CreateWebhookMutation, UpdateWebhookMutation, type Webhook } from "./documents";
import css from "./webhooks.module.css";
import { choices, eventLabel } from "./words";

/** A webhook as somebody writes it. A new one gives its secret. */
export function WebhookForm(props: {
  readonly organizationId: string | null;
  readonly webhook: Webhook | null;
  readonly onDone: (made: { readonly id: string; readonly secret: string } | null) => void;
}) {
  const { webhook, organizationId } = props;
  const [clientId] = useState(newClientId);
  const draft = useDraft(
    {
      name: webhook?.name ?? "",
      url: webhook?.url ?? "",
      format: webhook?.format ?? ("STANDARD" as const),
      events: webhook?.events ?? [],
    },
    async (input) => {
      if (webhook) {
        await change(UpdateWebhookMutation, { id: webhook.id, input });
        props.onDone(null);
        return;
      }
      const { createWebhook: made } = await change(CreateWebhookMutation, {
        clientId,
        organizationId,
        input,
      });
      props.onDone({ id: made.webhook.id, secret: made.secret });
    },
  );
  const { value } = draft;
  const wrong = draft.fieldError("events");
  return (
    <form onSubmit={draft.submit} className={css.form}>
      <TextInput
        label="Address"
        description="An https address that takes a POST."
        placeholder="https://example.com/webhooks"
        required
        withAsterisk={false}
        type="url"
        maxLength={2048}
        data-autofocus
        value={value.url}
        onChange={(event) => draft.set({ url: event.currentTarget.value })}
        error={draft.fieldError("url")}
      />
      <TextInput
        label="Name"
        description="What you call it. Without one, it is called by its host."
        maxLength={80}
        value={value.name}
        onChange={(event) => draft.set({ name: event.currentTarget.value })}
        error={draft.fieldError("name")}
      />
      <Select
        label="Format"
        description="Slack, and what takes the same: Mattermost, Rocket.Chat, Discord with /slack at its end."
        value={value.format}
        onChange={(chosen) => draft.set({ format: chosen === "SLACK" ? "SLACK" : "STANDARD" })}
        options={[
          { value: "STANDARD", label: "JSON with all facts (Standard Webhooks)" },
          { value: "SLACK", label: "A line for people (Slack)" },
        ]}
      />
      <fieldset className={css.events} aria-describedby={wrong ? "webhook-events-wrong" : undefined}>
        <legend>Tell it when</legend>
        {choices.map((event) => (
          <Checkbox
            key={event}
            label={eventLabel(event)}
            checked={value.events.includes(event)}
            onChange={(changed) => {
              const { checked } = changed.currentTarget;
              const others = value.events.filter((one) => one !== event);
              draft.set({ events: checked ? [...others, event] : others });
            }}
          />
        ))}
      </fieldset>
      {wrong ? (
        <p role="alert" id="webhook-events-wrong" className={css.problem}>
          {wrong}
        </p>
      ) : null}
      <SaveBar
        draft={draft}
        fields={["url", "name", "events"]}
        label={webhook ? "Save" : "Add webhook"}
        disabled={value.events.length === 0}
      />
    </form>
  );
}
