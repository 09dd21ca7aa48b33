import { describe, expect, it } from "vitest";
import {
  emptyInbox,
  type Inbox,
  type InboxAction,
  type InboxConversation,
  reduceInbox,
  viewInbox,
  waitLevel,
} from "./inbox";

type C = InboxConversation;

const row = (id: string, rev: number, patch: Partial<C> = {}): C => ({
  id,
  rev,
  state: "REQUESTED",
  assignee: null,
  handoff: { requestedAt: `2026-11-20T10:00:0${id.at(-1)}Z`, acceptedAt: null },
  lastActivityAt: `2026-11-20T11:00:0${id.at(-1)}Z`,
  ...patch,
});

const me = { id: "usr_me", name: "Me" };
const other = { id: "usr_other", name: "Oscar" };
const taken = (id: string, rev: number, assignee: C["assignee"]) =>
  row(id, rev, {
    state: "HUMAN",
    assignee,
    handoff: { requestedAt: "x", acceptedAt: "2026-11-20T10:30:00Z" },
  });

const run = (inbox: Inbox<C>, ...actions: readonly InboxAction<C>[]) => actions.reduce(reduceInbox<C>, inbox);
const changed = (conversation: C): InboxAction<C> => ({ type: "changed", conversation });
const subscribed: InboxAction<C> = { type: "subscribed" };
const synced: InboxAction<C> = { type: "synced" };
const ids = (rows: readonly C[]) => rows.map((one) => one.id);
const filled = (...rows: C[]) => run(emptyInbox<C>(), subscribed, ...rows.map(changed), synced);

describe("inbox", () => {
  it("is not complete before the snapshot has ended", () => {
    expect(run(emptyInbox<C>(), subscribed, changed(row("c1", 1))).synced).toBe(false);
    expect(filled(row("c1", 1)).synced).toBe(true);
  });

  it("sorts into waiting, mine, and with colleagues", () => {
    const view = viewInbox(
      filled(row("c2", 1), row("c1", 1), taken("c3", 1, me), taken("c4", 1, me), taken("c5", 1, other)),
      me.id,
    );
    expect(ids(view.pending)).toEqual(["c1", "c2"]);
    expect(ids(view.mine)).toEqual(["c4", "c3"]);
    expect(view.claimed).toMatchObject([{ holder: "Oscar", since: "2026-11-20T10:30:00Z" }]);
  });

  it("forgets what is out of reach", () => {
    const inbox = filled(taken("c1", 1, me), row("c2", 1));
    const left = run(inbox, { type: "gone", conversationId: "c1" });
    expect(viewInbox(left, me.id).mine).toEqual([]);
    expect(ids(viewInbox(left, me.id).pending)).toEqual(["c2"]);
    expect(run(left, { type: "gone", conversationId: "c1" })).toBe(left);
  });

  it("applies a change if and only if its revision is greater", () => {
    const inbox = filled(row("c1", 5));
    expect(run(inbox, changed(taken("c1", 5, other)))).toBe(inbox);
    expect(run(inbox, changed(taken("c1", 4, other)))).toBe(inbox);
    expect(viewInbox(run(inbox, changed(taken("c1", 6, me))), me.id).mine).toHaveLength(1);
  });

  it("does not bring a closed row back for a late, older event", () => {
    const inbox = run(
      filled(row("c1", 5)),
      changed(row("c1", 7, { state: "ENDED" })),
      changed(taken("c1", 6, me)),
    );
    const view = viewInbox(inbox, me.id);
    expect([view.pending, view.mine, view.claimed].flat()).toEqual([]);
  });

  it("drops what a new snapshot does not name, and keeps what changed while it ran", () => {
    const before = filled(row("c1", 1), row("c2", 1));
    const during = run(before, subscribed, changed(row("c2", 1)));
    // Until the snapshot has ended, what is held stays on the screen.
    expect(ids(viewInbox(during, me.id).pending)).toEqual(["c1", "c2"]);
    const after = run(during, changed(taken("c3", 1, me)), synced);
    const view = viewInbox(after, me.id);
    expect(ids(view.pending)).toEqual(["c2"]);
    expect(ids(view.mine)).toEqual(["c3"]);
  });

  it("starts a snapshot anew when the connection breaks in the middle of one", () => {
    const broken = run(filled(row("c1", 1)), subscribed, changed(row("c2", 1)));
    const after = run(broken, subscribed, changed(row("c1", 1)), synced);
    expect(ids(viewInbox(after, me.id).pending)).toEqual(["c1"]);
  });

  it("forgets what was told before a restart, and takes even what it held already", () => {
    const before = filled(row("c1", 5), row("c2", 5));
    const during = run(before, { type: "restarted" });
    expect(during.rows.size).toBe(0);
    expect(during.synced).toBe(false);
    // What one may see of it has changed, its revision has not.
    const after = run(during, changed(taken("c1", 5, other)), synced);
    const view = viewInbox(after, me.id);
    expect(view).toMatchObject({ pending: [], claimed: [{ holder: "Oscar" }] });
    expect(after.synced).toBe(true);
  });

  it("shows a lost race as claimed until the stream tells", () => {
    const lost = run(filled(row("c1", 1)), { type: "lost", conversationId: "c1", holder: "Oscar" });
    expect(viewInbox(lost, me.id)).toMatchObject({
      pending: [],
      claimed: [{ holder: "Oscar", since: null }],
    });
    const released = run(lost, changed(row("c1", 3)));
    expect(ids(viewInbox(released, me.id).pending)).toEqual(["c1"]);
  });

  it("believes the stream when it was faster than the refusal", () => {
    const inbox = filled(taken("c1", 2, other));
    expect(run(inbox, { type: "lost", conversationId: "c1", holder: "Oscar" })).toBe(inbox);
    expect(run(inbox, { type: "lost", conversationId: "nowhere", holder: "Oscar" })).toBe(inbox);
  });

  it("forgets everything when cleared", () => {
    expect(run(filled(row("c1", 1)), { type: "cleared" })).toEqual(emptyInbox());
  });
});

describe("waiting", () => {
  it("is amber after thirty seconds and red after five minutes", () => {
    expect(waitLevel(30_000)).toBe("fine");
    expect(waitLevel(30_001)).toBe("waiting");
    expect(waitLevel(300_000)).toBe("waiting");
    expect(waitLevel(300_001)).toBe("overdue");
  });
});
