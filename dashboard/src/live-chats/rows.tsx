import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Row } from "../conversations/documents";
import { LastActivity } from "../conversations/state-label";
import { IdleFlag } from "../ending/idle-flag";
import { type Claimed, waitLevel } from "../live/inbox";
import { OrganizationMark } from "../organizations/mark";
import { RehearsalFlag } from "../readiness/rehearsal-flag";
import { OfferMark } from "../routing/offer-mark";
import { useSeveralOrganizations } from "../shell/scope";
import { Avatar } from "../ui/avatar";
import { LockIcon } from "../ui/icons";
import { Ago, duration, exact, useNow } from "../ui/time";
import { dueLevel } from "../words/due";
import { FirstResponse } from "../words/response-clock";
import css from "./live-chats.module.css";
import { visitorName } from "./use-inbox";

/** Counts up each second; amber when half of the time for a first answer is gone, red when all of it is (A01). */
export function Waited({ since, dueBy }: { readonly since: string; readonly dueBy?: string | null }) {
  const now = useNow();
  const waited = Math.max(0, now - Date.parse(since));
  return (
    <span
      className={css.waited}
      data-level={
        dueBy ? dueLevel(Date.parse(dueBy) - now, Date.parse(dueBy) - Date.parse(since)) : waitLevel(waited)
      }
      data-testid="waited"
      title={`Waiting since ${exact(since)}`}
    >
      <span className="hidden-text">Waiting for </span>
      {duration(waited)}
    </span>
  );
}

function Where({ row }: { readonly row: Row }) {
  const several = useSeveralOrganizations();
  return (
    <span className={css.where} data-testid="row-where">
      {several && row.organization ? (
        <>
          <OrganizationMark organization={row.organization} small />
          <span className={css.whereName}>{row.organization.name}</span>
          <span aria-hidden="true">·</span>
        </>
      ) : null}
      <span className={css.whereAgent}>{row.aiAgent.name}</span>
      <RehearsalFlag row={row} />
    </span>
  );
}

export function PendingRow(props: {
  readonly row: Row;
  readonly current: boolean;
  readonly onAccept: () => Promise<void>;
}) {
  const { row } = props;
  const [busy, setBusy] = useState(false);
  const name = visitorName(row);
  return (
    <li
      className={css.row}
      data-testid="pending-row"
      data-row={row.id}
      data-current={props.current || undefined}
    >
      <Avatar name={name} />
      <div className={css.body}>
        <div className={css.line}>
          <Link
            to="/live-chats/$id"
            params={{ id: row.id }}
            search={{ tab: "pending" }}
            className={css.name}
            data-row-link
            aria-current={props.current}
          >
            {name}
          </Link>
          <Waited
            since={row.handoff?.requestedAt ?? row.lastActivityAt}
            dueBy={row.handoff?.respondBy ?? null}
          />
        </div>
        <Where row={row} />
        <OfferMark handoff={row.handoff} />
        <div className={css.line}>
          <span className={css.preview} dir="auto">
            {row.preview ?? "No message yet"}
          </span>
          <Button
            className={css.above}
            size="compact-sm"
            loading={busy}
            onClick={async () => {
              setBusy(true);
              await props.onAccept();
              setBusy(false);
            }}
          >
            Accept
          </Button>
        </div>
      </div>
    </li>
  );
}

export function ClaimedStub({ claimed }: { readonly claimed: Claimed<Row> }) {
  const name = claimed.holder || "a colleague";
  return (
    <li className={css.stub} data-testid="claimed-stub">
      <LockIcon size={14} />
      <span className={css.stubText}>
        Claimed by {name}
        {claimed.since ? (
          <>
            {" · since "}
            <Ago at={claimed.since} />
          </>
        ) : null}
      </span>
    </li>
  );
}

export function ActiveRow({ row, current }: { readonly row: Row; readonly current: boolean }) {
  const name = visitorName(row);
  return (
    <li className={css.row} data-testid="active-row" data-row={row.id} data-current={current || undefined}>
      <Avatar name={name} />
      <div className={css.body}>
        <div className={css.line}>
          <Link
            to="/live-chats/$id"
            params={{ id: row.id }}
            search={{ tab: "active" }}
            className={css.name}
            data-row-link
            data-unread={row.unread > 0 || undefined}
            aria-current={current}
          >
            {name}
          </Link>
          <IdleFlag since={row.idleAt} />
          <LastActivity row={row} />
        </div>
        <Where row={row} />
        <div className={css.line}>
          <span className={css.preview} dir="auto" data-unread={row.unread > 0 || undefined}>
            {row.preview ?? "No message yet"}
          </span>
          <FirstResponse conversation={row} />
          {row.unread > 0 ? (
            <span className={css.unread} title={`${row.unread} unread`}>
              <span className="hidden-text">Unread: </span>
              {row.unread}
            </span>
          ) : null}
        </div>
      </div>
    </li>
  );
}
