import { ask, change } from "../api/client";
import { serverNow } from "../api/clock";
import { sentence, toApiError } from "../api/errors";
import { type Follower, follow } from "../api/socket";
import { createStore } from "../api/store";
import { type Bell, type BellAction, emptyBell, reduceBell } from "../live/notifications";
import { toast } from "../ui/toast";
import {
  type Entry,
  MarkNotificationsReadMutation,
  NotificationSubscription,
  NotificationsQuery,
} from "./documents";

const PAGE = 20;

/** Which reading of the list is the last: an older answer that comes late is left out. */
let asking = 0;

/** The one bell of this page; one stream feeds it. */
export const bell = createStore<Bell<Entry>>(emptyBell());

const arrivals = new Set<(entry: Entry) => void>();

function tell(action: BellAction<Entry>): void {
  bell.update((state) => reduceBell(state, action));
}

const now = () => new Date(serverNow()).toISOString();

export function onArrival(listener: (entry: Entry) => void): () => void {
  arrivals.add(listener);
  return () => arrivals.delete(listener);
}

/** Whoever signs in next has another bell. */
export function forgetBell(): void {
  asking += 1;
  tell({ type: "cleared" });
}

export function followBell(): Follower {
  forgetBell();
  return follow({
    document: NotificationSubscription,
    variables: () => ({}),
    onData: ({ notificationEvents: event }) => {
      if (event.__typename === "NotificationsChanged") {
        tell({ type: "counted", unread: event.unread, at: now() });
        return;
      }
      tell({ type: "arrived", entry: event.notification, unread: event.unread });
      for (const listener of arrivals) listener(event.notification);
    },
    onRefused: (error) => error.code !== "FORBIDDEN",
  });
}

/** Reads the list from its beginning, or goes on in it. Throws an ApiError. */
export async function readBell(unreadOnly: boolean, more = false): Promise<void> {
  asking += 1;
  const mine = asking;
  const after = more ? bell.get().end : null;
  if (!more) tell({ type: "asked" });
  try {
    const { notifications } = await ask(NotificationsQuery, {
      first: PAGE,
      after,
      unread: unreadOnly ? true : null,
    });
    if (mine !== asking) return;
    const { nodes, pageInfo } = notifications;
    tell({ type: "page", first: !more, nodes, end: pageInfo.endCursor, more: pageInfo.hasNextPage });
  } catch (thrown) {
    if (mine !== asking) return;
    tell({ type: "failed" });
    throw toApiError(thrown);
  }
}

/** Null is all of them. Marked at once; the server's count then says what is left. */
export async function markRead(ids: readonly string[] | null): Promise<void> {
  tell({ type: "read", ids, at: now() });
  try {
    const { markNotificationsRead } = await change(MarkNotificationsReadMutation, {
      ids: ids === null ? null : [...ids],
    });
    tell({ type: "counted", unread: markNotificationsRead, at: now() });
  } catch (thrown) {
    toast(sentence(toApiError(thrown)));
  }
}
