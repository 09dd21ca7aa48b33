import { useEffect } from "react";
import { useQuery } from "urql";
import { auth, type Viewer } from "../api/auth";
import { createStore, useStore } from "../api/store";
import { graphql } from "../gql/graphql";
import { useDebounced } from "../ui/hooks";

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
  query Organizations($search: String, $first: Int) {
    organizations(search: $search, first: $first, sort: NAME) { nodes { id name logo } pageInfo { hasNextPage } }
  }
`);

const OrganizationNameQuery = graphql(`
  query OrganizationName($id: ID!) { organization(id: $id) { id name logo } }
`);

const PermissionsQuery = graphql(`
  query Permissions($organizationId: ID) {
    viewer { permissions(organizationId: $organizationId) }
  }
`);

export interface OrganizationChoice {
  readonly id: string;
  readonly name: string;
  readonly logo?: string | null;
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

function ownOrganizations(viewer: Viewer): readonly OrganizationChoice[] {
  return viewer.memberships.flatMap((membership) =>
    membership.organization ? [membership.organization] : [],
  );
}

/** The first hundred by name. Where there may be more, let people search: see useOrganizationSearch. */
export function useOrganizations(): readonly OrganizationChoice[] {
  const viewer = useViewer();
  const staff = isStaff(viewer);
  const [{ data }] = useQuery({
    query: OrganizationsQuery,
    variables: { first: 100 },
    pause: !staff,
    requestPolicy: "cache-first",
  });
  if (staff) return data?.organizations.nodes ?? none;
  return ownOrganizations(viewer);
}

export interface OrganizationSearch {
  readonly found: readonly OrganizationChoice[];
  readonly more: boolean;
  readonly loading: boolean;
}

/** Organizations by a part of their name: asked of the server for staff, who may look after thousands of them. */
export function useOrganizationSearch(search: string, first = 30): OrganizationSearch {
  const viewer = useViewer();
  const staff = isStaff(viewer);
  const wanted = useDebounced(search.trim(), 150);
  const [{ data, fetching, stale }] = useQuery({
    query: OrganizationsQuery,
    variables: { search: wanted || null, first },
    pause: !staff,
    requestPolicy: "cache-and-network",
  });
  if (!staff) {
    const matches = (one: OrganizationChoice) => one.name.toLowerCase().includes(search.trim().toLowerCase());
    return { found: ownOrganizations(viewer).filter(matches), more: false, loading: false };
  }
  return {
    found: data?.organizations.nodes ?? none,
    more: data?.organizations.pageInfo.hasNextPage ?? false,
    loading: (fetching || stale) && !data,
  };
}

/** The organization that is looked at; null for all of them, and while its name is on its way. */
export function useOrganization(): OrganizationChoice | null {
  const viewer = useViewer();
  const id = useOrganizationId();
  const staff = isStaff(viewer);
  const [{ data, error }] = useQuery({
    query: OrganizationNameQuery,
    variables: { id: id ?? "" },
    pause: !staff || id === null,
    requestPolicy: "cache-first",
  });
  // Chosen once, and gone since: to everything again, instead of pages that find nothing.
  const gone =
    staff && id !== null && error?.graphQLErrors.some((one) => one.extensions?.code === "NOT_FOUND");
  useEffect(() => {
    if (gone) chooseOrganization(null);
  }, [gone]);
  if (id === null) return null;
  if (staff) return data?.organization.id === id ? data.organization : null;
  return ownOrganizations(viewer).find((one) => one.id === id) ?? null;
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

/** Permissions in the agency itself, wherever one looks: for the pages that are about the agency. */
export function useAgencyPermissions(): (permission: string) => boolean {
  const viewer = useViewer();
  const staff = isStaff(viewer);
  return (permission) => staff && viewer.permissions.includes(permission);
}

/** What the viewer may do in one organization, or in the agency itself (null), wherever they look now. */
export function usePermissionsIn(organizationId: string | null): (permission: string) => boolean {
  const viewer = useViewer();
  const inAgency = useAgencyPermissions();
  const single = viewer.memberships.length < 2;
  const [{ data }] = useQuery({
    query: PermissionsQuery,
    variables: { organizationId },
    pause: single || organizationId === null,
    requestPolicy: "cache-first",
  });
  if (organizationId === null) return inAgency;
  const permissions = single ? viewer.permissions : (data?.viewer.permissions ?? []);
  return (permission) => permissions.includes(permission);
}
