import { describe, expect, it } from "vitest";
import * as live from "./live";
import { applyOlder } from "./panel/more/older";
import { added, byVisitor, conversation, message, page, snapshot } from "./test-data";
import type { ChatEvent } from "./types";

const NOW = Date.parse("2026-01-01T10:00:00Z");
const seqs = (state: live.Live) => state.messages.map((entry) => entry.seq);
const play = (state: live.Live, events: ChatEvent[]) =>
  events.reduce((held, event) => live.applyEvent(held, event, NOW), state);
const started = (...numbers: number[]) =>
  live.applySnapshot(live.emptyLive, snapshot(numbers.map((seq) => message(seq))));

describe("events", () => {
  it("are applied once, however often they come", () => {
    const state = play(started(1), [
      added(message(2)),
      added(message(2)),
      added(message(3)),
      added(message(2)),
    ]);
    expect(seqs(state)).toEqual([1, 2, 3]);
  });

  it("end in order, whatever the order in which they come", () => {
    expect(seqs(play(started(1), [added(message(4)), added(message(2)), added(message(3))]))).toEqual([
      1, 2, 3, 4,
    ]);
  });

  it("move the cursor forward, never back", () => {
    const state = play(started(1), [added(message(3)), added(message(2))]);
    expect(state.cursor).toBe("c3");
  });

  it("replace the answer in progress by the finished one, also when the progress comes late", () => {
    const progress: ChatEvent = { __typename: "AnswerProgress", answerId: "msg_2", text: "We are" };
    const writing = play(started(1), [progress, { ...progress, text: "We are open" }]);
    expect(writing.drafts.map((draft) => draft.text)).toEqual(["We are open"]);
    const done = play(writing, [added(message(2)), progress]);
    expect(done.drafts).toEqual([]);
    expect(seqs(done)).toEqual([1, 2]);
  });

  it("forget an answer in progress when a human takes over, and one that is never finished", () => {
    const writing = play(started(1), [{ __typename: "AnswerProgress", answerId: "msg_9", text: "We" }]);
    const human = conversation({ state: "HUMAN", rev: 2 });
    expect(play(writing, [{ __typename: "ConversationChanged", conversation: human }]).drafts).toEqual([]);
    expect(live.expire(writing, NOW + live.DRAFT_TTL).drafts).toEqual([]);
    expect(live.expire(writing, NOW + 1)).toBe(writing);
  });

  it("never go back to an older state of the conversation", () => {
    const human: ChatEvent = {
      __typename: "ConversationChanged",
      conversation: conversation({ state: "HUMAN", rev: 5 }),
    };
    const stale: ChatEvent = {
      __typename: "ConversationChanged",
      conversation: conversation({ state: "AI", rev: 4 }),
    };
    expect(play(started(1), [human, stale]).conversation?.state).toBe("HUMAN");
  });

  it("show typing of the other side for a while, and not the visitor's own", () => {
    const typing: ChatEvent = { __typename: "TypingChanged", author: "OPERATOR", name: "Mara", typing: true };
    const state = play(started(1), [typing]);
    expect(live.remoteTyping(state, NOW + 1)).toMatchObject({ author: "OPERATOR", name: "Mara" });
    expect(live.remoteTyping(live.expire(state, NOW + live.TYPING_TTL), NOW + live.TYPING_TTL)).toBeNull();
    expect(play(started(1), [{ ...typing, author: "VISITOR" }]).typing).toBeNull();
    const said = added(message(2, { author: { kind: "OPERATOR", name: "Mara" } }));
    expect(play(state, [said]).typing).toBeNull();
  });
});

