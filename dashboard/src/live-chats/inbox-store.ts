import { type Follower, follow } from "../api/socket";
import { createStore } from "../api/store";
import { InboxSubscription, type Row } from "../conversations/documents";
import { emptyInbox, type Inbox, reduceInbox } from "../live/inbox";

/** The one inbox of this page: navigation, lists and notices all read it, and one stream feeds it. */
export const inbox = createStore<Inbox<Row>>(emptyInbox());

const arrivals = new Set<(row: Row, before: Row | undefined) => void>();

/** Told of each change that came live, not of the snapshot: what was waiting already does not ring again. */
export function onInboxChange(listener: (row: Row, before: Row | undefined) => void): () => void {
  arrivals.add(listener);
  return () => arrivals.delete(listener);
}

export function putInInbox(conversation: Row): void {
  const before = inbox.get();
  const held = before.rows.get(conversation.id);
  const next = reduceInbox(before, { type: "changed", conversation });
  inbox.set(next);
  const applied = next.rows.get(conversation.id) === conversation;
  // On the first snapshot everything is new; after a reconnect, a request that came meanwhile is news.
  if (applied && before.synced) for (const listener of arrivals) listener(conversation, held);
}

export function markLost(conversationId: string, holder: string): void {
  inbox.update((state) => reduceInbox(state, { type: "lost", conversationId, holder }));
}

/** What a late answer put there after the snapshot had left it out would stay for good. */
export function dropFromInbox(conversationId: string): void {
  inbox.update((state) => reduceInbox(state, { type: "gone", conversationId }));
}

export function followInbox(organizationId: string | null): Follower {
  inbox.update((state) => reduceInbox(state, { type: "cleared" }));
  return follow({
    document: InboxSubscription,
    variables: () => ({ organizationId }),
    onStart: () => inbox.update((state) => reduceInbox(state, { type: "subscribed" })),
    onData: ({ inboxEvents: event }) => {
      if (event.__typename === "InboxChanged") {
        putInInbox(event.conversation);
        return;
      }
      const type = event.__typename === "InboxRestarted" ? "restarted" : "synced";
      inbox.update((state) => reduceInbox(state, { type }));
    },
    // Without the permission there is no inbox; asking again would not change that.
    onRefused: (error) => error.code !== "FORBIDDEN",
  });
}
