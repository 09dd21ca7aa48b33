import { graphql, type ResultOf } from "../gql/graphql";

export const PackageFields = graphql(`
  fragment PackageFields on Package @_unmask {
    id name description level permissions version memberCount organizationCount createdAt updatedAt
  }
`);

export type Package = ResultOf<typeof PackageFields>;

export const PackagesQuery = graphql(`query Packages { packages { ...PackageFields } }`, [PackageFields]);

export const PackageQuery = graphql(`query Package($id: ID!) { package(id: $id) { ...PackageFields } }`, [
  PackageFields,
]);

export const SwitchFields = graphql(`
  fragment SwitchFields on PermissionSwitch @_unmask {
    name level description
    permissions { name description }
  }
`);

export type PermissionSwitch = ResultOf<typeof SwitchFields>;

export const SwitchesQuery = graphql(`query PermissionSwitches { permissionSwitches { ...SwitchFields } }`, [
  SwitchFields,
]);

/** Roles to start a package from, or to put people into when theirs goes. */
export const RolesQuery = graphql(`
  query RolesToGive($organizationId: ID) {
    roles(organizationId: $organizationId) {
      givable reason
      role { id name level builtIn permissions }
    }
  }
`);

export const PackageChangeQuery = graphql(`
  query PackageChange($id: ID!, $permissions: [String!]!) {
    packageChange(packageId: $id, permissions: $permissions) {
      version gains loses peopleCount
      people { user { id name } organization { id name } gains loses }
    }
  }
`);

export type PackageChange = ResultOf<typeof PackageChangeQuery>["packageChange"];

export const CreatePackageMutation = graphql(
  `mutation CreatePackage(
    $clientId: String!, $name: String!, $description: String, $level: RoleLevel!, $permissions: [String!]!
  ) {
    createPackage(
      clientId: $clientId, name: $name, description: $description, level: $level, permissions: $permissions
    ) { ...PackageFields }
  }`,
  [PackageFields],
);

export const UpdatePackageMutation = graphql(
  `mutation UpdatePackage($id: ID!, $version: Int!, $name: String, $description: String, $permissions: [String!]) {
    updatePackage(
      packageId: $id, version: $version, name: $name, description: $description, permissions: $permissions
    ) { ...PackageFields }
  }`,
  [PackageFields],
);

export const DeletePackageMutation = graphql(`
  mutation DeletePackage($id: ID!, $replacementRoleId: ID) {
    deletePackage(packageId: $id, replacementRoleId: $replacementRoleId)
  }
`);