describe("resume", () => {
  it("goes on from the snapshot's cursor", () => {
    expect(started(1, 2)).toMatchObject({ cursor: "c2", stale: false });
  });

  it("marks the list as stale on Resync, and goes on from the cursor it named", () => {
    const state = play(started(1, 2), [{ __typename: "Resync", cursor: "e2.7", reason: "too old" }]);
    expect(state.stale).toBe(true);
    const again = live.applySnapshot(state, snapshot([1, 2, 7, 8].map((seq) => message(seq))), "e2.7");
    expect(again).toMatchObject({ stale: false, cursor: "e2.7" });
    expect(seqs(play(again, [added(message(8)), added(message(9))]))).toEqual([1, 2, 7, 8, 9]);
  });

  it("keeps older history when the snapshot joins it", () => {
    const held = { ...started(1, 2, 3), older: null };
    const again = live.applySnapshot(held, snapshot([message(3), message(4)], {}, "p3"));
    expect(seqs(again)).toEqual([1, 2, 3, 4]);
    expect(again.older).toBeNull();
  });

  it("drops older history when something may be missing in between", () => {
    const again = live.applySnapshot(started(1, 2, 3), snapshot([message(8), message(9)], {}, "p8"));
    expect(seqs(again)).toEqual([8, 9]);
    expect(again.older).toBe("p8");
  });

  it("is not fooled by a message that only a send's answer told of", () => {
    const ahead = live.confirm(started(1, 2), byVisitor(8, "k1"));
    const again = live.applySnapshot(ahead, snapshot([byVisitor(8, "k1"), message(9)], {}, "p8"));
    expect(seqs(again)).toEqual([8, 9]);
    // A repeated answer about a message from before what is loaded.
    expect(seqs(live.confirm(again, byVisitor(4, "k0")))).toEqual([8, 9]);
  });

  it("takes back what the server no longer knows (a restored backup)", () => {
    const again = live.applySnapshot(
      { ...started(1, 2, 3, 4), stale: true },
      snapshot([message(1), message(2)]),
    );
    expect(seqs(again)).toEqual([1, 2]);
  });

  it("believes a state with a lower rev when it re-reads after a Resync", () => {
    const ahead = { ...started(1), conversation: conversation({ rev: 9, state: "HUMAN" }), stale: true };
    expect(live.applySnapshot(ahead, snapshot([message(1)], { rev: 3 })).conversation?.state).toBe("AI");
  });

  it("begins anew in another conversation, but keeps what waits to be sent", () => {
    const waiting = live.enqueue(started(1, 2), "k1", "hello", NOW);
    const other = live.applySnapshot(waiting, snapshot([message(1, { id: "msg_x" })], { id: "cnv_2" }));
    expect(other.messages.map((entry) => entry.id)).toEqual(["msg_x"]);
    expect(other.pending).toHaveLength(1);
  });

  it("notices that the thread is another one", () => {
    const changed: ChatEvent = {
      __typename: "ConversationChanged",
      conversation: conversation({ id: "cnv_2" }),
    };
    expect(play(started(1), [changed]).stale).toBe(true);
    expect(play(started(1), [added(message(1, { id: "msg_other" }))]).stale).toBe(true);
  });
});

describe("history", () => {
  it("is put in front, once", () => {
    const state = live.applySnapshot(live.emptyLive, snapshot([message(5), message(6)], {}, "p5"));
    const older = applyOlder(state, page([message(3), message(4), message(5)], "p3"), "p5");
    expect(seqs(older)).toEqual([3, 4, 5, 6]);
    expect(older.older).toBe("p3");
    expect(older.cursor).toBe(state.cursor);
    // The same page again, answered late.
    expect(applyOlder(older, page([message(3), message(4)], null), "p5")).toBe(older);
  });
});

describe("outbox", () => {
  const written = live.enqueue(live.enqueue(started(1), "k1", "one", NOW), "k2", "two", NOW);

  it("sends in the order of writing, one at a time", () => {
    expect(live.nextToSend(written)?.clientId).toBe("k1");
    expect(written.pending[1]?.at).toBeGreaterThan(written.pending[0]?.at ?? 0);
    expect(live.nextToSend(live.setPending(written, "k1", "failed"))?.clientId).toBe("k2");
  });

  it("replaces the optimistic copy by the kept message: answer first, event second", () => {
    const confirmed = live.confirm(written, byVisitor(2, "k1"));
    expect(confirmed.pending.map((entry) => entry.clientId)).toEqual(["k2"]);
    // An answer is no event: what lies between must still be replayed.
    expect(confirmed.cursor).toBe("c1");
    const both = play(confirmed, [added(byVisitor(2, "k1"))]);
    expect(seqs(both)).toEqual([1, 2]);
    expect(both.cursor).toBe("c2");
  });

  it("replaces the optimistic copy by the kept message: event first, answer second", () => {
    const both = live.confirm(play(written, [added(byVisitor(2, "k1"))]), byVisitor(2, "k1"));
    expect(seqs(both)).toEqual([1, 2]);
    expect(both.pending.map((entry) => entry.clientId)).toEqual(["k2"]);
  });

  it("finds in a snapshot what got through before the answer was lost", () => {
    const sending = live.setPending(written, "k1", "sending");
    const again = live.applySnapshot(sending, snapshot([message(1), byVisitor(2, "k1")]));
    expect(again.pending.map((entry) => entry.clientId)).toEqual(["k2"]);
  });

  it("takes in what is stored, without what got through and without spoiling what is being sent", () => {
    const sending = live.setPending(live.confirm(written, byVisitor(2, "k1")), "k2", "sending");
    const stored: live.Pending[] = [
      { clientId: "k1", text: "one", at: NOW, state: "waiting" },
      { clientId: "k2", text: "two", at: NOW + 1, state: "waiting" },
      { clientId: "k0", text: "from another tab", at: NOW - 5, state: "failed" },
    ];
    const restored = live.restorePending(sending, stored);
    expect(restored.pending.map((entry) => [entry.clientId, entry.state])).toEqual([
      ["k0", "failed"],
      ["k2", "sending"],
    ]);
  });

  it("keeps what could not be stored", () => {
    expect(live.restorePending(written, []).pending).toHaveLength(2);
  });
});

