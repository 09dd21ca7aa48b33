import { useQuery } from "urql";
import { auth, type Viewer } from "../api/auth";
import { createStore, useStore } from "../api/store";
import { graphql } from "../gql/graphql";

/** Which organization one is looking at. Null is all of them, which only staff of the agency can. */
const chosen = createStore<string | null>(read());

function read(): string | null {
  try {
    return localStorage.getItem("organization");
  } catch {
    return null;
  }
}

export function chooseOrganization(id: string | null): void {
  try {
    if (id) localStorage.setItem("organization", id);
    else localStorage.removeItem("organization");
  } catch {
    // A browser without storage forgets the choice; nothing else is lost.
  }
  chosen.set(id);
}

const OrganizationsQuery = graphql(`
  query Organizations {
    organizations(first: 100) { nodes { id name } }
  }
`);

const PermissionsQuery = graphql(`
  query Permissions($organizationId: ID) {
    viewer { permissions(organizationId: $organizationId) }
  }
`);

export interface OrganizationChoice {
  readonly id: string;
  readonly name: string;
}

export function useViewer(): Viewer {
  const state = useStore(auth);
  if (state.status !== "signedIn") throw new Error("only drawn while signed in");
  return state.viewer;
}

export function isStaff(viewer: Viewer): boolean {
  return viewer.memberships.some((membership) => membership.organization === null);
}

const none: readonly OrganizationChoice[] = [];

export function useOrganizations(): readonly OrganizationChoice[] {
  const viewer = useViewer();
  const staff = isStaff(viewer);
  const [{ data }] = useQuery({ query: OrganizationsQuery, pause: !staff, requestPolicy: "cache-first" });
  if (staff) return data?.organizations.nodes ?? none;
  return viewer.memberships.flatMap((membership) =>
    membership.organization ? [membership.organization] : [],
  );
}

/** The organization to ask the API about; null means all. */
export function useOrganizationId(): string | null {
  const viewer = useViewer();
  const id = useStore(chosen);
  if (isStaff(viewer)) return id;
  const own = viewer.memberships.flatMap((membership) =>
    membership.organization ? [membership.organization.id] : [],
  );
  return id && own.includes(id) ? id : (own[0] ?? null);
}

/** What the viewer may do where they look now. The server decides; this only spares people buttons that refuse. */
export function usePermissions(): (permission: string) => boolean {
  const viewer = useViewer();
  const organizationId = useOrganizationId();
  const single = viewer.memberships.length < 2;
  const [{ data }] = useQuery({
    query: PermissionsQuery,
    variables: { organizationId },
    pause: single || organizationId === null,
    requestPolicy: "cache-first",
  });
  const permissions = (organizationId === null ? null : data?.viewer.permissions) ?? viewer.permissions;
  return (permission) => permissions.includes(permission);
}

/** Whether rows have to say which organization they belong to. */
export function useSeveralOrganizations(): boolean {
  return useOrganizationId() === null;
}
