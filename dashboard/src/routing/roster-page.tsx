import { Link } from "@tanstack/react-router";
import { useAsk } from "../api/use-ask";
import { brand } from "../brand/brand";
import { NoAccess } from "../shell/no-access";
import { useOrganization, useOrganizationId, usePermissions } from "../shell/scope";
import { usePolling, useTitle } from "../ui/hooks";
import { BuildingIcon, PeopleIcon, WarnIcon } from "../ui/icons";
import { Page, Section } from "../ui/page";
import { Empty, Failed, RowSkeletons } from "../ui/states";
import { Ago } from "../ui/time";
import { type Roster, RosterQuery, type Team } from "./documents";
import { presenceWord } from "./presence";
import { PresenceDot } from "./presence-dot";
import css from "./routing.module.css";
import { Teams } from "./teams";

const LOOK_AGAIN_MS = 5_000;

/** Who is on, away and off in the organization that is looked at, and its teams. */
export function RosterPage() {
  const id = useOrganizationId();
  const organization = useOrganization();
  const may = usePermissions();
  useTitle(`Who is on · ${brand.name}`);
  if (id === null) {
    return (
      <Page title="Who is on">
        <Empty
          title="Choose an organization first"
          icon={<BuildingIcon size={22} />}
          action={<Link to="/organizations">All organizations</Link>}
        >
          Each organization has operators of its own. Choose one above the navigation.
        </Empty>
      </Page>
    );
  }
  if (!may("live_chat.view_queue")) {
    return (
      <Page title="Who is on" sub={organization?.name}>
        <NoAccess permission="live_chat.view_queue" objectId={id} title="You cannot see who is on" />
      </Page>
    );
  }
  return (
    <Page title="Who is on" sub={organization?.name}>
      <Both key={id} organizationId={id} mayEdit={may("routing.edit")} />
    </Page>
  );
}

function Both({ organizationId, mayEdit }: { readonly organizationId: string; readonly mayEdit: boolean }) {
  const { data, error, again } = useAsk(RosterQuery, { organizationId }, { of: ["Team", "Roster"] });
  usePolling(again, LOOK_AGAIN_MS);
  if (error) return <Failed error={error} retry={again} />;
  if (!data) return <RowSkeletons />;
  return (
    <>
      <People roster={data.roster} teams={data.teams} />
      <Teams
        organizationId={organizationId}
        teams={data.teams}
        people={data.roster.entries}
        mayEdit={mayEdit}
        again={again}
      />
    </>
  );
}

function People({ roster, teams }: { readonly roster: Roster; readonly teams: readonly Team[] }) {
  const there = roster.entries.filter((one) => one.presence === "ONLINE").length;
  const named = (ids: readonly string[]) =>
    teams
      .filter((team) => ids.includes(team.id))
      .map((team) => team.name)
      .join(", ");
  return (
    <Section
      id="roster"
      title="Operators"
      text={`${there} of ${roster.entries.length} available. One has at most ${roster.capacity} ${
        roster.capacity === 1 ? "chat" : "chats"
      } at a time.`}
    >
      {roster.nobodyThere ? (
        <p className={css.warning} role="alert" data-testid="nobody-there">
          <WarnIcon size={16} />
          Nobody is there to answer{roster.open ? " during business hours" : ""}. Visitors who ask for a
          person wait until somebody opens the dashboard and is available.
        </p>
      ) : null}
      {roster.entries.length === 0 ? (
        <Empty title="Nobody may answer live chats here" icon={<PeopleIcon size={22} />}>
          Give somebody a role with “Respond to Live Chats” under Team.
        </Empty>
      ) : null}
      <ul className={css.list} aria-label="Operators">
        {roster.entries.map((one) => (
          <li key={one.user.id} className={css.person} data-testid="roster-row">
            <PresenceDot presence={one.presence} bare />
            <span className={css.name}>{one.user.name}</span>
            <span className={css.dim}>
              {presenceWord(one.presence)}
              {one.since ? (
                <>
                  {" since "}
                  <Ago at={one.since} />
                </>
              ) : null}
            </span>
            <span className={css.dim}>{named(one.teamIds)}</span>
            <span className={css.load} data-full={one.chats >= roster.capacity || undefined}>
              {one.chats} of {roster.capacity} chats
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
