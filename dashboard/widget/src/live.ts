// What the visitor sees, as pure functions over one value: no DOM, no network, no clock of its own.
//
// The promise: whatever the connection does, the list is what the server kept, each entry once and in order, followed by
// what this visitor wrote and the server has not confirmed yet. Three rules carry it:
//   1. A message is identified by `seq`; one that the visitor wrote is also recognised by `clientId`, so that the
//      optimistic copy and the kept one are never both shown.
//   2. `cursor` names the last *event* handled. A message learnt otherwise (the answer to a send, a page of history)
//      never moves it, so nothing that lies between can be skipped.
//   3. When the server says Resync, or the thread turns out to be another one, the next snapshot replaces what it covers.

import type {
  AuthorKind,
  ChatEvent,
  Conversation,
  ConversationSnapshot,
  Message,
  MessagePage,
} from "./types";

/** A remote "is typing" is forgotten after this long without a renewal. */
export const TYPING_TTL = 6_000;
/** An answer in progress that got no further for this long was abandoned (the AI fell silent, or lost the race to a human). */
export const DRAFT_TTL = 30_000;

export type PendingState = "waiting" | "sending" | "failed";

export interface SentFile {
  id: string;
  name: string;
  size: number;
}

/** A message the visitor wrote that the server has not confirmed. */
export interface Pending {
  clientId: string;
  text: string;
  /** What was uploaded for it. */
  files?: readonly SentFile[];
  at: number;
  state: PendingState;
}

export interface Draft {
  answerId: string;
  text: string;
  at: number;
}

export interface Typing {
  author: AuthorKind;
  name: string | null;
  until: number;
}

export interface Live {
  conversation: Conversation | null;
  messages: readonly Message[];
  /** Where older history begins; null when the list starts at the beginning. */
  older: string | null;
  cursor: string | null;
  /** Up to this `seq` the list has no holes; a late event must not move it, or the cursor, back. */
  cursorSeq: number;
  drafts: readonly Draft[];
  typing: Typing | null;
  pending: readonly Pending[];
  /** The highest seq the visitor has had before their eyes. */
  readSeq: number;
  /** The list cannot be trusted any more: read a snapshot. */
  stale: boolean;
}

export const emptyLive: Live = {
  conversation: null,
  messages: [],
  older: null,
  cursor: null,
  cursorSeq: 0,
  drafts: [],
  typing: null,
  pending: [],
  readSeq: 0,
  stale: false,
};

// ---------------------------------------------------------------------------------------------- reading from the server

export function applyEvent(live: Live, event: ChatEvent, now: number): Live {
  switch (event.__typename) {
    case "MessageAdded": {
      const next = addMessage(live, event.message);
      return event.message.seq >= live.cursorSeq
        ? { ...next, cursor: event.cursor, cursorSeq: event.message.seq }
        : next;
    }
    case "MessageChanged":
      return changeMessage(live, event.message);
    case "ConversationChanged":
      return changeConversation(live, event.conversation);
    case "TypingChanged":
      // The visitor's own typing, from another tab, is no news to them.
      if (event.author === "VISITOR") return live;
      return {
        ...live,
        typing: event.typing ? { author: event.author, name: event.name, until: now + TYPING_TTL } : null,
      };
    case "AnswerProgress":
      return applyProgress(live, event.answerId, event.text, now);
    case "Resync":
      return { ...live, cursor: event.cursor, stale: true };
  }
}

/** Takes over a whole read. `cursor`: where to go on when that differs from the snapshot's own (a Resync names one). */
export function applySnapshot(
  live: Live,
  snapshot: ConversationSnapshot,
  cursor: string = snapshot.cursor,
): Live {
  const { messages: page, cursor: _own, ...conversation } = snapshot;
  const same = live.conversation?.id === conversation.id;
  const kept = same ? olderPart(live, page) : [];
  const messages = [...kept, ...sorted(page.nodes)];
  return {
    ...live,
    conversation:
      same && live.conversation !== null && live.conversation.rev > conversation.rev && !live.stale
        ? live.conversation
        : conversation,
    messages,
    older: kept.length > 0 ? live.older : olderCursor(page),
    cursor,
    cursorSeq: messages.at(-1)?.seq ?? 0,
    drafts: same
      ? live.drafts.filter((draft) => !messages.some((message) => message.id === draft.answerId))
      : [],
    typing: same ? live.typing : null,
    pending: withoutConfirmed(live.pending, messages),
    readSeq: same ? live.readSeq : 0,
    stale: false,
  };
}

