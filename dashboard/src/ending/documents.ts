import { graphql, type ResultOf } from "../gql/graphql";

/** What has to be known before a chat is completed: asked when somebody is about to, so that it is never old. */
export const BeforeCompletingQuery = graphql(`
  query BeforeCompleting($id: ID!) {
    conversation(id: $id) {
      id asksResolution
      messages(last: 20) { nodes { id kind author { kind } } }
    }
  }
`);

export const EndingFields = graphql(`
  fragment EndingFields on Handoff @_unmask {
    id intent state resolution endingNote rating ratingText completedBy { id name }
  }
`);

export const EndingQuery = graphql(
  `query Ending($id: ID!) { conversation(id: $id) { id handoff { ...EndingFields } } }`,
  [EndingFields],
);

export const TranscriptQuery = graphql(`
  query TranscriptRights($id: ID!) {
    conversation(id: $id) { id canExport: viewerCan(permission: "conversation.export") }
  }
`);

export const EmailTranscriptMutation = graphql(`
  mutation EmailTranscript($id: ID!, $email: String!) { emailTranscript(conversationId: $id, email: $email) }
`);

export type Ending = ResultOf<typeof EndingFields>;
export type Resolution = NonNullable<Ending["resolution"]>;
