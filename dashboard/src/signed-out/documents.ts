import { graphql } from "../gql/graphql";

export const InvitationQuery = graphql(`
  query InvitationOffer($token: String!) {
    invitation(token: $token) { email place role inviter expiresAt hasAccount }
  }
`);

export const RequestResetMutation = graphql(`
  mutation RequestPasswordReset($email: String!) { requestPasswordReset(email: $email) }
`);

export const ResetPasswordMutation = graphql(`
  mutation ResetPassword($token: String!, $password: String!) { resetPassword(token: $token, password: $password) }
`);

export const ConfirmAddressMutation = graphql(`
  mutation ConfirmAddressChange($token: String!) { confirmAddressChange(token: $token) }
`);

export const UnsubscribeMutation = graphql(`
  mutation Unsubscribe($token: String!) { unsubscribe(token: $token) { organizationName } }
`);
