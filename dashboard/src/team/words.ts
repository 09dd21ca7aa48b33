import type { ApiError } from "../api/errors";
import { sentence } from "../api/errors";

interface Limited {
  readonly allAiAgents: boolean;
  readonly aiAgents: readonly { readonly name: string }[];
  readonly allOrganizations: boolean;
  readonly organizations: readonly { readonly name: string }[];
}

function listed(names: readonly string[], many: string): string {
  if (names.length <= 2) return names.join(" and ");
  return `${names[0]} and ${names.length - 1} more ${many}`;
}

/** What somebody is limited to, in a few words; null for no limit. */
export function limitWords(of: Limited): string | null {
  const words = (all: boolean, some: readonly { readonly name: string }[], one: string, many: string) => {
    if (all) return [];
    if (some.length === 0) return [`No ${one} yet`];
    return [
      `Only ${listed(
        some.map((each) => each.name),
        many,
      )}`,
    ];
  };
  const parts = [
    ...words(of.allOrganizations, of.organizations, "organization", "organizations"),
    ...words(of.allAiAgents, of.aiAgents, "AI agent", "AI agents"),
  ];
  return parts.length > 0 ? parts.join("; ") : null;
}

export type Act = "suspend" | "remove" | "leave" | "resetFactor";

/** What follows, said before it is done. */
export function consequence(act: Act, who: string, place: string): string {
  switch (act) {
    case "suspend":
      return `${who} is signed out of ${place} at once and cannot come in until resumed. Their open chats go back to the queue.`;
    case "remove":
      return `${who} loses access to ${place} at once. Their open chats go back to the queue; what they wrote stays. Their account and their other places stay as they are.`;
    case "leave":
      return `You lose access to ${place} at once, and only somebody who manages its team can invite you again. Your open chats go back to the queue.`;
    case "resetFactor":
      return `${who} can then sign in with the password alone, and is signed out everywhere. Do this only when you are sure that it is ${who} who asks.`;
  }
}

/** Why a change was refused, in the words of this page. */
export function refusalWords(error: ApiError): string {
  switch (error.reason) {
    case "ALREADY_MEMBER":
      return "Whoever has this address is a member already.";
    case "ALREADY_INVITED":
      return "This address has an open invitation. Send it again, or revoke it first.";
    case "CANNOT_GRANT":
      return "You can only give what you hold yourself, and this role allows more.";
    case "CANNOT_CHANGE":
      return "They may do more than you, so only somebody who may do as much can change this.";
    case "ROLE_NOT_FOR_THIS":
      return "This role cannot be given here.";
    case "LAST_OWNER":
      return "Somebody has to stay owner: make another person owner first.";
    default:
      return sentence(error);
  }
}

/** The role an invitation proposes: the usual one, as long as it can be given. */
export function proposedRole(
  roles: readonly {
    readonly givable: boolean;
    readonly role: { readonly id: string; readonly name: string };
  }[],
  staff: boolean,
): string | null {
  const usual = roles.find((one) => one.givable && one.role.name === (staff ? "Member" : "Operator"));
  return (usual ?? null)?.role.id ?? null;
}
