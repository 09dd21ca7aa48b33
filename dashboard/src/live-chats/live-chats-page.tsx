import { Tabs } from "@mantine/core";
import { Outlet, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { brand } from "../brand/brand";
import { accept } from "../conversations/actions";
import { ConversationView } from "../conversations/conversation-view";
import { OwnLoad } from "../routing/own-load";
import { usePermissions, useSeveralOrganizations } from "../shell/scope";
import { useKeys, useTitle } from "../ui/hooks";
import { LiveIcon, LockIcon } from "../ui/icons";
import { focusedRow, useListKeys } from "../ui/list-keys";
import { Panes } from "../ui/panes";
import { Select } from "../ui/select";
import { Empty, RowSkeletons } from "../ui/states";
import { ofOrganization, organizationsIn } from "./by-organization";
import css from "./live-chats.module.css";
import { ActiveRow, ClaimedStub, PendingRow } from "./rows";
import { useInbox } from "./use-inbox";

export function LiveChatsPage() {
  const navigate = useNavigate();
  const { id } = useParams({ strict: false });
  const search = useSearch({ from: "/live-chats" });
  const tab = search.tab ?? "pending";
  const inbox = useInbox();
  const { synced } = inbox;
  const several = useSeveralOrganizations();
  const [only, showOnly] = useState<string | null>(null);
  const shown = several ? only : null;
  const pending = ofOrganization(inbox.pending, shown);
  const mine = ofOrganization(inbox.mine, shown);
  const claimed = inbox.claimed.filter(
    (one) => shown === null || one.conversation.organization?.id === shown,
  );
  const organizations = organizationsIn([
    ...inbox.pending,
    ...inbox.mine,
    ...inbox.claimed.map((one) => one.conversation),
  ]);
  const list = useRef<HTMLDivElement>(null);
  const may = usePermissions();
  useTitle(`Live Chats · ${brand.name}`);
  useListKeys(list);

  const take = async (conversationId: string) => {
    const row = pending.find((one) => one.id === conversationId);
    if (!row || !(await accept(row))) return;
    await navigate({ to: "/live-chats/$id", params: { id: row.id }, search: { tab: "active" } });
  };

  useKeys({
    a: () => {
      const target = focusedRow() ?? pending[0]?.id;
      if (target) void take(target);
    },
  });

  if (!may("live_chat.view_queue")) {
    return (
      <Empty title="You do not answer live chats yet" icon={<LockIcon size={22} />}>
        The permission “Respond to Live Chats” is missing. Whoever manages your team can give it to you.
      </Empty>
    );
  }

  return (
    <Panes
      open={id !== undefined}
      list={
        <Tabs
          value={tab}
          onChange={(value) =>
            void navigate({ to: "/live-chats", search: { tab: value === "active" ? "active" : "pending" } })
          }
          className={css.tabs}
          keepMounted={false}
        >
          <h1 className="hidden-text">Live Chats</h1>
          <Tabs.List className={css.tabList} aria-label="Live Chats">
            <LabelledTab value="pending" label="Pending Requests" count={pending.length} waiting />
            <LabelledTab value="active" label="Active Chats" count={mine.length} />
          </Tabs.List>
          {several && (organizations.length > 1 || only !== null) ? (
            <div className={css.filter} data-testid="organization-filter">
              <Select
                label="Organization"
                inline
                value={only ?? ""}
                onChange={(value) => showOnly(value || null)}
                options={[
                  { value: "", label: `All organizations (${organizations.length})` },
                  ...organizations.map((one) => ({ value: one.id, label: `${one.name} (${one.count})` })),
                  ...(only !== null && !organizations.some((one) => one.id === only)
                    ? [{ value: only, label: "Nothing left here" }]
                    : []),
                ]}
              />
            </div>
          ) : null}
          <div className={css.scroll} ref={list}>
            <Tabs.Panel value="pending">
              {!synced ? <RowSkeletons /> : null}
              {synced && pending.length === 0 ? (
                <Empty title="Nobody is waiting" icon={<LiveIcon size={22} />}>
                  A request appears here the moment a visitor asks for a person. Keep this page open.
                </Empty>
              ) : null}
              <ul className={css.rows} aria-label="Pending Requests">
                {pending.map((row) => (
                  <PendingRow key={row.id} row={row} current={row.id === id} onAccept={() => take(row.id)} />
                ))}
              </ul>
              {claimed.length > 0 ? (
                <section aria-label="With colleagues">
                  <h2 className={css.quiet}>With colleagues</h2>
                  <ul className={css.rows}>
                    {claimed.map((one) => (
                      <ClaimedStub key={one.conversation.id} claimed={one} />
                    ))}
                  </ul>
                </section>
              ) : null}
            </Tabs.Panel>
            <Tabs.Panel value="active">
              <OwnLoad chats={inbox.mine.length} />
              {!synced ? <RowSkeletons /> : null}
              {synced && mine.length === 0 ? (
                <Empty title="You have no active chats" icon={<LiveIcon size={22} />}>
                  {pending.length > 0
                    ? "Accept a pending request to begin one."
                    : "Accept a request, or continue a live conversation yourself under Conversations."}
                </Empty>
              ) : null}
              <ul className={css.rows} aria-label="Active Chats">
                {mine.map((row) => (
                  <ActiveRow key={row.id} row={row} current={row.id === id} />
                ))}
              </ul>
            </Tabs.Panel>
          </div>
        </Tabs>
      }
    >
      {id === undefined ? (
        <div className={css.nothing}>
          <Empty title="No chat is open" icon={<LiveIcon size={22} />}>
            Choose one from the list. <kbd>j</kbd> and <kbd>k</kbd> move, <kbd>Enter</kbd> opens, <kbd>a</kbd>{" "}
            accepts.
          </Empty>
        </div>
      ) : (
        <Outlet />
      )}
    </Panes>
  );
}

function LabelledTab(props: {
  readonly value: string;
  readonly label: string;
  readonly count: number;
  readonly waiting?: boolean;
}) {
  return (
    <Tabs.Tab value={props.value} className={css.tab}>
      {props.label}
      <span
        className={css.count}
        data-waiting={(props.waiting && props.count > 0) || undefined}
        data-testid={`${props.value}-count`}
        aria-hidden="true"
      >
        {props.count}
      </span>
    </Tabs.Tab>
  );
}

export function LiveChat() {
  const { id } = useParams({ from: "/live-chats/$id" });
  const { tab } = useSearch({ from: "/live-chats" });
  const { pending, mine } = useInbox();
  const navigate = useNavigate();

  // An address without a tab (a mail, a notice) shows the list that the chat is in.
  const isMine = mine.some((row) => row.id === id);
  const isPending = pending.some((row) => row.id === id);
  useEffect(() => {
    if (tab || (!isMine && !isPending)) return;
    void navigate({
      to: "/live-chats/$id",
      params: { id },
      search: { tab: isMine ? "active" : "pending" },
      replace: true,
    });
  }, [tab, isMine, isPending, id, navigate]);

  return (
    <ConversationView
      key={id}
      id={id}
      onBack={() => void navigate({ to: "/live-chats", search: tab ? { tab } : {} })}
      onTaken={() => void navigate({ to: "/live-chats/$id", params: { id }, search: { tab: "active" } })}
    />
  );
}
