import { graphql, type ResultOf } from "../gql/graphql";

export const SenderFields = graphql(`
  fragment SenderFields on Sender @_unmask {
    version configured fromName fromAddress replyTo host port security username hasPassword
    state fallback neutralAddress lastCheckedAt checking sentLately bouncedLately
    proofs { kind state explanation record { type name value found ok } }
    lastTest { at to state message }
  }
`);

export type Sender = ResultOf<typeof SenderFields>;

export const SenderQuery = graphql(`query Sender { sender { ...SenderFields } }`, [SenderFields]);

export const UpdateSenderMutation = graphql(
  `mutation UpdateSender(
    $version: Int!, $fromName: String, $fromAddress: String, $replyTo: String, $host: String, $port: Int,
    $security: SmtpSecurity, $username: String, $password: String, $fallback: SenderFallback
  ) {
    updateSender(
      version: $version, fromName: $fromName, fromAddress: $fromAddress, replyTo: $replyTo, host: $host, port: $port,
      security: $security, username: $username, password: $password, fallback: $fallback
    ) { ...SenderFields }
  }`,
  [SenderFields],
);

export const RemoveSenderMutation = graphql(`mutation RemoveSender { removeSender { ...SenderFields } }`, [
  SenderFields,
]);

export const CheckSenderMutation = graphql(`mutation CheckSender { checkSender { ...SenderFields } }`, [
  SenderFields,
]);

export const SendTestMutation = graphql(`mutation SendTestMail { sendTestMail { ...SenderFields } }`, [
  SenderFields,
]);

export const MailFields = graphql(`
  fragment MailFields on Mail @_unmask {
    id recipient kind subject state attempts trouble canResend createdAt settledAt
    organization { id name }
  }
`);

export type Mail = ResultOf<typeof MailFields>;

export const MailsQuery = graphql(
  `query Mails($state: MailState, $after: String) {
    mails(state: $state, first: 25, after: $after) {
      nodes { ...MailFields }
      pageInfo { hasNextPage endCursor }
    }
  }`,
  [MailFields],
);

export const ResendMailMutation = graphql(
  `mutation ResendMail($id: ID!) { resendMail(mailId: $id) { ...MailFields } }`,
  [MailFields],
);
