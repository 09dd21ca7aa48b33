import { Button } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { Badge } from "../ui/badge";
import { usePolling } from "../ui/hooks";
import { MailIcon } from "../ui/icons";
import { Section } from "../ui/page";
import { Pager } from "../ui/pager";
import rows from "../ui/rows.module.css";
import { StateFilter } from "../ui/state-filter";
import { Empty, Failed, RowSkeletons } from "../ui/states";
import { Ago } from "../ui/time";
import { toast } from "../ui/toast";
import { type Mail, MailsQuery, ResendMailMutation } from "./documents";
import css from "./sender.module.css";
import { bounceWords, kindWords, mailWords } from "./words";

type State = Mail["state"];
const states: readonly State[] = ["QUEUED", "SENT", "BOUNCED", "FAILED", "REFUSED", "DROPPED"];

export function MailList(props: { readonly sent: number; readonly bounced: number }) {
  const [state, setState] = useState<State | "">("");
  const [trail, setTrail] = useState<readonly string[]>([]);
  const [resending, setResending] = useState<string | null>(null);
  const { data, error, loading, again } = useAsk(
    MailsQuery,
    { state: state === "" ? null : state, after: trail.at(-1) ?? null },
    { of: ["Mail"] },
  );
  const mails = data?.mails.nodes ?? [];
  usePolling(() => {
    if (mails.some((mail) => mail.state === "QUEUED")) again();
  }, 5_000);

  const resend = async (mail: Mail) => {
    setResending(mail.id);
    try {
      await change(ResendMailMutation, { id: mail.id });
      toast(`On its way to ${mail.recipient} again`);
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    } finally {
      setResending(null);
    }
  };

  return (
    <Section
      id="mails"
      title="Mails"
      text={`What was sent, and what became of it. Newest first. ${bounceWords(props.sent, props.bounced)}`.trim()}
      actions={
        <div className={css.filters}>
          <StateFilter
            states={states}
            label={(one) => mailWords(one).label}
            value={state}
            onChange={(chosen) => {
              setState(chosen);
              setTrail([]);
            }}
          />
        </div>
      }
    >
      {loading ? <RowSkeletons count={3} /> : null}
      {error ? <Failed error={error} retry={again} /> : null}
      {data && mails.length === 0 ? (
        <Empty title={state ? "None of these" : "No mail was sent yet"} icon={<MailIcon size={22} />}>
          {state
            ? "Choose “All” to see the others."
            : "Invitations and password resets appear here as soon as there are some. Invite somebody, or send a test."}
        </Empty>
      ) : null}
      <ul className={rows.list} aria-label="Mails">
        {mails.map((mail) => {
          const words = mailWords(mail.state);
          return (
            <li
              key={mail.id}
              className={`${rows.item} ${css.mail}`}
              data-testid="mail-row"
              data-state={mail.state}
            >
              <div className={rows.text}>
                <div className={rows.name}>{mail.subject}</div>
                <div className={rows.dim}>
                  {mail.recipient} · {kindWords(mail.kind)}
                  {mail.organization ? ` · ${mail.organization.name}` : ""} · <Ago at={mail.createdAt} />
                  {mail.attempts > 1 ? ` · ${mail.attempts} tries` : ""}
                </div>
                {mail.trouble ? <div className={rows.dim}>{mail.trouble}</div> : null}
              </div>
              <Badge tone={words.tone}>{words.label}</Badge>
              {mail.canResend ? (
                <Button
                  variant="default"
                  loading={resending === mail.id}
                  onClick={() => void resend(mail)}
                  aria-label={`Send again to ${mail.recipient}`}
                >
                  Send again
                </Button>
              ) : null}
            </li>
          );
        })}
      </ul>
      <Pager trail={trail} onTurn={setTrail} page={data?.mails.pageInfo} />
    </Section>
  );
}
