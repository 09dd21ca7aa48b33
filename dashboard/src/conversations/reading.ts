import { auth } from "../api/auth";
import { ask } from "../api/client";
import { type Follower, follow } from "../api/socket";
import { graphql, type VariablesOf } from "../gql/graphql";
import type { ThreadEvent } from "../live/types";
import {
  type Conversation,
  ConversationsQuery,
  FullBase,
  type Message,
  MessageFields,
  RowBase,
  ThreadQuery,
  ThreadSubscription,
} from "./documents";

/**
 * Who reads conversations without seeing the queue asks the same questions without the handoff. For them there is
 * none, and the rest of the dashboard need not know the difference.
 */

const ReaderThreadQuery = graphql(
  `
  query ReaderThread($id: ID!, $content: Boolean!) {
    conversation(id: $id) {
      ...FullBase
      cursor
      messages(last: 50) @include(if: $content) {
        nodes { ...MessageFields }
        pageInfo { hasPreviousPage startCursor }
      }
    }
  }
`,
  [FullBase, MessageFields],
);

const ReaderThreadSubscription = graphql(
  `
  subscription ReaderThreadEvents($id: ID!, $after: String) {
    conversationEvents(conversationId: $id, after: $after) {
      __typename
      ... on MessageAdded { cursor message { ...MessageFields } }
      ... on MessageChanged { message { ...MessageFields } }
      ... on ConversationChanged { conversation { ...FullBase } }
      ... on TypingChanged { author name typing }
      ... on LookersChanged { lookers { id name } }
      ... on AnswerProgress { answerId text }
      ... on Resync { cursor reason }
    }
  }
`,
  [FullBase, MessageFields],
);

const ReaderConversationsQuery = graphql(
  `
  query ReaderConversations($organizationId: ID, $filter: ConversationFilter, $first: Int, $after: String) {
    conversations(organizationId: $organizationId, filter: $filter, first: $first, after: $after) {
      nodes { ...RowBase }
      pageInfo { hasNextPage endCursor }
    }
  }
`,
  [RowBase],
);

function seesQueue(): boolean {
  const state = auth.get();
  return state.status === "signedIn" && state.viewer.permissions.includes("live_chat.view_queue");
}

function bare<C extends object>(conversation: C): C & { readonly handoff: null } {
  return { ...conversation, handoff: null };
}

export async function readThread(id: string, content: boolean) {
  if (seesQueue()) return (await ask(ThreadQuery, { id, content })).conversation;
  return bare((await ask(ReaderThreadQuery, { id, content })).conversation);
}

export async function readConversations(variables: VariablesOf<typeof ConversationsQuery>) {
  if (seesQueue()) return (await ask(ConversationsQuery, variables)).conversations;
  const { nodes, pageInfo } = (await ask(ReaderConversationsQuery, variables)).conversations;
  return { nodes: nodes.map(bare), pageInfo };
}

interface ThreadFollowing {
  readonly variables: () => { id: string; after: string | null };
  readonly onEvent: (event: ThreadEvent<Conversation, Message>) => void;
  readonly onRefused: Parameters<typeof follow>[0]["onRefused"];
}

export function followThread({ variables, onEvent, onRefused }: ThreadFollowing): Follower {
  const refused = onRefused ? { onRefused } : {};
  if (seesQueue()) {
    return follow({
      document: ThreadSubscription,
      variables,
      onData: ({ conversationEvents: event }) => onEvent(event),
      ...refused,
    });
  }
  return follow({
    document: ReaderThreadSubscription,
    variables,
    onData: ({ conversationEvents: event }) =>
      onEvent(
        event.__typename === "ConversationChanged"
          ? { ...event, conversation: bare(event.conversation) }
          : event,
      ),
    ...refused,
  });
}
