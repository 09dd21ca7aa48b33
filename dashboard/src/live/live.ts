import type {
  Answer,
  LiveConversation,
  LiveMessage,
  Outgoing,
  Thread,
  ThreadAction,
  ThreadEvent,
} from "./types";

/**
 * One open conversation as a pure state machine: resuming, dropping what was seen already, and matching what was
 * sent with what comes back. It knows neither browser nor network, so that every order of events can be tested.
 */

/** The contract: somebody who has not said anything for six seconds has stopped typing. */
export const TYPING_FOR_MS = 6_000;
/** An answer that got no further text for this long will not come: its writer died or was taken over. */
export const ANSWER_FOR_MS = 30_000;

export function emptyThread<C extends LiveConversation, M extends LiveMessage>(): Thread<C, M> {
  return {
    conversation: null,
    messages: [],
    outbox: [],
    cursor: null,
    hasOlder: false,
    olderCursor: null,
    typing: null,
    answer: null,
    resync: null,
  };
}

const changedAt = (message: LiveMessage) => message.deletedAt ?? message.editedAt ?? "";

/** The copy that counts: the held one stays the same object unless the other was changed after it. */
function newer<M extends LiveMessage>(held: M, other: M): M {
  return changedAt(other) > changedAt(held) ? other : held;
}

/** Union by seq, ascending. An entry that is held stays the same object, so that its bubble is not drawn again. */
function union<M extends LiveMessage>(held: readonly M[], more: readonly M[]): readonly M[] {
  const known = new Map(more.map((message) => [message.seq, message]));
  const fresh = more.filter((message) => !held.some((other) => other.seq === message.seq));
  const kept = held.map((message) => newer(message, known.get(message.seq) ?? message));
  const same = kept.every((message, index) => message === held[index]);
  if (fresh.length === 0) return same ? held : kept;
  return [...kept, ...fresh].sort((a, b) => a.seq - b.seq);
}

/** Only our own messages confirm the outbox: a visitor chooses client ids too, and must not swallow an answer. */
function confirm(outbox: readonly Outgoing[], messages: readonly LiveMessage[]): readonly Outgoing[] {
  if (outbox.length === 0) return outbox;
  const confirmed = new Set(messages.filter((m) => m.author.kind === "OPERATOR").map((m) => m.clientId));
  const left = outbox.filter((one) => !confirmed.has(one.clientId));
  return left.length === outbox.length ? outbox : left;
}

function withConversation<C extends LiveConversation, M extends LiveMessage>(
  thread: Thread<C, M>,
  conversation: C,
): Thread<C, M> {
  const held = thread.conversation;
  if (held && conversation.rev < held.rev) return thread;
  const next = { ...thread, conversation };
  if (!conversation.contentVisible) {
    // Somebody else holds it now: nothing of its content may stay on the screen.
    return { ...next, messages: [], hasOlder: false, olderCursor: null, typing: null, answer: null };
  }
  if (
    conversation.state !== "AI" &&
    conversation.state !== "REQUESTED" &&
    conversation.state !== "COLLECTING"
  ) {
    // The AI cannot post any more, so an answer that it was writing never arrives.
    return { ...next, answer: null };
  }
  return next;
}

function withMessages<C extends LiveConversation, M extends LiveMessage>(
  thread: Thread<C, M>,
  messages: readonly M[],
): Thread<C, M> {
  const merged = union(thread.messages, messages);
  const outbox = confirm(thread.outbox, messages);
  if (merged === thread.messages && outbox === thread.outbox) return thread;
  return { ...thread, messages: merged, outbox };
}

/** A message says something else now. One that is not held comes with its page of the history, as it is then. */
function withChanged<C extends LiveConversation, M extends LiveMessage>(
  thread: Thread<C, M>,
  message: M,
): Thread<C, M> {
  if (!thread.messages.some((held) => held.seq === message.seq)) return thread;
  const messages = union(thread.messages, [message]);
  return messages === thread.messages ? thread : { ...thread, messages };
}

function onEvent<C extends LiveConversation, M extends LiveMessage>(
  thread: Thread<C, M>,
  event: ThreadEvent<C, M>,
  at: number,
): Thread<C, M> {
  switch (event.__typename) {
    case "MessageAdded": {
      const { message, cursor } = event;
      const next = { ...withMessages(thread, [message]), cursor };
      const answer: Answer | null = next.answer?.answerId === message.id ? null : next.answer;
      // Who has sent something has, for now, stopped typing.
      const typing = next.typing?.author === message.author.kind ? null : next.typing;
      return { ...next, answer, typing };
    }
    case "MessageChanged":
      return withChanged(thread, event.message);
    case "ConversationChanged":
      return withConversation(thread, event.conversation);
    case "TypingChanged":
      if (event.typing) {
        return { ...thread, typing: { author: event.author, name: event.name, until: at + TYPING_FOR_MS } };
      }
      return thread.typing?.author === event.author ? { ...thread, typing: null } : thread;
    case "LookersChanged":
      if (!thread.conversation) return thread;
      return { ...thread, conversation: { ...thread.conversation, lookers: event.lookers } };
    case "AnswerProgress": {
      // Progress may be overtaken by the message itself; it would then stand there twice.
      if (thread.messages.some((message) => message.id === event.answerId)) return thread;
      return { ...thread, answer: { answerId: event.answerId, text: event.text, until: at + ANSWER_FOR_MS } };
    }
    case "Resync":
      return { ...thread, resync: event.cursor };
  }
}

