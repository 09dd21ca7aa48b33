import {
  type AnyVariables,
  type CombinedError,
  cacheExchange,
  createClient,
  fetchExchange,
  type TypedDocumentNode,
} from "urql";
import { accessToken, renew } from "./auth";
import { observeServerTime } from "./clock";
import { type ApiError, fromCombined, fromRaw } from "./errors";
import { createStore } from "./store";

const refused = /"code"\s*:\s*"UNAUTHENTICATED"/;

/**
 * Carries the token, and repeats a call once with a new one when the server says that the old one is over. Sitting
 * below the client, this also covers what the client repeats on its own.
 */
async function authorisedFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const send = async () => {
    const headers = new Headers(init?.headers);
    const token = await accessToken();
    if (token) headers.set("authorization", `Bearer ${token}`);
    return fetch(input, { ...init, headers, credentials: "same-origin" });
  };
  let response = await send();
  observeServerTime(response.headers.get("date"));
  let body = await response.text();
  if (refused.test(body) && (await renew())) {
    response = await send();
    body = await response.text();
  }
  return new Response(body, { status: response.status, headers: { "content-type": "application/json" } });
}

function makeClient() {
  return createClient({
    url: "/graphql",
    exchanges: [cacheExchange, fetchExchange],
    fetch: authorisedFetch,
    preferGetMethod: false,
    requestPolicy: "cache-and-network",
  });
}

/** Replaced as a whole when somebody signs out, so that no answer of the old session survives in its cache. */
export const clientStore = createStore(makeClient());

export function resetClient(): void {
  clientStore.set(makeClient());
}

/**
 * A field that may be empty is empty for who may not see it, and the answer says so beside the data. That is no
 * failure: the page shows what there is.
 */
function failure(error: CombinedError | undefined, data: unknown): ApiError | null {
  if (!error) return null;
  const onlyHidden =
    data !== null &&
    data !== undefined &&
    error.graphQLErrors.every((one) => fromRaw(one).code === "FORBIDDEN");
  return onlyHidden && !error.networkError ? null : fromCombined(error);
}

/** Asks the server, past the cache. Throws an ApiError. */
export async function ask<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const result = await clientStore
    .get()
    .query(document, variables, { requestPolicy: "network-only" })
    .toPromise();
  const failed = failure(result.error, result.data);
  if (failed) throw failed;
  if (!result.data) throw new Error("an answer without data");
  return result.data;
}

/**
 * Changes something on the server. Throws an ApiError. `touches` names types whose cached lists are stale afterwards
 * although the answer does not contain one of them, as after a deletion.
 */
export async function change<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  touches: string[] = [],
): Promise<Data> {
  const context = { additionalTypenames: touches };
  const result = await clientStore.get().mutation(document, variables, context).toPromise();
  const failed = failure(result.error, result.data);
  if (failed) throw failed;
  if (!result.data) throw new Error("an answer without data");
  return result.data;
}
