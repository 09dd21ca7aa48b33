import "@mantine/core/styles/Switch.css";
import { NumberInput, Switch, TextInput } from "@mantine/core";
import { Badge } from "../ui/badge";
import { LockIcon } from "../ui/icons";
import { Select } from "../ui/select";
import type { Setting } from "./documents";
import css from "./settings.module.css";
import { choiceLabel, choicesOf, inheritedValue, valueLabel } from "./values";

interface Props {
  readonly setting: Setting;
  readonly ofAgency: boolean;
  readonly agencyName: string;
  /** What the form holds: null inherits. */
  readonly value: string | null;
  readonly onChange: (value: string | null) => void;
  readonly error: string | null;
  /** What is left to organizations, for whoever decides that. */
  readonly mode: { readonly words: string; readonly change: () => void } | null;
}

/** One setting: its value, where that comes from, and why it cannot be changed when it cannot. */
export function SettingRow(props: Props) {
  const { setting, ofAgency, value, onChange } = props;
  const inherited = inheritedValue(setting, ofAgency);
  const shown = value ?? inherited ?? setting.value;
  const locked = !ofAgency && setting.mode === "LOCKED";
  return (
    <div className={css.row} data-testid="setting" data-key={setting.key}>
      <div className={css.control}>
        <Control setting={setting} value={shown} onChange={onChange} error={props.error} />
      </div>
      <div className={css.foot}>
        <Origin setting={setting} ofAgency={ofAgency} agencyName={props.agencyName} own={value !== null} />
        {value !== null && setting.editable ? (
          <button type="button" className={css.inherit} onClick={() => onChange(null)}>
            {inherited === null
              ? "Use the default"
              : `Use the ${ofAgency ? "default" : "agency's value"} (${valueLabel(setting, inherited)})`}
          </button>
        ) : null}
        {locked ? (
          <span className={css.locked} data-testid="setting-locked">
            <LockIcon size={13} /> {props.agencyName} has fixed this value; people of the agency with the
            permission “Packages” can change that.
          </span>
        ) : null}
        {!ofAgency && setting.mode === "BOUNDED" ? <span>{limitWords(setting)}</span> : null}
        {props.mode ? (
          <span>
            {props.mode.words}.{" "}
            <button type="button" className={css.inherit} onClick={props.mode.change}>
              Change<span className="hidden-text"> what is left open for “{setting.name}”</span>
            </button>
          </span>
        ) : null}
      </div>
    </div>
  );
}

function limitWords(setting: Setting): string {
  if (setting.kind === "INTEGER") {
    const { minimum, maximum } = setting;
    if (minimum !== null && maximum !== null) return `The agency allows ${minimum} to ${maximum}.`;
    if (minimum !== null) return `The agency allows ${minimum} or more.`;
    return maximum === null ? "" : `The agency allows at most ${maximum}.`;
  }
  return `The agency allows ${setting.choices.length} choices.`;
}

function Origin(props: {
  readonly setting: Setting;
  readonly ofAgency: boolean;
  readonly agencyName: string;
  readonly own: boolean;
}) {
  const { setting, ofAgency, own } = props;
  if (own && !(setting.mode === "LOCKED" && !ofAgency)) return <Badge tone="good">Set here</Badge>;
  if (!ofAgency && (setting.agencyValue ?? null) !== null) return <Badge>From {props.agencyName}</Badge>;
  return <Badge title="Nobody has set it">Default</Badge>;
}

function Control(props: {
  readonly setting: Setting;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error: string | null;
}) {
  const { setting, value, onChange, error } = props;
  const fixed = !setting.editable;
  if (setting.kind === "BOOLEAN") {
    return (
      <Switch
        label={setting.name}
        description={setting.description}
        checked={value === "true"}
        disabled={fixed}
        error={error}
        onChange={(event) => onChange(event.currentTarget.checked ? "true" : "false")}
      />
    );
  }
  if (setting.kind === "INTEGER") {
    return (
      <NumberInput
        label={setting.name}
        description={setting.description}
        maw={420}
        allowDecimal={false}
        min={setting.minimum ?? undefined}
        max={setting.maximum ?? undefined}
        value={value === "" ? "" : Number(value)}
        disabled={fixed}
        error={error}
        onChange={(next) => onChange(String(next))}
      />
    );
  }
  if (setting.kind === "TEXT") {
    return (
      <TextInput
        label={setting.name}
        description={setting.description}
        maw={560}
        maxLength={setting.longest ?? undefined}
        value={value}
        disabled={fixed}
        error={error}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  // A value from before the limits is shown all the same: it must not look as if the first choice were set.
  const offered = choicesOf(setting);
  const choices = offered.includes(value) ? offered : [value, ...offered];
  return (
    <div className={css.narrow}>
      <Select
        label={setting.name}
        description={setting.description}
        value={value}
        disabled={fixed}
        onChange={onChange}
        options={choices.map((one) => ({ value: one, label: choiceLabel(setting.key, one) }))}
      />
      {error ? (
        <p className={css.error} role="alert">
          {error}
        </p>
      ) : null}
    </div>
  );
}