/** The server's answer to a send. It says that the message is kept; it says nothing about what else happened. */
export function confirm(live: Live, message: Message): Live {
  return addMessage(live, message);
}

/** The state that the answer to a mutation carries; may be older than what an event told meanwhile. */
export function changeConversation(live: Live, conversation: Conversation): Live {
  const held = live.conversation;
  if (held !== null && held.id !== conversation.id) return { ...live, stale: true };
  if (held !== null && conversation.rev < held.rev) return live;
  // Once a human owns the conversation the AI cannot post: what it was writing will never come.
  const drafts = conversation.state === "HUMAN" || conversation.state === "ENDED" ? [] : live.drafts;
  return { ...live, conversation, drafts };
}

/** Drops what is only true for a while. Returns the same value when nothing ran out. */
export function expire(live: Live, now: number): Live {
  const typing = live.typing !== null && live.typing.until <= now ? null : live.typing;
  const drafts = live.drafts.some((draft) => draft.at + DRAFT_TTL <= now)
    ? live.drafts.filter((draft) => draft.at + DRAFT_TTL > now)
    : live.drafts;
  return typing === live.typing && drafts === live.drafts ? live : { ...live, typing, drafts };
}

function addMessage(live: Live, message: Message): Live {
  const held = live.messages.find((other) => other.seq === message.seq);
  if (held !== undefined && held.id !== message.id) {
    // Two different messages under one number: this is another thread than the one in the list.
    return { ...live, stale: true, pending: withoutConfirmed(live.pending, [message]) };
  }
  // A late answer about a message of the history that is not loaded: showing it alone would hide a hole.
  const before = live.older !== null && message.seq < (live.messages[0]?.seq ?? 0);
  return {
    ...live,
    messages: held !== undefined || before ? live.messages : insert(live.messages, message),
    drafts: live.drafts.filter((draft) => draft.answerId !== message.id),
    typing: live.typing?.author === message.author.kind ? null : live.typing,
    pending: withoutConfirmed(live.pending, [message]),
  };
}

/** An edit or a removal. What is not loaded will be loaded as it is then; the place and the cursor stay what they are. */
function changeMessage(live: Live, message: Message): Live {
  if (!live.messages.some((other) => other.id === message.id)) return live;
  return { ...live, messages: live.messages.map((other) => (other.id === message.id ? message : other)) };
}

function applyProgress(live: Live, answerId: string, text: string, now: number): Live {
  // Progress that overtook nothing: the finished message is here already.
  if (live.messages.some((message) => message.id === answerId)) return live;
  const draft: Draft = { answerId, text, at: now };
  const known = live.drafts.some((other) => other.answerId === answerId);
  return {
    ...live,
    drafts: known
      ? live.drafts.map((other) => (other.answerId === answerId ? draft : other))
      : [...live.drafts, draft],
    typing: live.typing?.author === "AI" ? null : live.typing,
  };
}

function insert(messages: readonly Message[], message: Message): Message[] {
  let at = messages.length;
  // Nearly always the first look decides: messages come in order.
  while (at > 0 && (messages[at - 1]?.seq ?? 0) > message.seq) at -= 1;
  return [...messages.slice(0, at), message, ...messages.slice(at)];
}

export function sorted(messages: readonly Message[]): Message[] {
  return [...messages].sort((a, b) => a.seq - b.seq);
}

/**
 * What of the present list lies before a snapshot and may stay. Only where both share a message of the part without holes
 * is it certain that nothing is missing in between (numbers alone do not tell: some are never shown to visitors).
 */
function olderPart({ messages: held, cursorSeq }: Live, page: MessagePage): Message[] {
  const first = sorted(page.nodes)[0];
  if (first === undefined || !page.pageInfo.hasPreviousPage) return [];
  const ids = new Set(page.nodes.map((message) => message.id));
  const joined = held.some((message) => message.seq <= cursorSeq && ids.has(message.id));
  return joined ? held.filter((message) => message.seq < first.seq) : [];
}

export function olderCursor(page: MessagePage): string | null {
  return page.pageInfo.hasPreviousPage ? page.pageInfo.startCursor : null;
}

// ------------------------------------------------------------------------------------------------------------- outbox

