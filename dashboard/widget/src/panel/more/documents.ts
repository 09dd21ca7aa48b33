// What the parts that are loaded later ask of the server.

export const PREPARE_UPLOAD = `mutation Prepare($clientId: String!, $name: String!, $size: Int!) {
  prepareUpload(clientId: $clientId, name: $name, size: $size) { fileId url }
}`;

export const SUBMIT_OFFLINE_QUERY = `mutation Query(
  $clientId: String!, $email: String!, $message: String!, $name: String, $fileIds: [ID!]
) {
  submitOfflineQuery(clientId: $clientId, email: $email, message: $message, name: $name, fileIds: $fileIds) { id }
}`;

export const RATE_CONVERSATION =
  "mutation Rate($rating: Int!, $text: String) { rateConversation(rating: $rating, text: $text) { id } }";

export const EMAIL_TRANSCRIPT = "mutation Transcript($email: String!) { emailTranscript(email: $email) }";

export const FORGET_ME = "mutation Forget { forgetMe }";
