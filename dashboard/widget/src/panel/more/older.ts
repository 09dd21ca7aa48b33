// History: what lies before the first message, a page at a time, when the visitor scrolls up to it.

import type { Chat } from "../../chat";
import { type Live, olderCursor, sorted } from "../../live";
import type { Message, MessagePage, VisitorSession } from "../../types";
import { READ_OLDER } from "./documents";

/** Puts a page of history in front. A page that no longer fits (the list was replaced meanwhile) is ignored. */
export function applyOlder(live: Live, page: MessagePage, before: string): Live {
  if (live.older !== before) return live;
  return { ...live, messages: merge(page.nodes, live.messages), older: olderCursor(page) };
}

function merge(added: readonly Message[], held: readonly Message[]): Message[] {
  const seqs = new Set(held.map((message) => message.seq));
  return sorted([...added.filter((message) => !seqs.has(message.seq)), ...held]);
}

export function createOlder(chat: Chat) {
  return async () => {
    const before = chat.state.live.older;
    if (before === null || chat.state.loadingOlder) return;
    chat.patch({ loadingOlder: true });
    try {
      const answer = await chat.call<{ session: VisitorSession }>(READ_OLDER, { before });
      chat.update((live) => applyOlder(live, answer.session.conversation.messages, before));
    } catch {
      // Scrolling up again asks again.
    } finally {
      chat.patch({ loadingOlder: false });
    }
  };
}
