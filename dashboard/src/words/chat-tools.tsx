import { Button } from "@mantine/core";
import { useEffect, useState } from "react";
import { ask, change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import type { Conversation } from "../conversations/documents";
import { useKeys } from "../ui/hooks";
import { toast } from "../ui/toast";
import {
  DraftReplyMutation,
  SuggestionsAvailableQuery,
  SuggestionsQuery,
  SummarizeMutation,
} from "./documents";
import { insertInto } from "./insert";
import { NoteForm } from "./notes";
import { FirstResponse } from "./response-clock";
import css from "./words.module.css";

const LOOK_AGAIN_MS = 700;

interface Suggestion {
  readonly id: string;
  readonly kind: "DRAFT" | "SUMMARY";
  readonly state: "PENDING" | "DONE" | "FAILED" | "NO_MODEL";
  readonly text: string;
}

/** What a model was asked for, looked at until it is there. */
function useSuggestion(conversationId: string) {
  const [suggestion, hold] = useState<Suggestion | null>(null);
  const pending = suggestion?.state === "PENDING" ? suggestion.id : null;
  useEffect(() => {
    if (pending === null) return;
    const timer = setInterval(() => {
      ask(SuggestionsQuery, { id: conversationId })
        .then(({ suggestions }) => {
          const found = suggestions.find((one) => one.id === pending);
          if (found && found.state !== "PENDING") hold(found);
        })
        // Lost looks do no harm: the next one comes in a moment.
        .catch(() => undefined);
    }, LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [pending, conversationId]);
  const begin = async (kind: Suggestion["kind"]) => {
    const document = kind === "DRAFT" ? DraftReplyMutation : SummarizeMutation;
    try {
      hold((await change(document, { id: conversationId })).asked);
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    }
  };
  return { suggestion, begin, dismiss: () => hold(null) };
}

/** The row over the field: the first response that is due, notes, and what a model can write. */
export function ChatTools(props: { readonly conversation: Conversation; readonly writable: boolean }) {
  const { conversation, writable } = props;
  const [noting, note] = useState(false);
  const { suggestion, begin, dismiss } = useSuggestion(conversation.id);
  const { data } = useAsk(SuggestionsAvailableQuery, {}, { pause: !conversation.canRespond });
  const available = data?.suggestionsAvailable;
  const busy = suggestion?.state === "PENDING";

  useKeys({
    n: (event) => {
      if (!conversation.canNote) return;
      event.preventDefault();
      note(true);
    },
  });

  return (
    <div className={css.chatTools}>
      {noting ? (
        <NoteForm conversationId={conversation.id} onDone={() => note(false)} />
      ) : (
        <div className={css.row} data-testid="chat-tools">
          <FirstResponse conversation={conversation} />
          {conversation.canNote ? (
            <Button variant="subtle" color="gray" size="compact-sm" onClick={() => note(true)} title="n">
              Add note
            </Button>
          ) : null}
          {available && conversation.canRespond ? (
            <>
              {writable ? (
                <Button
                  variant="subtle"
                  color="gray"
                  size="compact-sm"
                  loading={busy && suggestion.kind === "DRAFT"}
                  disabled={busy}
                  onClick={() => void begin("DRAFT")}
                >
                  Draft a reply
                </Button>
              ) : null}
              <Button
                variant="subtle"
                color="gray"
                size="compact-sm"
                loading={busy && suggestion.kind === "SUMMARY"}
                disabled={busy}
                onClick={() => void begin("SUMMARY")}
              >
                Summarize
              </Button>
            </>
          ) : null}
          {available === false && writable ? (
            <span
              className={css.noModel}
              title="Whoever runs this installation can connect a language model to it."
            >
              No language model for drafts
            </span>
          ) : null}
        </div>
      )}
      {suggestion && !busy ? (
        <section className={css.suggestion} aria-live="polite" data-testid="suggestion">
          <header>
            {suggestion.kind === "DRAFT" ? "Draft by the AI" : "Summary by the AI"}
            <span>Check it before you rely on it</span>
          </header>
          <p dir="auto">
            {suggestion.state === "DONE"
              ? suggestion.text
              : "The model wrote nothing this time. Please try again in a moment."}
          </p>
          <div className={css.noteBar}>
            <Button variant="subtle" color="gray" size="compact-sm" onClick={dismiss}>
              Dismiss
            </Button>
            {suggestion.kind === "DRAFT" && suggestion.state === "DONE" && writable ? (
              <Button
                variant="default"
                size="compact-sm"
                onClick={() => {
                  insertInto(conversation.id, suggestion.text);
                  dismiss();
                }}
              >
                Use this draft
              </Button>
            ) : null}
          </div>
        </section>
      ) : null}
    </div>
  );
}
