import { Link } from "@tanstack/react-router";
import { useAsk } from "../api/use-ask";
import { brand } from "../brand/brand";
import { useAgencyObject } from "../settings/reach";
import { Badge } from "../ui/badge";
import { useTitle } from "../ui/hooks";
import { Page, Section } from "../ui/page";
import { Trouble } from "../ui/refusal";
import rows from "../ui/rows.module.css";
import { RowSkeletons } from "../ui/states";
import { type MailText, MailTextsQuery } from "./documents";
import { TroubleNote } from "./trouble-note";

/** The words of mails, which an agency may choose. */
export function MailTextsPage() {
  const object = useAgencyObject();
  useTitle(`Mail texts · ${brand.name}`);
  const { data, error, again } = useAsk(MailTextsQuery, {}, { of: ["MailText"] });
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
      {data ? (
        <Section
          id="mail-texts"
          title="Mails"
          text="You choose the words; layout, links and footer stay as they are. Mails that keep accounts safe, such as those for a new password, always have their original text."
        >
          <ul className={rows.list} aria-label="Mails">
            {data.mailTexts.map((text) => (
              <Row key={text.kind} text={text} />
            ))}
          </ul>
        </Section>
      ) : null}
    </Page>
  );
}

function Row({ text }: { readonly text: MailText }) {
  return (
    <li className={rows.item} data-testid="mail-text" data-kind={text.kind}>
      <div className={rows.text}>
        <Link className={`${rows.name} ${rows.cover}`} to="/mail-texts/$kind" params={{ kind: text.kind }}>
          {text.title}
        </Link>
        <p className={rows.dim}>{(text.own ?? text.original).subject}</p>
        <TroubleNote text={text} />
      </div>
      {text.own ? <Badge tone={text.trouble ? "trouble" : "good"}>Your text</Badge> : null}
    </li>
  );
}
