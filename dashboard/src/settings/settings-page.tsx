import { brand } from "../brand/brand";
import { isStaff, useOrganization, useOrganizationId, useViewer } from "../shell/scope";
import { useTitle } from "../ui/hooks";
import { Page, Section } from "../ui/page";
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
    </Page>
  );
}
