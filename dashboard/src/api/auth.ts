import { stringifyDocument, type TypedDocumentNode } from "urql";
import { graphql, type ResultOf } from "../gql/graphql";
import { observeServerTime } from "./clock";
import { ApiError, fromRaw, type RawError } from "./errors";
import { createStore } from "./store";

export const ViewerFields = graphql(`
  fragment ViewerFields on Viewer @_unmask {
    user { id name email }
    agency { id name }
    session { id }
    permissions
    memberships { id organization { id name } role { id name level } }
  }
`);

const SignInMutation = graphql(
  `mutation SignIn($email: String!, $password: String!) {
    signIn(email: $email, password: $password) { accessToken viewer { ...ViewerFields } }
  }`,
  [ViewerFields],
);

const RefreshMutation = graphql(
  `mutation RefreshSession { refreshSession { accessToken viewer { ...ViewerFields } } }`,
  [ViewerFields],
);

const SignOutMutation = graphql(`mutation SignOut { signOut }`);

export type Viewer = ResultOf<typeof ViewerFields>;

export type Auth =
  | { readonly status: "starting" }
  | { readonly status: "unreachable" }
  | { readonly status: "signedOut"; readonly notice: string | null }
  | { readonly status: "signedIn"; readonly viewer: Viewer };

export const auth = createStore<Auth>({ status: "starting" });

/** An access token lives ten minutes; it is renewed before, so that no call has to wait for a refusal. */
const RENEW_AFTER_MS = 8 * 60_000;

/** Kept in memory only: what a script could read from a storage, an injected one could read too. */
let token: { readonly value: string; readonly since: number } | null = null;
const endings = new Set<() => void>();

/** Runs when somebody signs out here or elsewhere: whatever was read under the old session must go. */
export function onSignedOut(forget: () => void): void {
  endings.add(forget);
}

interface Shared {
  readonly kind: "token" | "signedOut";
  readonly token?: string;
  readonly userId?: string;
}

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("session");

function become(accessToken: string, viewer: Viewer, tell: boolean): void {
  const before = auth.get();
  if (before.status === "signedIn" && before.viewer.user.id !== viewer.user.id) {
    for (const forget of endings) forget();
  }
  token = { value: accessToken, since: performance.now() };
  auth.set({ status: "signedIn", viewer });
  if (tell)
    channel?.postMessage({ kind: "token", token: accessToken, userId: viewer.user.id } satisfies Shared);
}

function leave(notice: string | null, tell: boolean): void {
  token = null;
  for (const forget of endings) forget();
  auth.set({ status: "signedOut", notice });
  if (tell) channel?.postMessage({ kind: "signedOut" } satisfies Shared);
}

channel?.addEventListener("message", (event: MessageEvent<Shared>) => {
  const current = auth.get();
  if (event.data.kind === "signedOut" && current.status === "signedIn") leave(null, false);
  if (event.data.kind === "token" && event.data.token) {
    if (current.status === "signedIn" && current.viewer.user.id === event.data.userId) {
      token = { value: event.data.token, since: performance.now() };
    } else if (current.status !== "starting") {
      // Another person, or a sign-in in another tab: the cookie is theirs now, so start over as them.
      void start();
    }
  }
});

/** A call outside of the client: signing in and refreshing must not wait for the session that they make. */
async function call<Data, Variables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  bearer?: string,
): Promise<Data> {
  let body: { data?: Data | null; errors?: RawError[] };
  try {
    const response = await fetch("/graphql", {
      method: "POST",
      credentials: "same-origin",
      headers: {
        "content-type": "application/json",
        accept: "application/json",
        ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
      },
      body: JSON.stringify({ query: stringifyDocument(document), variables }),
    });
    observeServerTime(response.headers.get("date"));
    body = await response.json();
  } catch {
    throw new ApiError("The server could not be reached", "NETWORK");
  }
  if (body.errors?.length || !body.data) throw fromRaw(body.errors?.[0]);
  return body.data;
}

export async function signIn(email: string, password: string): Promise<void> {
  const data = await call(SignInMutation, { email, password });
  become(data.signIn.accessToken, data.signIn.viewer, true);
}

export async function signOut(): Promise<void> {
  const bearer = token?.value;
  leave(null, true);
  await call(SignOutMutation, {}, bearer).catch(() => undefined);
}

export function accessRevoked(): void {
  leave("Your access was withdrawn. If you think this is a mistake, ask whoever manages your team.", true);
}

let refreshing: Promise<void> | null = null;

/** One refresh at a time: the calls of this tab share a promise, the tabs a lock. */
export function refresh(): Promise<void> {
  refreshing ??= locked(async () => {
    // While this tab waited for the lock, another one may have brought a token along.
    if (token && performance.now() - token.since < 5_000) return;
    const data = await call(RefreshMutation, {});
    become(data.refreshSession.accessToken, data.refreshSession.viewer, true);
  }).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function locked(work: () => Promise<void>): Promise<void> {
  if (navigator.locks) await navigator.locks.request("session-refresh", work);
  else await work();
}

/** The token to send; renewed first when it is about to end. */
export async function accessToken(): Promise<string | null> {
  if (!token) return null;
  if (performance.now() - token.since > RENEW_AFTER_MS) await renew();
  return token?.value ?? null;
}

/** The server refused the token: forget it, get another one. False when the session itself is over. */
export async function renew(): Promise<boolean> {
  if (token) token = { ...token, since: Number.NEGATIVE_INFINITY };
  try {
    await refresh();
    return true;
  } catch (error) {
    const code = error instanceof ApiError ? error.code : "INTERNAL";
    if (code === "UNAUTHENTICATED" || code === "FORBIDDEN") {
      leave("Your session has ended. Sign in to go on.", false);
      return false;
    }
    // Not reached: the session may well be alive, so it is not given up for that.
    return false;
  }
}

export async function start(): Promise<void> {
  try {
    await refresh();
  } catch (error) {
    const code = error instanceof ApiError ? error.code : "INTERNAL";
    const unreachable = code === "NETWORK" || code === "UNAVAILABLE";
    auth.set(unreachable ? { status: "unreachable" } : { status: "signedOut", notice: null });
  }
}
