import { Button } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { type ApiError, sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { brand } from "../brand/brand";
import { DnsRecords } from "../domains/dns-records";
import { useAgencyObject } from "../settings/reach";
import { useViewer } from "../shell/scope";
import { Badge } from "../ui/badge";
import { usePolling, useTitle } from "../ui/hooks";
import { Page, Section } from "../ui/page";
import { Trouble } from "../ui/refusal";
import rows from "../ui/rows.module.css";
import { RowSkeletons } from "../ui/states";
import { Ago } from "../ui/time";
import { CheckSenderMutation, type Sender, SenderQuery, SendTestMutation } from "./documents";
import { MailList } from "./mail-list";
import css from "./sender.module.css";
import { SenderForm } from "./sender-form";
import { mailWords, proofWords, senderWords } from "./words";

export function SenderPage() {
  const object = useAgencyObject();
  useTitle(`Sender · ${brand.name}`);
  const { data, error, again } = useAsk(SenderQuery, {});
  const sender = data?.sender;
  const underWay = sender?.checking || sender?.lastTest?.state === "QUEUED";
  usePolling(() => {
    if (underWay) again();
  }, 2_000);
  const words = sender ? senderWords(sender) : null;
  return (
    <Page title="Sender">
      {!data && !error ? <RowSkeletons /> : null}
      {error ? (
        <Trouble
          error={error}
          retry={again}
          permission="sender.manage"
          objectId={object}
          what="Seeing and changing the sender"
        />
      ) : null}
      {sender && words ? (
        <>
          <Section id="sender" title="Where mails come from" text={words.text}>
            <div className={css.state}>
              <span role="status" data-testid="sender-state" data-state={sender.state}>
                <Badge tone={sender.checking ? "plain" : words.tone}>
                  {sender.checking ? "Checking…" : words.label}
                </Badge>
              </span>
            </div>
            <SenderForm sender={sender} again={again} />
          </Section>
          {sender.configured ? (
            <>
              <Proofs sender={sender} />
              <Test sender={sender} />
            </>
          ) : null}
          <MailList sent={sender.sentLately} bounced={sender.bouncedLately} />
        </>
      ) : null}
    </Page>
  );
}

function useRun(): readonly [boolean, ApiError | null, (act: () => Promise<unknown>) => Promise<void>] {
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<ApiError | null>(null);
  const run = async (act: () => Promise<unknown>) => {
    setBusy(true);
    setRefused(null);
    try {
      await act();
    } catch (thrown) {
      setRefused(toApiError(thrown));
    } finally {
      setBusy(false);
    }
  };
  return [busy, refused, run];
}

function Proofs({ sender }: { readonly sender: Sender }) {
  const [busy, refused, run] = useRun();
  return (
    <Section
      id="proofs"
      title="Proofs"
      text="What mail servers look for before they believe that a mail is yours. Enter what is missing where the domain's DNS is managed."
      actions={
        <Button
          variant="default"
          loading={busy || sender.checking}
          onClick={() => void run(() => change(CheckSenderMutation, {}))}
        >
          Check now
        </Button>
      }
    >
      <ul className={css.proofs} aria-label="Proofs">
        {sender.proofs.map((proof) => {
          const words = proofWords(proof);
          return (
            <li key={proof.kind} data-testid="sender-proof" data-state={proof.state}>
              <div className={css.proofHead}>
                {words.name} <Badge tone={words.tone}>{words.label}</Badge>
              </div>
              <p className={css.proofText}>{proof.explanation}</p>
              {proof.record ? (
                <DnsRecords records={[proof.record]} checked={sender.lastCheckedAt !== null} />
              ) : null}
            </li>
          );
        })}
      </ul>
      {refused ? (
        <p className={`${rows.note} ${css.problem}`} role="alert">
          {sentence(refused)}
        </p>
      ) : null}
      {sender.lastCheckedAt ? (
        <p className={`${rows.dim} ${css.problem}`}>
          Last checked <Ago at={sender.lastCheckedAt} />
        </p>
      ) : null}
    </Section>
  );
}

function Test({ sender }: { readonly sender: Sender }) {
  const viewer = useViewer();
  const [busy, refused, run] = useRun();
  const test = sender.lastTest;
  const words = test ? mailWords(test.state) : null;
  return (
    <Section
      id="test"
      title="Try it"
      text={`Sends a mail to ${viewer.user.email ?? "your own address"}, exactly as your clients would get it.`}
      actions={
        <Button
          variant="default"
          loading={busy || test?.state === "QUEUED"}
          onClick={() => void run(() => change(SendTestMutation, {}))}
        >
          Send a test
        </Button>
      }
    >
      <div role="status" data-testid="sender-test">
        {test && words ? (
          <>
            <Badge tone={words.tone}>{words.label}</Badge>{" "}
            <span className={rows.dim}>
              to {test.to}, <Ago at={test.at} />
            </span>
            {test.message ? <p className={`${rows.note} ${css.problem}`}>{test.message}</p> : null}
          </>
        ) : (
          <span className={rows.dim}>No test was sent yet.</span>
        )}
        {refused ? <p className={`${rows.note} ${css.problem}`}>{sentence(refused)}</p> : null}
      </div>
    </Section>
  );
}
