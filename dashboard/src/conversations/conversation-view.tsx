import { ActionIcon, Button, Skeleton } from "@mantine/core";
import { useCallback, useEffect, useRef, useState } from "react";
import { change } from "../api/client";
import { IdleFlag } from "../ending/idle-flag";
import { putInInbox } from "../live-chats/inbox-store";
import { visitorName } from "../live-chats/use-inbox";
import { RehearsalStrip } from "../readiness/rehearsal-flag";
import { Lookers } from "../routing/lookers";
import { TransferNotes } from "../routing/transfer-notes";
import { useViewer } from "../shell/scope";
import { useKeys, useMedia } from "../ui/hooks";
import { BackIcon, LockIcon, PanelIcon } from "../ui/icons";
import { Empty, Failed } from "../ui/states";
import { Ago } from "../ui/time";
import { ChatTools } from "../words/chat-tools";
import { NoteEntry, notesAfter, useNotes } from "../words/notes";
import { Actions } from "./actions-bar";
import { Composer } from "./composer";
import css from "./conversation-view.module.css";
import { type Conversation, MarkReadMutation, type Message } from "./documents";
import { History } from "./history";
import { stateWords } from "./state-label";
import { StateStrip } from "./state-strip";
import { useThread } from "./use-thread";
import { VisitorPanel } from "./visitor-panel";

interface Props {
  readonly id: string;
  readonly onBack: () => void;
  /** After the chat became ours: the list beside it follows. */
  readonly onTaken?: () => void;
}

export function ConversationView({ id, onBack, onTaken }: Props) {
  const { thread, status, error, lost, loadingOlder, controller } = useThread(id);
  const { user } = useViewer();
  const notes = useNotes(thread.conversation);
  const roomy = useMedia("(min-width: 1100px)");
  const [panelWanted, wantPanel] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const { conversation } = thread;
  const mine = conversation?.state === "HUMAN" && conversation.assignee?.id === user.id;
  const writable = mine && conversation.canRespond;

  useKeys({
    r: (event) => {
      event.preventDefault();
      field.current?.focus();
    },
  });

  useEffect(() => {
    if (writable) field.current?.focus({ preventScroll: true });
  }, [writable]);

  const reported = useRef(0);
  const seen = useCallback(
    (seq: number) => {
      // Reading along is no answer to the visitor: only the one who has the chat has read it.
      if (!mine || seq <= reported.current || seq <= (conversation?.operatorReadSeq ?? 0)) return;
      reported.current = seq;
      change(MarkReadMutation, { id, seq })
        .then((data) => putInInbox(data.markRead))
        .catch(() => {
          reported.current = 0;
        });
    },
    [mine, id, conversation?.operatorReadSeq],
  );

  if (status === "failed" && lost) return <Lost onBack={onBack} />;
  if (status === "failed" && error) return <Failed error={error} retry={() => void controller.load()} />;
  if (!conversation) return <Loading onBack={onBack} />;

  const name = visitorName(conversation);
  const panelShown = conversation.contentVisible && (roomy || panelWanted);
  const panel = panelShown ? (
    <aside className={css.panel} aria-label="About the visitor">
      <VisitorPanel conversation={conversation} />
      {roomy ? null : (
        <Button variant="default" className={css.closePanel} onClick={() => wantPanel(false)}>
          Close
        </Button>
      )}
    </aside>
  ) : null;

  return (
    <div className={css.view}>
      <div className={css.main}>
        <header className={css.header}>
          <ActionIcon className={css.back} aria-label="Back to the list" onClick={onBack} size={32}>
            <BackIcon />
          </ActionIcon>
          <div className={css.who}>
            <h1 className={css.title}>{name}</h1>
            <div className={css.sub}>
              {conversation.aiAgent.name} · {stateWords(conversation, user.id)}{" "}
              <IdleFlag since={conversation.idleAt} />
            </div>
            <Lookers lookers={conversation.lookers} />
          </div>
          {conversation.contentVisible ? (
            <Actions conversation={conversation} {...(onTaken ? { onTaken } : {})} />
          ) : null}
          {conversation.contentVisible && !roomy ? (
            <ActionIcon
              title="About the visitor"
              aria-label="About the visitor"
              aria-expanded={panelShown}
              onClick={() => wantPanel(!panelWanted)}
              size={32}
            >
              <PanelIcon />
            </ActionIcon>
          ) : null}
        </header>
        <div className={css.under}>
          {conversation.contentVisible ? (
            <>
              <RehearsalStrip row={conversation} />
              <TransferNotes transfers={conversation.transfers} />
              <History
                thread={thread}
                extra={notes.length}
                after={(seq, first) =>
                  notesAfter(notes, seq, first).map((note) => (
                    <NoteEntry key={note.id} note={note} conversationId={id} />
                  ))
                }
                userId={user.id}
                loadingOlder={loadingOlder}
                onOlder={() => void controller.loadOlder()}
                onRetry={(clientId) => controller.retry(clientId)}
                onDiscard={(clientId) => controller.discard(clientId)}
                onSeen={seen}
              />
              <Arrivals messages={thread.messages} userId={user.id} visitor={name} />
              <ChatTools key={id} conversation={conversation} writable={writable} />
              {writable ? (
                <Composer
                  id={id}
                  conversation={conversation}
                  fieldRef={field}
                  onSend={(text, files) => controller.send(text, files)}
                />
              ) : (
                <StateStrip conversation={conversation} />
              )}
            </>
          ) : (
            <Stub conversation={conversation} />
          )}
          {roomy ? null : panel}
        </div>
      </div>
      {roomy ? panel : null}
    </div>
  );
}

