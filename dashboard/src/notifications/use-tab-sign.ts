import { useEffect, useMemo } from "react";
import { useStore } from "../api/store";
import { viewInbox } from "../live/inbox";
import { inbox } from "../live-chats/inbox-store";
import { followSounds } from "../live-chats/ring";
import { usePermissions, useViewer } from "../shell/scope";
import { setTitleCount } from "../ui/hooks";
import { bell } from "./store";

/**
 * How much there is to do, in the title and on the icon of the tab, for whoever looks at another one. What waits mostly
 * stands at the bell as well: the larger of the two numbers says it without counting a request twice.
 */
export function useTabSign(): void {
  const userId = useViewer().user.id;
  const allowed = usePermissions()("live_chat.view_queue");
  const state = useStore(inbox);
  const { unread } = useStore(bell);
  const chats = useMemo(() => {
    if (!allowed) return { waiting: 0, unread: 0 };
    const { pending, mine } = viewInbox(state, userId);
    return { waiting: pending.length, unread: mine.filter((row) => row.unread > 0).length };
  }, [state, userId, allowed]);
  const count = Math.max(chats.waiting + chats.unread, unread ?? 0);
  const waits = chats.waiting > 0;

  useEffect(() => followSounds(), []);

  useEffect(() => {
    setTitleCount(count);
    void import("./favicon").then(({ badge }) => badge(count, waits));
  }, [count, waits]);

  useEffect(
    () => () => {
      setTitleCount(0);
      void import("./favicon").then(({ badge }) => badge(0, false));
    },
    [],
  );
}
