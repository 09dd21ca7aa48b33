import { isStaff, useOrganizationId, useViewer } from "../shell/scope";

/**
 * What a refusal about the agency's own things names as its object. A client's people cannot see the agency, so they
 * name their organization: the answer is the same, and the names in it are people they know.
 */
export function useAgencyObject(): string {
  const viewer = useViewer();
  const organizationId = useOrganizationId();
  return isStaff(viewer) ? viewer.agency.id : (organizationId ?? viewer.agency.id);
}
