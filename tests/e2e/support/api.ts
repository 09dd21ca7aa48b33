// The APIs by hand, for what no page shows: refusals, and the ids to try them with.

export const password = "demo-demo-demo";

export interface Failure {
  readonly message: string;
  readonly extensions: { readonly code: string; readonly reason: string; readonly requestId: string };
}

export interface Answer<T> {
  readonly data: T | null;
  readonly errors?: readonly Failure[];
}

export async function post<T>(
  url: string,
  query: string,
  variables: Record<string, unknown>,
  token?: string,
): Promise<Answer<T>> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json, application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Answer<T>;
}

/** The desk API as one signed-in person. */
export class Desk {
  private constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  static async as(server: string, email: string): Promise<Desk> {
    const answer = await post<{ signIn: { accessToken: string } }>(
      `${server}/graphql`,
      "mutation ($email: String!, $password: String!) { signIn(email: $email, password: $password) { accessToken } }",
      { email, password },
    );
    if (!answer.data) throw new Error(`${email}: ${JSON.stringify(answer.errors)}`);
    return new Desk(`${server}/graphql`, answer.data.signIn.accessToken);
  }

  try<T>(query: string, variables: Record<string, unknown> = {}): Promise<Answer<T>> {
    return post<T>(this.url, query, variables, this.token);
  }

  async ask<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const answer = await this.try<T>(query, variables);
    if (!answer.data || answer.errors) throw new Error(JSON.stringify(answer.errors));
    return answer.data;
  }

  /** The refusal; an answer instead of one is an error of the test. */
  async refused(query: string, variables: Record<string, unknown> = {}): Promise<Failure["extensions"]> {
    const answer = await this.try(query, variables);
    const first = answer.errors?.[0];
    if (!first) throw new Error(`not refused: ${JSON.stringify(answer.data)}`);
    return first.extensions;
  }
}

export interface Agent {
  readonly id: string;
  readonly name: string;
  readonly organization: { readonly id: string; readonly name: string } | null;
  readonly widget: { readonly id: string; readonly allowedOrigins: readonly string[] };
}

export async function agents(desk: Desk): Promise<readonly Agent[]> {
  const found = await desk.ask<{ aiAgents: { nodes: readonly Agent[] } }>(
    "{ aiAgents(first: 50) { nodes { id name organization { id name } widget { id allowedOrigins } } } }",
  );
  return found.aiAgents.nodes;
}

export async function agentOf(desk: Desk, organization: string): Promise<Agent> {
  const found = (await agents(desk)).find((agent) => agent.organization?.name === organization);
  if (!found) throw new Error(`${organization} has no AI agent`);
  return found;
}

export async function enableHandoff(desk: Desk, aiAgentId: string): Promise<void> {
  await desk.ask("mutation ($id: ID!) { setHandoffEnabled(aiAgentId: $id, enabled: true) { id } }", {
    id: aiAgentId,
  });
}

export async function allowOrigins(desk: Desk, agent: Agent, origins: readonly string[]): Promise<void> {
  await desk.ask(
    "mutation ($id: ID!, $origins: [String!]!) { updateAllowedOrigins(widgetId: $id, origins: $origins) { id } }",
    { id: agent.widget.id, origins },
  );
}

/** What the people with these desks hold is completed: nobody takes a chat beyond what they can bear, and tests share them. */
export async function freed(...desks: readonly Desk[]): Promise<void> {
  for (const desk of desks) {
    const held = await desk.ask<{ handoffs: { nodes: readonly { conversation: { id: string } }[] } }>(
      "{ handoffs(states: [ACCEPTED], mine: true, first: 50) { nodes { conversation { id } } } }",
    );
    for (const { conversation } of held.handoffs.nodes)
      await desk.ask("mutation ($id: ID!) { completeConversation(conversationId: $id) { id } }", {
        id: conversation.id,
      });
  }
}
