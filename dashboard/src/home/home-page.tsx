import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useAsk } from "../api/use-ask";
import { brand } from "../brand/brand";
import { Waited } from "../live-chats/rows";
import { useInbox, visitorName } from "../live-chats/use-inbox";
import { OrganizationMark } from "../organizations/mark";
import { isStaff, useOrganization, useOrganizationId, usePermissions, useViewer } from "../shell/scope";
import { useTitle } from "../ui/hooks";
import { AgentIcon, ConversationsIcon, LiveIcon } from "../ui/icons";
import { Page } from "../ui/page";
import { AgentCountQuery, LiveCountQuery, TeamCountQuery } from "./documents";
import css from "./home.module.css";
import { OrganizationsGlance } from "./organizations-glance";
import { SetUp } from "./set-up";

/** One more than is told apart: "30+" needs no exact number. */
const COUNT_TO = 30;
const SHOW_PENDING = 5;

export function HomePage() {
  const viewer = useViewer();
  const organizationId = useOrganizationId();
  const organization = useOrganization();
  const may = usePermissions();
  const { pending, mine, synced } = useInbox();
  useTitle(`Home · ${brand.name}`);
  const answers = may("live_chat.view_queue");
  const reads = may("conversation.read");
  const { data } = useAsk(AgentCountQuery, { organizationId, first: COUNT_TO }, { of: ["AiAgent"] });
  const live = useAsk(LiveCountQuery, { organizationId, first: COUNT_TO }, { pause: !reads });
  const count = (list: { nodes: readonly unknown[]; pageInfo: { hasNextPage: boolean } } | undefined) =>
    list ? `${list.nodes.length}${list.pageInfo.hasNextPage ? "+" : ""}` : "–";
  const unread = mine.filter((row) => row.unread > 0);
  const agents = data?.aiAgents.nodes.length ?? null;
  const everything = isStaff(viewer) && organizationId === null;
  const invites = organizationId !== null && may("team.invite");
  const team = useAsk(TeamCountQuery, { organizationId: organizationId ?? "" }, { pause: !invites });
  const alone =
    team.data !== undefined && team.data.members.nodes.length < 2 && team.data.invitations.nodes.length === 0;
  const seen = pending.slice(0, SHOW_PENDING);

  return (
    <Page title={`Hello, ${viewer.user.name.split(" ")[0]}`} sub={organization?.name ?? viewer.agency.name}>
      {everything ? <SetUp /> : null}
      <div className={css.counts}>
        {answers ? (
          <>
            <Count
              to="/live-chats"
              search={{ tab: "pending" }}
              icon={<LiveIcon />}
              label="Waiting for a person"
            >
              {synced ? String(pending.length) : "–"}
            </Count>
            <Count to="/live-chats" search={{ tab: "active" }} icon={<LiveIcon />} label="My active chats">
              {synced ? String(mine.length) : "–"}
            </Count>
          </>
        ) : null}
        {reads ? (
          <Count
            to="/conversations"
            search={{ filter: "live" }}
            icon={<ConversationsIcon />}
            label="Live conversations"
          >
            {count(live.data?.conversations)}
          </Count>
        ) : null}
        <Count to="/ai-agents" search={{}} icon={<AgentIcon />} label="AI agents">
          {count(data?.aiAgents)}
        </Count>
      </div>
      <h2 className={css.heading}>What to do next</h2>
      <ul className={css.next}>
        {answers
          ? seen.map((row) => (
              <li key={row.id} data-testid="home-pending">
                <span className={css.organization}>
                  {everything && row.organization ? (
                    <OrganizationMark organization={row.organization} small />
                  ) : null}
                  <span>
                    <Link to="/live-chats/$id" params={{ id: row.id }} search={{ tab: "pending" }}>
                      {visitorName(row)} waits for a person
                    </Link>
                    {everything && row.organization ? (
                      <span className={css.dim}> · {row.organization.name}</span>
                    ) : null}
                  </span>
                </span>
                <Waited since={row.handoff?.requestedAt ?? row.lastActivityAt} />
              </li>
            ))
          : null}
        {answers && pending.length > seen.length ? (
          <li>
            <Link to="/live-chats" search={{ tab: "pending" }}>
              {pending.length - seen.length} more wait
            </Link>
          </li>
        ) : null}
        {unread.map((row) => (
          <li key={row.id}>
            <Link to="/live-chats/$id" params={{ id: row.id }} search={{ tab: "active" }}>
              Answer {visitorName(row)}
            </Link>
            <span className={css.dim}>
              {row.unread === 1 ? "1 unread message" : `${row.unread} unread messages`}
            </span>
          </li>
        ))}
        {agents === 0 ? (
          <li>
            <Link to="/ai-agents">
              {may("ai_agent.create") ? "Create the first AI agent" : "There is no AI agent yet"}
            </Link>
          </li>
        ) : null}
        {alone ? (
          <li>
            <Link to="/team">Invite your colleagues</Link>
            <span className={css.dim}>You are alone in the team</span>
          </li>
        ) : null}
        {pending.length === 0 && !alone && unread.length === 0 && agents !== 0 ? (
          <li className={css.dim}>
            {answers
              ? "Nobody waits for you. New requests ring and appear under Live Chats."
              : "Nothing is waiting for you."}
          </li>
        ) : null}
      </ul>
      {everything ? <OrganizationsGlance /> : null}
    </Page>
  );
}

function Count(props: {
  readonly to: "/live-chats" | "/conversations" | "/ai-agents";
  readonly search: Record<string, string>;
  readonly icon: ReactNode;
  readonly label: string;
  readonly children: string;
}) {
  return (
    <Link to={props.to} search={props.search} className={css.count}>
      <span className={css.label}>
        {props.icon} {props.label}
      </span>
      <span className={css.number}>{props.children}</span>
    </Link>
  );
}
