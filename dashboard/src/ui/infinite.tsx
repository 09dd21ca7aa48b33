import { Button } from "@mantine/core";
import { useCallback, useEffect, useRef, useState } from "react";
import { type ApiError, sentence, toApiError } from "../api/errors";
import css from "./infinite.module.css";

export interface Page<Row> {
  readonly nodes: readonly Row[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

interface Held<Row> {
  readonly key: string;
  readonly rows: readonly Row[];
  readonly status: "loading" | "ready" | "failed";
  readonly error: ApiError | null;
  readonly end: string | null;
  readonly more: boolean;
  readonly loadingMore: boolean;
  readonly moreError: ApiError | null;
}

export interface PagedList<Row> extends Omit<Held<Row>, "key" | "end"> {
  readonly loadMore: () => void;
  readonly again: () => void;
  readonly patch: (change: (rows: readonly Row[]) => readonly Row[]) => void;
}

/** Rows that were there already do not come twice when the list moved between two pages. */
export function appendRows<Row extends { readonly id: string }>(
  held: readonly Row[],
  next: readonly Row[],
): readonly Row[] {
  const known = new Set(held.map((row) => row.id));
  return [...held, ...next.filter((row) => !known.has(row.id))];
}

/**
 * A list that is read page by page after its cursor, however long it is. `key` says what is asked for: when it changes
 * the list begins anew; what is shown stays until the answer is there.
 */
export function usePagedList<Row extends { readonly id: string }>(
  key: string,
  read: (after: string | null) => Promise<Page<Row>>,
  enabled = true,
): PagedList<Row> {
  const [held, setHeld] = useState<Held<Row>>({
    key,
    rows: [],
    status: "loading",
    error: null,
    end: null,
    more: false,
    loadingMore: false,
    moreError: null,
  });
  const current = useRef({ key, read });
  current.current = { key, read };

  const first = useCallback(async (of: string) => {
    try {
      const page = await current.current.read(null);
      if (current.current.key !== of) return;
      setHeld({
        key: of,
        rows: page.nodes,
        status: "ready",
        error: null,
        end: page.pageInfo.endCursor,
        more: page.pageInfo.hasNextPage,
        loadingMore: false,
        moreError: null,
      });
    } catch (thrown) {
      if (current.current.key !== of) return;
      const error = toApiError(thrown);
      setHeld((before) => ({ ...before, key: of, rows: [], status: "failed", error, more: false }));
    }
  }, []);

  useEffect(() => {
    if (enabled) void first(key);
  }, [key, enabled, first]);

  const loadMore = useCallback(async () => {
    if (!held.more || held.loadingMore || held.end === null) return;
    setHeld((before) => ({ ...before, loadingMore: true, moreError: null }));
    const of = key;
    try {
      const page = await current.current.read(held.end);
      if (current.current.key !== of) return;
      setHeld((before) => ({
        ...before,
        rows: appendRows(before.rows, page.nodes),
        end: page.pageInfo.endCursor,
        more: page.pageInfo.hasNextPage,
        loadingMore: false,
      }));
    } catch (thrown) {
      if (current.current.key === of) {
        setHeld((before) => ({ ...before, loadingMore: false, moreError: toApiError(thrown) }));
      }
    }
  }, [held.more, held.loadingMore, held.end, key]);

  return {
    rows: held.rows,
    status: held.status,
    error: held.error,
    more: held.more,
    loadingMore: held.loadingMore,
    moreError: held.moreError,
    loadMore: () => void loadMore(),
    again: () => void first(key),
    patch: (change) => setHeld((before) => ({ ...before, rows: change(before.rows) })),
  };
}

/** The end of such a list: it goes on by itself when it comes into view, and by the button for whoever uses keys. */
export function MoreRows({
  list,
}: {
  readonly list: Pick<PagedList<{ readonly id: string }>, "more" | "loadingMore" | "moreError" | "loadMore">;
}) {
  const end = useRef<HTMLDivElement>(null);
  const run = useRef(list.loadMore);
  run.current = list.loadMore;
  const waits = list.more && !list.loadingMore && !list.moreError;
  useEffect(() => {
    const target = end.current;
    if (!target || !waits) return;
    const watch = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) run.current();
      },
      { rootMargin: "300px" },
    );
    watch.observe(target);
    return () => watch.disconnect();
  }, [waits]);
  if (!list.more) return null;
  return (
    <div ref={end} className={css.more}>
      {list.moreError ? <p role="alert">{sentence(list.moreError)}</p> : null}
      <Button variant="default" loading={list.loadingMore} onClick={list.loadMore}>
        Show more
      </Button>
    </div>
  );
}
