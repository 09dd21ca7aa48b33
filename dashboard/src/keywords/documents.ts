import { graphql, type ResultOf } from "../gql/graphql";

export const KeywordAlertFields = graphql(`
  fragment KeywordAlertFields on KeywordAlert @_unmask {
    id name terms { kind text } aiAgentIds speakers userIds through cooldownMinutes enabled hits lastHitAt
  }
`);

export type KeywordAlert = ResultOf<typeof KeywordAlertFields>;
export type Term = KeywordAlert["terms"][number];

export const KeywordAlertsQuery = graphql(
  `query KeywordAlerts($organizationId: ID!) {
    keywordAlerts(organizationId: $organizationId) { ...KeywordAlertFields }
  }`,
  [KeywordAlertFields],
);

export const CreateKeywordAlertMutation = graphql(
  `mutation CreateKeywordAlert($clientId: String!, $organizationId: ID!, $input: KeywordAlertInput!) {
    createKeywordAlert(clientId: $clientId, organizationId: $organizationId, input: $input) { ...KeywordAlertFields }
  }`,
  [KeywordAlertFields],
);

export const UpdateKeywordAlertMutation = graphql(
  `mutation UpdateKeywordAlert($id: ID!, $input: KeywordAlertInput!) {
    updateKeywordAlert(keywordAlertId: $id, input: $input) { ...KeywordAlertFields }
  }`,
  [KeywordAlertFields],
);

export const SetEnabledMutation = graphql(
  `mutation SetKeywordAlertEnabled($id: ID!, $enabled: Boolean!) {
    setKeywordAlertEnabled(keywordAlertId: $id, enabled: $enabled) { ...KeywordAlertFields }
  }`,
  [KeywordAlertFields],
);

export const DeleteKeywordAlertMutation = graphql(
  `mutation DeleteKeywordAlert($id: ID!) { deleteKeywordAlert(keywordAlertId: $id) }`,
);

export const HitFields = graphql(`
  fragment KeywordHitFields on KeywordHit @_unmask {
    id terms speaker at told conversationId visitorName
  }
`);

export type Hit = ResultOf<typeof HitFields>;

export const HitsQuery = graphql(
  `query KeywordHits($id: ID!, $after: String) {
    keywordHits(keywordAlertId: $id, first: 20, after: $after) {
      nodes { ...KeywordHitFields } pageInfo { hasNextPage endCursor }
    }
  }`,
  [HitFields],
);

export const TryQuery = graphql(
  `query TryKeywordAlert($terms: [KeywordTermInput!]!, $text: String!) {
    tryKeywordAlert(terms: $terms, text: $text) {
      terms { found message position } pieces { text found }
    }
  }`,
);

export const ChoicesQuery = graphql(
  `query KeywordChoices($organizationId: ID!, $people: Boolean!) {
    aiAgents(organizationId: $organizationId, first: 100) { nodes { id name } }
    members(organizationId: $organizationId, first: 100) @include(if: $people) { nodes { id user { id name } } }
  }`,
);
