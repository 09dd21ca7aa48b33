import "@mantine/core/styles/Switch.css";
import { ActionIcon, Switch } from "@mantine/core";
import { Link, useRouter } from "@tanstack/react-router";
import { type MouseEvent, useCallback, useEffect, useRef, useState } from "react";
import { type ApiError, toApiError } from "../api/errors";
import { useStore } from "../api/store";
import { isStaff, useViewer } from "../shell/scope";
import { BellIcon, CheckIcon, CloseIcon, GearIcon } from "../ui/icons";
import { MoreRows } from "../ui/infinite";
import { Empty, Failed, RowSkeletons } from "../ui/states";
import { Ago } from "../ui/time";
import type { Entry } from "./documents";
import css from "./panel.module.css";
import { bell, markRead, readBell } from "./store";

interface Props {
  readonly close: (goBack: boolean) => void;
}

/** What has happened, newest first. */
export default function Panel({ close }: Props) {
  const { entries, list, more, unread, stale } = useStore(bell);
  const [unreadOnly, showUnreadOnly] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const [loadingMore, setLoadingMore] = useState(false);
  const [moreError, setMoreError] = useState<ApiError | null>(null);
  const box = useRef<HTMLDivElement>(null);

  useEffect(() => box.current?.focus({ preventScroll: true }), []);

  const read = useCallback((only: boolean) => {
    setError(null);
    setMoreError(null);
    readBell(only).catch((thrown) => setError(toApiError(thrown)));
  }, []);

  useEffect(() => read(unreadOnly), [read, unreadOnly]);
  // Read in another page, and nothing says which of them.
  useEffect(() => {
    if (stale) read(unreadOnly);
  }, [stale, read, unreadOnly]);

  const goOn = () => {
    setLoadingMore(true);
    setMoreError(null);
    readBell(unreadOnly, true)
      .catch((thrown) => setMoreError(toApiError(thrown)))
      .finally(() => setLoadingMore(false));
  };

  const first = list !== "ready" && entries.length === 0;
  return (
    <div
      ref={box}
      className={css.panel}
      role="dialog"
      aria-label="Notifications"
      tabIndex={-1}
      data-testid="notifications"
    >
      <header className={css.head}>
        <h2 className={css.title}>Notifications</h2>
        <Link
          to="/notifications"
          className={css.gear}
          aria-label="What you are told, and how"
          title="What you are told, and how"
          onClick={() => close(false)}
        >
          <GearIcon />
        </Link>
        <ActionIcon
          className={css.close}
          variant="subtle"
          color="gray"
          size={32}
          aria-label="Close"
          onClick={() => close(true)}
        >
          <CloseIcon />
        </ActionIcon>
      </header>
      <div className={css.tools}>
        <Switch
          size="xs"
          label="Unread only"
          checked={unreadOnly}
          onChange={(event) => showUnreadOnly(event.currentTarget.checked)}
        />
        <button type="button" className={css.all} disabled={!unread} onClick={() => void markRead(null)}>
          Mark all as read
        </button>
      </div>
      <div className={css.scroll}>
        {error && entries.length === 0 ? <Failed error={error} retry={() => read(unreadOnly)} /> : null}
        {first && !error ? <RowSkeletons count={4} /> : null}
        {list === "ready" && entries.length === 0 && !error ? (
          <Empty
            title={unreadOnly ? "You have read everything" : "Nothing yet"}
            icon={<BellIcon size={22} />}
          >
            {unreadOnly
              ? "What happens next stands here until you have seen it."
              : "Requests for a person, messages in your chats and what colleagues hand to you stand here."}
          </Empty>
        ) : null}
        <ul className={css.list} aria-label="Notifications">
          {entries.map((entry) => (
            <Item key={entry.id} entry={entry} onOpen={() => close(false)} />
          ))}
        </ul>
        <MoreRows list={{ more: more && list === "ready", loadingMore, moreError, loadMore: goOn }} />
      </div>
    </div>
  );
}

function Item({ entry, onOpen }: { readonly entry: Entry; readonly onOpen: () => void }) {
  const viewer = useViewer();
  const router = useRouter();
  const unread = entry.readAt === null;
  const several = isStaff(viewer) || viewer.memberships.length > 1;
  const where = [several ? entry.organizationName : null, entry.aiAgentName].filter(Boolean);
  // A path of ours and nothing else, whatever the server was talked into.
  const link = /^\/(?![/\\])/.test(entry.link) ? entry.link : "/";

  const follow = (event: MouseEvent) => {
    if (unread) void markRead([entry.id]);
    // Into another tab: the browser's own business.
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    onOpen();
    router.history.push(link);
  };

  return (
    <li
      className={css.item}
      data-testid="notification"
      data-kind={entry.kind}
      data-unread={unread || undefined}
    >
      <span className={css.mark} aria-hidden="true" />
      <div className={css.body}>
        <div className={css.line}>
          <a href={link} className={css.name} onClick={follow}>
            {unread ? <span className="hidden-text">Unread: </span> : null}
            {entry.title}
          </a>
          {entry.count > 1 ? <span className={css.times}>{entry.count} times</span> : null}
        </div>
        {entry.preview ? (
          <div className={css.preview} dir="auto">
            {entry.preview}
          </div>
        ) : null}
        <div className={css.where}>
          {where.length > 0 ? <span className={css.place}>{where.join(" · ")}</span> : null}
          <span className={css.when}>
            <Ago at={entry.happenedAt} />
          </span>
        </div>
      </div>
      {unread ? (
        <button
          type="button"
          className={css.read}
          aria-label={`Mark as read: ${entry.title}`}
          title="Mark as read"
          onClick={(event) => {
            // The button goes; the focus stays in the panel.
            event.currentTarget.closest("li")?.querySelector("a")?.focus();
            void markRead([entry.id]);
          }}
        >
          <CheckIcon size={14} />
        </button>
      ) : null}
    </li>
  );
}