/**
 * Takes in what is stored (from before a reload, or by another tab). Nothing is ever dropped for not being stored: storage
 * may be full, and an entry that another tab got through shows up as a message. Sending it twice would do no harm either.
 */
export function restorePending(live: Live, stored: readonly Pending[]): Live {
  const entries = new Map(live.pending.map((entry) => [entry.clientId, entry]));
  for (const entry of stored) {
    // Only this tab knows that it is sending right now.
    if (entries.get(entry.clientId)?.state !== "sending") entries.set(entry.clientId, entry);
  }
  const pending = [...entries.values()].sort((a, b) => a.at - b.at);
  return { ...live, pending: withoutConfirmed(pending, live.messages) };
}

export function enqueue(
  live: Live,
  clientId: string,
  text: string,
  now: number,
  files: readonly SentFile[] = [],
): Live {
  // Two messages within one millisecond must still leave in the order in which they were written.
  const at = Math.max(now, (live.pending.at(-1)?.at ?? 0) + 1);
  return { ...live, pending: [...live.pending, { clientId, text, files, at, state: "waiting" }] };
}

export function setPending(live: Live, clientId: string, state: PendingState): Live {
  return {
    ...live,
    pending: live.pending.map((entry) => (entry.clientId === clientId ? { ...entry, state } : entry)),
  };
}

export function dropPending(live: Live, clientId: string): Live {
  return { ...live, pending: live.pending.filter((entry) => entry.clientId !== clientId) };
}

/** The next message to send: one at a time and oldest first, so that they are kept in the order in which they were written. */
export function nextToSend(live: Live): Pending | undefined {
  return live.pending.find((entry) => entry.state !== "failed");
}

function withoutConfirmed(pending: readonly Pending[], messages: readonly Message[]): readonly Pending[] {
  if (pending.length === 0) return pending;
  const confirmed = new Set(messages.map((message) => message.clientId));
  return pending.some((entry) => confirmed.has(entry.clientId))
    ? pending.filter((entry) => !confirmed.has(entry.clientId))
    : pending;
}

// ---------------------------------------------------------------------------------------------------------- questions

export function lastSeq(live: Live): number {
  return live.messages.at(-1)?.seq ?? 0;
}

/** What the badge on the launcher counts: words addressed to the visitor that they have not seen. */
export function unread(live: Live): number {
  return live.messages.filter(
    (message) =>
      message.seq > live.readSeq &&
      message.kind === "TEXT" &&
      message.author.kind !== "VISITOR" &&
      !message.deletedAt,
  ).length;
}

export function markSeen(live: Live, seq: number): Live {
  return seq > live.readSeq ? { ...live, readSeq: seq } : live;
}

/** The visitor's newest message that the operator has seen; only that one carries "Seen". */
export function seenSeq(live: Live): number {
  const read = live.conversation?.readByOperatorSeq ?? 0;
  const mine = live.messages.findLast((message) => message.author.kind === "VISITOR" && message.seq <= read);
  return mine?.seq ?? 0;
}

/** How long after a question the dots may stand for an AI that has not said that it is writing. */
const PATIENCE = 20_000;

/** Who is writing to the visitor right now, if anybody: said by the server, or to be expected of the AI after a question. */
export function remoteTyping(live: Live, now: number): { author: AuthorKind; name: string | null } | null {
  if (live.drafts.length > 0) return null;
  if (live.typing !== null && live.typing.until > now) return live.typing;
  const last = live.messages.at(-1);
  const asked = live.conversation?.state === "AI" && last?.author.kind === "VISITOR";
  const since = asked && last !== undefined ? now - Date.parse(last.createdAt) : Number.NaN;
  // A visitor's clock may be off either way; a wrong one only costs the dots.
  return since > -PATIENCE && since < PATIENCE ? { author: "AI", name: null } : null;
}

/**
 * Whether a human is to be offered: not while one is asked for or there, else once enough was said, or at once when the AI
 * proposed it.
 */
export function offersHuman(live: Live, buttonAfterMessages: number): "no" | "yes" | "proposed" {
  const state = live.conversation?.state;
  if (state !== "AI" && state !== "MISSED" && state !== "ENDED") return "no";
  if (live.messages.some((message) => message.offersHuman)) return "proposed";
  const written = live.messages.filter((message) => message.author.kind === "VISITOR").length;
  return written >= buttonAfterMessages ? "yes" : "no";
}
