import { describe, expect, it } from "vitest";
import {
  ANSWER_FOR_MS,
  backoff,
  emptyThread,
  nextExpiry,
  receiptOf,
  reduceThread,
  TYPING_FOR_MS,
} from "./live";
import type { AuthorKind, LiveConversation, LiveMessage, Thread, ThreadAction, ThreadEvent } from "./types";

type T = Thread<LiveConversation, LiveMessage>;
type A = ThreadAction<LiveConversation, LiveMessage>;
type E = ThreadEvent<LiveConversation, LiveMessage>;

const conversation = (patch: Partial<LiveConversation> = {}): LiveConversation => ({
  id: "cnv_1",
  rev: 1,
  state: "HUMAN",
  contentVisible: true,
  visitorReadSeq: 0,
  ...patch,
});

const message = (
  seq: number,
  patch: Partial<LiveMessage> & { readonly from?: AuthorKind } = {},
): LiveMessage => {
  const { from = "VISITOR", ...rest } = patch;
  return {
    id: `msg_${seq}`,
    seq,
    kind: "TEXT",
    author: { kind: from, name: null, userId: from === "OPERATOR" ? "usr_1" : null },
    text: `text ${seq}`,
    createdAt: "2026-11-20T10:00:00.000000Z",
    clientId: null,
    ...rest,
  };
};

const run = (thread: T, ...actions: readonly A[]): T =>
  actions.reduce(reduceThread<LiveConversation, LiveMessage>, thread);
const event = (what: E, at = 0): A => ({ type: "event", event: what, at });
const added = (one: LiveMessage): A =>
  event({ __typename: "MessageAdded", cursor: `c${one.seq}`, message: one });
const changed = (patch: Partial<LiveConversation>): A =>
  event({ __typename: "ConversationChanged", conversation: conversation(patch) });
const loaded = (seqs: readonly number[], patch: Partial<Extract<A, { type: "loaded" }>> = {}): A => ({
  type: "loaded",
  conversation: conversation(),
  cursor: `c${seqs.at(-1) ?? 0}`,
  messages: seqs.map((seq) => message(seq)),
  hasOlder: false,
  olderCursor: null,
  ...patch,
});
const start = (...seqs: number[]): T => run(emptyThread(), loaded(seqs));
const seqs = (thread: T) => thread.messages.map((one) => one.seq);

describe("messages", () => {
  it("are appended, and move the cursor", () => {
    const thread = run(start(1, 2), added(message(3)));
    expect(seqs(thread)).toEqual([1, 2, 3]);
    expect(thread.cursor).toBe("c3");
  });

  it("are shown once, however often they come", () => {
    const thread = run(start(1, 2), added(message(2)), added(message(3)), added(message(3)));
    expect(seqs(thread)).toEqual([1, 2, 3]);
  });

  it("are put in order when they come out of order", () => {
    expect(seqs(run(start(1), added(message(3)), added(message(2))))).toEqual([1, 2, 3]);
  });

  it("that are held stay the same object, so that nothing is drawn again", () => {
    const thread = start(1, 2);
    const after = run(thread, added(message(2, { text: "again" })), loaded([1, 2]));
    expect(after.messages).toBe(thread.messages);
  });

  it("move the cursor even when they were known, so that a resume does not replay them again", () => {
    expect(run(start(1, 2), added(message(2))).cursor).toBe("c2");
  });
});

