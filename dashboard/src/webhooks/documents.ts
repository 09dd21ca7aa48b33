import { graphql, type ResultOf } from "../gql/graphql";

export const WebhookFields = graphql(`
  fragment WebhookFields on Webhook @_unmask {
    id ofAgency name url host format events createdAt disabledAt disabledBecause failingSince deliveredAt trouble oldSecretUntil
  }
`);

export type Webhook = ResultOf<typeof WebhookFields>;

export const WebhooksQuery = graphql(
  `query Webhooks($organizationId: ID, $after: String) {
    webhooks(organizationId: $organizationId, first: 20, after: $after) {
      nodes { ...WebhookFields } pageInfo { hasNextPage endCursor }
    }
  }`,
  [WebhookFields],
);

export const CreateWebhookMutation = graphql(
  `mutation CreateWebhook($clientId: String!, $organizationId: ID, $input: WebhookInput!) {
    createWebhook(clientId: $clientId, organizationId: $organizationId, input: $input) {
      secret webhook { ...WebhookFields }
    }
  }`,
  [WebhookFields],
);

export const UpdateWebhookMutation = graphql(
  `mutation UpdateWebhook($id: ID!, $input: WebhookInput!) {
    updateWebhook(webhookId: $id, input: $input) { ...WebhookFields }
  }`,
  [WebhookFields],
);

export const DeleteWebhookMutation = graphql(
  `mutation DeleteWebhook($id: ID!) { deleteWebhook(webhookId: $id) }`,
);

export const RotateSecretMutation = graphql(
  `mutation RotateWebhookSecret($id: ID!) {
    rotateWebhookSecret(webhookId: $id) { secret webhook { ...WebhookFields } }
  }`,
  [WebhookFields],
);

export const SetEnabledMutation = graphql(
  `mutation SetWebhookEnabled($id: ID!, $enabled: Boolean!) {
    setWebhookEnabled(webhookId: $id, enabled: $enabled) { ...WebhookFields }
  }`,
  [WebhookFields],
);

export const DeliveryFields = graphql(`
  fragment WebhookDeliveryFields on WebhookDelivery @_unmask {
    id event body state attempts status answer trouble createdAt attemptedAt nextAt
  }
`);

export type Delivery = ResultOf<typeof DeliveryFields>;

export const DeliveriesQuery = graphql(
  `query WebhookDeliveries($id: ID!, $states: [WebhookDeliveryState!], $after: String) {
    webhook(id: $id) {
      id
      deliveries(states: $states, first: 20, after: $after) {
        nodes { ...WebhookDeliveryFields } pageInfo { hasNextPage endCursor }
      }
    }
  }`,
  [DeliveryFields],
);

export const TestWebhookMutation = graphql(
  `mutation TestWebhook($id: ID!) { testWebhook(webhookId: $id) { ...WebhookDeliveryFields } }`,
  [DeliveryFields],
);

export const ReplayMutation = graphql(
  `mutation ReplayWebhookDelivery($id: ID!) {
    replayWebhookDelivery(webhookDeliveryId: $id) { ...WebhookDeliveryFields }
  }`,
  [DeliveryFields],
);

export const ReplaySinceMutation = graphql(
  `mutation ReplayWebhookDeliveries($id: ID!, $since: Time!, $delivered: Boolean) {
    replayWebhookDeliveries(webhookId: $id, since: $since, delivered: $delivered)
  }`,
);