/** Says each message that arrives to whoever listens instead of looking. History that is loaded is not said. */
function Arrivals(props: {
  readonly messages: readonly Message[];
  readonly userId: string;
  readonly visitor: string;
}) {
  const last = props.messages.at(-1);
  const heard = useRef<number | null>(null);
  const [words, say] = useState("");
  useEffect(() => {
    if (!last) return;
    if (heard.current !== null && last.seq > heard.current && last.author.userId !== props.userId) {
      const who = last.author.kind === "VISITOR" ? props.visitor : (last.author.name ?? "");
      const what = [last.text, ...last.attachments.map((file) => file.name)].filter(Boolean).join(", ");
      say(who ? `${who}: ${what}` : what);
    }
    heard.current = Math.max(heard.current ?? 0, last.seq);
  }, [last, props.userId, props.visitor]);
  return (
    <div className="hidden-text" aria-live="polite">
      {words}
    </div>
  );
}

function Lost({ onBack }: { readonly onBack: () => void }) {
  return (
    <div data-testid="conversation-lost">
      <Empty
        title="This chat is out of your reach now"
        icon={<LockIcon size={22} />}
        action={
          <Button variant="default" onClick={onBack}>
            Back to the list
          </Button>
        }
      >
        What gave it to you has ended, such as a coverage agreement, a role or a membership; or the chat was
        removed.
      </Empty>
    </div>
  );
}

function Stub({ conversation }: { readonly conversation: Conversation }) {
  const holder = conversation.assignee?.name ?? "A colleague";
  return (
    <div data-testid="conversation-stub">
      <Empty title={`${holder} is handling this chat`} icon={<LockIcon size={22} />}>
        {conversation.handoff?.acceptedAt ? (
          <>
            Taken <Ago at={conversation.handoff.acceptedAt} />.{" "}
          </>
        ) : null}
        Only who handles a chat, and who supervises, can read it. You will see it here when it is released.
      </Empty>
    </div>
  );
}

function Loading({ onBack }: { readonly onBack: () => void }) {
  return (
    <div className={css.view} aria-busy="true">
      <div className={css.main}>
        <header className={css.header}>
          <ActionIcon className={css.back} aria-label="Back to the list" onClick={onBack} size={32}>
            <BackIcon />
          </ActionIcon>
          <div className={css.who}>
            <Skeleton height={14} width={140} />
            <Skeleton height={10} width={90} mt={8} />
          </div>
        </header>
        <div className={css.loading}>
          <Skeleton height={44} width="46%" />
          <Skeleton height={64} width="58%" style={{ marginInlineStart: "auto" }} />
          <Skeleton height={32} width="30%" />
        </div>
      </div>
    </div>
  );
}
