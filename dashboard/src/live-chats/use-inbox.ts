import { useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";
import { useStore } from "../api/store";
import type { Row } from "../conversations/documents";
import { type InboxView, viewInbox } from "../live/inbox";
import { ringsFor } from "../routing/offer";
import { useOrganizationId, usePermissions, useViewer } from "../shell/scope";
import { dismiss, toast } from "../ui/toast";
import { followInbox, inbox, onInboxChange } from "./inbox-store";
import { ring } from "./ring";

const RING_AGAIN_MS = 20_000;

export function visitorName(row: { readonly visitor: { readonly name: string | null } }): string {
  return row.visitor.name?.trim() || "Anonymous";
}

export function useInbox(): InboxView<Row> & { readonly synced: boolean } {
  const state = useStore(inbox);
  const { user } = useViewer();
  return useMemo(() => ({ ...viewInbox(state, user.id), synced: state.synced }), [state, user.id]);
}

/** Follows the inbox while somebody who may see it is signed in, and makes itself heard when a request arrives. */
export function useInboxStream(): void {
  const organizationId = useOrganizationId();
  const allowed = usePermissions()("live_chat.view_queue");
  const navigate = useNavigate();
  const userId = useViewer().user.id;

  useEffect(() => {
    if (!allowed) return;
    const follower = followInbox(organizationId);
    const notices = new Map<string, number>();
    const ignore = onInboxChange((row, before) => {
      if (row.state !== "REQUESTED") {
        // Claimed or withdrawn meanwhile: the notice would only send people to a closed door.
        const notice = notices.get(row.id);
        if (notice !== undefined) dismiss(notice);
        notices.delete(row.id);
        return;
      }
      // Whoever it is offered to hears it first; the others when it is offered on to them, or to everybody.
      if (!ringsFor(row.handoff, userId)) return;
      if (before?.state === "REQUESTED" && ringsFor(before.handoff, userId)) return;
      ring();
      const notice = toast(`${visitorName(row)} asks for a person`, {
        detail: row.preview ?? row.aiAgent.name,
        action: {
          label: "Open",
          run: () =>
            void navigate({ to: "/live-chats/$id", params: { id: row.id }, search: { tab: "pending" } }),
        },
      });
      notices.set(row.id, notice);
    });
    return () => {
      ignore();
      follower.stop();
    };
  }, [allowed, organizationId, navigate, userId]);

  const { pending } = useInbox();
  const waiting = allowed && pending.some((row) => ringsFor(row.handoff, userId));
  useEffect(() => {
    if (!waiting) return;
    // Until somebody takes it: a single tone is easily missed.
    const timer = setInterval(ring, RING_AGAIN_MS);
    return () => clearInterval(timer);
  }, [waiting]);
}
