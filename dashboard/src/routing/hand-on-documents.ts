import { ConversationFull } from "../conversations/documents";
import { graphql } from "../gql/graphql";

export const TransferMutation = graphql(
  `mutation TransferConversation($id: ID!, $userId: ID, $teamId: ID, $note: String, $anyway: Boolean) {
    changed: transferConversation(
      conversationId: $id, userId: $userId, teamId: $teamId, note: $note, anyway: $anyway
    ) { ...ConversationFull }
  }`,
  [ConversationFull],
);

export const ReassignMutation = graphql(
  `mutation ReassignConversation($id: ID!, $userId: ID!, $note: String, $anyway: Boolean) {
    changed: reassignConversation(conversationId: $id, userId: $userId, note: $note, anyway: $anyway) {
      ...ConversationFull
    }
  }`,
  [ConversationFull],
);

export const RequeueMutation = graphql(
  `mutation RequeueConversation($id: ID!) {
    changed: requeueConversation(conversationId: $id) { ...ConversationFull }
  }`,
  [ConversationFull],
);
