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
    /// A canned reply of the organization.
    Reply,
    /// A webhook of the organization, and a delivery that failed.
    Webhook,
    /// A keyword alert of the organization, and what it found.
    Alert,
    /// An API key of the organization.
    Key,
    /// A note that the asker wrote.
    Note,
    /// A message that the asker sent in a chat of theirs.
    Said,
    /// A team that nobody misses.
    Team,
    /// A package that nobody has.
    Package,
    /// A holiday calendar of the agency.
    Calendar,
    /// Another session of the asker.
    Session,
    /// A device of the asker, registered for push.
    Device,
    /// An AI agent and an organization that nobody misses.
    Spare,
    /// Its cookie, which takes the place of a token.
    Cookie,
    /// A mail that could not be sent.
    Mail,
    /// A decision of the agency, carried out in vain: its push notification could not be sent.
    Untold,
    /// A sender of the agency, in its first version.
    Sender,
    /// Words of the agency for the summary, in their first version.
    Words,
    /// Somebody else in the organization.
    Member,
    /// A visitor who has just come.
    Visitor,
    /// A block of a network.
    Block,
    /// The same; what is asked for is said of staff alone, and a conflict says so.
    ClientMember,
    /// An invitation that is open.
    Invitation,
    /// The link of one.
    InvitationLink,
    /// The link that sets a new password for somebody.
    ResetLink,
    /// The link that confirms somebody's change of address.
    AddressLink,
    /// The link by which somebody wants no more mails.
    UnsubscribeLink,
    /// A second factor of the asker that is yet to be confirmed, and a code of it.
    FactorBegun,
    /// One that was, and a recovery code.
    FactorSet,
    /// A coverage agreement of the organization.
    Coverage,
    /// A rehearsal at the AI agent.
    Rehearsal,
    /// The same; another cannot begin meanwhile, and a conflict says so to whoever may.
    Rehearsed,
}

use Prepare::{
    Accepted, AddressLink, Alert, Block, Calendar, ClientMember, Cookie, Coverage, Device, Entry, FactorBegun,
    FactorSet, Invitation, InvitationLink, Key, Live, Mail, Member, Note, Nothing, Package, Rehearsal, Rehearsed,
    Reply, Requested, ResetLink, Said, Sender, Session, Spare, Team, UnsubscribeLink, Untold, Visitor, Webhook, Words,
};

/// Root fields of the desk's queries.
pub const DESK_QUERIES: &[(&str, &str)] = &[
    ("viewer", "viewer"),
    ("brand", "brand"),
    ("brandSettings", "brandSettings"),
    ("checkColour", "checkColour(colour: \"#0f5c5c\")"),
    ("domains", "domains"),
    ("organization", "organization(id: $organization)"),
    ("organizations", "organizations"),
    ("aiAgent", "aiAgent(id: $agent)"),
    ("aiAgents", "aiAgents(organizationId: $organization)"),
    ("conversations", "conversations(organizationId: $organization)"),
    ("conversation", "conversation(id: $conversation)"),
    ("presence", "presence"),
    ("roster", "roster(organizationId: $organization)"),
    ("teams", "teams(organizationId: $organization)"),
    ("handoffs", "handoffs(organizationId: $organization)"),
    ("escalationLadder", "escalationLadder(organizationId: $organization)"),
    ("offlineQueries", "offlineQueries(organizationId: $organization)"),
    ("openOfflineQueries", "openOfflineQueries(organizationId: $organization)"),
    ("offlineQuery", "offlineQuery(id: $offline)"),
    ("explainAccess", "explainAccess(permission: \"home.view\", objectId: $conversation)"),
    ("permissionSwitches", "permissionSwitches"),
    ("roles", "roles(organizationId: $organization)"),
    ("packages", "packages"),
    ("package", "package(id: $package)"),
    ("packageChange", "packageChange(packageId: $package, permissions: [\"home.view\"])"),
    ("accessMatrix", "accessMatrix(organizationId: $organization)"),
    ("coverages", "coverages(organizationId: $organization)"),
    ("readiness", "readiness(aiAgentId: $agent)"),
    ("rehearsals", "rehearsals(aiAgentId: $agent)"),
    ("rehearsal", "rehearsal(id: $rehearsal)"),
    ("accessMatrixCsv", "accessMatrixCsv(organizationId: $organization)"),
    ("settings", "settings(organizationId: $organization)"),
    ("businessHours", "businessHours(organizationId: $organization)"),
    ("businessHours", "businessHours(aiAgentId: $agent)"),
    ("holidayCalendars", "holidayCalendars"),
    ("sender", "sender"),
    ("mails", "mails"),
    ("mailTexts", "mailTexts"),
    (
        "mailTextPreview",
        "mailTextPreview(kind: \"summary\", words: { subject: \"A\", heading: \"B\", body: \"C\", after: \"\" })",
    ),
    ("auditEntries", "auditEntries(organizationId: $organization)"),
    ("auditCsv", "auditCsv(organizationId: $organization)"),
    ("auditCheck", "auditCheck(organizationId: $organization)"),
    ("members", "members(organizationId: $organization)"),
    ("invitations", "invitations(organizationId: $organization)"),
    ("invitation", "invitation(token: $token)"),
    ("file", "file(id: $file)"),
    ("cannedReplies", "cannedReplies(organizationId: $organization)"),
    ("mentionable", "mentionable(conversationId: $conversation)"),
    ("notifications", "notifications"),
    ("pushKey", "pushKey"),
    ("pushSubscriptions", "pushSubscriptions"),
    ("unreadNotifications", "unreadNotifications"),
    ("notificationPreferences", "notificationPreferences"),
    ("notificationDefaults", "notificationDefaults(organizationId: $organization)"),
    ("notificationDecisions", "notificationDecisions"),
    ("earlierTexts", "earlierTexts(messageId: $message)"),
    ("conversationTags", "conversationTags(organizationId: $organization)"),
    ("suggestionsAvailable", "suggestionsAvailable"),
    ("suggestions", "suggestions(conversationId: $conversation)"),
    ("identitySecret", "identitySecret(widgetId: $widget)"),
    ("blocks", "blocks(organizationId: $organization)"),
    ("webhooks", "webhooks(organizationId: $organization)"),
    ("webhook", "webhook(id: $webhook)"),
    ("keywordAlerts", "keywordAlerts(organizationId: $organization)"),
    ("keywordHits", "keywordHits(keywordAlertId: $alert)"),
    ("tryKeywordAlert", "tryKeywordAlert(terms: [{ kind: WORD, text: \"refund\" }], text: \"a refund\")"),
    ("apiKeys", "apiKeys(organizationId: $organization)"),
    ("apiKeyRoles", "apiKeyRoles(organizationId: $organization)"),
    ("currentApiKey", "currentApiKey"),
];

