// What the parts that are loaded later ask of the server.

import { CONVERSATION, PAGE, PAGE_SIZE } from "../../documents";

export const READ_OLDER = `query Older($before: String) {
  session { conversation { id messages(last: ${PAGE_SIZE}, before: $before) { ${PAGE} } } }
}`;

export const REQUEST_HANDOFF = `mutation Request($clientId: String!, $name: String, $email: String, $reason: String) {
  requestHandoff(clientId: $clientId, name: $name, email: $email, reason: $reason) { ${CONVERSATION} }
}`;

export const CANCEL_HANDOFF = `mutation Cancel { cancelHandoff { ${CONVERSATION} } }`;

export const PREPARE_UPLOAD = `mutation Prepare($clientId: String!, $name: String!, $size: Int!) {
  prepareUpload(clientId: $clientId, name: $name, size: $size) { fileId url }
}`;

export const SUBMIT_OFFLINE_QUERY = `mutation Query(
  $clientId: String!, $email: String!, $message: String!, $name: String, $fileIds: [ID!]
) {
  submitOfflineQuery(clientId: $clientId, email: $email, message: $message, name: $name, fileIds: $fileIds) { id }
}`;

export const RATE_CONVERSATION = `mutation Rate($rating: Int!, $text: String) { rateConversation(rating: $rating, text: $text) { ${CONVERSATION} } }`;

export const EMAIL_TRANSCRIPT = "mutation Transcript($email: String!) { emailTranscript(email: $email) }";

export const FORGET_ME = "mutation Forget { forgetMe }";

export const FILE_ADDRESS = "query File($id: ID!) { file(id: $id) { url } }";
