import { Button } from "@mantine/core";
import { Link, Outlet, useNavigate, useParams } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { ask } from "../api/client";
import { brand } from "../brand/brand";
import head from "../conversations/conversations.module.css";
import live from "../live-chats/live-chats.module.css";
import { useOrganizationId, usePermissions, useSeveralOrganizations } from "../shell/scope";
import { Avatar } from "../ui/avatar";
import { useTitle } from "../ui/hooks";
import { LockIcon, MailIcon } from "../ui/icons";
import { usePagedList } from "../ui/infinite";
import { useListKeys } from "../ui/list-keys";
import { Panes } from "../ui/panes";
import { Empty, Failed, RowSkeletons } from "../ui/states";
import { Ago } from "../ui/time";
import { OfflineQueriesQuery, type OfflineQuery } from "./documents";
import { OfflineQueryView } from "./offline-query-view";
import { useNews } from "./open-count";
import { senderName, stateLabels } from "./words";

type Show = OfflineQuery["state"] | "ALL";

const filters: readonly (readonly [Show, string])[] = [
  ["OPEN", stateLabels.OPEN],
  ["ANSWERED", stateLabels.ANSWERED],
  ["CLOSED", stateLabels.CLOSED],
  ["ALL", "All"],
];

export function OfflineQueriesPage() {
  const may = usePermissions();
  if (!may("live_chat.view_queue")) {
    return (
      <Empty title="You do not answer live chats yet" icon={<LockIcon size={22} />}>
        The permission “Respond to Live Chats” is missing. Whoever manages your team can give it to you.
      </Empty>
    );
  }
  return <OfflineQueries />;
}

function OfflineQueries() {
  const { id } = useParams({ strict: false });
  const organizationId = useOrganizationId();
  const [show, setShow] = useState<Show>("OPEN");
  const list = useRef<HTMLDivElement>(null);
  useTitle(`Offline Queries · ${brand.name}`);
  useListKeys(list);
  const states = show === "ALL" ? null : [show];
  const paged = usePagedList(JSON.stringify([organizationId, show]), async (after) => {
    const data = await ask(OfflineQueriesQuery, { organizationId, states, after });
    return data.offlineQueries;
  });
  useNews(paged.again);

  return (
    <Panes
      open={id !== undefined}
      list={
        <>
          <header className={head.head}>
            <h1 className={head.title}>Offline Queries</h1>
            <fieldset className={head.filters} aria-label="Show">
              {filters.map(([name, label]) => (
                <button
                  key={name}
                  type="button"
                  className={head.filter}
                  aria-pressed={show === name}
                  onClick={() => setShow(name)}
                >
                  {label}
                </button>
              ))}
            </fieldset>
          </header>
          <div className={live.scroll} ref={list}>
            {paged.status === "loading" ? <RowSkeletons /> : null}
            {paged.status === "failed" && paged.error ? (
              <Failed error={paged.error} retry={paged.again} />
            ) : null}
            {paged.status === "ready" && paged.rows.length === 0 ? (
              <Empty
                title={show === "OPEN" ? "Nothing is waiting for an answer" : "None of these"}
                icon={<MailIcon size={22} />}
              >
                What visitors leave when nobody answers appears here and is answered by email.
              </Empty>
            ) : null}
            <ul className={live.rows} aria-label="Offline Queries">
              {paged.rows.map((row) => (
                <Item key={row.id} row={row} current={row.id === id} />
              ))}
            </ul>
            {paged.more ? (
              <div className={head.foot}>
                <Button variant="subtle" color="gray" loading={paged.loadingMore} onClick={paged.loadMore}>
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
          <Empty title="No query is open" icon={<MailIcon size={22} />}>
            Choose one from the list. <kbd>j</kbd> and <kbd>k</kbd> move, <kbd>Enter</kbd> opens.
          </Empty>
        </div>
      ) : (
        <Outlet />
      )}
    </Panes>
  );
}

function Item({ row, current }: { readonly row: OfflineQuery; readonly current: boolean }) {
  const several = useSeveralOrganizations();
  const name = senderName(row);
  return (
    <li
      className={live.row}
      data-testid="offline-query-row"
      data-row={row.id}
      data-state={row.state}
      data-current={current || undefined}
    >
      <Avatar name={name} />
      <div className={live.body}>
        <div className={live.line}>
          <Link
            to="/offline-queries/$id"
            params={{ id: row.id }}
            className={live.name}
            data-row-link
            data-unread={row.state === "OPEN" || undefined}
            aria-current={current}
          >
            {name}
          </Link>
          <Ago at={row.createdAt} />
        </div>
        <span className={live.where}>
          {row.aiAgent.name}
          {several ? ` · ${row.organization.name}` : ""}
        </span>
        <div className={live.line}>
          <span className={live.preview} dir="auto">
            {row.message}
          </span>
          <span className={head.state}>{stateLabels[row.state]}</span>
        </div>
      </div>
    </li>
  );
}

export function OneOfflineQuery() {
  const { id } = useParams({ from: "/offline-queries/$id" });
  const navigate = useNavigate();
  return <OfflineQueryView key={id} id={id} onBack={() => void navigate({ to: "/offline-queries" })} />;
}