/// Root fields of the desk's mutations.
pub const DESK_MUTATIONS: &[(&str, &str, Prepare)] = &[
    ("signIn", "signIn(email: $email, password: \"demo-demo-demo\")", Nothing),
    ("refreshSession", "refreshSession", Cookie),
    ("signOut", "signOut", Session),
    ("endSession", "endSession(sessionId: $session)", Session),
    (
        "createKeywordAlert",
        "createKeywordAlert(clientId: $fresh, organizationId: $organization, input: { name: \"New\", terms: [{ kind: WORD, text: \"refund\" }] }) { __typename }",
        Nothing,
    ),
    (
        "updateKeywordAlert",
        "updateKeywordAlert(keywordAlertId: $alert, input: { name: \"New\", terms: [{ kind: WORD, text: \"refund\" }] }) { __typename }",
        Alert,
    ),
    ("setKeywordAlertEnabled", "setKeywordAlertEnabled(keywordAlertId: $alert, enabled: false)", Alert),
    ("deleteKeywordAlert", "deleteKeywordAlert(keywordAlertId: $alert)", Alert),
    (
        "createApiKey",
        "createApiKey(clientId: $fresh, organizationId: $organization, input: { name: $fresh, roleId: \"rol_00000000000000000000000009\" }) { __typename }",
        Nothing,
    ),
    (
        "createApiKey",
        "createApiKey(clientId: $fresh, organizationId: $organization, input: { name: $fresh, roleId: \"rol_00000000000000000000000009\" }) { secret }",
        Nothing,
    ),
    (
        "createApiKey",
        "createApiKey(clientId: $fresh, organizationId: $organization, input: { name: $fresh, roleId: \"rol_00000000000000000000000009\" }) { apiKey { __typename } }",
        Nothing,
    ),
    ("revokeApiKey", "revokeApiKey(apiKeyId: $key)", Key),
    (
        "createWebhook",
        "createWebhook(clientId: $fresh, organizationId: $organization, input: { url: \"https://hooks.matrix.test/\", events: [RATED] }) { __typename }",
        Nothing,
    ),
    (
        "updateWebhook",
        "updateWebhook(webhookId: $webhook, input: { url: \"https://hooks.matrix.test/\", events: [RATED] }) { __typename }",
        Webhook,
    ),
    ("deleteWebhook", "deleteWebhook(webhookId: $webhook)", Webhook),
    ("rotateWebhookSecret", "rotateWebhookSecret(webhookId: $webhook)", Webhook),
    ("rotateWebhookSecret", "rotateWebhookSecret(webhookId: $webhook) { secret }", Webhook),
    ("rotateWebhookSecret", "rotateWebhookSecret(webhookId: $webhook) { webhook { __typename } }", Webhook),
    ("setWebhookEnabled", "setWebhookEnabled(webhookId: $webhook, enabled: false)", Webhook),
    ("testWebhook", "testWebhook(webhookId: $webhook)", Webhook),
    ("replayWebhookDelivery", "replayWebhookDelivery(webhookDeliveryId: $delivery)", Webhook),
    (
        "replayWebhookDeliveries",
        "replayWebhookDeliveries(webhookId: $webhook, since: \"2020-01-01T00:00:00Z\")",
        Webhook,
    ),
    ("createAiAgent", "createAiAgent(clientId: $fresh, name: \"New\", organizationId: $organization)", Nothing),
    ("createAiAgent", "createAiAgent(clientId: $fresh, name: \"New\")", Nothing),
    ("deleteAiAgent", "deleteAiAgent(aiAgentId: $agent, name: \"Bot\")", Spare),
    ("createOrganization", "createOrganization(clientId: $fresh, name: \"New\")", Nothing),
    ("updateOrganization", "updateOrganization(organizationId: $organization)", Nothing),
    ("suspendOrganization", "suspendOrganization(organizationId: $organization, reason: \"r\")", Spare),
    ("resumeOrganization", "resumeOrganization(organizationId: $organization)", Nothing),
    ("deleteOrganization", "deleteOrganization(organizationId: $organization, name: \"Spare\")", Spare),
    ("restoreOrganization", "restoreOrganization(organizationId: $organization)", Nothing),
    ("viewAsClient", "viewAsClient(membershipId: $member, reason: \"r\")", Nothing),
    ("endViewAsClient", "endViewAsClient", Nothing),
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
    ("emailTranscript", "emailTranscript(conversationId: $conversation, email: $someone)", Nothing),
    ("returnToAi", "returnToAi(conversationId: $conversation)", Accepted),
    ("releaseConversation", "releaseConversation(conversationId: $conversation)", Accepted),
    ("setPresence", "setPresence(presence: ONLINE)", Nothing),
    ("markNotificationsRead", "markNotificationsRead", Nothing),
    ("updateNotificationPreferences", "updateNotificationPreferences", Nothing),
    ("setNotificationDefaults", "setNotificationDefaults(organizationId: $organization)", Nothing),
    ("sendTestNotification", "sendTestNotification(way: BELL)", Nothing),
    (
        "registerPushSubscription",
        "registerPushSubscription(endpoint: \"https://fcm.googleapis.com/fcm/send/1\", p256dh: \"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4\", auth: \"BTBZMqHH6r4Tts7J_aSIgg\")",
        Nothing,
    ),
    ("removePushSubscription", "removePushSubscription(pushSubscriptionId: $device)", Device),
    ("acknowledgeLostChats", "acknowledgeLostChats", Nothing),
    ("createTeam", "createTeam(clientId: $fresh, organizationId: $organization, name: $fresh)", Nothing),
    ("updateTeam", "updateTeam(teamId: $team, name: $fresh, topics: [])", Nothing),
    ("addTeamMember", "addTeamMember(teamId: $team, userId: $user)", Nothing),
    ("removeTeamMember", "removeTeamMember(teamId: $team, userId: $user)", Nothing),
    ("deleteTeam", "deleteTeam(teamId: $team)", Team),
    (
        "transferConversation",
        "transferConversation(conversationId: $conversation, teamId: $team, anyway: true)",
        Accepted,
    ),
    (
        "reassignConversation",
        "reassignConversation(conversationId: $conversation, userId: $user, anyway: true)",
        Accepted,
    ),
    ("requeueConversation", "requeueConversation(conversationId: $conversation)", Accepted),
    ("sendMessage", "sendMessage(clientId: $fresh, conversationId: $conversation, text: \"hello\")", Accepted),
    (
        "prepareUpload",
        "prepareUpload(clientId: $fresh, conversationId: $conversation, name: \"a.txt\", size: 3)",
        Accepted,
    ),
    (
        "prepareUpload",
        "prepareUpload(clientId: $fresh, conversationId: $conversation, name: \"a.txt\", size: 3) { fileId }",
        Accepted,
    ),
    (
        "prepareUpload",
        "prepareUpload(clientId: $fresh, conversationId: $conversation, name: \"a.txt\", size: 3) { url }",
        Accepted,
    ),
    (
        "prepareUpload",
        "prepareUpload(clientId: $fresh, conversationId: $conversation, name: \"a.txt\", size: 3) { expiresAt }",
        Accepted,
    ),
    ("setTyping", "setTyping(conversationId: $conversation, typing: true)", Accepted),
    ("markRead", "markRead(conversationId: $conversation, seq: 1)", Nothing),
    (
        "createCannedReply",
        "createCannedReply(clientId: $fresh, organizationId: $organization, input: { shortcut: $fresh, title: \"t\", text: \"x\" }) { __typename }",
        Nothing,
    ),
    (
        "updateCannedReply",
        "updateCannedReply(cannedReplyId: $reply, input: { shortcut: $fresh, title: \"t\", text: \"x\" }) { __typename }",
        Reply,
    ),
    ("deleteCannedReply", "deleteCannedReply(cannedReplyId: $reply)", Reply),
    ("addStarterReplies", "addStarterReplies(organizationId: $organization)", Nothing),
    ("addNote", "addNote(clientId: $fresh, conversationId: $conversation, text: \"x\")", Nothing),
    ("editNote", "editNote(noteId: $note, text: \"y\")", Note),
    ("deleteNote", "deleteNote(noteId: $note)", Note),
    ("editMessage", "editMessage(messageId: $message, text: \"y\")", Said),
    ("deleteMessage", "deleteMessage(messageId: $message)", Said),
    ("tagConversation", "tagConversation(conversationId: $conversation, add: [\"x\"])", Nothing),
    ("setConversationLanguage", "setConversationLanguage(conversationId: $conversation, language: \"de\")", Nothing),
    ("draftReply", "draftReply(conversationId: $conversation)", Nothing),
    ("summarizeConversation", "summarizeConversation(conversationId: $conversation)", Nothing),
    ("updateEscalationLadder", "updateEscalationLadder(organizationId: $organization)", Nothing),
    ("answerOfflineQuery", "answerOfflineQuery(clientId: $fresh, offlineQueryId: $offline, text: \"hello\")", Nothing),
    ("closeOfflineQuery", "closeOfflineQuery(offlineQueryId: $offline)", Nothing),
    ("reopenOfflineQuery", "reopenOfflineQuery(offlineQueryId: $offline)", Nothing),
    // The version after the one picture of the world; what changes nothing raises none.
    ("updateBrand", "updateBrand(version: 2)", Nothing),
    ("removeBrandImage", "removeBrandImage(kind: SIGN_IN)", Nothing),
    ("addDomain", "addDomain(clientId: $fresh, host: \"added.matrix.example\")", Nothing),
    ("checkDomain", "checkDomain(domainId: $domain)", Nothing),
    ("makeDomainPrimary", "makeDomainPrimary(domainId: $domain)", Nothing),
    ("releaseDomain", "releaseDomain(domainId: $idleDomain)", Nothing),
    (
        "createPackage",
        "createPackage(clientId: $fresh, name: $fresh, level: ORGANIZATION, permissions: [\"home.view\"])",
        Nothing,
    ),
    ("updatePackage", "updatePackage(packageId: $package, version: 1, permissions: [\"home.view\"])", Package),
    ("deletePackage", "deletePackage(packageId: $package, replacementRoleId: $spare)", Package),
    ("setSettingMode", "setSettingMode(key: \"widget.position\", organizationId: $organization, mode: FREE)", Nothing),
    ("setSetting", "setSetting(key: \"organization.language\", organizationId: $organization, value: \"de\")", Nothing),
    ("updateBusinessHours", "updateBusinessHours(organizationId: $organization, enabled: false)", Nothing),
    ("updateBusinessHours", "updateBusinessHours(aiAgentId: $agent, enabled: false)", Nothing),
    (
        "importHolidayCalendar",
        "importHolidayCalendar(clientId: $fresh, name: \"n\", text: \"BEGIN:VCALENDAR\\nBEGIN:VEVENT\\nDTSTART:20991225\\nEND:VEVENT\\nEND:VCALENDAR\")",
        Nothing,
    ),
    ("updateHolidayCalendar", "updateHolidayCalendar(holidayCalendarId: $calendar, name: \"n\")", Calendar),
    ("deleteHolidayCalendar", "deleteHolidayCalendar(holidayCalendarId: $calendar)", Calendar),
    ("updateSender", "updateSender(version: 1, fromName: \"Other\")", Sender),
    ("checkSender", "checkSender", Sender),
    ("sendTestMail", "sendTestMail", Nothing),
    ("resendMail", "resendMail(mailId: $mail)", Mail),
    ("resendNotification", "resendNotification(decisionId: $decision)", Untold),
    ("removeSender", "removeSender", Sender),
    (
        "saveMailText",
        "saveMailText(kind: \"summary\", version: 1, words: { subject: \"A\", heading: \"B\", body: \"C\", after: \"\" }) { __typename }",
        Words,
    ),
    ("restoreMailText", "restoreMailText(kind: \"summary\", version: 1)", Words),
    (
        "inviteMember",
        "inviteMember(clientId: $fresh, organizationId: $organization, email: $someone, roleId: \"rol_00000000000000000000000009\")",
        Nothing,
    ),
    (
        "createMember",
        "createMember(clientId: $fresh, organizationId: $organization, email: $someone, name: \"N\", roleId: \"rol_00000000000000000000000009\")",
        Nothing,
    ),
    ("resendInvitation", "resendInvitation(invitationId: $invitation)", Invitation),
    ("revokeInvitation", "revokeInvitation(invitationId: $invitation)", Invitation),
    ("acceptInvitation", "acceptInvitation(token: $link, name: \"N\", password: \"a fine password\")", InvitationLink),
    ("setMemberRole", "setMemberRole(membershipId: $member, roleId: \"rol_00000000000000000000000009\")", Member),
    ("limitMemberToAiAgents", "limitMemberToAiAgents(membershipId: $member, limited: true)", Member),
    ("addMemberAiAgent", "addMemberAiAgent(membershipId: $member, aiAgentId: $agent)", Member),
    ("removeMemberAiAgent", "removeMemberAiAgent(membershipId: $member, aiAgentId: $agent)", Member),
    ("limitMemberToOrganizations", "limitMemberToOrganizations(membershipId: $member, limited: true)", ClientMember),
    (
        "addMemberOrganization",
        "addMemberOrganization(membershipId: $member, organizationId: $organization)",
        ClientMember,
    ),
    (
        "removeMemberOrganization",
        "removeMemberOrganization(membershipId: $member, organizationId: $organization)",
        ClientMember,
    ),
    (
        "createCoverage",
        "createCoverage(clientId: $fresh, organizationId: $organization, name: \"Nights\", userIds: [$staff], roleId: \"rol_00000000000000000000000009\", timeZone: \"UTC\", hours: [{ day: 1, from: \"20:00\", to: \"06:00\" }]) { __typename }",
        Nothing,
    ),
    ("endCoverage", "endCoverage(coverageId: $coverage)", Coverage),
    ("startRehearsal", "startRehearsal(clientId: $fresh, aiAgentId: $agent)", Rehearsed),
    ("endRehearsal", "endRehearsal(rehearsalId: $rehearsal)", Rehearsal),
    ("suspendMember", "suspendMember(membershipId: $member)", Member),
    ("resumeMember", "resumeMember(membershipId: $member)", Member),
    ("removeMember", "removeMember(membershipId: $member)", Member),
    ("resetMemberSecondFactor", "resetMemberSecondFactor(membershipId: $member)", Member),
    ("setSecondFactorDemanded", "setSecondFactorDemanded(demanded: false)", Nothing),
    ("requestPasswordReset", "requestPasswordReset(email: $someone)", Nothing),
    ("resetPassword", "resetPassword(token: $link, password: \"a fine password\")", ResetLink),
    ("confirmAddressChange", "confirmAddressChange(token: $link)", AddressLink),
    ("unsubscribe", "unsubscribe(token: $link)", UnsubscribeLink),
    ("updateProfile", "updateProfile(language: \"en\")", Nothing),
    ("requestAddressChange", "requestAddressChange(email: $someone, password: \"demo-demo-demo\")", Nothing),
    ("rotateIdentitySecret", "rotateIdentitySecret(widgetId: $widget)", Nothing),
    ("blockVisitor", "blockVisitor(visitorId: $visitor, reason: \"r\")", Visitor),
    ("unblockVisitor", "unblockVisitor(visitorId: $visitor)", Visitor),
    ("liftBlock", "liftBlock(blockId: $block)", Block),
    ("forgetVisitor", "forgetVisitor(visitorId: $visitor)", Visitor),
    // From here on nothing signs the asker in any more.
    ("endOtherSessions", "endOtherSessions", Nothing),
    ("startSecondFactor", "startSecondFactor(password: \"demo-demo-demo\")", Nothing),
    ("confirmSecondFactor", "confirmSecondFactor(code: $code)", FactorBegun),
    ("confirmSecondFactor", "confirmSecondFactor(code: $code) { codes }", FactorBegun),
    ("renewRecoveryCodes", "renewRecoveryCodes(password: \"demo-demo-demo\", code: $code)", FactorSet),
    ("removeSecondFactor", "removeSecondFactor(password: \"demo-demo-demo\", code: $code)", FactorSet),
    (
        "changePassword",
        "changePassword(currentPassword: \"demo-demo-demo\", newPassword: \"another password\")",
        Nothing,
    ),
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
    ("AccessMatrix", &["accessMatrix(organizationId: $organization) { @ }"]),
    ("AccessRow", &["accessMatrix(organizationId: $organization) { rows { @ } }"]),
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
        "Attachment",
        &["conversation(id: $conversation) { messages { nodes { attachments { @ } } } }", "file(id: $file) { @ }"],
    ),
    ("AuditActor", &["auditEntries(organizationId: $organization) { nodes { actor { @ } } }"]),
    ("AuditCheck", &["auditCheck(organizationId: $organization) { @ }"]),
    ("AuditEntry", &["auditEntries(organizationId: $organization) { nodes { @ } }"]),
    ("AuditEntryConnection", &["auditEntries(organizationId: $organization) { @ }"]),
    ("AuditEntryEdge", &["auditEntries(organizationId: $organization) { edges { @ } }"]),
    (
        "AiAgentConnection",
        &["aiAgents(organizationId: $organization) { @ }", "organization(id: $organization) { aiAgents { @ } }"],
    ),
    ("AiAgentEdge", &["aiAgents(organizationId: $organization) { edges { @ } }"]),
    ("Author", &["conversation(id: $conversation) { messages { nodes { author { @ } } } }"]),
    ("Webhook", &["webhook(id: $webhook) { @ }", "webhooks(organizationId: $organization) { nodes { @ } }"]),
    ("WebhookConnection", &["webhooks(organizationId: $organization) { @ }"]),
    ("WebhookEdge", &["webhooks(organizationId: $organization) { edges { @ } }"]),
    ("WebhookDelivery", &["webhook(id: $webhook) { deliveries { nodes { @ } } }"]),
    ("WebhookDeliveryConnection", &["webhook(id: $webhook) { deliveries { @ } }"]),
    ("WebhookDeliveryEdge", &["webhook(id: $webhook) { deliveries { edges { @ } } }"]),
    // Only a mutation gives one.
    ("WebhookWithSecret", &[]),
    ("KeywordAlert", &["keywordAlerts(organizationId: $organization) { @ }"]),
    ("KeywordTerm", &["keywordAlerts(organizationId: $organization) { terms { @ } }"]),
    ("KeywordHit", &["keywordHits(keywordAlertId: $alert) { nodes { @ } }"]),
    ("KeywordHitConnection", &["keywordHits(keywordAlertId: $alert) { @ }"]),
    ("KeywordHitEdge", &["keywordHits(keywordAlertId: $alert) { edges { @ } }"]),
    ("KeywordTrial", &["tryKeywordAlert(terms: [{ kind: WORD, text: \"refund\" }], text: \"a refund\") { @ }"]),
    (
        "KeywordTermTrial",
        &["tryKeywordAlert(terms: [{ kind: WORD, text: \"refund\" }], text: \"a refund\") { terms { @ } }"],
    ),
    (
        "KeywordPiece",
        &["tryKeywordAlert(terms: [{ kind: WORD, text: \"refund\" }], text: \"a refund\") { pieces { @ } }"],
    ),
    ("ApiKey", &["apiKeys(organizationId: $organization) { nodes { @ } }"]),
    ("ApiKeyConnection", &["apiKeys(organizationId: $organization) { @ }"]),
    ("ApiKeyEdge", &["apiKeys(organizationId: $organization) { edges { @ } }"]),
    ("ApiKeyRole", &["apiKeyRoles(organizationId: $organization) { @ }"]),
    // Only a mutation gives one.
    ("ApiKeyWithSecret", &[]),
    // A key alone is told of itself, and no asker here is one: `tests/keys.rs` asks.
    ("CurrentApiKey", &[]),
    ("Block", &["blocks(organizationId: $organization) { nodes { @ } }"]),
    ("BlockConnection", &["blocks(organizationId: $organization) { @ }"]),
    ("BlockEdge", &["blocks(organizationId: $organization) { edges { @ } }"]),
    ("Brand", &["brand { @ }"]),
    ("BrandImage", &["brandSettings { images { @ } }"]),
    ("BrandSettings", &["brandSettings { @ }"]),
    ("CannedReply", &["cannedReplies(organizationId: $organization) { @ }"]),
    ("ConversationTag", &["conversationTags(organizationId: $organization) { @ }"]),
    ("EarlierText", &["earlierTexts(messageId: $message) { @ }"]),
    ("Note", &["conversation(id: $conversation) { notes { @ } }"]),
    ("Suggestion", &["mutation draftReply(conversationId: $conversation) { @ }"]),
    ("VisitorAttribute", &["conversation(id: $conversation) { visitor { attributes { @ } } }"]),
    ("ColourCheck", &["checkColour(colour: \"#ffe600\") { @ }"]),
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
    ("Coverage", &["coverages(organizationId: $organization) { @ }"]),
    ("CoverageHours", &["coverages(organizationId: $organization) { hours { @ } }"]),
    ("Readiness", &["readiness(aiAgentId: $agent) { @ }"]),
    ("ReadinessCheck", &["readiness(aiAgentId: $agent) { checks { @ } }"]),
    ("Rehearsal", &["+rehearsal(id: $rehearsal) { @ }", "+rehearsals(aiAgentId: $agent) { @ }"]),
    ("RehearsalStep", &["+rehearsals(aiAgentId: $agent) { steps { @ } }"]),
    ("DnsRecord", &["domains { records { @ } }"]),
    ("Domain", &["domains { @ }"]),
    ("FileOffer", &["conversation(id: $conversation) { files { @ } }"]),
    ("FileRoom", &["organization(id: $organization) { fileRoom { @ } }"]),
    ("EscalationLadder", &["escalationLadder(organizationId: $organization) { @ }"]),
    ("EscalationStep", &["escalationLadder(organizationId: $organization) { steps { @ } }"]),
    ("HandoffStep", &["handoffs(organizationId: $organization) { nodes { steps { @ } } }"]),
    (
        "OfflineQuery",
        &["offlineQuery(id: $offline) { @ }", "offlineQueries(organizationId: $organization) { nodes { @ } }"],
    ),
    ("OfflineQueryConnection", &["offlineQueries(organizationId: $organization) { @ }"]),
    ("OfflineQueryEdge", &["offlineQueries(organizationId: $organization) { edges { @ } }"]),
    ("OfflineQueryEvent", &["offlineQuery(id: $offline) { history { @ } }"]),
    ("FontChoice", &["brandSettings { fonts { @ } }"]),
    (
        "Handoff",
        &[
            "handoffs(organizationId: $organization) { nodes { @ } }",
            "+conversation(id: $conversation) { handoff { @ } }",
        ],
    ),
    ("HandoffConnection", &["handoffs(organizationId: $organization) { @ }"]),
    ("GivableRole", &["roles(organizationId: $organization) { @ }"]),
    ("HandoffEdge", &["handoffs(organizationId: $organization) { edges { @ } }"]),
    (
        "CreatedMember",
        &[
            "mutation createMember(clientId: $fresh, organizationId: $organization, email: $someone, name: \"N\", roleId: \"rol_00000000000000000000000009\") { @ }",
        ],
    ),
    ("IdentitySecret", &["identitySecret(widgetId: $widget) { @ }"]),
    ("Invitation", &["invitations(organizationId: $organization) { nodes { @ } }"]),
    ("InvitationConnection", &["invitations(organizationId: $organization) { @ }"]),
    ("InvitationEdge", &["invitations(organizationId: $organization) { edges { @ } }"]),
    ("InvitationOffer", &["invitation(token: $token) { @ }"]),
    ("Member", &["members(organizationId: $organization) { nodes { @ } }"]),
    ("MemberConnection", &["members(organizationId: $organization) { @ }"]),
    ("MemberEdge", &["members(organizationId: $organization) { edges { @ } }"]),
    // Only a mutation that has been prepared gives them.
    ("RecoveryCodes", &[]),
    ("SecondFactorSetup", &["mutation startSecondFactor(password: \"demo-demo-demo\") { @ }"]),
    (
        "BusinessHours",
        &["businessHours(organizationId: $organization) { @ }", "businessHours(aiAgentId: $agent) { @ }"],
    ),
    ("HoursPreview", &["businessHours(organizationId: $organization) { preview { @ } }"]),
    ("HoursSchedule", &["businessHours(organizationId: $organization) { own { @ } }"]),
    ("HoursDay", &["businessHours(organizationId: $organization) { own { week { @ } } }"]),
    ("HoursException", &["businessHours(organizationId: $organization) { own { exceptions { @ } } }"]),
    ("HoursInterval", &["businessHours(organizationId: $organization) { own { week { intervals { @ } } } }"]),
    ("HolidayCalendar", &["businessHours(organizationId: $organization) { own { calendars { @ } } }"]),
    ("Holiday", &["businessHours(organizationId: $organization) { own { calendars { holidays { @ } } } }"]),
    ("HandoffSettings", &["aiAgent(id: $agent) { handoff { @ } }"]),
    ("KnowledgeEntry", &["aiAgent(id: $agent) { knowledge { nodes { @ } } }"]),
    ("KnowledgeEntryConnection", &["aiAgent(id: $agent) { knowledge { @ } }"]),
    ("KnowledgeEntryEdge", &["aiAgent(id: $agent) { knowledge { edges { @ } } }"]),
    ("Mail", &["mails { nodes { @ } }"]),
    ("MailConnection", &["mails { @ }"]),
    ("MailEdge", &["mails { edges { @ } }"]),
    ("Looker", &["conversation(id: $conversation) { lookers { @ } }"]),
    ("Transfer", &["conversation(id: $conversation) { transfers { @ } }"]),
    ("OwnPresence", &["presence { @ }"]),
    ("Roster", &["roster(organizationId: $organization) { @ }"]),
    ("RosterEntry", &["roster(organizationId: $organization) { entries { @ } }"]),
    ("Team", &["teams(organizationId: $organization) { @ }"]),
    ("Membership", &["viewer { memberships { @ } }"]),
    ("Notification", &["notifications { nodes { @ } }"]),
    ("NotificationConnection", &["notifications { @ }"]),
    ("NotificationEdge", &["notifications { edges { @ } }"]),
    ("NotificationPreference", &["notificationPreferences { @ }"]),
    ("PushSubscription", &["pushSubscriptions { @ }"]),
    ("PushDelivery", &["notificationDecisions { nodes { devices { @ } } }"]),
    ("MutableAiAgent", &["notificationPreferences { aiAgents { @ } }"]),
    ("NotificationDefaults", &["notificationDefaults(organizationId: $organization) { @ }"]),
    ("NotificationDecision", &["notificationDecisions { nodes { @ } }"]),
    ("NotificationDecisionConnection", &["notificationDecisions { @ }"]),
    ("NotificationDecisionEdge", &["notificationDecisions { edges { @ } }"]),
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
    ("Package", &["packages { @ }", "package(id: $package) { @ }"]),
    ("PackageChange", &["packageChange(packageId: $package, permissions: [\"home.view\"]) { @ }"]),
    ("Permission", &["permissionSwitches { permissions { @ } }"]),
    (
        "PermissionSwitch",
        &["permissionSwitches { @ }", "accessMatrix(organizationId: $organization) { switches { @ } }"],
    ),
    ("PersonChange", &["packageChange(packageId: $package, permissions: [\"home.view\"]) { people { @ } }"]),
    (
        "Role",
        &[
            "viewer { memberships { role { @ } } }",
            "roles(organizationId: $organization) { role { @ } }",
            "accessMatrix(organizationId: $organization) { rows { role { @ } } }",
        ],
    ),
    ("Setting", &["settings(organizationId: $organization) { @ }"]),
    ("Role", &["viewer { memberships { role { @ } } }"]),
    ("DnsRecord", &["sender { proofs { record { @ } } }"]),
    ("Sender", &["sender { @ }"]),
    ("MailText", &["mailTexts { @ }"]),
    ("MailTextValue", &["mailTexts { values { @ } }"]),
    ("MailWords", &["mailTexts { original { @ } }"]),
    (
        "MailTextPreview",
        &[
            "mailTextPreview(kind: \"summary\", words: { subject: \"A\", heading: \"B\", body: \"C\", after: \"\" }) { @ }",
        ],
    ),
    (
        "MailTextProblem",
        &[
            "mailTextPreview(kind: \"summary\", words: { subject: \"\", heading: \"B\", body: \"C\", after: \"\" }) { problems { @ } }",
        ],
    ),
    ("SenderProof", &["sender { proofs { @ } }"]),
    ("SenderTest", &["sender { lastTest { @ } }"]),
    ("Session", &["viewer { session { @ } }", "viewer { sessions { @ } }"]),
    ("SignIn", &["mutation signIn(email: $email, password: \"demo-demo-demo\") { @ }"]),
    ("Unsubscribed", &["mutation unsubscribe(token: $stop) { @ }"]),
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
    // Only a mutation that has been prepared gives one.
    ("Upload", &[]),
    ("ViewingAs", &["mutation viewAsClient(membershipId: $client, reason: \"r\") { viewer { viewingAs { @ } } }"]),
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
        "MessageChanged",
        "conversationEvents(conversationId: $conversation, after: \"1.1\") { __typename ... on MessageChanged { @ } }",
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
        "LookersChanged",
        "conversationEvents(conversationId: $conversation, after: \"1.0\") { __typename ... on LookersChanged { @ } }",
    ),
    (
        "AnswerProgress",
        "conversationEvents(conversationId: $conversation, after: \"1.0\") { __typename ... on AnswerProgress { @ } }",
    ),
    ("Resync", "conversationEvents(conversationId: $conversation, after: \"99.0\") { __typename ... on Resync { @ } }"),
    ("InboxChanged", "inboxEvents(organizationId: $organization) { __typename ... on InboxChanged { @ } }"),
    ("InboxSynced", "inboxEvents(organizationId: $organization) { __typename ... on InboxSynced { @ } }"),
    ("InboxRestarted", "inboxEvents(organizationId: $organization) { __typename ... on InboxRestarted { @ } }"),
    ("NotificationArrived", "notificationEvents { __typename ... on NotificationArrived { @ } }"),
    ("NotificationsChanged", "notificationEvents { __typename ... on NotificationsChanged { @ } }"),
];

