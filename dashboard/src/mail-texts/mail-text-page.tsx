import { Link, useParams } from "@tanstack/react-router";
import { useAsk } from "../api/use-ask";
import { brand } from "../brand/brand";
import { useTitle } from "../ui/hooks";
import { Page } from "../ui/page";
import { Empty } from "../ui/states";
import { Ago } from "../ui/time";
import { MailTextsQuery } from "./documents";
import { MailTextForm } from "./mail-text-form";
import { Unanswered } from "./unanswered";

/** The words of one kind of mail. */
export function MailTextPage() {
  const { kind } = useParams({ from: "/mail-texts/$kind" });
  const asked = useAsk(MailTextsQuery, {}, { of: ["MailText"] });
  const data = asked.data;
  const text = data?.mailTexts.find((one) => one.kind === kind);
  const title = text?.title ?? "Mail text";
  useTitle(`${title} · ${brand.name}`);
  return (
    <Page
      wide
      title={title}
      sub={
        <>
          <Link to="/mail-texts">Mail texts</Link>
          {text?.updatedAt ? (
            <>
              {" "}
              · your text, changed <Ago at={text.updatedAt} />
            </>
          ) : text ? (
            " · the original text"
          ) : null}
        </>
      }
    >
      <Unanswered asked={asked} />
      {text ? <MailTextForm key={text.kind} text={text} again={asked.again} /> : null}
      {data && !text ? <Empty title="The words of this mail cannot be changed." /> : null}
    </Page>
  );
}
