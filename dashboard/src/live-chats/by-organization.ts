interface InboxRow {
  readonly organization: { readonly id: string; readonly name: string } | null;
}

export interface OrganizationCount {
  readonly id: string;
  readonly name: string;
  readonly count: number;
}

/** The organizations that have something in the inbox, by name, each with how much. */
export function organizationsIn(rows: readonly InboxRow[]): readonly OrganizationCount[] {
  const found = new Map<string, OrganizationCount>();
  for (const { organization } of rows) {
    if (!organization) continue;
    const held = found.get(organization.id);
    found.set(organization.id, { ...organization, count: (held?.count ?? 0) + 1 });
  }
  return [...found.values()]
    .map(({ id, name, count }) => ({ id, name, count }))
    .sort((one, two) => one.name.localeCompare(two.name));
}

export function ofOrganization<Row extends InboxRow>(
  rows: readonly Row[],
  id: string | null,
): readonly Row[] {
  return id === null ? rows : rows.filter((row) => row.organization?.id === id);
}