/// Root fields of the desk's subscriptions, with the type of their first event.
pub const DESK_SUBSCRIPTIONS: &[(&str, &str)] = &[
    ("conversationEvents", "conversationEvents(conversationId: $conversation, after: \"1.0\") { __typename }"),
    ("inboxEvents", "inboxEvents(organizationId: $organization) { __typename }"),
    ("notificationEvents", "notificationEvents { __typename }"),
];

/// More places for ids that the cases above do not need.
pub const MORE_IDS: &[(&str, &str)] = &[
    (
        "explainAccess",
        "explainAccess(permission: \"home.view\", objectId: $conversation, userId: $user) { __typename }",
    ),
    ("permissions", "viewer { permissions(organizationId: $organization) }"),
    ("notificationDecisions", "notificationDecisions(organizationId: $organization) { __typename }"),
    ("notificationDecisions", "notificationDecisions(conversationId: $conversation) { __typename }"),
    ("notificationDecisions", "notificationDecisions(organizationId: $organization, userId: $user) { __typename }"),
    (
        "updateNotificationPreferences",
        "mutation updateNotificationPreferences(organizationId: $organization) { __typename }",
    ),
    (
        "updateBusinessHours",
        "mutation updateBusinessHours(organizationId: $organization, enabled: false, calendarIds: $theirCalendar) { __typename }",
    ),
    (
        "inviteMember",
        "mutation inviteMember(clientId: $fresh, organizationId: $organization, email: $someone, roleId: $role) { __typename }",
    ),
    (
        "createApiKey",
        "mutation createApiKey(clientId: $fresh, organizationId: $organization, input: { name: $fresh, roleId: $role }) { __typename }",
    ),
    (
        "inviteMember",
        "mutation inviteMember(clientId: $fresh, organizationId: $organization, email: $someone, roleId: \"rol_00000000000000000000000009\", aiAgentIds: $agent) { __typename }",
    ),
    (
        "inviteMember",
        "mutation inviteMember(clientId: $fresh, email: $someone, roleId: \"rol_00000000000000000000000003\", organizationIds: $organization) { __typename }",
    ),
    (
        "createMember",
        "mutation createMember(clientId: $fresh, organizationId: $organization, email: $someone, name: \"N\", roleId: $role) { __typename }",
    ),
    (
        "createMember",
        "mutation createMember(clientId: $fresh, organizationId: $organization, email: $someone, name: \"N\", roleId: \"rol_00000000000000000000000009\", aiAgentIds: $agent) { __typename }",
    ),
    (
        "createMember",
        "mutation createMember(clientId: $fresh, email: $someone, name: \"N\", roleId: \"rol_00000000000000000000000003\", organizationIds: $organization) { __typename }",
    ),
    (
        "createCoverage",
        "mutation createCoverage(clientId: $fresh, organizationId: $organization, name: \"N\", userIds: $user, roleId: \"rol_00000000000000000000000009\", timeZone: \"UTC\", hours: [{ day: 1, from: \"20:00\", to: \"06:00\" }]) { __typename }",
    ),
    (
        "createCoverage",
        "mutation createCoverage(clientId: $fresh, organizationId: $organization, name: \"N\", userIds: $staff, roleId: $role, timeZone: \"UTC\", hours: [{ day: 1, from: \"20:00\", to: \"06:00\" }]) { __typename }",
    ),
    ("setMemberRole", "mutation setMemberRole(membershipId: $member, roleId: $role) { __typename }"),
    (
        "addNote",
        "mutation addNote(clientId: $fresh, conversationId: $conversation, text: \"x\", mentionIds: $user) { __typename }",
    ),
    ("editNote", "mutation editNote(noteId: $note, text: \"y\", mentionIds: $user) { __typename }"),
    (
        "sendMessage",
        "mutation sendMessage(clientId: $fresh, conversationId: $conversation, text: \"x\", fileIds: $file) { __typename }",
    ),
];

