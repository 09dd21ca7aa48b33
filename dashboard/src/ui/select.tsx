import { useId } from "react";
import css from "./select.module.css";

/** The browser's own list: it works by keyboard, on phones, and costs nothing. */
export function Select(props: {
  readonly label: string;
  readonly description?: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly onChange: (value: string) => void;
  readonly disabled?: boolean;
  /** In a row of tools: the label is read out, not shown, and the list is as wide as its words. */
  readonly inline?: boolean;
}) {
  const id = useId();
  return (
    <div>
      <label className={props.inline ? "hidden-text" : css.label} htmlFor={id}>
        {props.label}
      </label>
      {props.description ? <div className={css.description}>{props.description}</div> : null}
      <select
        id={id}
        className={css.select}
        data-inline={props.inline || undefined}
        value={props.value}
        disabled={props.disabled}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      >
        {props.options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
}
