import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useAsk } from "../api/use-ask";
import { languageName } from "../ui/languages";
import { Section } from "../ui/page";
import { Failed, RowSkeletons } from "../ui/states";
import { Ago } from "../ui/time";
import { zoneLabel } from "../ui/time-zones";
import { type Frame, OrganizationNumbersQuery, RecentActivityQuery } from "./documents";
import css from "./organizations.module.css";
import { stateWord } from "./words";

export function OverviewTab({ organization }: { readonly organization: Frame }) {
  const { id } = organization;
  const { data, error, again } = useAsk(OrganizationNumbersQuery, {
    id,
    team: organization.canSeeTeam,
    queue: organization.canSeeQueue,
  });
  const numbers = data?.organization;
  const shown = (count: number | undefined) => count?.toLocaleString() ?? "–";
  return (
    <>
      {error ? <Failed error={error} retry={again} /> : null}
      <dl className={css.numbers}>
        {organization.canSeeQueue ? (
          <Count label="Waiting for a person">{shown(numbers?.waitingCount)}</Count>
        ) : null}
        <Count label="AI agents">{shown(numbers?.aiAgentCount)}</Count>
        {organization.canSeeTeam ? <Count label="People">{shown(numbers?.memberCount)}</Count> : null}
        <Count label="Last active" small>
          {numbers?.lastActivityAt ? <Ago at={numbers.lastActivityAt} /> : numbers ? "Not yet" : "–"}
        </Count>
      </dl>
      <Section id="about" title="About">
        <dl className={css.facts}>
          <dt>State</dt>
          <dd>{stateWord(organization.state)}</dd>
          <dt>Language</dt>
          <dd>{languageName(organization.language)}</dd>
          <dt>Time zone</dt>
          <dd>{zoneLabel(organization.timeZone, new Date())}</dd>
          <dt>Created</dt>
          <dd>
            <Ago at={organization.createdAt} />
          </dd>
        </dl>
      </Section>
      {organization.canSeeAudit ? <Recent id={id} /> : null}
    </>
  );
}

function Count(props: { readonly label: string; readonly small?: boolean; readonly children: ReactNode }) {
  return (
    <div className={css.number}>
      <dt>{props.label}</dt>
      <dd data-small={props.small || undefined}>{props.children}</dd>
    </div>
  );
}

function Recent({ id }: { readonly id: string }) {
  const { data, loading, error, again } = useAsk(RecentActivityQuery, { id }, { of: ["AuditEntry"] });
  const entries = data?.auditEntries.nodes ?? [];
  return (
    <Section
      id="recent"
      title="What happened last"
      actions={
        entries.length > 0 ? (
          <Link to="/organizations/$id" params={{ id }} search={{ tab: "activity" }}>
            All activity
          </Link>
        ) : null
      }
    >
      {loading ? <RowSkeletons count={3} /> : null}
      {error ? <Failed error={error} retry={again} /> : null}
      {data && entries.length === 0 ? <p className={css.dim}>Nothing has been changed here yet.</p> : null}
      <ul className={css.activity}>
        {entries.map((entry) => (
          <li key={entry.id}>
            <span>
              {entry.summary}
              <span className={css.dim}>
                {" "}
                {entry.actor.name}
                {entry.as ? ` as ${entry.as.name}` : ""}
              </span>
            </span>
            <span className={css.dim}>
              <Ago at={entry.at} />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
