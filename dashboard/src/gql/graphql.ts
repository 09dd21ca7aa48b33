import { initGraphQLTada } from "gql.tada";
import type { introspection } from "./desk-env";

/** Typed documents against schema/desk.graphql; `npm run types` renews the typings after the schema changed. */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { Time: string; ID: string };
}>();

export type { FragmentOf, ResultOf, VariablesOf } from "gql.tada";
