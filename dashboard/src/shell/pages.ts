import type { ComponentType } from "react";
import { AgentIcon, ConversationsIcon, HomeIcon, LiveIcon } from "../ui/icons";
import { usePermissions } from "./scope";

interface Page {
  readonly to: "/" | "/live-chats" | "/conversations" | "/ai-agents";
  readonly label: string;
  readonly permission: string;
  readonly icon: ComponentType<{ readonly size?: number }>;
}

const all: readonly Page[] = [
  { to: "/", label: "Home", permission: "home.view", icon: HomeIcon },
  { to: "/live-chats", label: "Live Chats", permission: "live_chat.view_queue", icon: LiveIcon },
  { to: "/conversations", label: "Conversations", permission: "conversation.read", icon: ConversationsIcon },
  { to: "/ai-agents", label: "AI Agents", permission: "home.view", icon: AgentIcon },
];

/** The pages that the viewer can use, in the order of the navigation. */
export function usePages(): readonly Page[] {
  const may = usePermissions();
  return all.filter((page) => may(page.permission));
}
