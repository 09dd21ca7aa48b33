import { Button, TextInput } from "@mantine/core";
import { Link, Outlet, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { brand } from "../brand/brand";
import { RatingFilter } from "../ending/rating-filter";
import { starsOf } from "../ending/stars";
import live from "../live-chats/live-chats.module.css";
import { visitorName } from "../live-chats/use-inbox";
import { RehearsalFlag } from "../readiness/rehearsal-flag";
import type { ConversationFilterName } from "../shell/router";
import { useOrganizationId, usePermissions, useSeveralOrganizations, useViewer } from "../shell/scope";
import { Avatar } from "../ui/avatar";
import { useDebounced, useTitle } from "../ui/hooks";
import { ConversationsIcon, LockIcon, SearchIcon } from "../ui/icons";
import { useListKeys } from "../ui/list-keys";
import { Panes } from "../ui/panes";
import { Empty, Failed, RowSkeletons } from "../ui/states";
import { Signals } from "../words/signals";
import { TagFilter } from "../words/tag-filter";
import { ConversationView } from "./conversation-view";
import css from "./conversations.module.css";
import type { Row } from "./documents";
import { LastActivity, stateWords } from "./state-label";
import { useConversationList } from "./use-conversation-list";

const filters: readonly (readonly [ConversationFilterName, string])[] = [
  ["all", "All"],
  ["live", "Live"],
  ["attention", "Needs attention"],
  ["person", "With a person"],
  ["ended", "Ended"],
];

const statesOf: Readonly<Record<ConversationFilterName, readonly Row["state"][] | null>> = {
  all: null,
  live: null,
  attention: null,
  person: ["REQUESTED", "HUMAN"],
  ended: ["ENDED"],
};

export function ConversationsPage() {
  const may = usePermissions();
  if (!may("conversation.read")) {
    return (
      <Empty title="You cannot read conversations yet" icon={<LockIcon size={22} />}>
        The permission “Conversations” is missing. Whoever manages your team can give it to you.
      </Empty>
    );
  }
  return <Conversations />;
}

function Conversations() {
  const navigate = useNavigate();
  const { id } = useParams({ strict: false });
  const search = useSearch({ from: "/conversations" });
  const filter = search.filter ?? "all";
  const [text, setText] = useState(search.q ?? "");
  const settled = useDebounced(text.trim(), 250);
  const organizationId = useOrganizationId();
  const rated = usePermissions()("rating.view");
  const list = useRef<HTMLDivElement>(null);
  useTitle(`Conversations · ${brand.name}`);
  useListKeys(list);

  const { rows, status, error, hasMore, loadingMore, loadMore, retry } = useConversationList({
    organizationId,
    live: filter === "live",
    attention: filter === "attention",
    tag: search.tag ?? null,
    states: statesOf[filter],
    search: settled,
    ratings: rated ? starsOf(search.stars) : null,
  });

  // The address carries the search, so that it can be kept, sent, and gone back to.
  useEffect(() => {
    if (settled === (search.q ?? "")) return;
    void navigate({
      to: ".",
      search: (before) => ({ ...before, q: settled === "" ? undefined : settled }),
      replace: true,
    });
  }, [settled, search.q, navigate]);

  const more = useRef<HTMLDivElement>(null);
  const latest = useRef(loadMore);
  latest.current = loadMore;
  useEffect(() => {
    const element = more.current;
    if (!element || !hasMore) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) void latest.current();
      },
      { rootMargin: "300px" },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [hasMore]);

  const choose = (name: ConversationFilterName) =>
    void navigate({
      to: "/conversations",
      search: (before) => ({ ...before, filter: name === "all" ? undefined : name }),
    });

  return (
    <Panes
      open={id !== undefined}
      list={
        <>
          <header className={css.head}>
            <h1 className={css.title}>Conversations</h1>
            <TextInput
              aria-label="Search conversations"
              placeholder="Search"
              type="search"
              leftSection={<SearchIcon size={16} />}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
            <fieldset className={css.filters} aria-label="Show">
              {filters.map(([name, label]) => (
                <button
                  key={name}
                  type="button"
                  className={css.filter}
                  aria-pressed={filter === name}
                  onClick={() => choose(name)}
                >
                  {label}
                </button>
              ))}
            </fieldset>
            <TagFilter
              organizationId={organizationId}
              tag={search.tag ?? null}
              onChange={(tag) =>
                void navigate({
                  to: "/conversations",
                  search: (before) => ({ ...before, tag: tag ?? undefined }),
                })
              }
            />
            {rated ? (
              <RatingFilter
                value={search.stars}
                onChange={(stars) =>
                  void navigate({ to: "/conversations", search: (before) => ({ ...before, stars }) })
                }
              />
            ) : null}
          </header>
          <div className={live.scroll} ref={list}>
            {status === "loading" ? <RowSkeletons /> : null}
            {status === "failed" && error ? <Failed error={error} retry={retry} /> : null}
            {status === "ready" && rows.length === 0 ? (
              <NoConversations
                narrowed={
                  filter !== "all" || settled !== "" || search.tag !== undefined || search.stars !== undefined
                }
              />
            ) : null}
            <ul className={live.rows} aria-label="Conversations">
              {rows.map((row) => (
                <ConversationItem key={row.id} row={row} current={row.id === id} />
              ))}
            </ul>
            {hasMore ? (
              <div className={css.foot} ref={more}>
                <Button variant="subtle" color="gray" loading={loadingMore} onClick={() => void loadMore()}>
                  Load more
                </Button>
              </div>
            ) : null}
          </div>
        </>
      }
    >
      {id === undefined ? (
        <div className={live.nothing}>
          <Empty title="No conversation is open" icon={<ConversationsIcon size={22} />}>
            Choose one from the list. <kbd>j</kbd> and <kbd>k</kbd> move, <kbd>Enter</kbd> opens.
          </Empty>
        </div>
      ) : (
        <Outlet />
      )}
    </Panes>
  );
}

