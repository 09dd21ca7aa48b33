import { createRootRoute, createRoute, createRouter, Link, lazyRouteComponent } from "@tanstack/react-router";
import { toApiError } from "../api/errors";
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

export type ConversationFilterName = "all" | "live" | "person" | "ended";
const filterNames: readonly string[] = ["all", "live", "person", "ended"];

function isFilterName(value: unknown): value is ConversationFilterName {
  return typeof value === "string" && filterNames.includes(value);
}

const conversationsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/conversations",
  validateSearch: (search: Record<string, unknown>): { filter?: ConversationFilterName; q?: string } => ({
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

const accountRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/account",
  component: lazyRouteComponent(() => import("../account/account-page"), "AccountPage"),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    homeRoute,
    liveChatsRoute.addChildren([liveChatRoute]),
    conversationsRoute.addChildren([conversationRoute]),
    aiAgentsRoute,
    aiAgentRoute,
    accountRoute,
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
