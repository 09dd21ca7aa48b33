import { brand } from "../brand/brand";
import { useOrganization, useOrganizationId, useViewer } from "../shell/scope";
import { useTitle } from "../ui/hooks";
import { Page } from "../ui/page";
import { AuditLog } from "./audit-log";

export function AuditPage() {
  const organizationId = useOrganizationId();
  const organization = useOrganization();
  const viewer = useViewer();
  useTitle(`Audit log · ${brand.name}`);
  const place = organizationId === null ? viewer.agency.name : organization?.name;
  return (
    <Page title="Audit log" sub={place}>
      {organizationId === null ? <AuditLog /> : <AuditLog organizationId={organizationId} />}
    </Page>
  );
}
