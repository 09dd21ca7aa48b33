import { Button, Tabs } from "@mantine/core";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useAsk } from "../api/use-ask";
import { brand } from "../brand/brand";
import { NoAccess } from "../shell/no-access";
import { chooseOrganization, isStaff, useOrganizationId, useViewer } from "../shell/scope";
import { useTitle } from "../ui/hooks";
import { Page } from "../ui/page";
import { Failed, RowSkeletons } from "../ui/states";
import { Ago } from "../ui/time";
import { AgentsTab } from "./agents-tab";
import { DeleteDialog, restore, resume, SuspendDialog } from "./change-state";
import { type Frame, OrganizationQuery } from "./documents";
import { OrganizationMark } from "./mark";
import css from "./organizations.module.css";
import { OverviewTab } from "./overview-tab";
import { type OrganizationTab, organizationTabs } from "./search";
import { SettingsTab } from "./settings-tab";

const People = lazy(() => import("../team/team").then(({ Team }) => ({ default: Team })));
const Activity = lazy(() => import("../audit/audit-log").then(({ AuditLog }) => ({ default: AuditLog })));

const names: Readonly<Record<OrganizationTab, string>> = {
  overview: "Overview",
  people: "People",
  "ai-agents": "AI Agents",
  settings: "Settings",
  activity: "Activity",
};

export function OrganizationPage() {
  const { id } = useParams({ from: "/organizations/$id" });
  const { data, loading, error, again } = useAsk(OrganizationQuery, { id });
  const organization = data?.organization;
  useTitle(`${organization?.name ?? "Organization"} · ${brand.name}`);
  if (loading) return <RowSkeletons />;
  if (error) return <Failed error={error} retry={again} />;
  if (!organization) return null;
  return <Loaded key={organization.id} organization={organization} again={again} />;
}

function Loaded({ organization, again }: { readonly organization: Frame; readonly again: () => void }) {
  const navigate = useNavigate();
  const { tab = "overview" } = useSearch({ from: "/organizations/$id" });
  const staff = isStaff(useViewer());
  const chosen = useOrganizationId();
  const { id } = organization;

  const open = (next: string | null) => {
    const found = organizationTabs.find((one) => one === next);
    void navigate({
      to: "/organizations/$id",
      params: { id },
      search: found && found !== "overview" ? { tab: found } : {},
      replace: true,
    });
  };

  return (
    <Page
      title={
        <span className={css.title}>
          <OrganizationMark organization={organization} small />
          {organization.name}
        </span>
      }
      sub={staff ? <Link to="/organizations">Organizations</Link> : null}
      actions={
        staff && chosen !== id && organization.state !== "DELETED" ? (
          <Button
            variant="default"
            title="Show live chats, conversations and AI agents of this organization only"
            onClick={() => {
              chooseOrganization(id);
              void navigate({ to: "/" });
            }}
          >
            Look at it alone
          </Button>
        ) : null
      }
    >
      <StateNotice organization={organization} again={again} />
      <Tabs value={tab} onChange={open} keepMounted={false} activateTabWithKeyboard={false}>
        <Tabs.List className={css.tabs} aria-label={organization.name}>
          {organizationTabs.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {names[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Suspense fallback={<RowSkeletons count={3} />}>
          <Tabs.Panel value="overview">
            <OverviewTab organization={organization} />
          </Tabs.Panel>
          <Tabs.Panel value="people">
            {organization.canSeeTeam ? (
              <People organizationId={id} place={organization.name} />
            ) : (
              <NoAccess permission="team.view" objectId={id} title="You cannot see its people" />
            )}
          </Tabs.Panel>
          <Tabs.Panel value="ai-agents">
            <AgentsTab organization={organization} />
          </Tabs.Panel>
          <Tabs.Panel value="settings">
            <SettingsTab organization={organization} />
            <DangerZone organization={organization} again={again} />
          </Tabs.Panel>
          <Tabs.Panel value="activity">
            {organization.canSeeAudit ? (
              <Activity organizationId={id} />
            ) : (
              <NoAccess permission="audit.view" objectId={id} title="You cannot see what happened here" />
            )}
          </Tabs.Panel>
        </Suspense>
      </Tabs>
    </Page>
  );
}

function StateNotice({ organization, again }: { readonly organization: Frame; readonly again: () => void }) {
  const [busy, setBusy] = useState(false);
  if (organization.state === "ACTIVE") return null;
  const suspended = organization.state === "SUSPENDED";
  const run = async () => {
    setBusy(true);
    if (await (suspended ? resume(organization) : restore(organization))) again();
    setBusy(false);
  };
  const since = suspended ? organization.suspendedAt : organization.deletedAt;
  return (
    <div className={css.notice} role="note" data-testid="organization-state">
      <div>
        <strong>{suspended ? "Suspended" : "In the bin"}</strong>
        {since ? (
          <>
            {" · "}
            <Ago at={since} />
          </>
        ) : null}
        {organization.suspensionReason && suspended ? (
          <div className={css.dim}>Reason: {organization.suspensionReason}</div>
        ) : null}
        <div className={css.dim}>Its people cannot sign in to it, and its widgets say “not available”.</div>
      </div>
      {(suspended ? organization.canSuspend : organization.canDelete) ? (
        <Button variant="default" loading={busy} onClick={() => void run()}>
          {suspended ? "Resume" : "Restore"}
        </Button>
      ) : null}
    </div>
  );
}

function DangerZone({ organization, again }: { readonly organization: Frame; readonly again: () => void }) {
  const navigate = useNavigate();
  const [doing, begin] = useState<"suspend" | "delete" | null>(null);
  const canSuspend = organization.canSuspend && organization.state === "ACTIVE";
  const canDelete = organization.canDelete && organization.state !== "DELETED";
  if (!canSuspend && !canDelete) return null;
  return (
    <div className={css.bar}>
      {canSuspend ? (
        <Button variant="default" onClick={() => begin("suspend")}>
          Suspend…
        </Button>
      ) : null}
      {canDelete ? (
        <Button variant="default" onClick={() => begin("delete")}>
          Delete…
        </Button>
      ) : null}
      <SuspendDialog
        organization={doing === "suspend" ? organization : null}
        onClose={() => begin(null)}
        onDone={() => {
          begin(null);
          again();
        }}
        onUndone={again}
      />
      <DeleteDialog
        organization={doing === "delete" ? organization : null}
        onClose={() => begin(null)}
        onDone={() => void navigate({ to: "/organizations" })}
      />
    </div>
  );
}
