import { Button, CloseButton, TextInput } from "@mantine/core";
import { Select } from "../ui/select";
import type { Term } from "./documents";
import css from "./keywords.module.css";
import { kindLabels, kinds } from "./words";

const MOST = 50;

/** The terms of an alert, one a row: how it is looked for, and what. What cannot be looked for says why in its row. */
export function TermsField(props: {
  readonly terms: readonly Term[];
  readonly onChange: (terms: Term[]) => void;
  /** Of each term that something is written into, in their order: what is wrong with it. */
  readonly faults: readonly (string | null)[];
  /** What the server said of all of them. */
  readonly error: string | null;
}) {
  const { terms, onChange, faults, error } = props;
  const put = (at: number, patch: Partial<Term>) =>
    onChange(terms.map((term, index) => (index === at ? { ...term, ...patch } : term)));
  let written = -1;
  return (
    <fieldset className={css.group} aria-describedby={error ? "keyword-terms-wrong" : undefined}>
      <legend>Watch for</legend>
      <p className={css.dim}>
        A word is found whole, whatever its case and accents. The words of a phrase may have spaces and commas
        between them. A pattern is a regular expression.
      </p>
      {terms.map((term, at) => {
        const isWritten = term.text.trim() !== "";
        if (isWritten) written += 1;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place; what is written in it moves with it
          <div key={at} className={css.term} data-testid="keyword-term">
            <Select
              inline
              label={`Kind of term ${at + 1}`}
              value={term.kind}
              options={kinds.map((kind) => ({ value: kind, label: kindLabels[kind] }))}
              onChange={(value) => put(at, { kind: kinds.find((kind) => kind === value) ?? "WORD" })}
            />
            <TextInput
              className={css.grow}
              aria-label={`Term ${at + 1}`}
              placeholder={
                term.kind === "PATTERN" ? "order #?\\d+" : term.kind === "PHRASE" ? "money back" : "refund"
              }
              maxLength={200}
              value={term.text}
              onChange={(event) => put(at, { text: event.currentTarget.value })}
              error={isWritten ? (faults[written] ?? null) : null}
            />
            <CloseButton
              aria-label={`Remove term ${at + 1}`}
              disabled={terms.length === 1}
              onClick={() => onChange(terms.filter((_, index) => index !== at))}
            />
          </div>
        );
      })}
      <div>
        <Button
          size="xs"
          variant="default"
          disabled={terms.length >= MOST}
          onClick={() => onChange([...terms, { kind: terms.at(-1)?.kind ?? "WORD", text: "" }])}
        >
          Add another
        </Button>
      </div>
      {error ? (
        <p role="alert" id="keyword-terms-wrong" className={css.problem}>
          {error}
        </p>
      ) : null}
    </fieldset>
  );
}
