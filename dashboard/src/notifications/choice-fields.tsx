import { TextInput } from "@mantine/core";
import { type ReactNode, useId } from "react";
import type { Digest, Events } from "./documents";
import css from "./notifications.module.css";
import { digestLabels, eventLabels, type QuietDraft, quietProblem } from "./words";

export interface Choice extends QuietDraft {
  readonly email: boolean;
  readonly push: boolean;
  readonly events: Events;
  readonly digest: Digest;
}

interface Props {
  readonly value: Choice;
  readonly onChange: (patch: Partial<Choice>) => void;
  readonly fieldError: (field: string) => string | null;
  readonly disabled?: boolean;
  /** In whose hours it is quiet. */
  readonly zone: string;
}

export const choiceFields = ["email", "push", "events", "quietFrom", "quietUntil", "digest"] as const;

/** What a person chooses for themselves and an organization for whoever has not: by which way, of what, and when. */
export function ChoiceFields({ value, onChange, fieldError, disabled = false, zone }: Props) {
  const name = useId();
  const wrong = fieldError("quietFrom") ?? fieldError("quietUntil") ?? quietProblem(value);
  return (
    <>
      <fieldset className={css.group} disabled={disabled}>
        <legend>Notify through</legend>
        <Option
          type="checkbox"
          checked={value.email}
          onChange={(email) => onChange({ email })}
          label="Email"
          text="With a link to the chat. Not sent when somebody has taken it meanwhile."
        />
        <Option
          type="checkbox"
          checked={value.push}
          onChange={(push) => onChange({ push })}
          label="Push notification"
          text="To the devices that are registered for it."
        />
        <Problem words={fieldError("email") ?? fieldError("push")} />
      </fieldset>
      <fieldset className={css.group} disabled={disabled}>
        <legend>Events to notify</legend>
        {(Object.keys(eventLabels) as Events[]).map((events) => (
          <Option
            key={events}
            type="radio"
            name={name}
            checked={value.events === events}
            onChange={() => onChange({ events })}
            label={eventLabels[events].label}
            text={eventLabels[events].text}
          />
        ))}
        <Problem words={fieldError("events")} />
      </fieldset>
      <fieldset className={css.group} disabled={disabled}>
        <legend>Quiet hours</legend>
        <Option
          type="checkbox"
          checked={value.quiet}
          onChange={(quiet) => onChange({ quiet })}
          label="Keep quiet every day"
          text="Nothing is sent and nothing rings. A summary of what came meanwhile follows when they are over."
        />
        {value.quiet ? (
          <div className={css.hours}>
            <TextInput
              type="time"
              label="From"
              value={value.from}
              disabled={disabled}
              aria-invalid={wrong !== null}
              onChange={(event) => onChange({ from: event.currentTarget.value })}
            />
            <TextInput
              type="time"
              label="Until"
              value={value.until}
              disabled={disabled}
              aria-invalid={wrong !== null}
              onChange={(event) => onChange({ until: event.currentTarget.value })}
            />
            <span className={css.zone}>{zone}</span>
          </div>
        ) : null}
        <Problem words={wrong} />
      </fieldset>
      <fieldset className={css.group} disabled={disabled}>
        <legend>Digest by email</legend>
        {(Object.keys(digestLabels) as Digest[]).map((digest) => (
          <Option
            key={digest}
            type="radio"
            name={`${name}-digest`}
            checked={value.digest === digest}
            onChange={() => onChange({ digest })}
            label={digestLabels[digest].label}
            text={digestLabels[digest].text}
          />
        ))}
        {value.digest !== "NEVER" && !value.email ? (
          <p className={css.dim} role="status">
            It does not come as long as email is switched off above.
          </p>
        ) : null}
        <Problem words={fieldError("digest")} />
      </fieldset>
    </>
  );
}

export function Problem({ words }: { readonly words: string | null }) {
  if (words === null) return null;
  return (
    <p role="alert" className={css.problem}>
      {words}
    </p>
  );
}

export function Option(props: {
  readonly type: "checkbox" | "radio";
  readonly name?: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly label: ReactNode;
  readonly text?: string;
}) {
  const id = useId();
  return (
    <div className={css.option}>
      <input
        id={id}
        type={props.type}
        name={props.name}
        checked={props.checked}
        aria-describedby={props.text ? `${id}-text` : undefined}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <div>
        <label htmlFor={id} className={css.optionName}>
          {props.label}
        </label>
        {props.text ? (
          <div className={css.dim} id={`${id}-text`}>
            {props.text}
          </div>
        ) : null}
      </div>
    </div>
  );
}
