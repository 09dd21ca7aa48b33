// Small makers for the tests.
import type {
  ChatEvent,
  Conversation,
  ConversationSnapshot,
  Message,
  MessagePage,
  WidgetConfig,
} from "./types";

export const config: WidgetConfig = {
  widgetId: "wid_1",
  title: "Bakery",
  greeting: "Hello",
  accent: "#123456",
  accentText: "#ffffff",
  position: "BOTTOM_RIGHT",
  radius: 12,
  poweredBy: null,
  handoff: { available: true, askContact: false, buttonAfterMessages: 2 },
  available: true,
};

export function message(seq: number, change: Partial<Message> = {}): Message {
  return {
    id: `msg_${seq}`,
    seq,
    kind: "TEXT",
    author: { kind: "AI", name: null },
    text: `text ${seq}`,
    createdAt: "2026-01-01T10:00:00Z",
    clientId: null,
    offersHuman: false,
    sources: [],
    ...change,
  };
}

export function byVisitor(seq: number, clientId: string | null = null): Message {
  return message(seq, { author: { kind: "VISITOR", name: null }, clientId });
}

export function conversation(change: Partial<Conversation> = {}): Conversation {
  return {
    id: "cnv_1",
    state: "AI",
    rev: 1,
    queuePosition: null,
    operatorName: null,
    readByOperatorSeq: 0,
    lastSeq: 0,
    ...change,
  };
}

export function page(nodes: Message[], startCursor: string | null = null): MessagePage {
  return { nodes, pageInfo: { hasPreviousPage: startCursor !== null, startCursor } };
}

export function snapshot(
  nodes: Message[],
  change: Partial<ConversationSnapshot> = {},
  startCursor: string | null = null,
): ConversationSnapshot {
  const last = nodes.at(-1)?.seq ?? 0;
  return {
    ...conversation(),
    lastSeq: last,
    cursor: `c${last}`,
    messages: page(nodes, startCursor),
    ...change,
  };
}

export function added(message: Message): ChatEvent {
  return { __typename: "MessageAdded", cursor: `c${message.seq}`, message };
}
