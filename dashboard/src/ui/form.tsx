import { Button } from "@mantine/core";
import { type FormEvent, type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { type ApiError, sentence, toApiError } from "../api/errors";
import css from "./form.module.css";
import { toast } from "./toast";

export interface Draft<T> {
  readonly value: T;
  readonly set: (patch: Partial<T>) => void;
  readonly changed: boolean;
  readonly busy: boolean;
  readonly error: ApiError | null;
  /** The words of a refusal for one field; null when the refusal was about something else. */
  readonly fieldError: (field: string) => string | null;
  readonly submit: (event?: FormEvent) => void;
  readonly reset: () => void;
}

/** What a form holds: what is typed, and as JSON what it started from and what the server said last. */
export interface Held<T> {
  readonly value: T;
  readonly base: string;
  readonly seen: string;
}

const changedIn = <T,>(held: Held<T>) => JSON.stringify(held.value) !== held.base;

/** After the server answered: what is new there is shown, but never over what was typed. */
export function heard<T>(held: Held<T>, answer: string): Held<T> {
  if (answer === held.seen) return held;
  if (answer === held.base) return { ...held, seen: answer };
  if (changedIn(held)) return held;
  return { value: JSON.parse(answer) as T, base: answer, seen: answer };
}

/** After saving what was sent, while the server's last answer is still the one from before. */
export function kept<T>(held: Held<T>, sent: T, answer: string): Held<T> {
  return { ...held, base: JSON.stringify(sent), seen: answer };
}

/**
 * A form that knows whether anything changed. What is saved elsewhere meanwhile shows up as long as nothing was
 * typed here; typing is never overwritten.
 */
export function useDraft<T extends object>(saved: T, save: (value: T) => Promise<void>): Draft<T> {
  const answer = JSON.stringify(saved);
  const [held, hold] = useState<Held<T>>({ value: saved, base: answer, seen: answer });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const latest = useRef(answer);
  const { value } = held;
  const changed = changedIn(held);

  useEffect(() => {
    latest.current = answer;
    hold(heard(held, answer));
  }, [held, answer]);

  const submit = useCallback(
    async (event?: FormEvent) => {
      event?.preventDefault();
      if (busy) return;
      setBusy(true);
      setError(null);
      try {
        await save(value);
        hold((before) => kept(before, value, latest.current));
        toast("Saved");
      } catch (thrown) {
        setError(toApiError(thrown));
      } finally {
        setBusy(false);
      }
    },
    [busy, save, value],
  );

  return {
    value,
    set: (patch) => hold((before) => ({ ...before, value: { ...before.value, ...patch } })),
    changed,
    busy,
    error,
    fieldError: (field) => (error?.field === field ? error.message : null),
    submit: (event) => void submit(event),
    reset: () => {
      hold((before) => ({ ...before, value: JSON.parse(before.base) as T }));
      setError(null);
    },
  };
}

/** The foot of a form: Save, which can be pressed when something changed, and what went wrong in general. */
export function SaveBar(props: {
  readonly draft: Pick<Draft<object>, "changed" | "busy" | "error" | "reset">;
  readonly fields: readonly string[];
  readonly label?: string;
  /** What is typed cannot be saved, and the form says why. */
  readonly disabled?: boolean;
  readonly children?: ReactNode;
}) {
  const { changed, busy, error, reset } = props.draft;
  const elsewhere = error && !(error.field && props.fields.includes(error.field)) ? error : null;
  return (
    <div className={css.bar}>
      <Button type="submit" disabled={!changed || props.disabled} loading={busy}>
        {props.label ?? "Save"}
      </Button>
      {changed ? (
        <Button variant="subtle" color="gray" onClick={reset} disabled={busy}>
          Discard changes
        </Button>
      ) : null}
      {elsewhere ? (
        <span role="alert" className={css.problem}>
          {sentence(elsewhere)}
        </span>
      ) : null}
      {props.children}
    </div>
  );
}
