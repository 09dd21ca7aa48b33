// What all forms of the panel have in common: labels, errors at their field, one sentence about the rest, a busy state. A
// form keeps what was typed in the document; only what must outlive a reload is kept elsewhere.

import type { Failure } from "../../errors";
import { type Child, h } from "../dom";
import { explain } from "../more/uploads";

export interface Attempt {
  busy: boolean;
  /** By name of the field; the empty name is the form as a whole. */
  errors: Readonly<Record<string, string>>;
}

export const fresh: Attempt = { busy: false, errors: {} };

/** Errors of the server at the field that it names, if the form has it. */
export function refusal(failure: Failure, fields: readonly string[]): Attempt {
  const at = fields.includes(failure.field) ? failure.field : "";
  return { busy: false, errors: { [at]: explain(failure) } };
}

/** Good enough to tell a slip of the hand; whether it exists, only a mail can tell. */
export function looksLikeAddress(text: string): boolean {
  return /^[^\s@<>(),;:"\\]+@[^\s@<>(),;:"\\.]+(\.[^\s@<>(),;:"\\.]+)+$/.test(text) && text.length <= 254;
}

interface FieldProps {
  name: string;
  label: string;
  attempt: Attempt;
  value?: string;
  rows?: number;
  type?: string;
  required?: boolean;
  autocomplete?: string;
  maxlength: number;
  oninput?: () => void;
}

export function Field({ name, label, attempt, value, rows, required, ...given }: FieldProps): Child {
  const error = attempt.errors[name];
  const attributes = {
    ...given,
    name,
    dir: "auto",
    // Said, not enforced by the browser: its bubbles speak the browser's language and vanish.
    "aria-required": required ? "true" : null,
    id: `field-${name}`,
    "aria-invalid": error === undefined ? null : "true",
    "aria-describedby": error === undefined ? null : `error-${name}`,
  };
  return (
    <div class="field">
      <label for={`field-${name}`}>{label}</label>
      {rows === undefined ? (
        <input {...attributes} value={value} />
      ) : (
        <textarea {...attributes} rows={rows}>
          {value}
        </textarea>
      )}
      {error !== undefined && (
        <span class="error" id={`error-${name}`}>
          {error}
        </span>
      )}
    </div>
  );
}

/** Said once for all: what is wrong with the form as a whole, or that something is wrong in it. */
export function Complaint({ attempt }: { attempt: Attempt }): Child {
  return (
    <p class="error" role="alert">
      {attempt.errors[""] ?? Object.values(attempt.errors)[0]}
    </p>
  );
}

export function valuesOf(form: HTMLFormElement): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of new FormData(form)) if (typeof value === "string") values[name] = value.trim();
  return values;
}

/** What had the focus is gone; the heading of the page takes it. */
export function focusHeading(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(".sheet h2")?.focus());
}

/** The first field with an error gets the focus, after it was drawn. */
export function focusError(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>("[aria-invalid]")?.focus());
}
