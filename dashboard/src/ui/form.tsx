import { Button } from "@mantine/core";
import { type FormEvent, type ReactNode, useCallback, useEffect, useState } from "react";
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

/**
 * A form that knows whether anything changed. What is saved elsewhere meanwhile shows up as long as nothing was
 * typed here; typing is never overwritten.
 */
export function useDraft<T extends object>(saved: T, save: (value: T) => Promise<void>): Draft<T> {
  const savedKey = JSON.stringify(saved);
  const [base, setBase] = useState(savedKey);
  const [value, setValue] = useState(saved);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const changed = JSON.stringify(value) !== base;

  useEffect(() => {
    if (savedKey === base || changed) return;
    setBase(savedKey);
    setValue(JSON.parse(savedKey) as T);
  }, [savedKey, base, changed]);

  const submit = useCallback(
    async (event?: FormEvent) => {
      event?.preventDefault();
      if (busy) return;
      setBusy(true);
      setError(null);
      try {
        await save(value);
        setBase(JSON.stringify(value));
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
    set: (patch) => setValue((before) => ({ ...before, ...patch })),
    changed,
    busy,
    error,
    fieldError: (field) => (error?.field === field ? error.message : null),
    submit: (event) => void submit(event),
    reset: () => {
      setValue(JSON.parse(base) as T);
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