function NoConversations({ narrowed }: { readonly narrowed: boolean }) {
  if (narrowed) {
    return (
      <Empty title="Nothing found" icon={<SearchIcon size={22} />}>
        No conversation fits this search and filter.
      </Empty>
    );
  }
  return (
    <Empty title="No conversations yet" icon={<ConversationsIcon size={22} />}>
      They appear here as soon as a visitor writes. The widget's code is on the page of the AI agent.
    </Empty>
  );
}

function ConversationItem({ row, current }: { readonly row: Row; readonly current: boolean }) {
  const name = visitorName(row);
  const several = useSeveralOrganizations();
  const { user } = useViewer();
  const holder = row.assignee?.name ?? "a colleague";
  return (
    <li
      className={live.row}
      data-testid="conversation-row"
      data-row={row.id}
      data-live={row.live || undefined}
      data-current={current || undefined}
    >
      <Avatar name={name} />
      <div className={live.body}>
        <div className={live.line}>
          <Link
            to="/conversations/$id"
            params={{ id: row.id }}
            search={true}
            className={live.name}
            data-row-link
            aria-current={current}
          >
            {name}
          </Link>
          <LastActivity row={row} />
        </div>
        <span className={live.where}>
          {row.aiAgent.name}
          {several && row.organization ? ` · ${row.organization.name}` : ""}
          <RehearsalFlag row={row} />
        </span>
        <div className={live.line}>
          <span className={live.preview} dir="auto">
            {row.contentVisible ? (row.preview ?? "No message yet") : `${holder} is handling this chat`}
          </span>
          <span className={css.state} data-state={row.state}>
            {stateWords(row, user.id)}
          </span>
        </div>
        <Signals signals={row.signals} />
      </div>
    </li>
  );
}

export function OneConversation() {
  const { id } = useParams({ from: "/conversations/$id" });
  const navigate = useNavigate();
  return (
    <ConversationView key={id} id={id} onBack={() => void navigate({ to: "/conversations", search: true })} />
  );
}
