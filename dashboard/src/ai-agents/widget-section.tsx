import "@mantine/core/styles/Switch.css";
import { Button, Skeleton, Switch, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { useAsk } from "../api/use-ask";
import { brand } from "../brand/brand";
import { SaveBar, useDraft } from "../ui/form";
import { CheckIcon, CopyIcon } from "../ui/icons";
import { Section } from "../ui/page";
import { Select } from "../ui/select";
import { Failed } from "../ui/states";
import { toast } from "../ui/toast";
import { IdentitySection } from "../visitors/identity-section";
import css from "./ai-agents.module.css";
import {
  type AiAgentFrame,
  UpdateOriginsMutation,
  UpdateWidgetMutation,
  type Widget,
  WidgetQuery,
} from "./documents";
import { parseOrigins } from "./origins";
import { WidgetPreview } from "./widget-preview";

export function WidgetSection({ agent }: { readonly agent: AiAgentFrame }) {
  const { data, error, again } = useAsk(WidgetQuery, { id: agent.id });
  const widget = data?.aiAgent.widget;
  return (
    <Section id="widget" title="Widget" text="How the AI agent looks on a web site, and where it may appear.">
      {error ? <Failed error={error} retry={again} /> : null}
      {!widget && !error ? <Skeleton height={320} /> : null}
      {widget ? (
        <>
          <Appearance
            key={widget.id}
            widget={widget}
            editable={agent.canEditAppearance}
            agentName={agent.name}
          />
          <Origins key={`${widget.id}-origins`} widget={widget} editable={agent.canEditOrigins} />
          <EmbedCode code={widget.embedCode} />
          {agent.canEditOrigins ? <IdentitySection widgetId={widget.id} /> : null}
        </>
      ) : null}
    </Section>
  );
}

const fields = ["title", "greeting", "accent", "position"] as const;

function Appearance(props: {
  readonly widget: Widget;
  readonly editable: boolean;
  readonly agentName: string;
}) {
  const { widget, editable } = props;
  const { title, greeting, accent, position } = widget;
  const draft = useDraft({ title, greeting, accent, position }, async (value) => {
    // What is left out stays, so the way back to the brand's colour is an empty one.
    await change(UpdateWidgetMutation, { id: widget.id, ...value, accent: value.accent ?? "" });
  });
  const { value } = draft;
  const own = value.accent !== null;
  return (
    <div className={css.split}>
      <form onSubmit={draft.submit} className={css.form}>
        <TextInput
          label="Title"
          readOnly={!editable}
          variant={editable ? "default" : "filled"}
          value={value.title}
          onChange={(event) => draft.set({ title: event.currentTarget.value })}
          error={draft.fieldError("title")}
        />
        <Textarea
          label="Greeting"
          description="The first thing a visitor reads."
          rows={3}
          readOnly={!editable}
          variant={editable ? "default" : "filled"}
          value={value.greeting}
          onChange={(event) => draft.set({ greeting: event.currentTarget.value })}
          error={draft.fieldError("greeting")}
        />
        <Switch
          label="Use the brand's colour"
          checked={!own}
          disabled={!editable}
          onChange={(event) => draft.set({ accent: event.currentTarget.checked ? null : brand.accent })}
        />
        {own ? (
          <div className={css.colour}>
            <input
              type="color"
              aria-label="Pick a colour"
              disabled={!editable}
              value={/^#[0-9a-f]{6}$/i.test(value.accent ?? "") ? (value.accent ?? "") : brand.accent}
              onChange={(event) => draft.set({ accent: event.currentTarget.value })}
            />
            <TextInput
              label="Colour"
              readOnly={!editable}
              variant={editable ? "default" : "filled"}
              value={value.accent ?? ""}
              onChange={(event) => draft.set({ accent: event.currentTarget.value })}
              error={draft.fieldError("accent")}
            />
          </div>
        ) : null}
        <Select
          label="Position"
          value={value.position}
          disabled={!editable}
          onChange={(next) =>
            draft.set({ position: next === "BOTTOM_LEFT" ? "BOTTOM_LEFT" : "BOTTOM_RIGHT" })
          }
          options={[
            { value: "BOTTOM_RIGHT", label: "Bottom right" },
            { value: "BOTTOM_LEFT", label: "Bottom left" },
          ]}
        />
        {editable ? (
          <SaveBar draft={draft} fields={fields} />
        ) : (
          <p className={css.dim}>You can look, not change.</p>
        )}
      </form>
      <WidgetPreview {...value} agentName={props.agentName} />
    </div>
  );
}

function Origins({ widget, editable }: { readonly widget: Widget; readonly editable: boolean }) {
  const draft = useDraft({ text: widget.allowedOrigins.join("\n") }, async (value) => {
    await change(UpdateOriginsMutation, { id: widget.id, origins: parseOrigins(value.text) });
  });
  return (
    <form onSubmit={draft.submit} className={css.form}>
      <Textarea
        label="Allowed origins"
        description="One per line, such as https://www.example.com. The widget answers on these sites only; empty means on every site."
        rows={3}
        resize="vertical"
        spellCheck={false}
        readOnly={!editable}
        variant={editable ? "default" : "filled"}
        value={draft.value.text}
        onChange={(event) => draft.set({ text: event.currentTarget.value })}
        error={draft.fieldError("origins")}
      />
      {editable ? <SaveBar draft={draft} fields={["origins"]} /> : null}
    </form>
  );
}

function EmbedCode({ code }: { readonly code: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(code);
      setCopied(true);
      setTimeout(() => setCopied(false), 2_000);
    } catch {
      toast("The browser does not allow copying here. Select the code and copy it.");
    }
  };
  return (
    <div className={css.embed}>
      <div className={css.embedHead}>
        <h3 className={css.small}>Embed code</h3>
        <Button
          variant="default"
          leftSection={copied ? <CheckIcon size={14} /> : <CopyIcon size={14} />}
          onClick={() => void copy()}
        >
          {copied ? "Copied" : "Copy"}
        </Button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <pre className={css.code} tabIndex={0} data-testid="embed-code">
        {code}
      </pre>
      <p className={css.dim}>Put it before the end of the page's body. It loads after everything else.</p>
    </div>
  );
}
