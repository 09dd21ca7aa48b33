import { Link, useParams } from "@tanstack/react-router";
import { useAsk } from "../api/use-ask";
import { brand } from "../brand/brand";
import { useAgencyObject } from "../settings/reach";
import { useTitle } from "../ui/hooks";
import { Page } from "../ui/page";
import { Trouble } from "../ui/refusal";
import { Empty, RowSkeletons } from "../ui/states";
import { Ago } from "../ui/time";
import { MailTextsQuery } from "./documents";
import { MailTextForm } from "./mail-text-form";

/** The words of one kind of mail. */
export function MailTextPage() {
  const { kind } = useParams({ from: "/mail-texts/$kind" });
  const object = useAgencyObject();
  const { data, error, again } = useAsk(MailTextsQuery, {}, { of: ["MailText"] });
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
      {text ? <MailTextForm key={text.kind} text={text} again={again} /> : null}
      {data && !text ? <Empty title="The words of this mail cannot be changed." /> : null}
    </Page>
  );
}
