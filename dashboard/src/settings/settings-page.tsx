import { brand } from "../brand/brand";
import { BusinessHours } from "../hours/business-hours";
import { CalendarsSection } from "../hours/calendars-section";
import { LadderSection } from "../ladder/ladder-section";
import { NotificationDefaultsSection } from "../notifications/defaults-section";
import { isStaff, useOrganization, useOrganizationId, useViewer } from "../shell/scope";
import { useTitle } from "../ui/hooks";
import { Page, Section } from "../ui/page";
import { BlocksSection } from "../visitors/blocks-section";
import { CannedRepliesSection } from "../words/canned-section";
import { AgencySettings, OrganizationSettings } from "./organization-settings";

/** What holds where one is looking: in one organization, or for all of the agency. */
export function SettingsPage() {
  const viewer = useViewer();
  const organizationId = useOrganizationId();
  const name = useOrganization()?.name;
  useTitle(`Settings · ${brand.name}`);

  if (organizationId === null) {
    return (
      <Page title="Settings" sub={isStaff(viewer) ? viewer.agency.name : undefined}>
        <Section
          id="defaults"
          title="Defaults"
          text="What each organization has until it chooses for itself, and what is left for it to choose. Choose one organization in the navigation to see its own settings."
        >
          <AgencySettings />
        </Section>
        <LadderSection organizationId={null} />
        {isStaff(viewer) ? (
          <>
            <Section
              id="hours"
              title="Business hours"
              text="When people can be asked for, wherever neither the organization nor the AI agent says otherwise."
            >
              <BusinessHours organizationId={null} aiAgentId={null} />
            </Section>
            <CalendarsSection />
          </>
        ) : null}
        <CannedRepliesSection organizationId={null} agencyId={viewer.agency.id} />
      </Page>
    );
  }
  return (
    <Page title="Settings" sub={name}>
      <Section
        id="settings"
        title={name ?? "Settings"}
        text="What holds in this organization. Each value says where it comes from."
      >
        <OrganizationSettings organizationId={organizationId} />
      </Section>
      <LadderSection organizationId={organizationId} />
      <NotificationDefaultsSection organizationId={organizationId} />
      <Section
        id="hours"
        title="Business hours"
        text="When people can be asked for, wherever an AI agent has no hours of its own."
      >
        <BusinessHours organizationId={organizationId} aiAgentId={null} />
      </Section>
      <CannedRepliesSection
        key={organizationId}
        organizationId={organizationId}
        agencyId={viewer.agency.id}
      />
      <BlocksSection organizationId={organizationId} />
    </Page>
  );
}
