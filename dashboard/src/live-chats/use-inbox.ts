import { useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";
import { useStore } from "../api/store";
import type { Row } from "../conversations/documents";
import { type InboxView, viewInbox } from "../live/inbox";
import { ringsFor } from "../routing/offer";
import { useOrganizationId, usePermissions, useViewer } from "../shell/scope";
import { dismiss, toast } from "../ui/toast";
import { tellDesktop, withdrawDesktop } from "./desktop";
import { followInbox, inbox, onInboxChange } from "./inbox-store";
import { chime, ring } from "./ring";

const RING_AGAIN_MS = 20_000;
/** A notice must be reached before it goes; the ring goes on, and the count stays, until somebody takes the request. */
const REQUEST_NOTICE_MS = 12_000;

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
    const forget = (key: string) => {
      const notice = notices.get(key);
      if (notice !== undefined) dismiss(notice);
      notices.delete(key);
      withdrawDesktop(key);
    };
    const open = (id: string, tab: "pending" | "active") => () =>
      void navigate({ to: "/live-chats/$id", params: { id }, search: { tab } });
    const tell = (row: Row, key: string, title: string, tab: "pending" | "active", ms: number) => {
      forget(key);
      const detail = row.preview ?? row.aiAgent.name;
      const run = open(row.id, tab);
      notices.set(key, toast(title, { detail, action: { label: "Open", run }, ms }));
      tellDesktop(key, title, detail, run);
    };
    const ignore = onInboxChange((row, before) => {
      const [asks, writes] = [`asks:${row.id}`, `writes:${row.id}`];
      // Claimed or withdrawn meanwhile: the notice would only send people to a closed door.
      if (row.state !== "REQUESTED") forget(asks);
      // Whoever it is offered to hears it first; the others when it is offered on to them, or to everybody.
      else if (
        ringsFor(row.handoff, userId) &&
        !(before?.state === "REQUESTED" && ringsFor(before.handoff, userId))
      ) {
        ring();
        tell(row, asks, `${visitorName(row)} asks for a person`, "pending", REQUEST_NOTICE_MS);
      }
      const mine = row.state === "HUMAN" && row.assignee?.id === userId;
      if (!mine || row.unread === 0) return forget(writes);
      if (!before || row.lastVisitorMessageAt === before.lastVisitorMessageAt) return;
      chime();
      // What is on the screen needs no notice.
      if (location.pathname.endsWith(row.id) && document.visibilityState === "visible") {
        tellDesktop(writes, visitorName(row), row.preview ?? "", open(row.id, "active"));
      } else {
        tell(row, writes, `${visitorName(row)} wrote`, "active", 8_000);
      }
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
