//! How each field is asked for. `$name` stands for a thing of the relation, `@` for the field that is asked.

/// What has to be made first, so that whoever may do it finds it undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prepare {
    /// What stands there will do.
    Nothing,
    /// A handoff that nobody has accepted.
    Requested,
    /// A visitor who is there, with the AI.
    Live,
    /// A chat that the asker has accepted.
    Accepted,
    /// A knowledge entry.
    Entry,
    /// Another session of the asker.
    Session,
    /// Its cookie, which takes the place of a token.
    Cookie,
}

use Prepare::{Accepted, Cookie, Entry, Live, Nothing, Requested, Session};

/// Root fields of the desk's queries.
pub const DESK_QUERIES: &[(&str, &str)] = &[
    ("viewer", "viewer"),
    ("brand", "brand"),
    ("organization", "organization(id: $organization)"),
    ("organizations", "organizations"),
    ("aiAgent", "aiAgent(id: $agent)"),
    ("aiAgents", "aiAgents(organizationId: $organization)"),
    ("conversations", "conversations(organizationId: $organization)"),
    ("conversation", "conversation(id: $conversation)"),
    ("handoffs", "handoffs(organizationId: $organization)"),
    ("explainAccess", "explainAccess(permission: \"home.view\", objectId: $conversation)"),
];

/// Root fields of the desk's mutations.
pub const DESK_MUTATIONS: &[(&str, &str, Prepare)] = &[
    ("signIn", "signIn(email: $email, password: \"demo-demo-demo\")", Nothing),
    ("refreshSession", "refreshSession", Cookie),
    ("signOut", "signOut", Session),
    ("endSession", "endSession(sessionId: $session)", Session),
    ("createAiAgent", "createAiAgent(clientId: $fresh, name: \"New\", organizationId: $organization)", Nothing),
    ("createAiAgent", "createAiAgent(clientId: $fresh, name: \"New\")", Nothing),
    ("updateAiAgent", "updateAiAgent(aiAgentId: $agent, name: \"Other\")", Nothing),
    ("assignAiAgent", "assignAiAgent(aiAgentId: $agent, organizationId: $organization)", Nothing),
    ("setHandoffEnabled", "setHandoffEnabled(aiAgentId: $agent, enabled: $on)", Nothing),
    ("updateHandoffSettings", "updateHandoffSettings(aiAgentId: $agent, askContact: false)", Nothing),
    ("updateWidget", "updateWidget(widgetId: $widget, title: \"Other\")", Nothing),
    ("updateAllowedOrigins", "updateAllowedOrigins(widgetId: $widget, origins: [])", Nothing),
    (
        "createKnowledgeEntry",
        "createKnowledgeEntry(clientId: $fresh, aiAgentId: $agent, title: \"t\", body: \"b\")",
        Nothing,
    ),
    ("updateKnowledgeEntry", "updateKnowledgeEntry(knowledgeEntryId: $entry, title: \"t\", body: \"b\")", Entry),
    ("deleteKnowledgeEntry", "deleteKnowledgeEntry(knowledgeEntryId: $entry)", Entry),
    ("acceptHandoff", "acceptHandoff(handoffId: $handoff)", Requested),
    ("intervene", "intervene(conversationId: $conversation)", Live),
    ("completeConversation", "completeConversation(conversationId: $conversation)", Accepted),
    ("returnToAi", "returnToAi(conversationId: $conversation)", Accepted),
    ("releaseConversation", "releaseConversation(conversationId: $conversation)", Accepted),
    ("sendMessage", "sendMessage(clientId: $fresh, conversationId: $conversation, text: \"hello\")", Accepted),
    ("setTyping", "setTyping(conversationId: $conversation, typing: true)", Accepted),
    ("markRead", "markRead(conversationId: $conversation, seq: 1)", Nothing),
];

