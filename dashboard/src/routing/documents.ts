import { graphql, type ResultOf } from "../gql/graphql";

export const PresenceFields = graphql(`
  fragment PresenceFields on OwnPresence @_unmask { presence choice since lostChats }
`);

export const PresenceQuery = graphql(`query OwnPresence { presence { ...PresenceFields } }`, [
  PresenceFields,
]);

export const SetPresenceMutation = graphql(
  `mutation SetPresence($presence: Presence!) { presence: setPresence(presence: $presence) { ...PresenceFields } }`,
  [PresenceFields],
);

export const AcknowledgeMutation = graphql(
  `mutation AcknowledgeLostChats { presence: acknowledgeLostChats { ...PresenceFields } }`,
  [PresenceFields],
);

export const RosterQuery = graphql(`
  query Roster($organizationId: ID!) {
    roster(organizationId: $organizationId) {
      capacity open nobodyThere
      entries { user { id name } presence since chats teamIds }
    }
    teams(organizationId: $organizationId) { id name topics members { id name } }
  }
`);

export const CreateTeamMutation = graphql(`
  mutation CreateTeam($clientId: String!, $organizationId: ID!, $name: String!, $topics: [String!]) {
    createTeam(clientId: $clientId, organizationId: $organizationId, name: $name, topics: $topics) { id name }
  }
`);

export const UpdateTeamMutation = graphql(`
  mutation UpdateTeam($teamId: ID!, $name: String!, $topics: [String!]!) {
    updateTeam(teamId: $teamId, name: $name, topics: $topics) { id name topics }
  }
`);

export const DeleteTeamMutation = graphql(
  `mutation DeleteTeam($teamId: ID!) { deleteTeam(teamId: $teamId) }`,
);

export const AddTeamMemberMutation = graphql(`
  mutation AddTeamMember($teamId: ID!, $userId: ID!) { addTeamMember(teamId: $teamId, userId: $userId) { id } }
`);

export const RemoveTeamMemberMutation = graphql(`
  mutation RemoveTeamMember($teamId: ID!, $userId: ID!) {
    removeTeamMember(teamId: $teamId, userId: $userId) { id }
  }
`);

export type OwnPresence = ResultOf<typeof PresenceFields>;
export type Presence = OwnPresence["presence"];
export type Roster = ResultOf<typeof RosterQuery>["roster"];
export type RosterEntry = Roster["entries"][number];
export type Team = ResultOf<typeof RosterQuery>["teams"][number];
