import { Button, Textarea, TextInput } from "@mantine/core";
import { useRef, useState } from "react";
import { change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { Confirm } from "../ui/confirm";
import { SaveBar, useDraft } from "../ui/form";
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
import { useSettled } from "./use-settled";
import { asInput, inserted, type Typed } from "./words";

const fields = ["subject", "heading", "body", "button", "after"] as const;

type Field = (typeof fields)[number];

const labels: Readonly<Record<Field, string>> = {
  subject: "Subject",
  heading: "Heading",
  body: "Text",
  button: "Button",
  after: "Small print",
};

export function MailTextForm(props: {
  readonly text: MailText;
  readonly again: () => void;
  readonly onClose: () => void;
}) {
  const { text, again, onClose } = props;
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
  const settled = useSettled(JSON.stringify(typed));
  const preview = useAsk(MailTextPreviewQuery, {
    kind: text.kind,
    words: asInput(JSON.parse(settled) as Typed),
  });
  const [asked, ask] = useState<"restore" | "leave" | null>(null);
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
    ask(null);
    try {
      await change(RestoreMailTextMutation, { kind: text.kind, version: text.version });
      toast("The original text is back");
      onClose();
      again();
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    }
  };
  return (
    <>
      <Section
        id="mail-text"
        title={text.title}
        text="Each line of the text is a paragraph. An empty label leaves the button as it was."
        actions={
          <Button variant="default" onClick={() => (draft.changed ? ask("leave") : onClose())}>
            All mails
          </Button>
        }
      >
        <div className={css.columns}>
          <form onSubmit={draft.submit} className={rows.form}>
            <TextInput {...field("subject")} />
            <TextInput {...field("heading")} />
            <Textarea autosize minRows={4} maxRows={16} {...field("body")} />
            {text.original.button === null ? null : <TextInput {...field("button")} />}
            <Textarea autosize minRows={2} maxRows={8} {...field("after")} />
            <fieldset className={css.values} aria-label="Values">
              {text.values.map((value) => (
                <Button
                  key={value.name}
                  variant="default"
                  size="compact-sm"
                  title={value.what}
                  onClick={() => insert(value.name)}
                >
                  {value.name}
                </Button>
              ))}
            </fieldset>
            <SaveBar draft={draft} fields={fields} disabled={problems.length > 0}>
              {text.own && !draft.changed ? (
                <Button variant="default" onClick={() => ask("restore")}>
                  Restore the original
                </Button>
              ) : null}
            </SaveBar>
            {text.own ? (
              <details>
                <summary>The original text</summary>
                <pre className={css.plain}>
                  {[text.original.subject, text.original.heading, text.original.body, text.original.after]
                    .filter((part) => part !== "")
                    .join("\n\n")}
                </pre>
              </details>
            ) : null}
          </form>
          <Preview asked={preview} />
        </div>
      </Section>
      <Confirm
        opened={asked === "restore"}
        title="Restore the original?"
        action="Restore"
        onConfirm={() => void restore()}
        onClose={() => ask(null)}
      >
        Your text of this mail is forgotten.
      </Confirm>
      <Confirm
        opened={asked === "leave"}
        title="Leave without saving?"
        action="Leave"
        onConfirm={onClose}
        onClose={() => ask(null)}
      >
        What you changed is lost.
      </Confirm>
    </>
  );
}
