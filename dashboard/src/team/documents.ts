import { graphql, type ResultOf } from "../gql/graphql";

export const MemberFields = graphql(`
  fragment MemberFields on Member @_unmask {
    id email
    user { id name }
    role { id name level permissions }
    organization { id name }
    allAiAgents aiAgents { id name }
    allOrganizations organizations { id name }
    suspended lastSeenAt hasSecondFactor mustChangePassword createdAt isViewer isLastOwner
  }
`);

export type Member = ResultOf<typeof MemberFields>;

export const MembersQuery = graphql(
  `query Members($organizationId: ID, $search: String, $first: Int, $after: String) {
    members(organizationId: $organizationId, search: $search, first: $first, after: $after) {
      nodes { ...MemberFields }
      pageInfo { hasNextPage endCursor }
    }
  }`,
  [MemberFields],
);

export const InvitationFields = graphql(`
  fragment InvitationFields on Invitation @_unmask {
    id email name state createdAt expiresAt sentAt
    role { id name }
    invitedBy { id name }
    aiAgents { id name }
    organizations { id name }
  }
`);

export type Invitation = ResultOf<typeof InvitationFields>;

export const InvitationsQuery = graphql(
  `query Invitations($organizationId: ID, $first: Int, $after: String) {
    invitations(organizationId: $organizationId, first: $first, after: $after) {
      nodes { ...InvitationFields }
      pageInfo { hasNextPage endCursor }
    }
  }`,
  [InvitationFields],
);

export const RolesQuery = graphql(`
  query GivableRoles($organizationId: ID) {
    roles(organizationId: $organizationId) {
      givable reason
      role { id name description builtIn permissions }
    }
  }
`);

export type GivableRole = ResultOf<typeof RolesQuery>["roles"][number];

export const AgentChoicesQuery = graphql(`
  query AgentChoices($organizationId: ID) {
    aiAgents(organizationId: $organizationId, first: 100) { nodes { id name } pageInfo { hasNextPage } }
  }
`);

export const InviteMutation = graphql(
  `mutation InviteMember(
    $clientId: String!, $organizationId: ID, $email: String!, $name: String, $roleId: ID!,
    $aiAgentIds: [ID!], $organizationIds: [ID!]
  ) {
    inviteMember(
      clientId: $clientId, organizationId: $organizationId, email: $email, name: $name, roleId: $roleId,
      aiAgentIds: $aiAgentIds, organizationIds: $organizationIds
    ) { ...InvitationFields }
  }`,
  [InvitationFields],
);

export const CreateMemberMutation = graphql(
  `mutation CreateMember(
    $clientId: String!, $organizationId: ID, $email: String!, $name: String!, $roleId: ID!,
    $aiAgentIds: [ID!], $organizationIds: [ID!]
  ) {
    createMember(
      clientId: $clientId, organizationId: $organizationId, email: $email, name: $name, roleId: $roleId,
      aiAgentIds: $aiAgentIds, organizationIds: $organizationIds
    ) { password member { ...MemberFields } }
  }`,
  [MemberFields],
);

export const ResendMutation = graphql(
  `mutation ResendInvitation($id: ID!) { changed: resendInvitation(invitationId: $id) { ...InvitationFields } }`,
  [InvitationFields],
);

export const RevokeMutation = graphql(
  `mutation RevokeInvitation($id: ID!) { changed: revokeInvitation(invitationId: $id) { ...InvitationFields } }`,
  [InvitationFields],
);

export const SetRoleMutation = graphql(
  `mutation SetMemberRole($id: ID!, $roleId: ID!) {
    changed: setMemberRole(membershipId: $id, roleId: $roleId) { ...MemberFields }
  }`,
  [MemberFields],
);

export const LimitToAgentsMutation = graphql(
  `mutation LimitMemberToAiAgents($id: ID!, $limited: Boolean!) {
    changed: limitMemberToAiAgents(membershipId: $id, limited: $limited) { ...MemberFields }
  }`,
  [MemberFields],
);

export const AddAgentMutation = graphql(
  `mutation AddMemberAiAgent($id: ID!, $of: ID!) {
    changed: addMemberAiAgent(membershipId: $id, aiAgentId: $of) { ...MemberFields }
  }`,
  [MemberFields],
);

export const RemoveAgentMutation = graphql(
  `mutation RemoveMemberAiAgent($id: ID!, $of: ID!) {
    changed: removeMemberAiAgent(membershipId: $id, aiAgentId: $of) { ...MemberFields }
  }`,
  [MemberFields],
);

export const LimitToOrganizationsMutation = graphql(
  `mutation LimitMemberToOrganizations($id: ID!, $limited: Boolean!) {
    changed: limitMemberToOrganizations(membershipId: $id, limited: $limited) { ...MemberFields }
  }`,
  [MemberFields],
);

export const AddOrganizationMutation = graphql(
  `mutation AddMemberOrganization($id: ID!, $of: ID!) {
    changed: addMemberOrganization(membershipId: $id, organizationId: $of) { ...MemberFields }
  }`,
  [MemberFields],
);

export const RemoveOrganizationMutation = graphql(
  `mutation RemoveMemberOrganization($id: ID!, $of: ID!) {
    changed: removeMemberOrganization(membershipId: $id, organizationId: $of) { ...MemberFields }
  }`,
  [MemberFields],
);

export const SuspendMemberMutation = graphql(
  `mutation SuspendMember($id: ID!) { changed: suspendMember(membershipId: $id) { ...MemberFields } }`,
  [MemberFields],
);

export const ResumeMemberMutation = graphql(
  `mutation ResumeMember($id: ID!) { changed: resumeMember(membershipId: $id) { ...MemberFields } }`,
  [MemberFields],
);

export const RemoveMemberMutation = graphql(
  `mutation RemoveMember($id: ID!) { removeMember(membershipId: $id) }`,
);

export const ResetFactorMutation = graphql(
  `mutation ResetMemberSecondFactor($id: ID!) {
    changed: resetMemberSecondFactor(membershipId: $id) { ...MemberFields }
  }`,
  [MemberFields],
);

export const DemandFactorMutation = graphql(`
  mutation SetSecondFactorDemanded($demanded: Boolean!) {
    setSecondFactorDemanded(demanded: $demanded) { id demandsSecondFactor }
  }
`);