describe("questions", () => {
  it("counts as unread what was said to the visitor after what they have seen", () => {
    const state = play(live.markSeen(started(1, 2), 2), [
      added(byVisitor(3)),
      added(message(4)),
      added(message(5, { kind: "HANDOFF_ACCEPTED", author: { kind: "SYSTEM", name: null } })),
      added(message(6, { author: { kind: "OPERATOR", name: "Mara" } })),
    ]);
    expect(live.unread(state)).toBe(2);
    expect(live.unread(live.markSeen(state, 6))).toBe(0);
    expect(live.markSeen(state, 1)).toBe(state);
  });

  it("marks as seen the visitor's newest message that the operator has read", () => {
    const state = live.applySnapshot(
      live.emptyLive,
      snapshot([byVisitor(1), message(2), byVisitor(3), byVisitor(5)], { readByOperatorSeq: 4 }),
    );
    expect(live.seenSeq(state)).toBe(3);
  });

  it("expects an answer of the AI for a while after a question", () => {
    const asked = play(started(1), [added(byVisitor(2))]);
    expect(live.remoteTyping(asked, NOW + 1_000)?.author).toBe("AI");
    expect(live.remoteTyping(asked, NOW + 60_000)).toBeNull();
    expect(live.remoteTyping(play(asked, [added(message(3))]), NOW + 1_000)).toBeNull();
  });

  it("offers a human after enough messages, or as soon as the AI does", () => {
    const one = play(started(1), [added(byVisitor(2))]);
    expect(live.offersHuman(one, 2)).toBe("no");
    expect(live.offersHuman(play(one, [added(byVisitor(3))]), 2)).toBe("yes");
    expect(live.offersHuman(play(one, [added(message(3, { offersHuman: true }))]), 2)).toBe("proposed");
    const human = { ...one, conversation: conversation({ state: "HUMAN" }) };
    expect(live.offersHuman(human, 0)).toBe("no");
  });
});

describe("changes of what was said", () => {
  const changed = (seq: number, change: Partial<ReturnType<typeof message>>): ChatEvent => ({
    __typename: "MessageChanged",
    message: message(seq, change),
  });

  it("take the place of what was there, once or often, and move nothing else", () => {
    const edit = changed(2, { text: "better", editedAt: "2026-01-01T10:01:00Z" });
    const state = play(started(1, 2, 3), [edit, edit]);
    expect(state.messages.map((entry) => entry.text)).toEqual(["text 1", "better", "text 3"]);
    expect(state.cursor).toBe("c3");
    expect(seqs(play(state, [added(message(4))]))).toEqual([1, 2, 3, 4]);
  });

  it("of what is not loaded, or of another thread, change nothing", () => {
    const state = started(5, 6);
    expect(play(state, [changed(2, { text: "x" })])).toBe(state);
    expect(play(state, [changed(5, { id: "msg_other", text: "x" })])).toBe(state);
  });

  it("survive a late repetition of the entry as it was first told", () => {
    const state = play(started(1), [added(message(2)), changed(2, { text: "better" }), added(message(2))]);
    expect(state.messages.map((entry) => entry.text)).toEqual(["text 1", "better"]);
  });

  it("take what was removed out of the count of what is new", () => {
    const state = play(started(1), [added(message(2)), added(message(3))]);
    expect(live.unread(state)).toBe(3);
    expect(live.unread(play(state, [changed(3, { text: "", deletedAt: "2026-01-01T10:01:00Z" })]))).toBe(2);
  });

  it("keep the confirmed copy of the visitor's own message the only one", () => {
    const written = live.enqueue(started(1), "k1", "one", NOW);
    const kept = live.confirm(written, byVisitor(2, "k1"));
    const state = play(kept, [
      { __typename: "MessageChanged", message: { ...byVisitor(2, "k1"), text: "" } },
      added(byVisitor(2, "k1")),
    ]);
    expect(seqs(state)).toEqual([1, 2]);
    expect(state.pending).toEqual([]);
  });
});

describe("files", () => {
  it("wait with their message, and come back from the store with it", () => {
    const files = [{ id: "fil_1", name: "cake.png", size: 3 }];
    const state = live.enqueue(started(1), "k1", "", NOW, files);
    expect(live.nextToSend(state)?.files).toEqual(files);
    const stored: live.Pending = { clientId: "k1", text: "", files, at: NOW, state: "waiting" };
    expect(live.restorePending(started(1), [stored]).pending[0]?.files).toEqual(files);
  });
});