describe("resuming", () => {
  it("joins a replay to what is held", () => {
    const thread = run(
      start(1, 2, 3),
      added(message(3)),
      added(message(4)),
      added(message(5)),
      changed({ rev: 9 }),
    );
    expect(seqs(thread)).toEqual([1, 2, 3, 4, 5]);
    expect(thread.conversation?.rev).toBe(9);
  });

  it("any split of a stream into replay and live gives the same thread", () => {
    const all = [1, 2, 3, 4, 5, 6].map((seq) => message(seq));
    const whole = run(start(), ...all.map(added));
    for (let cut = 0; cut <= all.length; cut += 1) {
      for (let from = 0; from <= cut; from += 1) {
        const resumed = run(start(), ...all.slice(0, cut).map(added), ...all.slice(from).map(added));
        expect(resumed.messages).toEqual(whole.messages);
        expect(resumed.cursor).toBe(whole.cursor);
      }
    }
  });

  it("asks to be read again on Resync, and goes on from the cursor that it named", () => {
    const asked = run(start(1, 2), event({ __typename: "Resync", cursor: "r9", reason: "TOO_OLD" }));
    expect(asked.resync).toBe("r9");
    const again = run(asked, loaded([1, 2, 3], { cursor: "c3" }));
    expect(again.resync).toBeNull();
    expect(again.cursor).toBe("r9");
    expect(seqs(again)).toEqual([1, 2, 3]);
  });

  it("drops what is held when the page does not join it: a hole must not look like a conversation", () => {
    const again = run(start(1, 2), loaded([10, 11], { hasOlder: true, olderCursor: "b10" }));
    expect(seqs(again)).toEqual([10, 11]);
    expect(again.hasOlder).toBe(true);
    expect(again.olderCursor).toBe("b10");
  });

  it("keeps the older pages when the page joins", () => {
    const older: A = {
      type: "olderLoaded",
      messages: [message(1), message(2)],
      hasOlder: true,
      olderCursor: "b1",
    };
    const thread = run(start(3, 4), older, loaded([3, 4, 5], { hasOlder: true, olderCursor: "b3" }));
    expect(seqs(thread)).toEqual([1, 2, 3, 4, 5]);
    expect(thread.olderCursor).toBe("b1");
  });
});

describe("the conversation", () => {
  it("is replaced by a newer revision and not by an older one", () => {
    const thread = run(start(1), changed({ rev: 5, state: "ENDED" }), changed({ rev: 4, state: "HUMAN" }));
    expect(thread.conversation?.state).toBe("ENDED");
  });

  it("takes an equal revision, which may carry what was read since", () => {
    expect(run(start(1), changed({ rev: 1, visitorReadSeq: 1 })).conversation?.visitorReadSeq).toBe(1);
  });

  it("loses its content at once when somebody else claims it", () => {
    const thread = run(start(1, 2), changed({ rev: 2, contentVisible: false }));
    expect(thread.messages).toEqual([]);
    expect(thread.hasOlder).toBe(false);
  });

  it("stays without content when a stub is read", () => {
    const stub = loaded([], { conversation: conversation({ rev: 3, contentVisible: false }), cursor: "c7" });
    const thread = run(start(1, 2), stub);
    expect(thread.messages).toEqual([]);
    expect(thread.cursor).toBe("c7");
  });
});

describe("sending", () => {
  const send: A = { type: "send", clientId: "k1", text: "Hello", createdAt: "now" };
  const own = message(3, { from: "OPERATOR", clientId: "k1", text: "Hello" });

  it("shows at once, and once only however the confirmation comes", () => {
    const sending = run(start(1, 2), send, send);
    expect(sending.outbox).toHaveLength(1);
    const answer: A = { type: "sent", clientId: "k1", message: own };
    for (const order of [[answer], [added(own)], [answer, added(own)], [added(own), answer]]) {
      const thread = run(sending, ...order);
      expect(thread.outbox).toEqual([]);
      expect(seqs(thread)).toEqual([1, 2, 3]);
    }
  });

  it("is confirmed by a replay and by a page that is read again", () => {
    const sending = run(start(1, 2), send);
    expect(run(sending, loaded([1, 2], { messages: [message(2), own] })).outbox).toEqual([]);
    expect(run(sending, loaded([9], { messages: [message(9), own] })).outbox).toEqual([]);
  });

  it("is not confirmed by a visitor who chose the same client id", () => {
    const thread = run(start(1), send, added(message(2, { clientId: "k1" })));
    expect(thread.outbox).toHaveLength(1);
  });

  it("keeps its client id through failure and retry", () => {
    const failed = run(start(1), send, { type: "sendFailed", clientId: "k1", error: "busy" });
    expect(failed.outbox[0]).toMatchObject({ clientId: "k1", state: "failed", error: "busy" });
    const again = run(failed, { type: "retry", clientId: "k1" });
    expect(again.outbox[0]).toMatchObject({ clientId: "k1", state: "sending", error: null });
  });

  it("waits while the server is away, and those that are written behind it wait with it", () => {
    const second: A = { type: "send", clientId: "k2", text: "Again", createdAt: "now" };
    const third: A = { type: "send", clientId: "k3", text: "Still", createdAt: "now" };
    const away = run(start(1), send, second, { type: "sendDelayed" }, third);
    expect(away.outbox.map((one) => [one.clientId, one.state])).toEqual([
      ["k1", "waiting"],
      ["k2", "waiting"],
      ["k3", "waiting"],
    ]);
    const back = run(away, { type: "sent", clientId: "k1", message: own });
    expect(back.outbox.map((one) => one.clientId)).toEqual(["k2", "k3"]);
    // What was refused does not begin to wait again because of others.
    const refused = run(start(1), send, { type: "sendFailed", clientId: "k1", error: "no" }, second);
    expect(run(refused, { type: "sendDelayed" }).outbox.map((one) => one.state)).toEqual([
      "failed",
      "waiting",
    ]);
  });

  it("that failed for us but reached the server disappears from the outbox when it arrives", () => {
    const thread = run(start(1), send, { type: "sendFailed", clientId: "k1", error: "lost" }, added(own));
    expect(thread.outbox).toEqual([]);
  });

  it("can be given up", () => {
    expect(run(start(1), send, { type: "discard", clientId: "k1" }).outbox).toEqual([]);
  });

  it("is sent, then seen", () => {
    expect(receiptOf(own, conversation({ visitorReadSeq: 2 }))).toBe("sent");
    expect(receiptOf(own, conversation({ visitorReadSeq: 3 }))).toBe("seen");
    expect(receiptOf(own, null)).toBe("sent");
  });
});