function onLoaded<C extends LiveConversation, M extends LiveMessage>(
  thread: Thread<C, M>,
  action: Extract<ThreadAction<C, M>, { type: "loaded" }>,
): Thread<C, M> {
  const base = withConversation({ ...thread, resync: null }, action.conversation);
  // After a resync the events in between are lost, so the position that the server named is the one to go on from.
  const cursor = thread.resync ?? action.cursor;
  if (!action.conversation.contentVisible) return { ...base, cursor };
  const first = action.messages[0]?.seq;
  const lastHeld = base.messages.at(-1)?.seq;
  const joins = first !== undefined && lastHeld !== undefined && first <= lastHeld + 1;
  const answered = action.messages.some((message) => message.id === base.answer?.answerId);
  const answer = answered ? null : base.answer;
  if (joins) return { ...withMessages(base, action.messages), cursor, answer };
  // What is held ends before the page begins: keeping it would leave a hole in the history.
  return {
    ...base,
    messages: action.messages,
    outbox: confirm(base.outbox, action.messages),
    cursor,
    answer,
    hasOlder: action.hasOlder,
    olderCursor: action.olderCursor,
  };
}

function patchOutgoing(
  outbox: readonly Outgoing[],
  clientId: string,
  patch: Partial<Outgoing>,
): readonly Outgoing[] {
  return outbox.map((one) => (one.clientId === clientId ? { ...one, ...patch } : one));
}

export function reduceThread<C extends LiveConversation, M extends LiveMessage>(
  thread: Thread<C, M>,
  action: ThreadAction<C, M>,
): Thread<C, M> {
  switch (action.type) {
    case "loaded":
      return onLoaded(thread, action);
    case "olderLoaded": {
      const { hasOlder, olderCursor } = action;
      return { ...withMessages(thread, action.messages), hasOlder, olderCursor };
    }
    case "event":
      return onEvent(thread, action.event, action.at);
    case "changed":
      return withConversation(thread, action.conversation);
    case "send": {
      if (thread.outbox.some((one) => one.clientId === action.clientId)) return thread;
      const { clientId, text, createdAt, files } = action;
      // It goes out after those before it: while they wait, it does.
      const state = thread.outbox.some((one) => one.state === "waiting") ? "waiting" : "sending";
      const carried = files && files.length > 0 ? { files } : {};
      const outgoing: Outgoing = { clientId, text, createdAt, state, error: null, ...carried };
      return { ...thread, outbox: [...thread.outbox, outgoing] };
    }
    case "sent": {
      const next = withMessages(thread, [action.message]);
      return { ...next, outbox: next.outbox.filter((one) => one.clientId !== action.clientId) };
    }
    case "sendDelayed":
      return {
        ...thread,
        outbox: thread.outbox.map((one) => (one.state === "sending" ? { ...one, state: "waiting" } : one)),
      };
    case "sendFailed":
      return {
        ...thread,
        outbox: patchOutgoing(thread.outbox, action.clientId, { state: "failed", error: action.error }),
      };
    case "retry":
      return {
        ...thread,
        outbox: patchOutgoing(thread.outbox, action.clientId, { state: "sending", error: null }),
      };
    case "discard":
      return { ...thread, outbox: thread.outbox.filter((one) => one.clientId !== action.clientId) };
    case "expire": {
      const typing = thread.typing && thread.typing.until <= action.at ? null : thread.typing;
      const answer = thread.answer && thread.answer.until <= action.at ? null : thread.answer;
      return typing === thread.typing && answer === thread.answer ? thread : { ...thread, typing, answer };
    }
  }
}

/** When the next "expire" is due; null when nothing will expire. */
export function nextExpiry(
  thread: Pick<Thread<LiveConversation, LiveMessage>, "typing" | "answer">,
): number | null {
  const due = [thread.typing?.until, thread.answer?.until].filter((at) => at !== undefined);
  return due.length === 0 ? null : Math.min(...due);
}

/** State of a confirmed message of ours: it was sent, or the visitor has read it. */
export function receiptOf(message: LiveMessage, conversation: LiveConversation | null): "sent" | "seen" {
  return conversation && conversation.visitorReadSeq >= message.seq ? "seen" : "sent";
}

/** Pause before attempt number `attempt` (from 0): doubling, capped, and spread so that a restart is no stampede. */
export function backoff(attempt: number, random: number, floor = 400, ceiling = 20_000): number {
  const limit = Math.min(ceiling, floor * 2 ** Math.min(attempt, 16));
  return Math.round(limit / 2 + (limit / 2) * random);
}
