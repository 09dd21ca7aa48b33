import { Button } from "@mantine/core";
import { useState } from "react";
import { useAsk } from "../api/use-ask";
import { brand } from "../brand/brand";
import { useAgencyObject } from "../settings/reach";
import { Badge } from "../ui/badge";
import { useTitle } from "../ui/hooks";
import { Page, Section } from "../ui/page";
import { Trouble } from "../ui/refusal";
import rows from "../ui/rows.module.css";
import { RowSkeletons } from "../ui/states";
import { Ago } from "../ui/time";
import { MailTextsQuery } from "./documents";
import { MailTextForm } from "./mail-text-form";
import css from "./mail-texts.module.css";

/** The words of mails, which an agency may choose. */
export function MailTextsPage() {
  const object = useAgencyObject();
  useTitle(`Mail texts · ${brand.name}`);
  const { data, error, again } = useAsk(MailTextsQuery, {}, { of: ["MailText"] });
  const [kind, edit] = useState<string | null>(null);
  const texts = data?.mailTexts;
  const shown = texts?.find((text) => text.kind === kind);
  return (
    <Page title="Mail texts">
      {!data && !error ? <RowSkeletons /> : null}
      {error ? (
        <Trouble
          error={error}
          retry={again}
          permission="sender.manage"
          objectId={object}
          what="Choosing what mails say"
        />
      ) : null}
      {shown ? (
        <MailTextForm key={shown.kind} text={shown} again={again} onClose={() => edit(null)} />
      ) : texts ? (
        <Section
          id="mail-texts"
          title="Mails"
          text="You choose the words; layout, links and footer stay as they are. Mails that keep accounts safe, such as those for a new password, always have their original text."
        >
          <ul className={rows.list} aria-label="Mails">
            {texts.map((text) => (
              <li key={text.kind} className={css.row} data-testid="mail-text" data-kind={text.kind}>
                <span>{text.title}</span>
                {text.own ? <Badge tone="plain">Your text</Badge> : null}
                {text.trouble && text.troubleAt ? (
                  <span className={rows.note}>
                    Your text could not be used <Ago at={text.troubleAt} />: {text.trouble} The original went
                    out instead.
                  </span>
                ) : null}
                <Button variant="default" onClick={() => edit(text.kind)} aria-label={`Edit ${text.title}`}>
                  Edit
                </Button>
              </li>
            ))}
          </ul>
        </Section>
      ) : null}
    </Page>
  );
}
