// Every operation that the panel sends. Kept as plain text: a GraphQL client library would be larger than the panel.

const MESSAGE =
  "id seq kind author { kind name } text createdAt clientId offersHuman sources via editedAt deletedAt attachments { id name mediaType size width height url }";
export const CONVERSATION =
  "id state rev queuePosition operatorName readByOperatorSeq lastSeq estimatedWaitSeconds askRating canEmailTranscript files { enabled largestBytes atMost }";
export const PAGE = `nodes { ${MESSAGE} } pageInfo { hasPreviousPage startCursor }`;
const CONFIG =
  "widgetId title greeting accent accentText position radius poweredBy handoff { available askContact buttonAfterMessages open opensAt changesAt offlineText offlineForm popup fixedPopup buttonText popupText waitingText blockInput } available";

/** How many messages one read brings. */
export const PAGE_SIZE = 30;

export const READ_CONFIG = `query Config($widgetId: ID!) { widgetConfig(widgetId: $widgetId) { ${CONFIG} } }`;

export const START_SESSION = `mutation Start($widgetId: ID!, $resume: String, $pageUrl: String, $referrer: String, $language: String, $timeZone: String, $identity: String) {
  session(widgetId: $widgetId, resume: $resume, pageUrl: $pageUrl, referrer: $referrer, language: $language, timeZone: $timeZone, identity: $identity) {
    token expiresAt resume
    conversation { ${CONVERSATION} cursor messages(last: ${PAGE_SIZE}) { ${PAGE} } }
    config { ${CONFIG} }
  }
}`;

export const READ_CONVERSATION = `query Read {
  session { conversation { ${CONVERSATION} cursor messages(last: ${PAGE_SIZE}) { ${PAGE} } } config { ${CONFIG} } }
}`;

export const SEND_MESSAGE = `mutation Send($clientId: String!, $text: String!, $fileIds: [ID!]) {
  sendMessage(clientId: $clientId, text: $text, fileIds: $fileIds) { ${MESSAGE} }
}`;

export const SET_TYPING = "mutation Typing($typing: Boolean!) { setTyping(typing: $typing) }";

export const MARK_READ = "mutation Read($seq: Int!) { markRead(seq: $seq) }";

export const EVENTS = `subscription Events($after: String) {
  events(after: $after) {
    __typename
    ... on MessageAdded { cursor message { ${MESSAGE} } }
    ... on MessageChanged { message { ${MESSAGE} } }
    ... on ConversationChanged { conversation { ${CONVERSATION} } }
    ... on TypingChanged { author name typing }
    ... on AnswerProgress { answerId text }
    ... on Resync { cursor reason }
  }
}`;
