import { ActionIcon, Button, Textarea } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { change } from "../api/client";
import { newClientId } from "../api/client-id";
import { sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import view from "../conversations/conversation-view.module.css";
import { History } from "../conversations/history";
import { useThread } from "../conversations/use-thread";
import { usePermissions, useViewer } from "../shell/scope";
import { Badge } from "../ui/badge";
import { BackIcon } from "../ui/icons";
import { Failed, RowSkeletons } from "../ui/states";
import { Ago } from "../ui/time";
import { toast } from "../ui/toast";
import {
  AnswerMutation,
  CloseMutation,
  type OfflineQuery,
  OfflineQueryQuery,
  ReopenMutation,
} from "./documents";
import css from "./offline-queries.module.css";
import { useNews } from "./open-count";
import { eventWords, senderName, stateLabels } from "./words";

const LONGEST = 8_000;

export function OfflineQueryView({ id, onBack }: { readonly id: string; readonly onBack: () => void }) {
  const { data, error, again } = useAsk(OfflineQueryQuery, { id });
  const may = usePermissions();
  useNews(again);
  if (error) return <Failed error={error} retry={again} />;
  if (!data) return <RowSkeletons />;
  const query = data.offlineQuery;
  const readable = may("conversation.read") && query.conversation.contentVisible;
  return (
    <div className={view.view} data-testid="offline-query">
      <div className={view.main}>
        <header className={view.header}>
          <ActionIcon className={view.back} aria-label="Back to the list" onClick={onBack} size={32}>
            <BackIcon />
          </ActionIcon>
          <div className={view.who}>
            <h1 className={view.title}>{senderName(query)}</h1>
            <div className={view.sub}>
              {query.email} · {query.aiAgent.name} · {query.organization.name}
            </div>
          </div>
          <Badge tone={query.state === "OPEN" ? "plain" : "good"}>{stateLabels[query.state]}</Badge>
          <Settle query={query} onDone={again} />
        </header>
        <ul className={css.facts} aria-label="What was done">
          {query.history.map((event) => (
            <li key={event.at + event.action}>
              {eventWords(event.action, event.by)} · <Ago at={event.at} />
            </li>
          ))}
        </ul>
        {readable ? (
          <Thread id={query.conversation.id} onEntry={again} />
        ) : (
          <div className={css.only} dir="auto">
            {query.message}
          </div>
        )}
        {query.answerable && query.state !== "CLOSED" ? <Answer query={query} onDone={again} /> : null}
      </div>
    </div>
  );
}

/** The thread that the query stands in, as it grows. */
function Thread({ id, onEntry }: { readonly id: string; readonly onEntry: () => void }) {
  const { thread, status, error, loadingOlder, controller } = useThread(id);
  const { user } = useViewer();
  const last = thread.messages.at(-1)?.seq ?? 0;
  const known = useRef(0);
  const latest = useRef(onEntry);
  latest.current = onEntry;
  useEffect(() => {
    // A new entry may be an answer by mail: what was done with the query has changed as well.
    if (known.current !== 0 && last > known.current) latest.current();
    known.current = last;
  }, [last]);
  if (status === "failed" && error) return <Failed error={error} retry={() => void controller.load()} />;
  return (
    <History
      thread={thread}
      extra={0}
      after={() => null}
      userId={user.id}
      loadingOlder={loadingOlder}
      onOlder={() => void controller.loadOlder()}
      onRetry={(clientId) => controller.retry(clientId)}
      onDiscard={(clientId) => controller.discard(clientId)}
      onSeen={() => undefined}
    />
  );
}

function Settle({ query, onDone }: { readonly query: OfflineQuery; readonly onDone: () => void }) {
  const [busy, setBusy] = useState(false);
  if (!query.answerable) return null;
  const closed = query.state === "CLOSED";
  const settle = async () => {
    setBusy(true);
    try {
      if (closed) await change(ReopenMutation, { id: query.id }, ["OfflineQuery"]);
      else await change(CloseMutation, { id: query.id }, ["OfflineQuery"]);
      onDone();
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button variant="default" loading={busy} onClick={() => void settle()}>
      {closed ? "Open again" : "Close"}
    </Button>
  );
}

/** The answer, which goes out by mail. Kept under one client id until it is sent: a second press sends nothing twice. */
function Answer({ query, onDone }: { readonly query: OfflineQuery; readonly onDone: () => void }) {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const attempt = useRef({ text: "", clientId: "" });

  const send = async () => {
    const said = text.trim();
    if (busy || said === "") return;
    if (attempt.current.text !== said) attempt.current = { text: said, clientId: newClientId() };
    setBusy(true);
    setProblem(null);
    try {
      const { clientId } = attempt.current;
      await change(AnswerMutation, { clientId, id: query.id, text: said }, ["OfflineQuery"]);
      setText("");
      toast(`On its way to ${query.email}`);
      onDone();
    } catch (thrown) {
      setProblem(sentence(toApiError(thrown)));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      className={css.answer}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Textarea
        label="Answer by email"
        autosize
        minRows={3}
        maxRows={12}
        maxLength={LONGEST}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          void send();
        }}
      />
      <div className={css.foot}>
        <span className={css.hint}>
          Goes to {query.email} in your brand, with a link back to the chat. It stands in the thread as well.
        </span>
        {problem ? (
          <span role="alert" className={css.problem}>
            {problem}
          </span>
        ) : null}
        <Button type="submit" loading={busy} disabled={text.trim() === ""}>
          Send by email
        </Button>
      </div>
    </form>
  );
}