/// Lists without a place: what each holds of a relation.
pub const LISTS: &[(&str, &str)] = &[
    ("organizations(first: 100) { nodes { id } }", "organization"),
    ("aiAgents(first: 100) { nodes { id } }", "agent"),
    ("conversations(first: 100) { nodes { id } }", "conversation"),
    ("handoffs(first: 100) { nodes { id } }", "handoff"),
    ("offlineQueries(first: 100) { nodes { id } }", "offline"),
];

/// Arguments of fields below the root that cannot be left out.
pub const ARGUMENTS: &[(&str, &str)] = &[("viewerCan", "(permission: \"home.view\")")];

/// Root fields of the visitors' queries.
pub const WIDGET_QUERIES: &[(&str, &str)] = &[
    ("widgetConfig", "widgetConfig(widgetId: $widget)"),
    ("session", "session"),
    ("file", "file(id: $file)"),
    ("challenge", "challenge"),
];

/// Root fields of the visitors' mutations.
pub const WIDGET_MUTATIONS: &[(&str, &str)] = &[
    ("session", "session(widgetId: $widget)"),
    ("sendMessage", "sendMessage(clientId: $fresh, text: \"hello\")"),
    ("prepareUpload", "prepareUpload(clientId: $fresh, name: \"a.txt\", size: 3)"),
    ("prepareUpload", "prepareUpload(clientId: $fresh, name: \"a.txt\", size: 3) { fileId }"),
    ("prepareUpload", "prepareUpload(clientId: $fresh, name: \"a.txt\", size: 3) { url }"),
    ("prepareUpload", "prepareUpload(clientId: $fresh, name: \"a.txt\", size: 3) { expiresAt }"),
    ("requestHandoff", "requestHandoff(clientId: $fresh)"),
    ("cancelHandoff", "cancelHandoff"),
    ("rateConversation", "rateConversation(rating: 5)"),
    ("emailTranscript", "emailTranscript(email: \"someone@matrix.test\")"),
    ("submitOfflineQuery", "submitOfflineQuery(clientId: $fresh, email: $someone, message: \"m\")"),
    ("setTyping", "setTyping(typing: true)"),
    ("markRead", "markRead(seq: 1)"),
    ("identify", "identify(token: \"x\")"),
    ("setAttributes", "setAttributes(attributes: [{ name: \"plan\", value: \"gold\" }])"),
    ("visitPage", "visitPage(pageUrl: \"https://shop.example/cart\")"),
    ("solveChallenge", "solveChallenge(token: \"x\", answer: \"1\")"),
    // The last: nothing is left of whoever asked.
    ("forgetMe", "forgetMe"),
];

