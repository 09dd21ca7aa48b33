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
    hasSecondFactor mustSetUpSecondFactor language timeZone
    viewingAs { by { id name } reason expiresAt }
    memberships { id organization { id name } role { id name level } }
  }
`);

const SignInMutation = graphql(
  `mutation SignIn($email: String!, $password: String!, $code: String, $newPassword: String) {
    signIn(email: $email, password: $password, code: $code, newPassword: $newPassword) {
      accessToken viewer { ...ViewerFields }
    }
  }`,
  [ViewerFields],
);

const RefreshMutation = graphql(
  `mutation RefreshSession { refreshSession { accessToken viewer { ...ViewerFields } } }`,
  [ViewerFields],
);

const SignOutMutation = graphql(`mutation SignOut { signOut }`);

const AcceptInvitationMutation = graphql(
  `mutation AcceptInvitation($token: String!, $name: String, $password: String!, $code: String) {
    acceptInvitation(token: $token, name: $name, password: $password, code: $code) {
      accessToken viewer { ...ViewerFields }
    }
  }`,
  [ViewerFields],
);

const ViewAsClientMutation = graphql(
  `mutation ViewAsClient($membershipId: ID!, $reason: String!) {
    viewAsClient(membershipId: $membershipId, reason: $reason) { accessToken viewer { ...ViewerFields } }
  }`,
  [ViewerFields],
);

const EndViewMutation = graphql(`mutation EndViewAsClient { endViewAsClient }`);

const ViewerQuery = graphql(`query Viewer { viewer { ...ViewerFields } }`, [ViewerFields]);

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
interface Token {
  readonly value: string;
  readonly since: number;
}
let token: Token | null = null;
const endings = new Set<() => void>();
const switches = new Set<() => void>();

/** The staff's own session while this tab looks at things as a client user. It lives here and in its cookie, unchanged. */
let own: { token: Token | null; readonly viewer: Viewer; readonly goBack: () => void } | null = null;

/** Runs when somebody signs out here or elsewhere: whatever was read under the old session must go. */
export function onSignedOut(forget: () => void): void {
  endings.add(forget);
}

/** Runs when this tab goes on as somebody else for a while: nothing that was read may stay, what was written may. */
export function onSwitched(forget: () => void): void {
  switches.add(forget);
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
  own = null;
  for (const forget of endings) forget();
  auth.set({ status: "signedOut", notice });
  if (tell) channel?.postMessage({ kind: "signedOut" } satisfies Shared);
}

channel?.addEventListener("message", (event: MessageEvent<Shared>) => {
  const current = auth.get();
  if (event.data.kind === "signedOut" && current.status === "signedIn") leave(null, false);
  if (event.data.kind === "token" && event.data.token) {
    if (own) {
      if (own.viewer.user.id === event.data.userId) {
        own.token = { value: event.data.token, since: performance.now() };
      } else {
        // The cookie is somebody else's now, so there is nothing to come back to.
        own = null;
        void start();
      }
    } else if (current.status === "signedIn" && current.viewer.user.id === event.data.userId) {
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

export interface Credentials {
  readonly email: string;
  readonly password: string;
  readonly code?: string;
  readonly newPassword?: string;
}

export async function signIn(given: Credentials): Promise<void> {
  const data = await call(SignInMutation, { ...given });
  become(data.signIn.accessToken, data.signIn.viewer, true);
}

export async function acceptInvitation(given: {
  readonly token: string;
  readonly password: string;
  readonly name?: string;
  readonly code?: string;
}): Promise<void> {
  const data = await call(AcceptInvitationMutation, { ...given });
  become(data.acceptInvitation.accessToken, data.acceptInvitation.viewer, true);
}

/** A call that needs nobody to be signed in: what stands behind a link in a mail. */
export { call as callSignedOut };

/** Reads anew who one is: after a change of one's profile, or when the second factor that was asked for is there. */
export async function reloadViewer(): Promise<void> {
  const bearer = await accessToken();
  if (!bearer) return;
  const { viewer } = await call(ViewerQuery, {}, bearer);
  const current = auth.get();
  if (current.status !== "signedIn" || current.viewer.user.id !== viewer.user.id) return;
  auth.set({ status: "signedIn", viewer });
}

/** Goes on as a client user, in this tab alone. `goBack` runs when it ends. */
export async function viewAsClient(membershipId: string, reason: string, goBack: () => void): Promise<void> {
  const current = auth.get();
  if (current.status !== "signedIn" || own) return;
  const bearer = await accessToken();
  const { viewAsClient: given } = await call(
    ViewAsClientMutation,
    { membershipId, reason },
    bearer ?? undefined,
  );
  own = { token, viewer: current.viewer, goBack };
  for (const forget of switches) forget();
  token = { value: given.accessToken, since: performance.now() };
  auth.set({ status: "signedIn", viewer: given.viewer });
}

/** Back to the staff's own session. `tell` is false when the server has ended it already. */
export async function endViewAsClient(tell = true): Promise<void> {
  const before = own;
  if (!before) return;
  const bearer = token?.value;
  own = null;
  for (const forget of switches) forget();
  token = before.token;
  auth.set({ status: "signedIn", viewer: before.viewer });
  before.goBack();
  if (tell) await call(EndViewMutation, {}, bearer).catch(() => undefined);
}

export async function signOut(): Promise<void> {
  if (own) await endViewAsClient();
  const bearer = token?.value;
  leave(null, true);
  await call(SignOutMutation, {}, bearer).catch(() => undefined);
}

/** A stream was closed because what it rested on is gone. */
export async function accessRevoked(): Promise<void> {
  if (own) {
    await endViewAsClient(false);
    return;
  }
  // An agency that begins to demand a second factor keeps whoever has none signed in, to set one up.
  await readStanding();
  const now = auth.get();
  if (now.status === "signedIn" && now.viewer.mustSetUpSecondFactor) return;
  leave("Your access was withdrawn. If you think this is a mistake, ask whoever manages your team.", true);
}

/** Something was refused that was allowed before: what one may do has changed, so it is read anew, with a new token. */
export async function readStanding(): Promise<void> {
  if (own) return;
  if (token) token = { ...token, since: Number.NEGATIVE_INFINITY };
  await refresh().catch(() => undefined);
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
  // A view as a client has one token for all of its time; the cookie would bring the staff's own.
  if (own) return token.value;
  if (performance.now() - token.since > RENEW_AFTER_MS) await renew();
  return token?.value ?? null;
}

/** The server refused the token: forget it, get another one. False when the session itself is over. */
export async function renew(): Promise<boolean> {
  if (own) {
    void endViewAsClient(false);
    return false;
  }
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
