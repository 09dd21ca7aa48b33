import { Button, TextInput } from "@mantine/core";
import { CloseIcon, PlusIcon } from "../ui/icons";
import css from "./hours.module.css";
import { copyDay, type Draft, days, endWords, following, type Interval, type Target, usual } from "./week";

/** From, to, and one more: the intervals of one day, whatever day it is. */
export function Intervals(props: {
  /** Whose they are, for whoever hears them: "Monday". */
  readonly name: string;
  readonly value: readonly Interval[];
  readonly onChange: (value: readonly Interval[]) => void;
  readonly disabled: boolean;
}) {
  const { name, value, onChange, disabled } = props;
  const change = (at: number, patch: Partial<Interval>) =>
    onChange(value.map((one, place) => (place === at ? { ...one, ...patch } : one)));
  return (
    <div className={css.intervals}>
      {value.map((interval, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the place is all that an interval is known by
        <div className={css.interval} key={at}>
          <TextInput
            type="time"
            required
            aria-label={`Start Time, ${name}${at > 0 ? `, interval ${at + 1}` : ""}`}
            value={interval.from}
            disabled={disabled}
            onChange={(event) => change(at, { from: event.currentTarget.value })}
          />
          <span aria-hidden>–</span>
          <TextInput
            type="time"
            required
            aria-label={`End Time, ${name}${at > 0 ? `, interval ${at + 1}` : ""}`}
            value={interval.to}
            disabled={disabled}
            onChange={(event) => change(at, { to: event.currentTarget.value })}
          />
          <span className={css.hint}>{endWords(interval)}</span>
          {disabled ? null : (
            <button
              type="button"
              className={css.icon}
              aria-label={`Remove interval ${at + 1}, ${name}`}
              onClick={() => onChange(value.filter((_, place) => place !== at))}
            >
              <CloseIcon size={14} />
            </button>
          )}
        </div>
      ))}
      {disabled || value.length === 0 || value.length >= 8 ? null : (
        <Button
          variant="subtle"
          size="compact-sm"
          className={css.add}
          leftSection={<PlusIcon size={12} />}
          onClick={() => onChange([...value, following(value)])}
          aria-label={`Add an interval, ${name}`}
        >
          Interval
        </Button>
      )}
    </div>
  );
}

const targets: readonly (readonly [Target, string])[] = [
  ["weekdays", "Monday to Friday"],
  ["all", "Every day"],
  ["open", "All days that are open"],
];

/** The days of the week: open or closed, and when. */
export function WeekFields(props: {
  readonly week: Draft["week"];
  readonly onChange: (week: Draft["week"]) => void;
  readonly disabled: boolean;
  readonly error: string | null;
  /** What a day without hours is. */
  readonly none?: string;
}) {
  const { week, onChange, disabled } = props;
  const set = (at: number, day: readonly Interval[]) =>
    onChange(week.map((one, place) => (place === at ? day : one)));
  return (
    <fieldset className={css.week}>
      <legend>Days</legend>
      {days.map(([id, name], at) => {
        const day = week[at] ?? [];
        return (
          <div className={css.day} key={id} data-testid={`hours-${id.toLowerCase()}`}>
            <label className={css.dayName}>
              <input
                type="checkbox"
                checked={day.length > 0}
                disabled={disabled}
                onChange={(event) => set(at, event.currentTarget.checked ? [usual] : [])}
              />
              {name}
            </label>
            {day.length === 0 ? (
              <span className={css.closed}>{props.none ?? "Closed"}</span>
            ) : (
              <Intervals name={name} value={day} disabled={disabled} onChange={(value) => set(at, value)} />
            )}
            {disabled || day.length === 0 ? null : (
              <select
                className={css.copy}
                aria-label={`Copy the hours of ${name} to other days`}
                value=""
                onChange={(event) => onChange(copyDay(week, at, event.currentTarget.value as Target))}
              >
                <option value="">Copy to…</option>
                {targets.map(([value, label]) => (
                  <option key={value} value={value}>
                    {label}
                  </option>
                ))}
              </select>
            )}
          </div>
        );
      })}
      {props.error ? (
        <p className={css.error} role="alert">
          {props.error}
        </p>
      ) : null}
    </fieldset>
  );
}
