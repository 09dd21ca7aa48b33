import { NumberInput } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { SaveBar, useDraft } from "../ui/form";
import { Select } from "../ui/select";
import { SetSettingModeMutation, type Setting } from "./documents";
import css from "./settings.module.css";
import { choiceLabel, valueLabel } from "./values";

type Mode = Setting["mode"];

const forOne: Readonly<Record<Mode, string>> = {
  FREE: "This organization chooses freely",
  BOUNDED: "This organization chooses within limits",
  LOCKED: "Fixed for this organization",
};

const forAll: Readonly<Record<Mode, string>> = {
  FREE: "Organizations choose freely",
  BOUNDED: "Organizations choose within limits",
  LOCKED: "The value here holds for all",
};

export function modeWords(mode: Mode, ofAgency: boolean): string {
  return ofAgency ? forAll[mode] : forOne[mode];
}

/** A long list of choices, such as time zones, is not narrowed one by one. */
const MOST_CHOICES = 12;

/** What the agency leaves to its organizations, or to one of them. */
export function ModeForm(props: {
  readonly setting: Setting;
  readonly organizationId: string | null;
  readonly value: string;
  readonly onDone: () => void;
}) {
  const { setting, organizationId } = props;
  const boundable =
    setting.kind === "INTEGER" ||
    (setting.kind === "CHOICE" && setting.choices.length > 0 && setting.choices.length <= MOST_CHOICES);
  const modes: readonly Mode[] = boundable ? ["FREE", "BOUNDED", "LOCKED"] : ["FREE", "LOCKED"];
  const [all] = useState(setting.choices);
  const draft = useDraft(
    {
      mode: setting.mode,
      minimum: setting.minimum,
      maximum: setting.maximum,
      choices: setting.choices,
    },
    async (value) => {
      const bounded = value.mode === "BOUNDED";
      await change(SetSettingModeMutation, {
        key: setting.key,
        organizationId,
        mode: value.mode,
        value: value.mode === "LOCKED" ? props.value : null,
        minimum: bounded && setting.kind === "INTEGER" ? value.minimum : null,
        maximum: bounded && setting.kind === "INTEGER" ? value.maximum : null,
        choices: bounded && setting.kind === "CHOICE" ? value.choices : null,
      });
      props.onDone();
    },
  );
  const { value } = draft;
  return (
    <form onSubmit={draft.submit}>
      <div className={css.modeForm}>
        <Select
          label="What is left open"
          value={value.mode}
          onChange={(mode) => draft.set({ mode: mode as Mode })}
          options={modes.map((mode) => ({ value: mode, label: modeWords(mode, organizationId === null) }))}
        />
        {value.mode === "LOCKED" ? (
          <p className={css.hint}>
            {organizationId ? "This organization gets" : "All organizations get"}{" "}
            <strong>{valueLabel(setting, props.value)}</strong> and cannot change it. What they had chosen is
            kept for the day on which you open it again.
          </p>
        ) : null}
        {value.mode === "BOUNDED" && setting.kind === "INTEGER" ? (
          <>
            <NumberInput
              label="At least"
              allowDecimal={false}
              value={value.minimum ?? ""}
              onChange={(next) => draft.set({ minimum: typeof next === "number" ? next : null })}
              error={draft.fieldError("minimum")}
            />
            <NumberInput
              label="At most"
              allowDecimal={false}
              value={value.maximum ?? ""}
              onChange={(next) => draft.set({ maximum: typeof next === "number" ? next : null })}
              error={draft.fieldError("maximum")}
            />
          </>
        ) : null}
        {value.mode === "BOUNDED" && setting.kind === "CHOICE" ? (
          <fieldset className={css.choices}>
            <legend>May choose</legend>
            {all.map((one) => (
              <label key={one}>
                <input
                  type="checkbox"
                  checked={value.choices.includes(one)}
                  onChange={(event) =>
                    draft.set({
                      choices: all.filter((other) =>
                        other === one ? event.currentTarget.checked : value.choices.includes(other),
                      ),
                    })
                  }
                />
                {choiceLabel(setting.key, one)}
              </label>
            ))}
            {setting.mode === "BOUNDED" ? (
              <p className={css.hint}>
                Only what is allowed now is listed. Choose “freely” first to see all.
              </p>
            ) : null}
          </fieldset>
        ) : null}
      </div>
      <SaveBar draft={draft} fields={["minimum", "maximum"]} label="Apply" />
    </form>
  );
}
