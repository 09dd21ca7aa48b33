import { ViewerFields } from "../api/auth";
import { graphql, type ResultOf } from "../gql/graphql";

export const SessionFields = graphql(`
  fragment SessionFields on Session @_unmask { id current createdAt lastUsedAt browser address }
`);

export type Session = ResultOf<typeof SessionFields>;

export const SessionsQuery = graphql(
  `query Sessions { viewer { user { id } sessions { ...SessionFields } } }`,
  [SessionFields],
);

export const EndSessionMutation = graphql(`mutation EndSession($id: ID!) { endSession(sessionId: $id) }`);

export const EndOtherSessionsMutation = graphql(`mutation EndOtherSessions { endOtherSessions }`);

export const UpdateProfileMutation = graphql(
  `mutation UpdateProfile($name: String, $language: String, $timeZone: String) {
    updateProfile(name: $name, language: $language, timeZone: $timeZone) { ...ViewerFields }
  }`,
  [ViewerFields],
);

export const ChangePasswordMutation = graphql(`
  mutation ChangePassword($currentPassword: String!, $newPassword: String!) {
    changePassword(currentPassword: $currentPassword, newPassword: $newPassword)
  }
`);

export const RequestAddressChangeMutation = graphql(`
  mutation RequestAddressChange($email: String!, $password: String!) {
    requestAddressChange(email: $email, password: $password)
  }
`);

export const StartSecondFactorMutation = graphql(`
  mutation StartSecondFactor($password: String!) { startSecondFactor(password: $password) { secret uri qr } }
`);

export const ConfirmSecondFactorMutation = graphql(`
  mutation ConfirmSecondFactor($code: String!) { confirmSecondFactor(code: $code) { codes } }
`);

export const RenewRecoveryCodesMutation = graphql(`
  mutation RenewRecoveryCodes($password: String!, $code: String!) {
    renewRecoveryCodes(password: $password, code: $code) { codes }
  }
`);

export const RemoveSecondFactorMutation = graphql(`
  mutation RemoveSecondFactor($password: String!, $code: String!) {
    removeSecondFactor(password: $password, code: $code)
  }
`);

export const DemandQuery = graphql(`
  query SecondFactorDemand { viewer { user { id } hasSecondFactor agency { id demandsSecondFactor } } }
`);
