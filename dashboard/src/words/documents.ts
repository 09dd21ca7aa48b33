import { graphql, type ResultOf } from "../gql/graphql";

export const CannedReplyFields = graphql(`
  fragment CannedReplyFields on CannedReply @_unmask {
    id ofAgency shortcut title text tags position
  }
`);

export type CannedReply = ResultOf<typeof CannedReplyFields>;

export const CannedRepliesQuery = graphql(
  `query CannedReplies($organizationId: ID) {
    cannedReplies(organizationId: $organizationId) { ...CannedReplyFields }
  }`,
  [CannedReplyFields],
);

export const CreateCannedReplyMutation = graphql(
  `mutation CreateCannedReply($clientId: String!, $organizationId: ID, $input: CannedReplyInput!) {
    createCannedReply(clientId: $clientId, organizationId: $organizationId, input: $input) { ...CannedReplyFields }
  }`,
  [CannedReplyFields],
);

export const UpdateCannedReplyMutation = graphql(
  `mutation UpdateCannedReply($id: ID!, $input: CannedReplyInput!, $position: Int) {
    updateCannedReply(cannedReplyId: $id, input: $input, position: $position) { ...CannedReplyFields }
  }`,
  [CannedReplyFields],
);

export const DeleteCannedReplyMutation = graphql(
  `mutation DeleteCannedReply($id: ID!) { deleteCannedReply(cannedReplyId: $id) }`,
);

export const AddStartersMutation = graphql(
  `mutation AddStarterReplies($organizationId: ID) { addStarterReplies(organizationId: $organizationId) }`,
);

export const NoteFields = graphql(`
  fragment NoteFields on Note @_unmask {
    id afterSeq text authorName own createdAt editedAt mentions { id name }
  }
`);

export type Note = ResultOf<typeof NoteFields>;

export const NotesQuery = graphql(
  `query Notes($id: ID!) { conversation(id: $id) { id notesRev notes { ...NoteFields } } }`,
  [NoteFields],
);

export const MentionableQuery = graphql(
  `query Mentionable($id: ID!, $search: String) { mentionable(conversationId: $id, search: $search) { id name } }`,
);

export const AddNoteMutation = graphql(
  `mutation AddNote($clientId: String!, $id: ID!, $text: String!, $mentionIds: [ID!]) {
    addNote(clientId: $clientId, conversationId: $id, text: $text, mentionIds: $mentionIds) { ...NoteFields }
  }`,
  [NoteFields],
);

export const EditNoteMutation = graphql(
  `mutation EditNote($id: ID!, $text: String!, $mentionIds: [ID!]) {
    editNote(noteId: $id, text: $text, mentionIds: $mentionIds) { ...NoteFields }
  }`,
  [NoteFields],
);

export const DeleteNoteMutation = graphql(`mutation DeleteNote($id: ID!) { deleteNote(noteId: $id) }`);

export const EditMessageMutation = graphql(
  `mutation EditMessage($id: ID!, $text: String!) { editMessage(messageId: $id, text: $text) { id } }`,
);

export const DeleteMessageMutation = graphql(
  `mutation DeleteMessage($id: ID!) { deleteMessage(messageId: $id) { id } }`,
);

export const EarlierTextsQuery = graphql(
  `query EarlierTexts($id: ID!) { earlierTexts(messageId: $id) { text changedBy changedAt } }`,
);

export const TagMutation = graphql(
  `mutation TagConversation($id: ID!, $add: [String!], $remove: [String!]) {
    tagConversation(conversationId: $id, add: $add, remove: $remove) { id rev tags }
  }`,
);

export const TagsQuery = graphql(
  `query ConversationTags($organizationId: ID) {
    conversationTags(organizationId: $organizationId) { tag conversations }
  }`,
);

export const LanguageMutation = graphql(
  `mutation SetConversationLanguage($id: ID!, $language: String) {
    setConversationLanguage(conversationId: $id, language: $language) { id rev language }
  }`,
);

export const PreviousQuery = graphql(
  `query PreviousConversations($id: ID!) {
    conversation(id: $id) {
      id
      previousConversations { id state startedAt lastActivityAt contentVisible preview aiAgent { id name } }
    }
  }`,
);

export const SuggestionsAvailableQuery = graphql(`query SuggestionsAvailable { suggestionsAvailable }`);

export const SuggestionsQuery = graphql(
  `query Suggestions($id: ID!) { suggestions(conversationId: $id) { id kind state text } }`,
);

export const DraftReplyMutation = graphql(
  `mutation DraftReply($id: ID!) { asked: draftReply(conversationId: $id) { id kind state text } }`,
);

export const SummarizeMutation = graphql(
  `mutation Summarize($id: ID!) { asked: summarizeConversation(conversationId: $id) { id kind state text } }`,
);
