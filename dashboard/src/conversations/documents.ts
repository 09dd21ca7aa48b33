import { AttachmentFields } from "../files/documents";
import { graphql, type ResultOf } from "../gql/graphql";

export const MessageFields = graphql(
  `
  fragment MessageFields on Message @_unmask {
    id seq kind text createdAt clientId offersHuman sources editedAt deletedAt via
    author { kind name userId }
    attachments { ...AttachmentFields }
  }
`,
  [AttachmentFields],
);

/** What a row of any list shows, as far as everybody who reads conversations may see it. */
export const RowBase = graphql(`
  fragment RowBase on Conversation @_unmask {
    id state version rev live contentVisible preview unread lastSeq tags language notesRev signals
    startedAt lastActivityAt lastVisitorMessageAt idleAt rehearsal
    organization { id name logo }
    aiAgent { id name }
    visitor { id name }
    assignee { id name }
  }
`);

/** For those who see the queue. The server refuses the whole question when somebody else asks for it. */
export const RowHandoff = graphql(`
  fragment RowHandoff on Conversation @_unmask {
    handoff {
      id state reason requestedAt acceptedAt endedAt closedBecause firstResponseAt respondBy acceptedBy { id name }
      team { id name } offeredTo { id name } offeredUntil
    }
  }
`);

export const ConversationRow = graphql(
  `
  fragment ConversationRow on Conversation @_unmask { ...RowBase ...RowHandoff }
`,
  [RowBase, RowHandoff],
);

/** A row, and what the conversation and its visitor panel show beyond it. */
export const FullBase = graphql(
  `
  fragment FullBase on Conversation @_unmask {
    ...RowBase
    visitorReadSeq operatorReadSeq
    visitor {
      id name email phone firstSeenAt pageUrl browser language timeZone referrer
      attributes { name value }
    }
    canNote: viewerCan(permission: "conversation.note")
    canSupervise: viewerCan(permission: "live_chat.supervise")
    canRespond: viewerCan(permission: "live_chat.respond")
    canComplete: viewerCan(permission: "live_chat.complete")
    canReturn: viewerCan(permission: "live_chat.return_to_ai")
    canIntervene: viewerCan(permission: "live_chat.intervene")
    canTransfer: viewerCan(permission: "live_chat.transfer")
    canReassign: viewerCan(permission: "live_chat.reassign")
    canPutBack: viewerCan(permission: "live_chat.release")
    lookers { id name }
    transfers { seq at note teamName from { id name } to { id name } }
  }
`,
  [RowBase],
);

export const ConversationFull = graphql(
  `
  fragment ConversationFull on Conversation @_unmask { ...FullBase ...RowHandoff }
`,
  [FullBase, RowHandoff],
);

export const ThreadQuery = graphql(
  `
  query Thread($id: ID!, $content: Boolean!) {
    conversation(id: $id) {
      ...ConversationFull
      cursor
      messages(last: 50) @include(if: $content) {
        nodes { ...MessageFields }
        pageInfo { hasPreviousPage startCursor }
      }
    }
  }
`,
  [ConversationFull, MessageFields],
);

export const OlderMessagesQuery = graphql(
  `
  query OlderMessages($id: ID!, $before: String!) {
    conversation(id: $id) {
      id
      messages(last: 50, before: $before) {
        nodes { ...MessageFields }
        pageInfo { hasPreviousPage startCursor }
      }
    }
  }
`,
  [MessageFields],
);

export const ThreadSubscription = graphql(
  `
  subscription ThreadEvents($id: ID!, $after: String) {
    conversationEvents(conversationId: $id, after: $after) {
      __typename
      ... on MessageAdded { cursor message { ...MessageFields } }
      ... on MessageChanged { message { ...MessageFields } }
      ... on ConversationChanged { conversation { ...ConversationFull } }
      ... on TypingChanged { author name typing }
      ... on LookersChanged { lookers { id name } }
      ... on AnswerProgress { answerId text }
      ... on Resync { cursor reason }
    }
  }
`,
  [ConversationFull, MessageFields],
);

export const SendMutation = graphql(
  `
  mutation SendMessage($clientId: String!, $id: ID!, $text: String!, $fileIds: [ID!]) {
    sendMessage(clientId: $clientId, conversationId: $id, text: $text, fileIds: $fileIds) { ...MessageFields }
  }
`,
  [MessageFields],
);

export const AcceptMutation = graphql(
  `mutation AcceptHandoff($handoffId: ID!) {
    acceptHandoff(handoffId: $handoffId) { ...ConversationFull }
  }`,
  [ConversationFull],
);

export const InterveneMutation = graphql(
  `mutation Intervene($id: ID!) { changed: intervene(conversationId: $id) { ...ConversationFull } }`,
  [ConversationFull],
);

export const CompleteMutation = graphql(
  `mutation Complete($id: ID!, $resolution: Resolution, $note: String) {
    changed: completeConversation(conversationId: $id, resolution: $resolution, note: $note) { ...ConversationFull }
  }`,
  [ConversationFull],
);

export const ReturnMutation = graphql(
  `mutation ReturnToAi($id: ID!) { changed: returnToAi(conversationId: $id) { ...ConversationFull } }`,
  [ConversationFull],
);

export const ReleaseMutation = graphql(
  `mutation Release($id: ID!) { changed: releaseConversation(conversationId: $id) { ...ConversationFull } }`,
  [ConversationFull],
);

export const TypingMutation = graphql(
  `mutation SetTyping($id: ID!, $typing: Boolean!) { setTyping(conversationId: $id, typing: $typing) }`,
);

export const MarkReadMutation = graphql(
  `mutation MarkRead($id: ID!, $seq: Int!) { markRead(conversationId: $id, seq: $seq) { ...ConversationRow } }`,
  [ConversationRow],
);

export const InboxSubscription = graphql(
  `
  subscription InboxEvents($organizationId: ID) {
    inboxEvents(organizationId: $organizationId) {
      __typename
      ... on InboxChanged { conversation { ...ConversationRow } }
      ... on InboxSynced { at }
      ... on InboxRestarted { at }
    }
  }
`,
  [ConversationRow],
);

export const ConversationsQuery = graphql(
  `
  query Conversations($organizationId: ID, $filter: ConversationFilter, $first: Int, $after: String) {
    conversations(organizationId: $organizationId, filter: $filter, first: $first, after: $after) {
      nodes { ...ConversationRow }
      pageInfo { hasNextPage endCursor }
    }
  }
`,
  [ConversationRow],
);

export type Message = ResultOf<typeof MessageFields>;
export type Row = ResultOf<typeof ConversationRow>;
export type Conversation = ResultOf<typeof ConversationFull>;
