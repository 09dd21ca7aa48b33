import { graphql, type ResultOf } from "../gql/graphql";

export const MatrixQuery = graphql(`
  query AccessMatrix($organizationId: ID) {
    accessMatrix(organizationId: $organizationId) {
      switches { name level description permissions { name description } }
      rows {
        user { id name }
        role { id name }
        staff suspended permissions
        limitedTo { id name }
      }
    }
  }
`);

export type Matrix = ResultOf<typeof MatrixQuery>["accessMatrix"];

export const MatrixCsvQuery = graphql(`
  query AccessMatrixCsv($organizationId: ID) { accessMatrixCsv(organizationId: $organizationId) }
`);

export const ExplainCellQuery = graphql(`
  query ExplainCell($userId: ID!, $permission: String!, $objectId: ID!) {
    explainAccess(userId: $userId, permission: $permission, objectId: $objectId) {
      allowed reason message rule
      grantableBy { id name }
    }
  }
`);
