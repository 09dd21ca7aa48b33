import { graphql, type ResultOf } from "../gql/graphql";

export const LadderFields = graphql(`
  fragment LadderFields on EscalationLadder @_unmask {
    origin editable repeatSeconds
    steps { afterSeconds whom address channels }
  }
`);

export type Ladder = ResultOf<typeof LadderFields>;
export type Step = Ladder["steps"][number];

export const LadderQuery = graphql(
  `query EscalationLadder($organizationId: ID) {
    escalationLadder(organizationId: $organizationId) { ...LadderFields }
  }`,
  [LadderFields],
);

export const UpdateLadderMutation = graphql(
  `mutation UpdateEscalationLadder($organizationId: ID, $steps: [EscalationStepInput!], $repeatSeconds: Int) {
    updateEscalationLadder(organizationId: $organizationId, steps: $steps, repeatSeconds: $repeatSeconds) { ...LadderFields }
  }`,
  [LadderFields],
);

export const StepsQuery = graphql(`
  query HandoffSteps($id: ID!) {
    conversation(id: $id) {
      id
      handoff { id state steps { at whom address channel outcome people } }
    }
  }
`);

export type Taken = NonNullable<ResultOf<typeof StepsQuery>["conversation"]["handoff"]>["steps"][number];
