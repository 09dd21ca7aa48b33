import { useCallback, useEffect, useRef, useState } from "react";
import { type ApiError, toApiError } from "../api/errors";
import { appendPage, byActivity, bySignals, patchRow, refreshFirstPage } from "../live/list";
import { onInboxChange } from "../live-chats/inbox-store";
import { usePolling } from "../ui/hooks";
import type { Row } from "./documents";
import { readConversations } from "./reading";

const PAGE = 30;
const LOOK_AGAIN_MS = 15_000;

export interface ListFilter {
  readonly organizationId: string | null;
  readonly live: boolean;
  /** Those that something speaks for intervening in; the most worrying first. */
  readonly attention: boolean;
  readonly tag: string | null;
  readonly states: readonly Row["state"][] | null;
  readonly search: string;
  readonly ratings?: readonly number[] | null;
}

interface Listing {
  readonly rows: readonly Row[];
  readonly status: "loading" | "ready" | "failed";
  readonly error: ApiError | null;
  readonly endCursor: string | null;
  readonly hasMore: boolean;
  readonly loadingMore: boolean;
}

const nothing: Listing = {
  rows: [],
  status: "loading",
  error: null,
  endCursor: null,
  hasMore: false,
  loadingMore: false,
};

function variables(filter: ListFilter, after: string | null) {
  return {
    organizationId: filter.organizationId,
    first: PAGE,
    after,
    filter: {
      ...(filter.live ? { live: true } : {}),
      ...(filter.attention ? { signals: true } : {}),
      ...(filter.tag ? { tag: filter.tag } : {}),
      ...(filter.states ? { states: [...filter.states] } : {}),
      ...(filter.search ? { search: filter.search } : {}),
      ...(filter.ratings ? { ratings: [...filter.ratings] } : {}),
    },
  };
}

/** The list, kept current: changes come by the inbox at once, everything else by looking again. */
export function useConversationList(filter: ListFilter) {
  const key = JSON.stringify(filter);
  const order = filter.attention ? bySignals : byActivity;
  const sorted = useRef(order);
  sorted.current = order;
  const [listing, setListing] = useState(nothing);
  const current = useRef({ key: "", filter });
  current.current.filter = filter;

  const refresh = useCallback(async (of: string) => {
    const still = () => current.current.key === of;
    try {
      const conversations = await readConversations(variables(current.current.filter, null));
      if (!still()) return;
      setListing((held) => {
        const { hasNextPage, endCursor } = conversations.pageInfo;
        const more = held.rows.length > PAGE && hasNextPage;
        return {
          ...held,
          rows: refreshFirstPage(held.rows, conversations.nodes, hasNextPage, sorted.current),
          status: "ready",
          error: null,
          // Pages that were loaded below keep their end; a list of one page ends where that page does.
          endCursor: more ? held.endCursor : endCursor,
          hasMore: more ? held.hasMore : hasNextPage,
        };
      });
    } catch (thrown) {
      const error = toApiError(thrown);
      // What is shown is better than an error over it; the next look may succeed.
      if (still())
        setListing((held) => (held.status === "ready" ? held : { ...held, status: "failed", error }));
    }
  }, []);

  useEffect(() => {
    current.current.key = key;
    setListing(nothing);
    void refresh(key);
  }, [key, refresh]);

  usePolling(() => void refresh(key), LOOK_AGAIN_MS);

  useEffect(
    () =>
      onInboxChange((row) =>
        setListing((held) => ({ ...held, rows: patchRow(held.rows, row, sorted.current) })),
      ),
    [],
  );

  const { endCursor, hasMore, loadingMore } = listing;
  const loadMore = useCallback(async () => {
    if (!hasMore || loadingMore || endCursor === null) return;
    setListing((held) => ({ ...held, loadingMore: true }));
    try {
      const conversations = await readConversations(variables(current.current.filter, endCursor));
      if (current.current.key !== key) return;
      setListing((held) => ({
        ...held,
        rows: appendPage(held.rows, conversations.nodes, sorted.current),
        endCursor: conversations.pageInfo.endCursor,
        hasMore: conversations.pageInfo.hasNextPage,
      }));
    } catch {
      // The button is still there.
    } finally {
      if (current.current.key === key) setListing((held) => ({ ...held, loadingMore: false }));
    }
  }, [endCursor, hasMore, loadingMore, key]);

  return { ...listing, loadMore, retry: () => void refresh(key) };
}
