import { graphql, type ResultOf } from "../gql/graphql";

export const SettingFields = graphql(`
  fragment SettingFields on Setting @_unmask {
    key name description kind value origin mode minimum maximum choices permission longest editable reason agencyValue ownValue
  }
`);

export type Setting = ResultOf<typeof SettingFields>;

export const SettingsQuery = graphql(
  `query Settings($organizationId: ID) { settings(organizationId: $organizationId) { ...SettingFields } }`,
  [SettingFields],
);

export const SetSettingMutation = graphql(
  `mutation SetSetting($key: String!, $organizationId: ID, $value: String) {
    setSetting(key: $key, organizationId: $organizationId, value: $value) { ...SettingFields }
  }`,
  [SettingFields],
);

export const SetSettingModeMutation = graphql(
  `mutation SetSettingMode(
    $key: String!, $organizationId: ID, $mode: SettingMode!, $value: String, $minimum: Int, $maximum: Int, $choices: [String!]
  ) {
    setSettingMode(
      key: $key, organizationId: $organizationId, mode: $mode, value: $value,
      minimum: $minimum, maximum: $maximum, choices: $choices
    ) { ...SettingFields }
  }`,
  [SettingFields],
);