/// Where each type of the visitors' schema is reached.
pub const WIDGET_ROUTES: &[(&str, &[&str])] = &[
    ("Attachment", &["session { conversation { messages { nodes { attachments { @ } } } } }", "file(id: $file) { @ }"]),
    ("Author", &["session { conversation { messages { nodes { author { @ } } } } }"]),
    ("Challenge", &["challenge { @ }"]),
    ("Conversation", &["session { conversation { @ } }"]),
    ("FileOffer", &["session { conversation { files { @ } } }"]),
    ("HandoffOffer", &["widgetConfig(widgetId: $widget) { handoff { @ } }", "session { config { handoff { @ } } }"]),
    ("Message", &["session { conversation { messages { nodes { @ } } } }"]),
    ("MessageConnection", &["session { conversation { messages { @ } } }"]),
    ("MessageEdge", &["session { conversation { messages { edges { @ } } } }"]),
    ("OfflineQuery", &["mutation submitOfflineQuery(clientId: $fresh, email: $someone, message: \"m\") { @ }"]),
    ("PageInfo", &["session { conversation { messages { pageInfo { @ } } } }"]),
    // Only a mutation gives one.
    ("Upload", &[]),
    ("VisitorSession", &["session { @ }", "mutation session(widgetId: $widget) { @ }"]),
    ("WidgetConfig", &["widgetConfig(widgetId: $widget) { @ }"]),
];

/// Where each type is reached that only a subscription of visitors gives.
pub const WIDGET_STREAMS: &[(&str, &str)] = &[
    ("MessageAdded", "events(after: \"1.0\") { __typename ... on MessageAdded { @ } }"),
    ("MessageChanged", "events(after: \"1.1\") { __typename ... on MessageChanged { @ } }"),
    ("ConversationChanged", "events(after: \"1.0\") { __typename ... on ConversationChanged { @ } }"),
    ("TypingChanged", "events(after: \"1.0\") { __typename ... on TypingChanged { @ } }"),
    ("AnswerProgress", "events(after: \"1.0\") { __typename ... on AnswerProgress { @ } }"),
    ("Resync", "events(after: \"99.0\") { __typename ... on Resync { @ } }"),
];

/// Root fields of the visitors' subscriptions.
pub const WIDGET_SUBSCRIPTIONS: &[(&str, &str)] = &[("events", "events(after: \"1.0\") { __typename }")];
