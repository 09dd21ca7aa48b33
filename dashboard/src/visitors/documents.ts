import { graphql, type ResultOf } from "../gql/graphql";

export const IdentitySecretQuery = graphql(`
  query IdentitySecret($widgetId: ID!) {
    identitySecret(widgetId: $widgetId) { hint createdAt previousUntil }
  }
`);

export const RotateIdentitySecretMutation = graphql(`
  mutation RotateIdentitySecret($widgetId: ID!, $keepHours: Int) {
    rotateIdentitySecret(widgetId: $widgetId, keepHours: $keepHours) { hint createdAt previousUntil secret }
  }
`);

export const BlocksQuery = graphql(`
  query Blocks($organizationId: ID!) {
    blocks(organizationId: $organizationId, first: 100) {
      nodes { id visitorId visitorName network reason createdAt createdBy { name } }
    }
  }
`);

export type Block = ResultOf<typeof BlocksQuery>["blocks"]["nodes"][number];

export const BlockVisitorMutation = graphql(`
  mutation BlockVisitor($visitorId: ID!, $reason: String!, $network: Boolean) {
    blockVisitor(visitorId: $visitorId, reason: $reason, network: $network) { id }
  }
`);

export const UnblockVisitorMutation = graphql(`
  mutation UnblockVisitor($visitorId: ID!) { unblockVisitor(visitorId: $visitorId) }
`);

export const LiftBlockMutation = graphql(`
  mutation LiftBlock($blockId: ID!) { liftBlock(blockId: $blockId) }
`);

export const ForgetVisitorMutation = graphql(`
  mutation ForgetVisitor($visitorId: ID!) { forgetVisitor(visitorId: $visitorId) }
`);

/** What one may do about the visitor of a conversation, and how they stand. */
export const VisitorStandingQuery = graphql(`
  query VisitorStanding($id: ID!) {
    conversation(id: $id) {
      id
      visitor { id verified verifiedFields blockedAt }
      canBlock: viewerCan(permission: "live_chat.supervise")
      canForget: viewerCan(permission: "conversation.delete")
    }
  }
`);
