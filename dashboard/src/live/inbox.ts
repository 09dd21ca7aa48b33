/** Open requests and taken chats, kept from the inbox stream. Pure, like the rest of this folder. */

export interface InboxConversation {
  readonly id: string;
  readonly rev: number;
  readonly state: string;
  readonly assignee: { readonly id: string; readonly name: string } | null;
  readonly handoff: { readonly requestedAt: string; readonly acceptedAt: string | null } | null;
  readonly lastActivityAt: string;
}

export interface Inbox<C extends InboxConversation> {
  readonly rows: ReadonlyMap<string, C>;
  /** Ids that the running snapshot has named; null outside of a snapshot. */
  readonly named: ReadonlySet<string> | null;
  readonly synced: boolean;
  /** Races that we lost: who has it, and the revision that we held. The stream overrules it with a newer one. */
  readonly lost: ReadonlyMap<string, { readonly holder: string; readonly rev: number }>;
}

export type InboxAction<C extends InboxConversation> =
  | { readonly type: "subscribed" }
  | { readonly type: "changed"; readonly conversation: C }
  | { readonly type: "synced" }
  /** What was told so far counts no longer: a new snapshot follows on the same stream. */
  | { readonly type: "restarted" }
  | { readonly type: "lost"; readonly conversationId: string; readonly holder: string }
  /** Out of reach: nobody will tell what becomes of it. */
  | { readonly type: "gone"; readonly conversationId: string }
  | { readonly type: "cleared" };

export function emptyInbox<C extends InboxConversation>(): Inbox<C> {
  return { rows: new Map(), named: null, synced: false, lost: new Map() };
}

const isOpen = (row: InboxConversation) => row.state === "REQUESTED" || row.state === "HUMAN";

export function reduceInbox<C extends InboxConversation>(inbox: Inbox<C>, action: InboxAction<C>): Inbox<C> {
  switch (action.type) {
    case "subscribed":
      return { ...inbox, named: new Set() };
    case "restarted":
      // Nothing stays on the screen meanwhile: it may be what the viewer must not see any more.
      return { ...emptyInbox(), named: new Set() };
    case "changed": {
      const { conversation } = action;
      const held = inbox.rows.get(conversation.id);
      const named = inbox.named ? new Set(inbox.named).add(conversation.id) : null;
      if (held && conversation.rev <= held.rev) return named ? { ...inbox, named } : inbox;
      // A row that was closed stays until the next snapshot: a late, older event must not bring it back.
      const rows = new Map(inbox.rows).set(conversation.id, conversation);
      const lost = new Map(inbox.lost);
      lost.delete(conversation.id);
      return { ...inbox, rows, named, lost };
    }
    case "synced": {
      const { named } = inbox;
      if (!named) return { ...inbox, synced: true };
      const rows = new Map([...inbox.rows].filter(([id]) => named.has(id)));
      const lost = new Map([...inbox.lost].filter(([id]) => named.has(id)));
      return { rows, lost, named: null, synced: true };
    }
    case "lost": {
      const held = inbox.rows.get(action.conversationId);
      // The stream may have told it before the refusal came back.
      if (held?.state !== "REQUESTED") return inbox;
      const lost = new Map(inbox.lost).set(held.id, { holder: action.holder, rev: held.rev });
      return { ...inbox, lost };
    }
    case "gone": {
      if (!inbox.rows.has(action.conversationId)) return inbox;
      return { ...inbox, rows: new Map([...inbox.rows].filter(([id]) => id !== action.conversationId)) };
    }
    case "cleared":
      return emptyInbox();
  }
}

export interface Claimed<C> {
  readonly conversation: C;
  readonly holder: string;
  readonly since: string | null;
}

export interface InboxView<C> {
  readonly pending: readonly C[];
  readonly mine: readonly C[];
  readonly claimed: readonly Claimed<C>[];
}

/** The three lists of the page: waiting (longest first), mine (latest activity first), with colleagues. */
export function viewInbox<C extends InboxConversation>(inbox: Inbox<C>, userId: string): InboxView<C> {
  const pending: C[] = [];
  const mine: C[] = [];
  const claimed: Claimed<C>[] = [];
  for (const row of inbox.rows.values()) {
    if (!isOpen(row)) continue;
    const lost = inbox.lost.get(row.id);
    if (row.state === "REQUESTED" && lost) {
      claimed.push({ conversation: row, holder: lost.holder, since: null });
    } else if (row.state === "REQUESTED") {
      pending.push(row);
    } else if (row.assignee?.id === userId) {
      mine.push(row);
    } else {
      claimed.push({
        conversation: row,
        holder: row.assignee?.name ?? "",
        since: row.handoff?.acceptedAt ?? null,
      });
    }
  }
  const requested = (row: C) => row.handoff?.requestedAt ?? row.lastActivityAt;
  pending.sort((a, b) => requested(a).localeCompare(requested(b)) || a.id.localeCompare(b.id));
  mine.sort((a, b) => b.lastActivityAt.localeCompare(a.lastActivityAt) || a.id.localeCompare(b.id));
  claimed.sort((a, b) => (b.since ?? "~").localeCompare(a.since ?? "~"));
  return { pending, mine, claimed };
}

/** How urgent a wait is: the target is half a minute, and after five minutes somebody must have been called. */
export function waitLevel(waitedMs: number): "fine" | "waiting" | "overdue" {
  if (waitedMs > 5 * 60_000) return "overdue";
  return waitedMs > 30_000 ? "waiting" : "fine";
}
