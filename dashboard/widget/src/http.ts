// GraphQL over POST. Queries and mutations go this way rather than over the socket: each call then knows by itself
// whether it was answered, and a send outlives the loss of the socket.

import { Failure, failureOf, failureOfStatus, field } from "./errors";

export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** An answer that takes longer is treated as lost; a retry is safe, because whatever creates carries a client id. */
const TIMEOUT = 15_000;

export async function post<T>(
  fetch: Fetch,
  url: string,
  token: string | null,
  query: string,
  variables: Record<string, unknown>,
): Promise<T> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT);
  try {
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (token !== null) headers.authorization = `Bearer ${token}`;
    const body = JSON.stringify({ query, variables });
    const response = await fetch(url, {
      method: "POST",
      headers,
      body,
      credentials: "omit",
      signal: abort.signal,
    });
    const answer: unknown = await response.json().catch(() => undefined);
    const errors = field(answer, "errors");
    if (errors !== undefined && errors !== null) throw failureOf(errors);
    const data = field(answer, "data");
    if (!response.ok || data === undefined || data === null)
      throw failureOfStatus(response.ok ? 502 : response.status);
    // The shape is what documents.ts asked for; documents.test.ts holds that against the schema.
    return data as T;
  } catch (error) {
    throw error instanceof Failure ? error : new Failure("OFFLINE");
  } finally {
    clearTimeout(timer);
  }
}
