import { Button, TextInput } from "@mantine/core";
import { PlusIcon, TrashIcon } from "../ui/icons";
import css from "./hours.module.css";
import { type Exception, usual } from "./week";
import { Intervals } from "./week-fields";

/** Dates on which other hours count: closed, or open at other times. */
export function ExceptionFields(props: {
  readonly value: readonly Exception[];
  readonly onChange: (value: readonly Exception[]) => void;
  /** The date to begin a new one with. */
  readonly today: string;
  readonly disabled: boolean;
  readonly error: string | null;
}) {
  const { value, onChange, disabled } = props;
  const change = (at: number, patch: Partial<Exception>) =>
    onChange(value.map((one, place) => (place === at ? { ...one, ...patch } : one)));
  return (
    <fieldset className={css.week} data-testid="hours-exceptions">
      <legend>Exceptions</legend>
      <p className={css.dim}>
        On these dates these hours count instead of those of the week, also when it is a holiday.
      </p>
      {value.map((exception, at) => {
        const name = exception.date || "new exception";
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a date that is being typed is no identity
          <div className={css.exception} key={at}>
            <TextInput
              type="date"
              required
              aria-label={`Date of exception ${at + 1}`}
              value={exception.date}
              disabled={disabled}
              onChange={(event) => change(at, { date: event.currentTarget.value })}
            />
            <TextInput
              aria-label={`Name of exception ${at + 1}`}
              placeholder="Name"
              maxLength={120}
              value={exception.name}
              disabled={disabled}
              onChange={(event) => change(at, { name: event.currentTarget.value })}
            />
            <label className={css.dayName}>
              <input
                type="checkbox"
                checked={exception.intervals.length > 0}
                disabled={disabled}
                onChange={(event) => change(at, { intervals: event.currentTarget.checked ? [usual] : [] })}
              />
              Open<span className="hidden-text"> on {name}</span>
            </label>
            <Intervals
              name={name}
              value={exception.intervals}
              disabled={disabled}
              onChange={(intervals) => change(at, { intervals })}
            />
            {disabled ? null : (
              <button
                type="button"
                className={css.icon}
                aria-label={`Remove the exception for ${name}`}
                onClick={() => onChange(value.filter((_, place) => place !== at))}
              >
                <TrashIcon size={14} />
              </button>
            )}
          </div>
        );
      })}
      {props.error ? (
        <p className={css.error} role="alert">
          {props.error}
        </p>
      ) : null}
      {disabled ? null : (
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<PlusIcon size={12} />}
          onClick={() => onChange([...value, { date: props.today, name: "", intervals: [] }])}
        >
          Add an exception
        </Button>
      )}
    </fieldset>
  );
}