/// Where each type of the desk is reached. A `+` says: only through what is assigned to an organization.
pub const DESK_ROUTES: &[(&str, &[&str])] = &[
    (
        "AccessExplanation",
        &[
            "explainAccess(permission: \"home.view\", objectId: $conversation) { @ }",
            "explainAccess(permission: \"home.view\", objectId: $agent) { @ }",
            "explainAccess(permission: \"home.view\", objectId: $organization) { @ }",
        ],
    ),
    ("Agency", &["viewer { agency { @ } }"]),
    (
        "AiAgent",
        &[
            "aiAgent(id: $agent) { @ }",
            "conversation(id: $conversation) { aiAgent { @ } }",
            "aiAgents(organizationId: $organization) { nodes { @ } }",
            "organization(id: $organization) { aiAgents { edges { node { @ } } } }",
        ],
    ),
    (
        "AiAgentConnection",
        &["aiAgents(organizationId: $organization) { @ }", "organization(id: $organization) { aiAgents { @ } }"],
    ),
    ("AiAgentEdge", &["aiAgents(organizationId: $organization) { edges { @ } }"]),
    ("Author", &["conversation(id: $conversation) { messages { nodes { author { @ } } } }"]),
    ("Brand", &["brand { @ }"]),
    (
        "Conversation",
        &[
            "conversation(id: $conversation) { @ }",
            "conversations(organizationId: $organization, filter: { states: [REQUESTED] }) { nodes { @ } }",
            "handoffs(organizationId: $organization, states: [REQUESTED]) { nodes { conversation { @ } } }",
        ],
    ),
    ("ConversationConnection", &["conversations(organizationId: $organization) { @ }"]),
    ("ConversationEdge", &["conversations(organizationId: $organization) { edges { @ } }"]),
    (
        "Handoff",
        &[
            "handoffs(organizationId: $organization) { nodes { @ } }",
            "+conversation(id: $conversation) { handoff { @ } }",
        ],
    ),
    ("HandoffConnection", &["handoffs(organizationId: $organization) { @ }"]),
    ("HandoffEdge", &["handoffs(organizationId: $organization) { edges { @ } }"]),
    ("HandoffSettings", &["aiAgent(id: $agent) { handoff { @ } }"]),
    ("KnowledgeEntry", &["aiAgent(id: $agent) { knowledge { nodes { @ } } }"]),
    ("KnowledgeEntryConnection", &["aiAgent(id: $agent) { knowledge { @ } }"]),
    ("KnowledgeEntryEdge", &["aiAgent(id: $agent) { knowledge { edges { @ } } }"]),
    ("Membership", &["viewer { memberships { @ } }"]),
    ("Message", &["conversation(id: $conversation) { messages { nodes { @ } } }"]),
    ("MessageConnection", &["conversation(id: $conversation) { messages { @ } }"]),
    ("MessageEdge", &["conversation(id: $conversation) { messages { edges { @ } } }"]),
    (
        "Organization",
        &[
            "organization(id: $organization) { @ }",
            "+conversation(id: $conversation) { organization { @ } }",
            "+aiAgent(id: $agent) { organization { @ } }",
        ],
    ),
    ("OrganizationConnection", &["organizations { @ }"]),
    ("OrganizationEdge", &["organizations { edges { @ } }"]),
    ("PageInfo", &["conversations(organizationId: $organization) { pageInfo { @ } }"]),
    ("Role", &["viewer { memberships { role { @ } } }"]),
    ("Session", &["viewer { session { @ } }", "viewer { sessions { @ } }"]),
    ("SignIn", &["mutation signIn(email: $email, password: \"demo-demo-demo\") { @ }"]),
    (
        "User",
        &[
            "viewer { user { @ } }",
            "+conversation(id: $held) { assignee { @ } }",
            "handoffs(organizationId: $organization, states: [ACCEPTED]) { nodes { acceptedBy { @ } } }",
            "explainAccess(permission: \"home.view\", objectId: $conversation) { grantableBy { @ } }",
        ],
    ),
    ("Viewer", &["viewer { @ }"]),
    ("Visitor", &["conversation(id: $conversation) { visitor { @ } }"]),
    ("Widget", &["aiAgent(id: $agent) { widget { @ } }"]),
];

/// Where each type is reached that only a subscription of the desk gives.
pub const DESK_STREAMS: &[(&str, &str)] = &[
    (
        "MessageAdded",
        "conversationEvents(conversationId: $conversation, after: \"1.0\") { __typename ... on MessageAdded { @ } }",
    ),
    (
        "ConversationChanged",
        "conversationEvents(conversationId: $conversation, after: \"1.0\") { __typename ... on ConversationChanged { @ } }",
    ),
    (
        "TypingChanged",
        "conversationEvents(conversationId: $conversation, after: \"1.0\") { __typename ... on TypingChanged { @ } }",
    ),
    (
        "AnswerProgress",
        "conversationEvents(conversationId: $conversation, after: \"1.0\") { __typename ... on AnswerProgress { @ } }",
    ),
    ("Resync", "conversationEvents(conversationId: $conversation, after: \"99.0\") { __typename ... on Resync { @ } }"),
    ("InboxChanged", "inboxEvents(organizationId: $organization) { __typename ... on InboxChanged { @ } }"),
    ("InboxSynced", "inboxEvents(organizationId: $organization) { __typename ... on InboxSynced { @ } }"),
];

