import { graphql, type ResultOf } from "../gql/graphql";

export const ReadinessQuery = graphql(`
  query Readiness($id: ID!) {
    readiness(aiAgentId: $id) {
      outcome at
      checks { code outcome finding fix permission viewerMay }
    }
  }
`);

export const RehearsalFields = graphql(`
  fragment RehearsalFields on Rehearsal @_unmask {
    id conversationId startedAt endsAt endedAt acceptedBy
    steps { name state at }
  }
`);

export type RehearsalData = ResultOf<typeof RehearsalFields>;
export type Check = ResultOf<typeof ReadinessQuery>["readiness"]["checks"][number];

export const RehearsalsQuery = graphql(
  `query Rehearsals($id: ID!) { rehearsals(aiAgentId: $id) { ...RehearsalFields } }`,
  [RehearsalFields],
);

export const StartRehearsalMutation = graphql(
  `mutation StartRehearsal($clientId: String!, $id: ID!) {
    startRehearsal(clientId: $clientId, aiAgentId: $id) { ...RehearsalFields }
  }`,
  [RehearsalFields],
);

export const EndRehearsalMutation = graphql(
  `mutation EndRehearsal($id: ID!) { endRehearsal(rehearsalId: $id) { ...RehearsalFields } }`,
  [RehearsalFields],
);
