import { graphql, type ResultOf } from "../gql/graphql";

export const ApiKeyFields = graphql(`
  fragment ApiKeyFields on ApiKey @_unmask {
    id name roleName hint state createdAt expiresAt lastUsedAt revokedAt createdBy { name }
  }
`);

export type ApiKey = ResultOf<typeof ApiKeyFields>;

export const ApiKeysQuery = graphql(
  `query ApiKeys($organizationId: ID, $after: String) {
    apiKeys(organizationId: $organizationId, first: 20, after: $after) {
      nodes { ...ApiKeyFields } pageInfo { hasNextPage endCursor }
    }
  }`,
  [ApiKeyFields],
);

export const ApiKeyRolesQuery = graphql(
  `query ApiKeyRoles($organizationId: ID) {
    apiKeyRoles(organizationId: $organizationId) { id name description givable }
  }`,
);

export const CreateApiKeyMutation = graphql(
  `mutation CreateApiKey($clientId: String!, $organizationId: ID, $input: ApiKeyInput!) {
    createApiKey(clientId: $clientId, organizationId: $organizationId, input: $input) {
      secret apiKey { ...ApiKeyFields }
    }
  }`,
  [ApiKeyFields],
);

export const RevokeApiKeyMutation = graphql(
  `mutation RevokeApiKey($id: ID!) { revokeApiKey(apiKeyId: $id) { ...ApiKeyFields } }`,
  [ApiKeyFields],
);
