import { useEffect, useRef } from "react";
import { useAsk } from "../api/use-ask";
import { onInboxChange } from "../live-chats/inbox-store";
import { useOrganizationId, usePermissions } from "../shell/scope";
import { usePolling } from "../ui/hooks";
import { OpenOfflineQueriesQuery } from "./documents";

const LOOK_AGAIN_MS = 15_000;
const SETTLE_MS = 300;

/** Runs when something about any conversation changed, and now and then all the same. */
export function useNews(run: () => void): void {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ignore = onInboxChange(() => {
      clearTimeout(timer);
      timer = setTimeout(() => latest.current(), SETTLE_MS);
    });
    return () => {
      clearTimeout(timer);
      ignore();
    };
  }, []);
  usePolling(run, LOOK_AGAIN_MS);
}

/** How many offline queries nobody has answered yet, where the viewer is looking. */
export function useOpenCount(): number {
  const organizationId = useOrganizationId();
  const allowed = usePermissions()("live_chat.view_queue");
  const { data, again } = useAsk(
    OpenOfflineQueriesQuery,
    { organizationId },
    { pause: !allowed, of: ["OfflineQuery"] },
  );
  useNews(() => {
    if (allowed) again();
  });
  return data?.openOfflineQueries ?? 0;
}
