import { graphql, type ResultOf } from "../gql/graphql";

export const DeviceFields = graphql(`
  fragment DeviceFields on PushSubscription @_unmask { id browser here createdAt seenAt sentAt trouble }
`);

export type Device = ResultOf<typeof DeviceFields>;

export const DevicesQuery = graphql(`query Devices { pushSubscriptions { ...DeviceFields } }`, [
  DeviceFields,
]);

export const PushKeyQuery = graphql(`query PushKey { pushKey }`);

export const RegisterDeviceMutation = graphql(
  `mutation RegisterDevice($endpoint: String!, $p256dh: String!, $auth: String!) {
    registerPushSubscription(endpoint: $endpoint, p256dh: $p256dh, auth: $auth) { ...DeviceFields }
  }`,
  [DeviceFields],
);

export const RemoveDeviceMutation = graphql(
  `mutation RemoveDevice($id: ID!) { removePushSubscription(pushSubscriptionId: $id) }`,
);
