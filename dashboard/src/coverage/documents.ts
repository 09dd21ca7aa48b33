import { graphql, type ResultOf } from "../gql/graphql";

export const CoverageFields = graphql(`
  fragment CoverageFields on Coverage @_unmask {
    id name timeZone startsAt endsAt endedAt active nextChangeAt
    hours { day from to }
    role { id name }
    users { id name }
  }
`);

export type CoverageData = ResultOf<typeof CoverageFields>;

export const CoveragesQuery = graphql(
  `query Coverages($organizationId: ID) { coverages(organizationId: $organizationId) { ...CoverageFields } }`,
  [CoverageFields],
);

export const CreateCoverageMutation = graphql(
  `mutation CreateCoverage(
    $clientId: String!, $organizationId: ID!, $name: String!, $userIds: [ID!]!, $roleId: ID!, $timeZone: String!,
    $hours: [CoverageHoursInput!]!, $endsAt: Time
  ) {
    createCoverage(
      clientId: $clientId, organizationId: $organizationId, name: $name, userIds: $userIds, roleId: $roleId,
      timeZone: $timeZone, hours: $hours, endsAt: $endsAt
    ) { ...CoverageFields }
  }`,
  [CoverageFields],
);

export const EndCoverageMutation = graphql(
  `mutation EndCoverage($id: ID!) { endCoverage(coverageId: $id) { ...CoverageFields } }`,
  [CoverageFields],
);
