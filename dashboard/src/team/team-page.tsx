import { Link } from "@tanstack/react-router";
import { brand } from "../brand/brand";
import { CoverageSection } from "../coverage/coverage-section";
import { NoAccess } from "../shell/no-access";
import { useOrganization, useOrganizationId, usePermissions } from "../shell/scope";
import { useTitle } from "../ui/hooks";
import { BuildingIcon } from "../ui/icons";
import { Page } from "../ui/page";
import { Empty, RowSkeletons } from "../ui/states";
import { Team } from "./team";

/** The team of the organization that is looked at. */
export function TeamPage() {
  const id = useOrganizationId();
  const organization = useOrganization();
  const may = usePermissions();
  useTitle(`Team · ${brand.name}`);
  if (id === null) {
    return (
      <Page title="Team">
        <Empty
          title="Choose an organization first"
          icon={<BuildingIcon size={22} />}
          action={<Link to="/organizations">All organizations</Link>}
        >
          Each organization has a team of its own. Choose one above the navigation; the agency’s own people
          are under Staff.
        </Empty>
      </Page>
    );
  }
  return (
    <Page title="Team" sub={organization?.name}>
      {!organization ? (
        <RowSkeletons />
      ) : may("team.view") ? (
        <>
          <Team key={id} organizationId={id} place={organization.name} />
          <CoverageSection key={`coverage ${id}`} organizationId={id} place={organization.name} />
        </>
      ) : (
        <NoAccess permission="team.view" objectId={id} title="You cannot see the team" />
      )}
    </Page>
  );
}