describe("typing and answers on the way", () => {
  const typing = (on: boolean): E => ({
    __typename: "TypingChanged",
    author: "VISITOR",
    name: "Sam",
    typing: on,
  });
  const progress = (text: string): E => ({ __typename: "AnswerProgress", answerId: "msg_2", text });

  it("typing ends when told, when the message comes, and after six seconds", () => {
    const on = run(start(1), event(typing(true), 1_000));
    expect(on.typing?.name).toBe("Sam");
    expect(run(on, event(typing(false))).typing).toBeNull();
    expect(run(on, added(message(2))).typing).toBeNull();
    expect(nextExpiry(on)).toBe(1_000 + TYPING_FOR_MS);
    expect(run(on, { type: "expire", at: 1_000 + TYPING_FOR_MS - 1 }).typing).not.toBeNull();
    expect(run(on, { type: "expire", at: 1_000 + TYPING_FOR_MS }).typing).toBeNull();
  });

  it("somebody else's message does not end it", () => {
    const on = run(start(1), event(typing(true)));
    expect(run(on, added(message(2, { from: "OPERATOR" }))).typing).not.toBeNull();
  });

  it("an answer grows, and becomes its message", () => {
    const ai = run(emptyThread(), loaded([1], { conversation: conversation({ state: "AI" }) }));
    const growing = run(ai, event(progress("We")), event(progress("We open")));
    expect(growing.answer?.text).toBe("We open");
    const done = run(growing, added(message(2, { from: "AI" })));
    expect(done.answer).toBeNull();
    expect(seqs(done)).toEqual([1, 2]);
    // Progress that was overtaken by its message must not come back.
    expect(run(done, event(progress("We open at"))).answer).toBeNull();
  });

  it("an answer is forgotten when a person takes over, when a page has it, and when nothing comes any more", () => {
    const ai = run(emptyThread(), loaded([1], { conversation: conversation({ state: "AI" }) }));
    const growing = run(ai, event(progress("We"), 500));
    expect(run(growing, changed({ rev: 2, state: "HUMAN" })).answer).toBeNull();
    expect(run(growing, changed({ rev: 2, state: "REQUESTED" })).answer).not.toBeNull();
    const page = loaded([1, 2], { conversation: conversation({ state: "AI", rev: 2 }) });
    expect(run(growing, page).answer).toBeNull();
    expect(run(growing, { type: "expire", at: 500 + ANSWER_FOR_MS }).answer).toBeNull();
  });

  it("nothing expires when nothing is on the way", () => {
    expect(nextExpiry(start(1))).toBeNull();
    const thread = start(1);
    expect(run(thread, { type: "expire", at: 1e12 })).toBe(thread);
  });
});

describe("pause before another attempt", () => {
  it("doubles, is spread over half its length, and has a ceiling", () => {
    expect(backoff(0, 0)).toBe(200);
    expect(backoff(0, 1)).toBe(400);
    expect(backoff(3, 1)).toBe(3_200);
    expect(backoff(50, 1)).toBe(20_000);
    expect(backoff(50, 0)).toBe(10_000);
  });
});
