import { graphql, type ResultOf } from "../gql/graphql";

export const AiAgentsQuery = graphql(`
  query AiAgents($organizationId: ID, $first: Int, $after: String) {
    aiAgents(organizationId: $organizationId, first: $first, after: $after) {
      nodes { id name createdAt organization { id name } widget { id title } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

/** The frame of the page: what is on it is decided by what the viewer may do with this AI agent. */
export const AiAgentQuery = graphql(`
  query AiAgent($id: ID!) {
    aiAgent(id: $id) {
      id name createdAt
      organization { id name }
      canPrompt: viewerCan(permission: "ai_agent.edit_prompt")
      canReadKnowledge: viewerCan(permission: "knowledge.read")
      canEditKnowledge: viewerCan(permission: "knowledge.edit")
      canEditAppearance: viewerCan(permission: "widget.edit_appearance")
      canEditOrigins: viewerCan(permission: "widget.edit_origins")
      canReadHandoff: viewerCan(permission: "handoff.read")
      canEnableHandoff: viewerCan(permission: "handoff.enable")
      canEditHandoff: viewerCan(permission: "handoff.edit")
      canAssign: viewerCan(permission: "ai_agent.assign")
    }
  }
`);

export type AiAgentFrame = ResultOf<typeof AiAgentQuery>["aiAgent"];

export const CreateAiAgentMutation = graphql(`
  mutation CreateAiAgent($clientId: String!, $name: String!, $organizationId: ID) {
    createAiAgent(clientId: $clientId, name: $name, organizationId: $organizationId) {
      id name organization { id name }
    }
  }
`);

export const ProfileQuery = graphql(`
  query AiAgentProfile($id: ID!) { aiAgent(id: $id) { id name instructions } }
`);

export const UpdateProfileMutation = graphql(`
  mutation UpdateAiAgent($id: ID!, $name: String, $instructions: String) {
    updateAiAgent(aiAgentId: $id, name: $name, instructions: $instructions) { id name instructions }
  }
`);

export const AssignMutation = graphql(`
  mutation AssignAiAgent($id: ID!, $organizationId: ID) {
    assignAiAgent(aiAgentId: $id, organizationId: $organizationId) { id organization { id name } }
  }
`);

export const HandoffFields = graphql(`
  fragment HandoffFields on HandoffSettings @_unmask {
    enabled askContact buttonAfterMessages blockedBy locked own
    popup fixedPopup buttonText popupText waitingText blockInput onWords onAiDecision onLowConfidence afterFailures
  }
`);

export const HandoffQuery = graphql(
  `query AiAgentHandoff($id: ID!) { aiAgent(id: $id) { id handoff { ...HandoffFields } } }`,
  [HandoffFields],
);

export const SetHandoffMutation = graphql(
  `mutation SetHandoffEnabled($id: ID!, $enabled: Boolean!) {
    setHandoffEnabled(aiAgentId: $id, enabled: $enabled) { id handoff { ...HandoffFields } }
  }`,
  [HandoffFields],
);

export const UpdateHandoffMutation = graphql(
  `mutation UpdateHandoffSettings($id: ID!, $askContact: Boolean, $buttonAfterMessages: Int) {
    updateHandoffSettings(aiAgentId: $id, askContact: $askContact, buttonAfterMessages: $buttonAfterMessages) {
      id handoff { ...HandoffFields }
    }
  }`,
  [HandoffFields],
);

export const UpdateOfferMutation = graphql(
  `mutation UpdateOffer(
    $id: ID!, $popup: Boolean, $fixedPopup: Boolean, $buttonText: String, $popupText: String, $waitingText: String,
    $blockInput: Boolean, $onWords: Boolean, $onAiDecision: Boolean, $onLowConfidence: Boolean, $afterFailures: Int,
    $inherit: [String!]
  ) {
    updateHandoffSettings(
      aiAgentId: $id, popup: $popup, fixedPopup: $fixedPopup, buttonText: $buttonText, popupText: $popupText,
      waitingText: $waitingText, blockInput: $blockInput, onWords: $onWords, onAiDecision: $onAiDecision,
      onLowConfidence: $onLowConfidence, afterFailures: $afterFailures, inherit: $inherit
    ) { id handoff { ...HandoffFields } }
  }`,
  [HandoffFields],
);

export const WidgetFields = graphql(`
  fragment WidgetFields on Widget @_unmask { id title greeting accent position allowedOrigins embedCode }
`);

export type Widget = ResultOf<typeof WidgetFields>;

export const WidgetQuery = graphql(
  `query AiAgentWidget($id: ID!) { aiAgent(id: $id) { id widget { ...WidgetFields } } }`,
  [WidgetFields],
);

export const UpdateWidgetMutation = graphql(
  `mutation UpdateWidget($id: ID!, $title: String, $greeting: String, $accent: String, $position: WidgetPosition) {
    updateWidget(widgetId: $id, title: $title, greeting: $greeting, accent: $accent, position: $position) {
      ...WidgetFields
    }
  }`,
  [WidgetFields],
);

export const UpdateOriginsMutation = graphql(
  `mutation UpdateAllowedOrigins($id: ID!, $origins: [String!]!) {
    updateAllowedOrigins(widgetId: $id, origins: $origins) { ...WidgetFields }
  }`,
  [WidgetFields],
);

export const EntryFields = graphql(`
  fragment EntryFields on KnowledgeEntry @_unmask { id title body updatedAt }
`);

export type Entry = ResultOf<typeof EntryFields>;

export const KnowledgeQuery = graphql(
  `query Knowledge($id: ID!, $search: String, $after: String) {
    aiAgent(id: $id) {
      id
      knowledge(search: $search, first: 25, after: $after) {
        nodes { ...EntryFields }
        pageInfo { hasNextPage endCursor }
      }
    }
  }`,
  [EntryFields],
);

export const CreateEntryMutation = graphql(
  `mutation CreateEntry($clientId: String!, $aiAgentId: ID!, $title: String!, $body: String!) {
    createKnowledgeEntry(clientId: $clientId, aiAgentId: $aiAgentId, title: $title, body: $body) { ...EntryFields }
  }`,
  [EntryFields],
);

export const UpdateEntryMutation = graphql(
  `mutation UpdateEntry($id: ID!, $title: String!, $body: String!) {
    updateKnowledgeEntry(knowledgeEntryId: $id, title: $title, body: $body) { ...EntryFields }
  }`,
  [EntryFields],
);

export const DeleteEntryMutation = graphql(
  `mutation DeleteEntry($id: ID!) { deleteKnowledgeEntry(knowledgeEntryId: $id) }`,
);
