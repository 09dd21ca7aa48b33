import { useId, useState } from "react";
import { ChevronIcon } from "../ui/icons";
import type { PermissionSwitch } from "./documents";
import css from "./packages.module.css";
import { grouped, pressPermission, pressSwitch, type SwitchState, switchState } from "./switches";

interface Props {
  readonly switches: readonly PermissionSwitch[];
  readonly level: "AGENCY" | "ORGANIZATION";
  readonly held: readonly string[];
  readonly mayGive: (permission: string) => boolean;
  readonly onChange: (held: string[]) => void;
}

/** What a package allows: the switches under the names that people know, the permissions for whoever opens them. */
export function SwitchList(props: Props) {
  return (
    <>
      {grouped(props.switches, props.level).map((group) => (
        <fieldset key={group.name} className={css.group}>
          <legend className={css.groupName}>{group.name}</legend>
          <ul className={css.switches}>
            {group.switches.map((one) => (
              <SwitchItem key={one.name} one={one} {...props} />
            ))}
          </ul>
        </fieldset>
      ))}
    </>
  );
}

function SwitchItem({ one, held, mayGive, onChange }: Props & { readonly one: PermissionSwitch }) {
  const [opened, open] = useState(false);
  const id = useId();
  const has = new Set(held);
  const state = switchState(one, has);
  const free = one.permissions.filter((permission) => mayGive(permission.name));
  const count = one.permissions.filter((permission) => has.has(permission.name)).length;
  return (
    <li className={css.item} data-testid="switch" data-state={state}>
      <div className={css.head}>
        <label className={css.label} htmlFor={id}>
          <TriState
            id={id}
            state={state}
            disabled={free.length === 0}
            onPress={() => onChange(pressSwitch(one, held, mayGive))}
          />
          <span className={css.words}>
            <span className={css.switchName} id={`${id}-name`}>
              {one.name}
            </span>
            <span className={css.about} id={`${id}-about`}>
              {one.description}
              {free.length === 0 ? " You do not hold this yourself, so you cannot give or take it." : ""}
            </span>
          </span>
        </label>
        <button
          type="button"
          className={css.opener}
          aria-expanded={opened}
          aria-controls={`${id}-fine`}
          onClick={() => open(!opened)}
        >
          <span>
            {count} of {one.permissions.length}
            <span className="hidden-text"> permissions of {one.name}</span>
          </span>
          <ChevronIcon size={14} />
        </button>
      </div>
      {opened ? (
        <ul className={css.fine} id={`${id}-fine`}>
          {one.permissions.map((permission) => (
            <li key={permission.name}>
              <label className={css.fineLabel}>
                <input
                  type="checkbox"
                  checked={has.has(permission.name)}
                  disabled={!mayGive(permission.name)}
                  onChange={() => onChange(pressPermission(permission.name, held))}
                />
                <span className={css.words}>
                  <span>{permission.description}</span>
                  <span className={css.key}>
                    {permission.name}
                    {mayGive(permission.name) ? "" : " · you do not hold this yourself"}
                  </span>
                </span>
              </label>
            </li>
          ))}
        </ul>
      ) : null}
    </li>
  );
}

/** A checkbox drawn as a switch: only a checkbox has a state between on and off that a screen reader can say. */
function TriState(props: {
  readonly id: string;
  readonly state: SwitchState;
  readonly disabled: boolean;
  readonly onPress: () => void;
}) {
  return (
    <input
      type="checkbox"
      id={props.id}
      className={css.tri}
      aria-labelledby={`${props.id}-name`}
      aria-describedby={`${props.id}-about`}
      ref={(element) => {
        if (element) element.indeterminate = props.state === "half";
      }}
      checked={props.state === "on"}
      disabled={props.disabled}
      onChange={props.onPress}
    />
  );
}
