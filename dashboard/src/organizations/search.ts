/** What the addresses of the organization pages carry beside their path. */

export const organizationTabs = ["overview", "people", "ai-agents", "settings", "activity"] as const;
export type OrganizationTab = (typeof organizationTabs)[number];

export function organizationSearch(search: Record<string, unknown>): { tab?: OrganizationTab } {
  const tab = organizationTabs.find((one) => one === search.tab);
  return tab && tab !== "overview" ? { tab } : {};
}

export const sorts = ["NAME", "CREATED", "ACTIVITY"] as const;
export type Sort = (typeof sorts)[number];

export const shownStates = ["all", "active", "suspended", "bin"] as const;
export type Shown = (typeof shownStates)[number];

export interface OrganizationsSearch {
  readonly q?: string;
  readonly sort?: Sort;
  readonly show?: Shown;
}

/** Only what differs from the usual view, so that addresses stay short and the plain one is the plain page. */
export function organizationsSearch(search: Record<string, unknown>): OrganizationsSearch {
  const sort = sorts.find((one) => one === search.sort);
  const show = shownStates.find((one) => one === search.show);
  return {
    ...(typeof search.q === "string" && search.q !== "" ? { q: search.q.slice(0, 100) } : {}),
    ...(sort && sort !== "NAME" ? { sort } : {}),
    ...(show && show !== "all" ? { show } : {}),
  };
}

/** The states to ask for; the bin is asked for by itself, because only some may look into it. */
export function statesOf(show: Shown): readonly ("ACTIVE" | "SUSPENDED" | "DELETED")[] {
  switch (show) {
    case "active":
      return ["ACTIVE"];
    case "suspended":
      return ["SUSPENDED"];
    case "bin":
      return ["DELETED"];
    case "all":
      return ["ACTIVE", "SUSPENDED"];
  }
}
