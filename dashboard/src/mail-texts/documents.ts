import { graphql, type ResultOf } from "../gql/graphql";

export const MailTextFields = graphql(`
  fragment MailTextFields on MailText @_unmask {
    kind title version updatedAt trouble troubleAt
    original { subject heading body button after }
    own { subject heading body button after }
    values { name what }
  }
`);

export type MailText = ResultOf<typeof MailTextFields>;

export const MailTextsQuery = graphql(`query MailTexts { mailTexts { ...MailTextFields } }`, [
  MailTextFields,
]);

export const MailTextPreviewQuery = graphql(
  `query MailTextPreview($kind: String!, $words: MailWordsInput!) {
    mailTextPreview(kind: $kind, words: $words) {
      subject html text
      problems { field reason message line }
    }
  }`,
);

export const SaveMailTextMutation = graphql(
  `mutation SaveMailText($kind: String!, $version: Int!, $words: MailWordsInput!) {
    saveMailText(kind: $kind, version: $version, words: $words) { ...MailTextFields }
  }`,
  [MailTextFields],
);

export const RestoreMailTextMutation = graphql(
  `mutation RestoreMailText($kind: String!, $version: Int!) {
    restoreMailText(kind: $kind, version: $version) { ...MailTextFields }
  }`,
  [MailTextFields],
);
