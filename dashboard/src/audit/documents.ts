import { graphql, type ResultOf } from "../gql/graphql";

export const AuditEntryFields = graphql(`
  fragment AuditEntryFields on AuditEntry @_unmask {
    id at action summary objectId objectName before after address hash
    actor { kind id name }
    as { kind id name }
    organization { id name }
  }
`);

export type AuditEntry = ResultOf<typeof AuditEntryFields>;

export const AuditQuery = graphql(
  `query Audit($organizationId: ID, $filter: AuditFilter, $after: String) {
    auditEntries(organizationId: $organizationId, filter: $filter, first: 50, after: $after) {
      nodes { ...AuditEntryFields }
      pageInfo { hasNextPage endCursor }
    }
  }`,
  [AuditEntryFields],
);

export const AuditCsvQuery = graphql(`
  query AuditCsv($organizationId: ID, $filter: AuditFilter) {
    auditCsv(organizationId: $organizationId, filter: $filter)
  }
`);

export const AuditCheckQuery = graphql(`
  query AuditCheck($organizationId: ID) {
    auditCheck(organizationId: $organizationId) { entries whole brokenAt head }
  }
`);

export const AuditPeopleQuery = graphql(`
  query AuditPeople($organizationId: ID) {
    members(organizationId: $organizationId, first: 100) { nodes { id user { id name } } }
  }
`);
