// The visitor API as the panel sees it: hand-kept mirror of schema/widget.graphql, of the fields that documents.ts asks
// for and no others. documents.test.ts checks the documents against the schema, so a drift fails there.

export type AuthorKind = "VISITOR" | "AI" | "OPERATOR" | "SYSTEM";
export type ConversationState = "AI" | "COLLECTING" | "REQUESTED" | "HUMAN" | "MISSED" | "ENDED";
export type MessageKind =
  | "TEXT"
  | "HANDOFF_REQUESTED"
  | "HANDOFF_CANCELLED"
  | "HANDOFF_ACCEPTED"
  | "INTERVENED"
  | "RELEASED"
  | "RETURNED_TO_AI"
  | "COMPLETED"
  | "MISSED"
  | "TRANSFERRED"
  | "OFFLINE_QUERY"
  | "RATED";

/** A file in a message. Only pictures that the server drew anew have a size on the screen. */
export interface Attachment {
  id: string;
  name: string;
  mediaType: string;
  size: number;
  width: number | null;
  height: number | null;
  url: string;
}

export interface Message {
  id: string;
  seq: number;
  kind: MessageKind;
  author: { kind: AuthorKind; name: string | null };
  text: string;
  createdAt: string;
  clientId: string | null;
  offersHuman: boolean;
  sources: string[];
  /** How it came when not through the chat. */
  via?: "EMAIL" | string | null;
  editedAt?: string | null;
  /** Taken back: its text is empty then. */
  deletedAt?: string | null;
  attachments?: Attachment[];
}

/** A conversation without its messages: what a ConversationChanged carries. */
export interface Conversation {
  id: string;
  state: ConversationState;
  rev: number;
  queuePosition: number | null;
  /** What the queue's recent past makes likely; null when that says nothing. */
  estimatedWaitSeconds?: number | null;
  /** The human part is over and was not rated. */
  askRating?: boolean;
  canEmailTranscript?: boolean;
  /** Whether files can be sent, how large, and how many with one message. */
  files?: { enabled: boolean; largestBytes: number; atMost: number };
  operatorName: string | null;
  readByOperatorSeq: number;
  lastSeq: number;
}

export interface MessagePage {
  nodes: Message[];
  pageInfo: { hasPreviousPage: boolean; startCursor: string | null };
}

/** A conversation as one read gives it: present state, newest messages, and the cursor to go on from. */
export interface ConversationSnapshot extends Conversation {
  cursor: string;
  messages: MessagePage;
}

export interface HandoffOffer {
  available: boolean;
  askContact: boolean;
  buttonAfterMessages: number;
  /** Within the business hours, or there are none. */
  open?: boolean;
  opensAt?: string | null;
  /** When `open` will be another one; asked again then. */
  changesAt?: string | null;
  offlineText?: string;
  offlineForm?: boolean;
  popup?: boolean;
  fixedPopup?: boolean;
  buttonText?: string;
  popupText?: string;
  waitingText?: string;
  blockInput?: boolean;
}

export interface WidgetConfig {
  widgetId: string;
  title: string;
  greeting: string;
  accent: string;
  accentText: string;
  position: "BOTTOM_RIGHT" | "BOTTOM_LEFT";
  radius: number;
  poweredBy: string | null;
  handoff: HandoffOffer;
  available: boolean;
}

export interface VisitorSession {
  token: string;
  expiresAt: string;
  resume: string;
  conversation: ConversationSnapshot;
  config: WidgetConfig;
}

export type ChatEvent =
  | { __typename: "MessageAdded"; cursor: string; message: Message }
  | { __typename: "MessageChanged"; message: Message }
  | { __typename: "ConversationChanged"; conversation: Conversation }
  | { __typename: "TypingChanged"; author: AuthorKind; name: string | null; typing: boolean }
  | { __typename: "AnswerProgress"; answerId: string; text: string }
  | { __typename: "Resync"; cursor: string; reason: string };

export interface ContactDetails {
  name?: string;
  email?: string;
  reason?: string;
}
