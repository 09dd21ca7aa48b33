import { Button } from "@mantine/core";
import { useState } from "react";
import { sentence } from "../api/errors";
import type { Asked } from "../api/use-ask";
import { pageNonce } from "../brand/brand";
import type { ResultOf } from "../gql/graphql";
import rows from "../ui/rows.module.css";
import type { MailTextPreviewQuery } from "./documents";
import { framed } from "./framed";
import css from "./mail-texts.module.css";

const views = [
  ["light", "Light"],
  ["dark", "Dark"],
  ["plain", "Plain text"],
] as const;

/** The mail with example values: in a box from which nothing gets out, or as plain text. */
export function Preview({ asked }: { readonly asked: Asked<ResultOf<typeof MailTextPreviewQuery>> }) {
  const [view, choose] = useState<(typeof views)[number][0]>("light");
  const shown = asked.data?.mailTextPreview;
  return (
    <section className={css.preview} aria-label="Preview" data-testid="mail-preview">
      <fieldset className={css.switch} aria-label="How the preview is shown">
        {views.map(([name, label]) => (
          <Button
            key={name}
            size="compact-sm"
            variant={view === name ? "filled" : "default"}
            aria-pressed={view === name}
            onClick={() => choose(name)}
          >
            {label}
          </Button>
        ))}
      </fieldset>
      {asked.error ? <p role="alert">{sentence(asked.error)}</p> : null}
      {shown && shown.problems.length > 0 ? (
        <p className={rows.note} role="status">
          There is a preview as soon as the text can be used.
        </p>
      ) : null}
      {shown && shown.problems.length === 0 ? (
        <>
          <p className={css.subject}>
            <span className={rows.dim}>Subject</span>{" "}
            <span data-testid="mail-preview-subject">{shown.subject}</span>
          </p>
          {view === "plain" ? (
            <pre className={css.plain}>{shown.text}</pre>
          ) : (
            <iframe
              className={css.frame}
              data-look={view}
              title={`The mail in ${view} colours, with example values`}
              sandbox=""
              srcDoc={framed(shown.html, view === "dark", pageNonce())}
            />
          )}
        </>
      ) : null}
    </section>
  );
}
