import type { ComponentType } from "react";
import {
  AgentIcon,
  BuildingIcon,
  ConversationsIcon,
  FileIcon,
  GlobeIcon,
  HomeIcon,
  HookIcon,
  InboxIcon,
  KeywordIcon,
  LiveIcon,
  LockIcon,
  LogIcon,
  MailIcon,
  MatrixIcon,
  PackageIcon,
  PaletteIcon,
  PeopleIcon,
  RosterIcon,
  SlidersIcon,
  UserIcon,
} from "../ui/icons";
import { useAgencyPermissions, useOrganizationId, usePermissions } from "./scope";

export interface Page {
  readonly to:
    | "/"
    | "/live-chats"
    | "/offline-queries"
    | "/conversations"
    | "/ai-agents"
    | "/team"
    | "/roster"
    | "/settings"
    | "/access"
    | "/organizations"
    | "/staff"
    | "/packages"
    | "/brand"
    | "/domains"
    | "/sender"
    | "/mail-texts"
    | "/keyword-alerts"
    | "/webhooks"
    | "/api-keys"
    | "/audit";
  readonly label: string;
  readonly permission: string;
  readonly icon: ComponentType<{ readonly size?: number }>;
  /**
   * Beside the daily ones: those about one organization, and those about the agency, which only its staff has. What is
   * there for both is about the organization that is looked at, and about the agency while that is all of them.
   */
  readonly group?: "organization" | "agency" | "both";
}

const all: readonly Page[] = [
  { to: "/", label: "Home", permission: "home.view", icon: HomeIcon },
  { to: "/live-chats", label: "Live Chats", permission: "live_chat.view_queue", icon: LiveIcon },
  {
    to: "/offline-queries",
    label: "Offline Queries",
    permission: "live_chat.view_queue",
    icon: InboxIcon,
  },
  { to: "/conversations", label: "Conversations", permission: "conversation.read", icon: ConversationsIcon },
  { to: "/ai-agents", label: "AI Agents", permission: "home.view", icon: AgentIcon },
  { to: "/team", label: "Team", permission: "team.view", icon: PeopleIcon, group: "organization" },
  {
    to: "/roster",
    label: "Who is on",
    permission: "live_chat.view_queue",
    icon: RosterIcon,
    group: "organization",
  },
  {
    to: "/organizations",
    label: "Organizations",
    permission: "home.view",
    icon: BuildingIcon,
    group: "agency",
  },
  { to: "/staff", label: "Staff", permission: "staff.manage", icon: UserIcon, group: "agency" },
  { to: "/packages", label: "Packages", permission: "package.edit", icon: PackageIcon, group: "agency" },
  { to: "/settings", label: "Settings", permission: "handoff.read", icon: SlidersIcon, group: "both" },
  {
    to: "/keyword-alerts",
    label: "Keyword alerts",
    permission: "keyword_alert.edit",
    icon: KeywordIcon,
    group: "organization",
  },
  { to: "/access", label: "Access", permission: "team.view", icon: MatrixIcon, group: "both" },
  { to: "/brand", label: "Brand", permission: "branding.edit", icon: PaletteIcon, group: "agency" },
  { to: "/domains", label: "Domains", permission: "domain.manage", icon: GlobeIcon, group: "agency" },
  { to: "/sender", label: "Sender", permission: "sender.manage", icon: MailIcon, group: "agency" },
  { to: "/mail-texts", label: "Mail texts", permission: "sender.manage", icon: FileIcon, group: "agency" },
  { to: "/webhooks", label: "Webhooks", permission: "webhook.manage", icon: HookIcon, group: "both" },
  { to: "/api-keys", label: "API keys", permission: "api_key.manage", icon: LockIcon, group: "both" },
  { to: "/audit", label: "Audit log", permission: "audit.view", icon: LogIcon, group: "both" },
];

/** The pages that the viewer can use, in the order of the navigation. */
export function usePages(): readonly Page[] {
  const may = usePermissions();
  const mayInAgency = useAgencyPermissions();
  const one = useOrganizationId() !== null;
  return all
    .map((page): Page => (page.group === "both" ? { ...page, group: one ? "organization" : "agency" } : page))
    .filter((page) => {
      if (page.group === "agency") return mayInAgency(page.permission);
      // Without one organization chosen there is none that these could be about.
      if (page.group === "organization" && !one) return false;
      return may(page.permission);
    });
}

/** What a phone's bar has room for, beside the way to all other pages. */
const inBar = 4;

/** The pages of a phone: those in its bar, and the daily ones that are behind "More". */
export function onPhone(pages: readonly Page[]): { bar: readonly Page[]; more: readonly Page[] } {
  const daily = pages.filter((page) => !page.group);
  return { bar: daily.slice(0, inBar), more: daily.slice(inBar) };
}
