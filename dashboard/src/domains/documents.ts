import { graphql, type ResultOf } from "../gql/graphql";

export const DomainFields = graphql(`
  fragment DomainFields on Domain @_unmask {
    id host name state primary problem lastCheckedAt checking activeSince releasedAt createdAt
    records { type name value found ok }
  }
`);

export type Domain = ResultOf<typeof DomainFields>;

export const DomainsQuery = graphql(`query Domains { domains { ...DomainFields } }`, [DomainFields]);

export const AddDomainMutation = graphql(
  `mutation AddDomain($clientId: String!, $host: String!) {
    addDomain(clientId: $clientId, host: $host) { ...DomainFields }
  }`,
  [DomainFields],
);

export const CheckDomainMutation = graphql(
  `mutation CheckDomain($id: ID!) { checkDomain(domainId: $id) { ...DomainFields } }`,
  [DomainFields],
);

export const MakePrimaryMutation = graphql(
  `mutation MakeDomainPrimary($id: ID!) { makeDomainPrimary(domainId: $id) { ...DomainFields } }`,
  [DomainFields],
);

export const ReleaseDomainMutation = graphql(
  `mutation ReleaseDomain($id: ID!) { releaseDomain(domainId: $id) { ...DomainFields } }`,
  [DomainFields],
);
