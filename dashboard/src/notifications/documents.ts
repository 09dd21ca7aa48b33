import { graphql, type ResultOf } from "../gql/graphql";

export const NotificationFields = graphql(`
  fragment NotificationFields on Notification @_unmask {
    id kind title preview organizationId organizationName aiAgentName conversationId link count happenedAt readAt
  }
`);

export type Entry = ResultOf<typeof NotificationFields>;

export const NotificationsQuery = graphql(
  `query Notifications($first: Int, $after: String, $unread: Boolean) {
    notifications(first: $first, after: $after, unread: $unread) {
      nodes { ...NotificationFields }
      pageInfo { hasNextPage endCursor }
    }
  }`,
  [NotificationFields],
);

export const NotificationSubscription = graphql(
  `subscription NotificationEvents {
    notificationEvents {
      __typename
      ... on NotificationArrived { unread notification { ...NotificationFields } }
      ... on NotificationsChanged { unread }
    }
  }`,
  [NotificationFields],
);

export const MarkNotificationsReadMutation = graphql(`
  mutation MarkNotificationsRead($ids: [ID!]) { markNotificationsRead(notificationIds: $ids) }
`);

export const PreferenceFields = graphql(`
  fragment PreferenceFields on NotificationPreference @_unmask {
    organizationId organizationName email push events quietFrom quietUntil timeZone muted mutedAiAgents digest
    aiAgents { id name }
    origin
  }
`);

export type Preference = ResultOf<typeof PreferenceFields>;
export type Events = Preference["events"];
export type Digest = Preference["digest"];

export const PreferencesQuery = graphql(
  `query NotificationPreferences { notificationPreferences { ...PreferenceFields } }`,
  [PreferenceFields],
);

export const UpdatePreferencesMutation = graphql(
  `mutation UpdateNotificationPreferences($organizationId: ID, $preference: NotificationPreferenceInput) {
    updateNotificationPreferences(organizationId: $organizationId, preference: $preference) { ...PreferenceFields }
  }`,
  [PreferenceFields],
);

export const DefaultsFields = graphql(`
  fragment DefaultsFields on NotificationDefaults @_unmask {
    organizationId email push events quietFrom quietUntil digest origin
  }
`);

export type Defaults = ResultOf<typeof DefaultsFields>;

export const DefaultsQuery = graphql(
  `query NotificationDefaults($organizationId: ID!) {
    notificationDefaults(organizationId: $organizationId) { ...DefaultsFields }
  }`,
  [DefaultsFields],
);

export const SetDefaultsMutation = graphql(
  `mutation SetNotificationDefaults($organizationId: ID!, $defaults: NotificationDefaultsInput) {
    setNotificationDefaults(organizationId: $organizationId, defaults: $defaults) { ...DefaultsFields }
  }`,
  [DefaultsFields],
);

export const DecisionsQuery = graphql(`
  query NotificationDecisions($organizationId: ID, $conversationId: ID, $first: Int, $after: String) {
    notificationDecisions(organizationId: $organizationId, conversationId: $conversationId, first: $first, after: $after) {
      nodes {
        id kind userId userName way verdict reason explanation organizationName conversationId visitorName
        at dueAt mailState attempts trouble canResend
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export type Decision = ResultOf<typeof DecisionsQuery>["notificationDecisions"]["nodes"][number];

export const ResendNotificationMutation = graphql(`
  mutation ResendNotification($id: ID!) { resendNotification(decisionId: $id) { id canResend } }
`);

export const SendTestMutation = graphql(`
  mutation SendTestNotification($way: NotificationWay!) { sendTestNotification(way: $way) }
`);
