import { useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useRef } from "react";
import { useStore } from "../api/store";
import type { Row } from "../conversations/documents";
import { type InboxView, viewInbox } from "../live/inbox";
import { wanted } from "../notifications/wishes";
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

const noise = (row: Row, kind: "request" | "message") => ({
  kind,
  organizationId: row.organization?.id ?? null,
  aiAgentId: row.aiAgent.id,
});

/** Follows the inbox while somebody who may see it is signed in, and makes itself heard when a request arrives. */
export function useInboxStream(): void {
  const organizationId = useOrganizationId();
  const allowed = usePermissions()("live_chat.view_queue");
  const navigate = useNavigate();
  const userId = useViewer().user.id;

  useEffect(() => {
    if (!allowed) return;
    const follower = followInbox(organizationId);
    let stopped = false;
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
    };
    /** Heard, and told outside of the page, unless they chose not to be told of it now. */
    const reach = async (row: Row, key: string, title: string, detail: string) => {
      const request = key.startsWith("asks:");
      if (!(await wanted(noise(row, request ? "request" : "message")))) return;
      if (stopped) return;
      if (request) ring(`${row.id} ${row.handoff?.requestedAt}`, row.organization?.id ?? null);
      else chime(`${row.id} ${row.lastVisitorMessageAt}`);
      tellDesktop(key, title, detail, open(row.id, request ? "pending" : "active"));
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
        const title = `${visitorName(row)} asks for a person`;
        tell(row, asks, title, "pending", REQUEST_NOTICE_MS);
        void reach(row, asks, title, row.preview ?? row.aiAgent.name);
      }
      const mine = row.state === "HUMAN" && row.assignee?.id === userId;
      if (!mine || row.unread === 0) return forget(writes);
      if (!before || row.lastVisitorMessageAt === before.lastVisitorMessageAt) return;
      // What is on the screen needs no notice.
      if (location.pathname.endsWith(row.id) && document.visibilityState === "visible") {
        void reach(row, writes, visitorName(row), row.preview ?? "");
      } else {
        const title = `${visitorName(row)} wrote`;
        tell(row, writes, title, "active", 8_000);
        void reach(row, writes, title, row.preview ?? row.aiAgent.name);
      }
    });
    return () => {
      stopped = true;
      ignore();
      follower.stop();
    };
  }, [allowed, organizationId, navigate, userId]);

  const { pending } = useInbox();
  const calling = allowed ? pending.filter((row) => ringsFor(row.handoff, userId)) : [];
  const latest = useRef(calling);
  latest.current = calling;
  const waiting = calling.length > 0;
  useEffect(() => {
    if (!waiting) return;
    const again = async () => {
      for (const row of latest.current) {
        if (!(await wanted(noise(row, "request")))) continue;
        ring("again", row.organization?.id ?? null);
        return;
      }
    };
    // Until somebody takes it: a single tone is easily missed.
    const timer = setInterval(() => void again(), RING_AGAIN_MS);
    return () => clearInterval(timer);
  }, [waiting]);
}
