import { graphql, type ResultOf } from "../gql/graphql";

export const AgentCountQuery = graphql(`
  query AgentCount($organizationId: ID, $first: Int!) {
    aiAgents(organizationId: $organizationId, first: $first) { nodes { id } pageInfo { hasNextPage } }
  }
`);

export const LiveCountQuery = graphql(`
  query LiveCount($organizationId: ID, $first: Int!) {
    conversations(organizationId: $organizationId, filter: { live: true }, first: $first) {
      nodes { id }
      pageInfo { hasNextPage }
    }
  }
`);

export const AttentionQuery = graphql(`
  query OrganizationsAtAGlance($first: Int!, $team: Boolean!, $queue: Boolean!) {
    organizations(first: $first, sort: ACTIVITY, states: [ACTIVE, SUSPENDED]) {
      nodes {
        id name logo state suspensionReason aiAgentCount
        memberCount @include(if: $team)
        waitingCount @include(if: $queue)
      }
      pageInfo { hasNextPage }
    }
  }
`);

export type Glance = ResultOf<typeof AttentionQuery>["organizations"]["nodes"][number];

/** What a new agency has done already. Each part needs a permission of its own. */
export const SetUpQuery = graphql(`
  query SetUp($brand: Boolean!, $domain: Boolean!, $people: Boolean!) {
    brandSettings @include(if: $brand) { version images { kind } }
    domains @include(if: $domain) { id state }
    organizations(first: 1) { nodes { id } }
    members(first: 2) @include(if: $people) { nodes { id } }
    invitations(first: 1) @include(if: $people) { nodes { id } }
  }
`);

export type SetUpState = ResultOf<typeof SetUpQuery>;

export const TeamCountQuery = graphql(`
  query TeamCount($organizationId: ID!) {
    members(organizationId: $organizationId, first: 2) { nodes { id } }
    invitations(organizationId: $organizationId, first: 1) { nodes { id } }
  }
`);