/// Root fields of the desk's subscriptions, with the type of their first event.
pub const DESK_SUBSCRIPTIONS: &[(&str, &str)] = &[
    ("conversationEvents", "conversationEvents(conversationId: $conversation, after: \"1.0\") { __typename }"),
    ("inboxEvents", "inboxEvents(organizationId: $organization) { __typename }"),
];

/// More places for ids that the cases above do not need.
pub const MORE_IDS: &[(&str, &str)] = &[
    (
        "explainAccess",
        "explainAccess(permission: \"home.view\", objectId: $conversation, userId: $user) { __typename }",
    ),
    ("permissions", "viewer { permissions(organizationId: $organization) }"),
];

/// Lists without a place: what each holds of a relation.
pub const LISTS: &[(&str, &str)] = &[
    ("organizations(first: 100) { nodes { id } }", "organization"),
    ("aiAgents(first: 100) { nodes { id } }", "agent"),
    ("conversations(first: 100) { nodes { id } }", "conversation"),
    ("handoffs(first: 100) { nodes { id } }", "handoff"),
];

/// Arguments of fields below the root that cannot be left out.
pub const ARGUMENTS: &[(&str, &str)] = &[("viewerCan", "(permission: \"home.view\")")];

/// Root fields of the visitors' queries.
pub const WIDGET_QUERIES: &[(&str, &str)] =
    &[("widgetConfig", "widgetConfig(widgetId: $widget)"), ("session", "session")];

/// Root fields of the visitors' mutations.
pub const WIDGET_MUTATIONS: &[(&str, &str)] = &[
    ("session", "session(widgetId: $widget)"),
    ("sendMessage", "sendMessage(clientId: $fresh, text: \"hello\")"),
    ("requestHandoff", "requestHandoff(clientId: $fresh)"),
    ("cancelHandoff", "cancelHandoff"),
    ("setTyping", "setTyping(typing: true)"),
    ("markRead", "markRead(seq: 1)"),
];

/// Where each type of the visitors' schema is reached.
pub const WIDGET_ROUTES: &[(&str, &[&str])] = &[
    ("Author", &["session { conversation { messages { nodes { author { @ } } } } }"]),
    ("Conversation", &["session { conversation { @ } }"]),
    ("HandoffOffer", &["widgetConfig(widgetId: $widget) { handoff { @ } }", "session { config { handoff { @ } } }"]),
    ("Message", &["session { conversation { messages { nodes { @ } } } }"]),
    ("MessageConnection", &["session { conversation { messages { @ } } }"]),
    ("MessageEdge", &["session { conversation { messages { edges { @ } } } }"]),
    ("PageInfo", &["session { conversation { messages { pageInfo { @ } } } }"]),
    ("VisitorSession", &["session { @ }", "mutation session(widgetId: $widget) { @ }"]),
    ("WidgetConfig", &["widgetConfig(widgetId: $widget) { @ }"]),
];

/// Where each type is reached that only a subscription of visitors gives.
pub const WIDGET_STREAMS: &[(&str, &str)] = &[
    ("MessageAdded", "events(after: \"1.0\") { __typename ... on MessageAdded { @ } }"),
    ("ConversationChanged", "events(after: \"1.0\") { __typename ... on ConversationChanged { @ } }"),
    ("TypingChanged", "events(after: \"1.0\") { __typename ... on TypingChanged { @ } }"),
    ("AnswerProgress", "events(after: \"1.0\") { __typename ... on AnswerProgress { @ } }"),
    ("Resync", "events(after: \"99.0\") { __typename ... on Resync { @ } }"),
];

/// Root fields of the visitors' subscriptions.
pub const WIDGET_SUBSCRIPTIONS: &[(&str, &str)] = &[("events", "events(after: \"1.0\") { __typename }")];
