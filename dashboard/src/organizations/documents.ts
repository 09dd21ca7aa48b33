import { graphql, type ResultOf } from "../gql/graphql";

export const OrganizationRow = graphql(`
  fragment OrganizationRow on Organization @_unmask {
    id name state logo createdAt lastActivityAt aiAgentCount
    suspendedAt suspensionReason deletedAt purgeAt
  }
`);

export type Row = ResultOf<typeof OrganizationRow>;

/** The two counts need permissions of their own, and whoever lacks one would get no list at all. */
export const OrganizationListQuery = graphql(
  `query OrganizationList(
    $search: String, $sort: OrganizationSort, $states: [OrganizationState!], $first: Int, $after: String,
    $team: Boolean!, $queue: Boolean!
  ) {
    organizations(search: $search, sort: $sort, states: $states, first: $first, after: $after) {
      nodes {
        ...OrganizationRow
        memberCount @include(if: $team)
        waitingCount @include(if: $queue)
      }
      pageInfo { hasNextPage endCursor }
    }
  }`,
  [OrganizationRow],
);

export type ListRow = ResultOf<typeof OrganizationListQuery>["organizations"]["nodes"][number];

export const OrganizationQuery = graphql(
  `query Organization($id: ID!) {
    organization(id: $id) {
      ...OrganizationRow
      language timeZone
      canEdit: viewerCan(permission: "organization.edit")
      canSuspend: viewerCan(permission: "organization.suspend")
      canDelete: viewerCan(permission: "organization.delete")
      canSeeTeam: viewerCan(permission: "team.view")
      canSeeQueue: viewerCan(permission: "live_chat.view_queue")
      canSeeAudit: viewerCan(permission: "audit.view")
      canAssign: viewerCan(permission: "ai_agent.assign")
    }
  }`,
  [OrganizationRow],
);

export type Frame = ResultOf<typeof OrganizationQuery>["organization"];

export const OrganizationNumbersQuery = graphql(`
  query OrganizationNumbers($id: ID!, $team: Boolean!, $queue: Boolean!) {
    organization(id: $id) {
      id aiAgentCount lastActivityAt
      memberCount @include(if: $team)
      waitingCount @include(if: $queue)
    }
  }
`);

export const RecentActivityQuery = graphql(`
  query RecentActivity($id: ID!) {
    auditEntries(organizationId: $id, first: 6) {
      nodes { id at summary actor { kind id name } as { id name } }
    }
  }
`);

export const CreateOrganizationMutation = graphql(
  `mutation CreateOrganization($clientId: String!, $name: String!, $language: String, $timeZone: String) {
    createOrganization(clientId: $clientId, name: $name, language: $language, timeZone: $timeZone) {
      ...OrganizationRow
    }
  }`,
  [OrganizationRow],
);

export const RenameOrganizationMutation = graphql(
  `mutation UpdateOrganization($id: ID!, $name: String) {
    updateOrganization(organizationId: $id, name: $name) { ...OrganizationRow }
  }`,
  [OrganizationRow],
);

export const SuspendOrganizationMutation = graphql(
  `mutation SuspendOrganization($id: ID!, $reason: String!) {
    changed: suspendOrganization(organizationId: $id, reason: $reason) { ...OrganizationRow }
  }`,
  [OrganizationRow],
);

export const ResumeOrganizationMutation = graphql(
  `mutation ResumeOrganization($id: ID!) { changed: resumeOrganization(organizationId: $id) { ...OrganizationRow } }`,
  [OrganizationRow],
);

export const DeleteOrganizationMutation = graphql(
  `mutation DeleteOrganization($id: ID!, $name: String!) {
    changed: deleteOrganization(organizationId: $id, name: $name) { ...OrganizationRow }
  }`,
  [OrganizationRow],
);

export const RestoreOrganizationMutation = graphql(
  `mutation RestoreOrganization($id: ID!) {
    changed: restoreOrganization(organizationId: $id) { ...OrganizationRow }
  }`,
  [OrganizationRow],
);

export const AgentsOfQuery = graphql(`
  query AgentsOf($organizationId: ID, $first: Int, $after: String) {
    aiAgents(organizationId: $organizationId, first: $first, after: $after) {
      nodes { id name organization { id name } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export type Agent = ResultOf<typeof AgentsOfQuery>["aiAgents"]["nodes"][number];

export const AssignAgentMutation = graphql(`
  mutation AssignAgentTo($id: ID!, $organizationId: ID) {
    assignAiAgent(aiAgentId: $id, organizationId: $organizationId) { id name organization { id name } }
  }
`);
