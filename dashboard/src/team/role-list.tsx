import { useId } from "react";
import type { GivableRole } from "./documents";
import css from "./team.module.css";

/** All roles there are, also those that one may not give: with the reason, so that nobody looks for them. */
export function RoleList(props: {
  readonly roles: readonly GivableRole[];
  readonly value: string | null;
  readonly onChange: (roleId: string) => void;
  /** Before a role is chosen nothing is given; a new person gets nothing by accident. */
  readonly label: string;
}) {
  const name = useId();
  return (
    <fieldset className={css.roles}>
      <legend>{props.label}</legend>
      {props.roles.map(({ role, givable, reason }) => (
        <label key={role.id} className={css.option} data-disabled={!givable || undefined}>
          <input
            type="radio"
            name={name}
            value={role.id}
            checked={props.value === role.id}
            disabled={!givable}
            onChange={() => props.onChange(role.id)}
          />
          <span>
            <span className={css.optionName}>
              {role.name}
              {role.builtIn ? null : <span className={css.badge}>Package</span>}
            </span>
            {role.description ? <span className={css.dim}>{role.description}</span> : null}
            {givable ? null : <span className={css.reason}>{reason ?? "You may not give this role."}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
