import { graphql, type ResultOf } from "../gql/graphql";

export const AttachmentFields = graphql(`
  fragment AttachmentFields on Attachment @_unmask { id name mediaType size width height url }
`);

export const PrepareUploadMutation = graphql(`
  mutation PrepareUpload($clientId: String!, $id: ID!, $name: String!, $size: Int!) {
    prepareUpload(clientId: $clientId, conversationId: $id, name: $name, size: $size) { fileId url }
  }
`);

export const FileOfferQuery = graphql(`
  query FileOffer($id: ID!) { conversation(id: $id) { id files { enabled largestBytes atMost } } }
`);

/** An address is good for five minutes; this gives a fresh one. */
export const FileQuery = graphql(`query File($id: ID!) { file(id: $id) { id url } }`);

export const FileRoomQuery = graphql(`
  query FileRoom($id: ID!) { organization(id: $id) { id fileRoom { usedMegabytes quotaMegabytes } } }
`);

export type Attachment = ResultOf<typeof AttachmentFields>;
export type FileOffer = ResultOf<typeof FileOfferQuery>["conversation"]["files"];
