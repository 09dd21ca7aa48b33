import { Button, Textarea, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { Confirm } from "../ui/confirm";
import { SaveBar, useDraft } from "../ui/form";
import { useDebounced } from "../ui/hooks";
import { LeaveGuard } from "../ui/leave-guard";
import { Section } from "../ui/page";
import rows from "../ui/rows.module.css";
import { toast } from "../ui/toast";
import {
  type MailText,
  MailTextPreviewQuery,
  RestoreMailTextMutation,
  SaveMailTextMutation,
} from "./documents";
import css from "./mail-texts.module.css";
import { Preview } from "./preview";
import { TroubleNote } from "./trouble-note";
import { asInput, inserted, type Typed } from "./words";

const TYPING_MS = 300;

const fields = ["subject", "heading", "body", "button", "after"] as const;

type Field = (typeof fields)[number];

const labels: Readonly<Record<Field, string>> = {
  subject: "Subject",
  heading: "Heading",
  body: "Text",
  button: "Button",
  after: "Small print",
};

export function MailTextForm(props: { readonly text: MailText; readonly again: () => void }) {
  const { text, again } = props;
  const navigate = useNavigate();
  const words = text.own ?? text.original;
  const saved: Typed & { version: number } = {
    subject: words.subject,
    heading: words.heading,
    body: words.body,
    button: words.button ?? text.original.button ?? "",
    after: words.after,
    version: text.version,
  };
  const draft = useDraft(saved, async ({ version, ...typed }) => {
    await change(SaveMailTextMutation, { kind: text.kind, version, words: asInput(typed) });
    again();
  });
  const { version: _, ...typed } = draft.value;
  const settled = useDebounced(JSON.stringify(typed), TYPING_MS);
  const preview = useAsk(MailTextPreviewQuery, {
    kind: text.kind,
    words: asInput(JSON.parse(settled) as Typed),
  });
  const [restoring, askToRestore] = useState(false);
  const last = useRef<{ field: Field; box: HTMLInputElement | HTMLTextAreaElement } | null>(null);
  const problems = preview.data?.mailTextPreview.problems ?? [];
  const field = (name: Field) => ({
    label: labels[name],
    value: draft.value[name],
    onFocus: (event: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) => {
      last.current = { field: name, box: event.currentTarget };
    },
    onChange: (event: { currentTarget: { value: string } }) =>
      draft.set({ [name]: event.currentTarget.value }),
    error: problems.find((problem) => problem.field === name)?.message ?? draft.fieldError(name),
  });
  const insert = (name: string) => {
    const at = last.current;
    const into = at?.field ?? "body";
    const value = draft.value[into];
    const [next, cursor] = inserted(
      value,
      at?.box.selectionStart ?? value.length,
      at?.box.selectionEnd ?? value.length,
      name,
    );
    draft.set({ [into]: next });
    requestAnimationFrame(() => {
      at?.box.focus();
      at?.box.setSelectionRange(cursor, cursor);
    });
  };
  const restore = async () => {
    askToRestore(false);
    try {
      await change(RestoreMailTextMutation, { kind: text.kind, version: text.version });
      toast("The original text is back");
      again();
      await navigate({ to: "/mail-texts" });
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    }
  };
  return (
    <>
      <Section
        id="mail-text"
        title="Words"
        text="Each line of the text is a paragraph. An address that you write is plain text: links are the mail's own."
      >
        <div className={css.columns}>
          <form onSubmit={draft.submit} className={rows.form}>
            <TroubleNote text={text} />
            <TextInput {...field("subject")} />
            <TextInput {...field("heading")} />
            <Textarea autosize minRows={4} maxRows={16} {...field("body")} />
            {text.original.button === null ? null : (
              <TextInput
                {...field("button")}
                description="What stands on it. Without a label it has its original one."
              />
            )}
            <Textarea autosize minRows={2} maxRows={8} {...field("after")} />
            <SaveBar draft={draft} fields={fields} disabled={problems.length > 0}>
              {text.own && !draft.changed ? (
                <Button variant="default" onClick={() => askToRestore(true)}>
                  Restore the original
                </Button>
              ) : null}
            </SaveBar>
            <Values values={text.values} onInsert={insert} />
            {text.own ? <Original text={text} /> : null}
          </form>
          <Preview asked={preview} />
        </div>
      </Section>
      <LeaveGuard changed={draft.changed} />
      <Confirm
        opened={restoring}
        title="Restore the original?"
        action="Restore"
        onConfirm={() => void restore()}
        onClose={() => askToRestore(false)}
      >
        Your text of this mail is forgotten.
      </Confirm>
    </>
  );
}

/** What can be put where the cursor stands. */
function Values(props: { readonly values: MailText["values"]; readonly onInsert: (name: string) => void }) {
  return (
    <fieldset className={css.values}>
      <legend className={css.legend}>Values</legend>
      <p className={rows.dim}>
        They are put where the cursor stands. What is between{" "}
        <span className={rows.code}>{"{% if support %}"}</span> and{" "}
        <span className={rows.code}>{"{% endif %}"}</span> is left out where there is no such value.
      </p>
      <ul className={css.list}>
        {props.values.map((value) => (
          <li key={value.name} className={css.value}>
            <Button variant="default" size="compact-sm" onClick={() => props.onInsert(value.name)}>
              {value.name}
            </Button>
            <span className={rows.dim}>{value.what}</span>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}

/** For comparison. */
function Original({ text }: { readonly text: MailText }) {
  const { subject, heading, body, button, after } = text.original;
  return (
    <details>
      <summary>The original text</summary>
      <pre className={css.plain}>
        {[subject, heading, body, button ?? "", after].filter((part) => part !== "").join("\n\n")}
      </pre>
    </details>
  );
}
