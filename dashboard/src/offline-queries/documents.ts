import { graphql, type ResultOf } from "../gql/graphql";

export const OfflineQueryFields = graphql(`
  fragment OfflineQueryFields on OfflineQuery @_unmask {
    id state rev email name message createdAt changedAt answerable
    organization { id name }
    aiAgent { id name }
  }
`);

export type OfflineQuery = ResultOf<typeof OfflineQueryFields>;

export const OfflineQueriesQuery = graphql(
  `query OfflineQueries($organizationId: ID, $states: [OfflineQueryState!], $after: String) {
    offlineQueries(organizationId: $organizationId, states: $states, first: 30, after: $after) {
      nodes { ...OfflineQueryFields }
      pageInfo { hasNextPage endCursor }
    }
  }`,
  [OfflineQueryFields],
);

export const OfflineQueryQuery = graphql(
  `query OfflineQuery($id: ID!) {
    offlineQuery(id: $id) {
      ...OfflineQueryFields
      history { action by at }
      conversation { id contentVisible }
    }
  }`,
  [OfflineQueryFields],
);

export const OpenOfflineQueriesQuery = graphql(
  `query OpenOfflineQueries($organizationId: ID) { openOfflineQueries(organizationId: $organizationId) }`,
);

export const AnswerMutation = graphql(
  `mutation AnswerOfflineQuery($clientId: String!, $id: ID!, $text: String!) {
    answerOfflineQuery(clientId: $clientId, offlineQueryId: $id, text: $text) { ...OfflineQueryFields }
  }`,
  [OfflineQueryFields],
);

export const CloseMutation = graphql(
  `mutation CloseOfflineQuery($id: ID!) { closeOfflineQuery(offlineQueryId: $id) { ...OfflineQueryFields } }`,
  [OfflineQueryFields],
);

export const ReopenMutation = graphql(
  `mutation ReopenOfflineQuery($id: ID!) { reopenOfflineQuery(offlineQueryId: $id) { ...OfflineQueryFields } }`,
  [OfflineQueryFields],
);
