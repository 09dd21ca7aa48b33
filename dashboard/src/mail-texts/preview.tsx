import { Button } from "@mantine/core";
import { useState } from "react";
import { sentence } from "../api/errors";
import type { Asked } from "../api/use-ask";
import type { ResultOf } from "../gql/graphql";
import rows from "../ui/rows.module.css";
import type { MailTextPreviewQuery } from "./documents";
import css from "./mail-texts.module.css";

/** The mail with example values: in a box from which nothing gets out, or as plain text. */
export function Preview({ asked }: { readonly asked: Asked<ResultOf<typeof MailTextPreviewQuery>> }) {
  const [plain, setPlain] = useState(false);
  const shown = asked.data?.mailTextPreview;
  return (
    <section aria-label="Preview" data-testid="mail-preview">
      <div className={css.switch}>
        <Button size="compact-sm" variant="default" aria-pressed={!plain} onClick={() => setPlain(false)}>
          With its looks
        </Button>
        <Button size="compact-sm" variant="default" aria-pressed={plain} onClick={() => setPlain(true)}>
          Plain text
        </Button>
      </div>
      {asked.error ? <p role="alert">{sentence(asked.error)}</p> : null}
      {shown && shown.problems.length > 0 ? (
        <p className={rows.note} role="status">
          There is a preview as soon as the text can be used.
        </p>
      ) : null}
      {shown && shown.problems.length === 0 ? (
        <>
          <p className={css.subject} data-testid="mail-preview-subject">
            {shown.subject}
          </p>
          {plain ? (
            <pre className={css.plain}>{shown.text}</pre>
          ) : (
            <iframe className={css.frame} title="Preview of the mail" sandbox="" srcDoc={shown.html} />
          )}
        </>
      ) : null}
    </section>
  );
}
