interface Organization {
  readonly id: string;
  readonly name: string;
  readonly state: "ACTIVE" | "SUSPENDED" | "DELETED";
  readonly aiAgentCount: number;
  readonly memberCount?: number;
  readonly waitingCount?: number;
}

export interface Attention<One> {
  readonly organization: One;
  readonly kind: "waiting" | "suspended" | "noAgent" | "nobody";
  readonly words: string;
}

const order = ["waiting", "nobody", "noAgent", "suspended"] as const;

/** Why an organization needs somebody, the most pressing reason of each; those that need nobody are left out. */
export function needingAttention<One extends Organization>(all: readonly One[]): readonly Attention<One>[] {
  const found = all.flatMap((organization): Attention<One>[] => {
    const { state, waitingCount = 0, aiAgentCount, memberCount } = organization;
    if (state === "SUSPENDED") {
      return [{ organization, kind: "suspended", words: "Suspended: its widgets say “not available”" }];
    }
    if (waitingCount > 0) {
      const words =
        waitingCount === 1 ? "1 visitor waits for a person" : `${waitingCount} visitors wait for a person`;
      return [{ organization, kind: "waiting", words }];
    }
    if (memberCount === 0) return [{ organization, kind: "nobody", words: "Nobody is in its team yet" }];
    if (aiAgentCount === 0) return [{ organization, kind: "noAgent", words: "No AI agent is assigned yet" }];
    return [];
  });
  return found.sort(
    (one, two) =>
      order.indexOf(one.kind) - order.indexOf(two.kind) ||
      (two.organization.waitingCount ?? 0) - (one.organization.waitingCount ?? 0),
  );
}

export interface SetUp {
  readonly brandSettings?: { readonly version: number; readonly images: readonly unknown[] } | undefined;
  readonly domains?: readonly { readonly state: string }[] | undefined;
  readonly organizations: { readonly nodes: readonly unknown[] };
  readonly members?: { readonly nodes: readonly unknown[] } | undefined;
  readonly invitations?: { readonly nodes: readonly unknown[] } | undefined;
}

export type Step = "brand" | "domain" | "organization" | "invite";

/** The steps of a new agency that this person can take, and which of them are done. */
export function setUpSteps(
  state: SetUp,
  may: (permission: string) => boolean,
): readonly { readonly step: Step; readonly done: boolean }[] {
  const steps: { step: Step; done: boolean }[] = [];
  if (state.brandSettings) {
    steps.push({
      step: "brand",
      done: state.brandSettings.version > 1 || state.brandSettings.images.length > 0,
    });
  }
  if (state.domains) {
    steps.push({ step: "domain", done: state.domains.some((domain) => domain.state === "ACTIVE") });
  }
  if (may("organization.create")) {
    steps.push({ step: "organization", done: state.organizations.nodes.length > 0 });
  }
  if (state.members) {
    const done = state.members.nodes.length > 1 || (state.invitations?.nodes.length ?? 0) > 0;
    steps.push({ step: "invite", done });
  }
  return steps;
}
