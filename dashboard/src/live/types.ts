/** The least that the live part needs to know of what the server sends; the API's own types are wider. */

export type AuthorKind = "VISITOR" | "AI" | "OPERATOR" | "SYSTEM";

export interface LiveMessage {
  readonly id: string;
  readonly seq: number;
  readonly kind: string;
  readonly author: {
    readonly kind: AuthorKind;
    readonly name: string | null;
    readonly userId: string | null;
  };
  readonly text: string;
  readonly createdAt: string;
  readonly clientId: string | null;
  /** When its text was last changed, and when it was taken back: of two copies the later one is the newer. */
  readonly editedAt?: string | null;
  readonly deletedAt?: string | null;
}

export interface LiveConversation {
  readonly id: string;
  readonly rev: number;
  readonly state: string;
  readonly contentVisible: boolean;
  /** Who else looks at it now. */
  readonly lookers?: readonly { readonly id: string; readonly name: string }[];
  readonly visitorReadSeq: number;
}

export type ThreadEvent<C extends LiveConversation, M extends LiveMessage> =
  | { readonly __typename: "MessageAdded"; readonly cursor: string; readonly message: M }
  | { readonly __typename: "MessageChanged"; readonly message: M }
  | { readonly __typename: "ConversationChanged"; readonly conversation: C }
  | {
      readonly __typename: "TypingChanged";
      readonly author: AuthorKind;
      readonly name: string | null;
      readonly typing: boolean;
    }
  | {
      readonly __typename: "LookersChanged";
      readonly lookers: readonly { readonly id: string; readonly name: string }[];
    }
  | { readonly __typename: "AnswerProgress"; readonly answerId: string; readonly text: string }
  | { readonly __typename: "Resync"; readonly cursor: string; readonly reason: string };

export interface Outgoing {
  readonly clientId: string;
  readonly text: string;
  readonly createdAt: string;
  /** Waiting: the server was not reached, and it is sent as soon as it is. Failed: it was refused for good. */
  readonly state: "sending" | "waiting" | "failed";
  readonly error: string | null;
  /** The files that go with it; the server has them already. */
  readonly files?: readonly OutgoingFile[];
}

export interface OutgoingFile {
  readonly id: string;
  readonly name: string;
}

export interface Typing {
  readonly author: AuthorKind;
  readonly name: string | null;
  readonly until: number;
}

export interface Answer {
  readonly answerId: string;
  readonly text: string;
  readonly until: number;
}

export interface Thread<C extends LiveConversation, M extends LiveMessage> {
  readonly conversation: C | null;
  /** Ascending by seq, without holes between the first and the last. */
  readonly messages: readonly M[];
  /** Own messages that the server has not confirmed, in the order of sending. */
  readonly outbox: readonly Outgoing[];
  /** Everything up to here was handled; a subscription goes on after it. */
  readonly cursor: string | null;
  readonly hasOlder: boolean;
  readonly olderCursor: string | null;
  readonly typing: Typing | null;
  readonly answer: Answer | null;
  /** Set when the server cannot replay: read the conversation again, then subscribe after this cursor. */
  readonly resync: string | null;
}

export type ThreadAction<C extends LiveConversation, M extends LiveMessage> =
  | {
      readonly type: "loaded";
      readonly conversation: C;
      readonly cursor: string;
      readonly messages: readonly M[];
      readonly hasOlder: boolean;
      readonly olderCursor: string | null;
    }
  | {
      readonly type: "olderLoaded";
      readonly messages: readonly M[];
      readonly hasOlder: boolean;
      readonly olderCursor: string | null;
    }
  | { readonly type: "event"; readonly event: ThreadEvent<C, M>; readonly at: number }
  | { readonly type: "changed"; readonly conversation: C }
  | {
      readonly type: "send";
      readonly clientId: string;
      readonly text: string;
      readonly createdAt: string;
      readonly files?: readonly OutgoingFile[];
    }
  | { readonly type: "sent"; readonly clientId: string; readonly message: M }
  | { readonly type: "sendDelayed" }
  | { readonly type: "sendFailed"; readonly clientId: string; readonly error: string }
  | { readonly type: "retry"; readonly clientId: string }
  | { readonly type: "discard"; readonly clientId: string }
  | { readonly type: "expire"; readonly at: number };
