import { Link } from "@tanstack/react-router";
import { useAsk } from "../api/use-ask";
import { brand } from "../brand/brand";
import { Badge } from "../ui/badge";
import { useTitle } from "../ui/hooks";
import { Page, Section } from "../ui/page";
import rows from "../ui/rows.module.css";
import { type MailText, MailTextsQuery } from "./documents";
import { TroubleNote } from "./trouble-note";
import { Unanswered } from "./unanswered";

/** The words of mails, which an agency may choose. */
export function MailTextsPage() {
  useTitle(`Mail texts · ${brand.name}`);
  const asked = useAsk(MailTextsQuery, {}, { of: ["MailText"] });
  const data = asked.data;
  return (
    <Page title="Mail texts">
      <Unanswered asked={asked} />
      {data ? (
        <Section
          id="mail-texts"
          title="Mails"
          text="You choose the words; layout, links and footer stay as they are. Mails that keep accounts safe, such as those for a new password, always have their original text. Original texts are in the reader's language; yours go to everybody as you write them."
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
