import { Button, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { change } from "../api/client";
import { type ApiError, sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import type { Conversation } from "../conversations/documents";
import panel from "../conversations/visitor-panel.module.css";
import { toast } from "../ui/toast";
import { EmailTranscriptMutation, EndingQuery, TranscriptQuery } from "./documents";
import css from "./ending.module.css";
import { intentWords, resolutionWords } from "./words";

function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className={panel.fact}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function Stars({ rating }: { readonly rating: number }) {
  return (
    <span className={css.stars} role="img" aria-label={`${rating} of 5 stars`}>
      {"★".repeat(rating)}
      {"☆".repeat(5 - rating)}
    </span>
  );
}

/** How a request for a person came about, how it ended, and what the visitor said of it. */
export function EndingPanel({ conversation }: { readonly conversation: Conversation }) {
  const { handoff, id, contentVisible } = conversation;
  // Whose chat it is now is no matter of this; each look into somebody else's chat is on record.
  const over = contentVisible && handoff !== null && conversation.state !== "HUMAN";
  const { data, again } = useAsk(EndingQuery, { id }, { pause: !over });
  const latest = useRef(again);
  latest.current = again;
  const { rev } = conversation;
  useEffect(() => {
    // Whatever changed may have been the rating.
    if (over && rev > 0) latest.current();
  }, [over, rev]);
  const ending = over ? (data?.conversation.handoff ?? null) : null;
  return (
    <>
      {ending ? (
        <dl className={panel.facts} data-testid="ending">
          <Fact label="Why a person was called">{intentWords(ending.intent)}</Fact>
          {ending.completedBy ? <Fact label="Completed by">{ending.completedBy.name}</Fact> : null}
          {ending.state === "COMPLETED" && !ending.completedBy ? (
            <Fact label="Completed by">Nobody: nothing was said any more</Fact>
          ) : null}
          {ending.resolution ? <Fact label="Resolution">{resolutionWords(ending.resolution)}</Fact> : null}
          {ending.endingNote ? (
            <Fact label="Note">
              <span className={css.quote}>{ending.endingNote}</span>
            </Fact>
          ) : null}
          {ending.rating ? (
            <Fact label="Rating">
              <Stars rating={ending.rating} />
              {ending.ratingText ? <p className={css.quote}>{ending.ratingText}</p> : null}
            </Fact>
          ) : null}
        </dl>
      ) : null}
      {contentVisible && conversation.state !== "HUMAN" ? (
        <Transcript key={id} conversation={conversation} />
      ) : null}
    </>
  );
}

function Transcript({ conversation }: { readonly conversation: Conversation }) {
  const { id, visitor } = conversation;
  const { data } = useAsk(TranscriptQuery, { id });
  const [open, setOpen] = useState(false);
  const [email, setEmail] = useState(visitor.email ?? "");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  if (!data?.conversation.canExport) return null;
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await change(EmailTranscriptMutation, { id, email: email.trim() });
      toast("The transcript is on its way");
      setOpen(false);
    } catch (thrown) {
      setError(toApiError(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <h3 className={panel.section}>Transcript</h3>
      {open ? (
        <form className={css.transcript} onSubmit={(event) => void send(event)}>
          <TextInput
            label="Send to"
            description="Everything that the visitor saw; never notes."
            type="email"
            required
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            error={error ? sentence(error) : null}
            data-autofocus
          />
          <Button type="submit" loading={busy} disabled={email.trim() === ""}>
            Send
          </Button>
        </form>
      ) : (
        <Button variant="default" onClick={() => setOpen(true)}>
          Email the transcript
        </Button>
      )}
    </>
  );
}
