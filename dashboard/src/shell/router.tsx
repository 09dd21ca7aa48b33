import { createRootRoute, createRoute, createRouter, Link, lazyRouteComponent } from "@tanstack/react-router";
import { toApiError } from "../api/errors";
import { isStars, type Stars } from "../ending/stars";
import { organizationSearch, organizationsSearch } from "../organizations/search";
import { Empty, Failed, RowSkeletons } from "../ui/states";
import { Shell } from "./shell";

const rootRoute = createRootRoute({
  component: Shell,
  notFoundComponent: () => (
    <Empty title="There is no such page" action={<Link to="/">Go to Home</Link>}>
      The address may have changed.
    </Empty>
  ),
  errorComponent: ({ error, reset }) => <Failed error={toApiError(error)} retry={reset} />,
});

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  component: lazyRouteComponent(() => import("../home/home-page"), "HomePage"),
});

export type LiveTab = "pending" | "active";

const liveChatsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/live-chats",
  validateSearch: (search: Record<string, unknown>): { tab?: LiveTab } =>
    search.tab === "active" || search.tab === "pending" ? { tab: search.tab } : {},
  component: lazyRouteComponent(() => import("../live-chats/live-chats-page"), "LiveChatsPage"),
});

const liveChatRoute = createRoute({
  getParentRoute: () => liveChatsRoute,
  path: "$id",
  component: lazyRouteComponent(() => import("../live-chats/live-chats-page"), "LiveChat"),
});

export type ConversationFilterName = "all" | "live" | "attention" | "person" | "ended";
const filterNames: readonly string[] = ["all", "live", "attention", "person", "ended"];

function isFilterName(value: unknown): value is ConversationFilterName {
  return typeof value === "string" && filterNames.includes(value);
}

const conversationsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/conversations",
  validateSearch: (
    search: Record<string, unknown>,
  ): { filter?: ConversationFilterName; q?: string; tag?: string; stars?: Stars } => ({
    ...(typeof search.tag === "string" && search.tag !== "" ? { tag: search.tag } : {}),
    ...(isStars(search.stars) ? { stars: search.stars } : {}),
    ...(isFilterName(search.filter) && search.filter !== "all" ? { filter: search.filter } : {}),
    ...(typeof search.q === "string" && search.q !== "" ? { q: search.q } : {}),
  }),
  component: lazyRouteComponent(() => import("../conversations/conversations-page"), "ConversationsPage"),
});

const conversationRoute = createRoute({
  getParentRoute: () => conversationsRoute,
  path: "$id",
  component: lazyRouteComponent(() => import("../conversations/conversations-page"), "OneConversation"),
});

const aiAgentsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/ai-agents",
  component: lazyRouteComponent(() => import("../ai-agents/ai-agents-page"), "AiAgentsPage"),
});

const aiAgentRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/ai-agents/$id",
  component: lazyRouteComponent(() => import("../ai-agents/ai-agent-page"), "AiAgentPage"),
});

const organizationsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/organizations",
  validateSearch: organizationsSearch,
  component: lazyRouteComponent(() => import("../organizations/organizations-page"), "OrganizationsPage"),
});

const organizationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/organizations/$id",
  validateSearch: organizationSearch,
  component: lazyRouteComponent(() => import("../organizations/organization-page"), "OrganizationPage"),
});

const teamRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/team",
  component: lazyRouteComponent(() => import("../team/team-page"), "TeamPage"),
});

const rosterRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/roster",
  component: lazyRouteComponent(() => import("../routing/roster-page"), "RosterPage"),
});

const staffRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/staff",
  component: lazyRouteComponent(() => import("../staff/staff-page"), "StaffPage"),
});

const accountRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/account",
  component: lazyRouteComponent(() => import("../account/account-page"), "AccountPage"),
});

const notificationsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/notifications",
  component: lazyRouteComponent(() => import("../notifications/notifications-page"), "NotificationsPage"),
});

const packagesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/packages",
  component: lazyRouteComponent(() => import("../packages/packages-page"), "PackagesPage"),
});

const packageRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/packages/$id",
  component: lazyRouteComponent(() => import("../packages/package-page"), "PackagePage"),
});

const accessRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/access",
  component: lazyRouteComponent(() => import("../matrix/access-page"), "AccessPage"),
});

const brandRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/brand",
  component: lazyRouteComponent(() => import("../brand-settings/brand-page"), "BrandPage"),
});

const domainsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/domains",
  component: lazyRouteComponent(() => import("../domains/domains-page"), "DomainsPage"),
});

const senderRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sender",
  component: lazyRouteComponent(() => import("../sender/sender-page"), "SenderPage"),
});

const mailTextsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/mail-texts",
  component: lazyRouteComponent(() => import("../mail-texts/mail-texts-page"), "MailTextsPage"),
});

const mailTextRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/mail-texts/$kind",
  component: lazyRouteComponent(() => import("../mail-texts/mail-text-page"), "MailTextPage"),
});

const keywordsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/keyword-alerts",
  component: lazyRouteComponent(() => import("../keywords/keywords-page"), "KeywordsPage"),
});

const webhooksRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/webhooks",
  component: lazyRouteComponent(() => import("../webhooks/webhooks-page"), "WebhooksPage"),
});

const keysRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/api-keys",
  component: lazyRouteComponent(() => import("../keys/keys-page"), "KeysPage"),
});

const auditRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/audit",
  component: lazyRouteComponent(() => import("../audit/audit-page"), "AuditPage"),
});

const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("../settings/settings-page"), "SettingsPage"),
});

const offlineQueriesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/offline-queries",
  component: lazyRouteComponent(
    () => import("../offline-queries/offline-queries-page"),
    "OfflineQueriesPage",
  ),
});

const offlineQueryRoute = createRoute({
  getParentRoute: () => offlineQueriesRoute,
  path: "$id",
  component: lazyRouteComponent(() => import("../offline-queries/offline-queries-page"), "OneOfflineQuery"),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    homeRoute,
    liveChatsRoute.addChildren([liveChatRoute]),
    offlineQueriesRoute.addChildren([offlineQueryRoute]),
    conversationsRoute.addChildren([conversationRoute]),
    aiAgentsRoute,
    aiAgentRoute,
    organizationsRoute,
    organizationRoute,
    teamRoute,
    rosterRoute,
    staffRoute,
    accountRoute,
    notificationsRoute,
    packagesRoute,
    packageRoute,
    accessRoute,
    brandRoute,
    domainsRoute,
    senderRoute,
    mailTextsRoute,
    mailTextRoute,
    keywordsRoute,
    webhooksRoute,
    keysRoute,
    auditRoute,
    settingsRoute,
  ]),
  defaultPreload: "intent",
  defaultPendingComponent: () => <RowSkeletons />,
  defaultPendingMs: 150,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
