import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useState } from "react";
import { useAsk } from "../api/use-ask";
import type { Conversation } from "../conversations/documents";
import { useViewer } from "../shell/scope";
import { Choices, choiceKey } from "./choices";
import { CannedRepliesQuery, type CannedReply } from "./documents";
import { fill, matching, typedAfter } from "./fill";
import { onInsert } from "./insert";

interface Field {
  readonly text: string;
  readonly write: (text: string) => void;
  readonly element: () => HTMLTextAreaElement | null;
}

interface SlashList {
  readonly list: ReactNode;
  /** True when the key was meant for the list. */
  readonly pressed: (event: KeyboardEvent) => boolean;
  /** Attributes that tell a reader of the screen which choice is meant. */
  readonly field: Readonly<Record<string, string | boolean>>;
  /** The caret moved, or something was typed. */
  readonly look: () => void;
}

/** The canned replies behind `/` in the composer: type to narrow, arrows to choose, Enter to insert, Esc to leave. */
export function useSlash(conversation: Conversation, { text, write, element }: Field): SlashList {
  const { user } = useViewer();
  const [caret, setCaret] = useState<number | null>(null);
  const [active, setActive] = useState(0);
  const [closedAt, closeAt] = useState<number | null>(null);
  const typed = caret === null ? null : typedAfter("/", text, caret);
  const open = typed !== null && typed.at !== closedAt;
  const { data } = useAsk(
    CannedRepliesQuery,
    { organizationId: conversation.organization?.id ?? null },
    { pause: !open, of: ["CannedReply"] },
  );
  const word = typed?.word ?? "";
  const found = useMemo(() => matching(data?.cannedReplies ?? [], word), [data, word]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another word is another list
  useEffect(() => setActive(0), [word]);

  const insert = (words: string, from: number, to: number) => {
    write(text.slice(0, from) + words + text.slice(to));
    const end = from + words.length;
    setCaret(null);
    requestAnimationFrame(() => {
      element()?.focus();
      element()?.setSelectionRange(end, end);
    });
  };

  const filled = (reply: CannedReply) =>
    fill(reply.text, {
      "visitor.name": conversation.visitor.name,
      topic: conversation.handoff?.reason?.split("\n")[0] ?? null,
      "operator.name": user.name,
      "ai_agent.name": conversation.aiAgent.name,
    });
  const pick = (index: number) => {
    const reply = found[index];
    if (!reply || !typed || caret === null) return;
    insert(filled(reply), typed.at, caret);
  };

  // What a model drafted comes to where the caret is, like a reply that was chosen.
  useEffect(() =>
    onInsert(conversation.id, (words) => {
      const at = element()?.selectionEnd ?? text.length;
      const gap = at > 0 && !/\s$/.test(text.slice(0, at)) ? " " : "";
      insert(gap + words, at, at);
    }),
  );

  return {
    list: open ? (
      <Choices
        id="canned-replies"
        label="Canned replies"
        active={active}
        onPick={pick}
        empty={data ? "No canned reply fits. They are written under Settings." : "Loading"}
        choices={found.map((reply) => ({
          id: reply.id,
          label: (
            <>
              <b>/{reply.shortcut}</b> {reply.title}
            </>
          ),
          detail: filled(reply),
        }))}
      />
    ) : null,
    pressed: (event) =>
      open &&
      choiceKey(
        event,
        { count: found.length, active },
        { move: setActive, pick, close: () => closeAt(typed.at) },
      ),
    field: open
      ? {
          "aria-controls": "canned-replies",
          "aria-activedescendant": `canned-replies-${active}`,
          "aria-autocomplete": "list",
        }
      : {},
    look: () => {
      const at = element()?.selectionEnd ?? null;
      setCaret(at);
      if (typed === null && closedAt !== null) closeAt(null);
    },
  };
}
