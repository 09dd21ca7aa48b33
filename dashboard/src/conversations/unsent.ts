import { auth } from "../api/auth";
import type { Outgoing } from "../live/types";

/** What was written and the server has not confirmed, kept for this tab: a reload must not lose an answer. */
const PREFIX = "unsent:";

/** Nothing of what one person wrote may be sent in the name of another who signs in here later. */
function prefix(): string | null {
  const state = auth.get();
  return state.status === "signedIn" ? `${PREFIX}${state.viewer.user.id}:` : null;
}

function isOutgoing(one: unknown): one is Outgoing {
  if (typeof one !== "object" || one === null) return false;
  const { clientId, text, createdAt, state } = one as Record<string, unknown>;
  return [clientId, text, createdAt, state].every((value) => typeof value === "string");
}

export function readUnsent(id: string): readonly Outgoing[] {
  try {
    const own = prefix();
    const kept: unknown = own === null ? [] : JSON.parse(sessionStorage.getItem(own + id) ?? "[]");
    if (!Array.isArray(kept)) return [];
    return kept
      .filter(isOutgoing)
      .map((one) => (one.state === "failed" ? one : { ...one, state: "waiting" }));
  } catch {
    return [];
  }
}

export function keepUnsent(id: string, outbox: readonly Outgoing[]): void {
  try {
    const own = prefix();
    if (own === null) return;
    if (outbox.length === 0) sessionStorage.removeItem(own + id);
    else sessionStorage.setItem(own + id, JSON.stringify(outbox));
  } catch {
    // Without storage they live as long as the page.
  }
}

/** The conversations in which something of the one who is signed in waits to be sent. */
export function unsentIn(): readonly string[] {
  try {
    const own = prefix();
    if (own === null) return [];
    return Object.keys(sessionStorage)
      .filter((key) => key.startsWith(own))
      .map((key) => key.slice(own.length));
  } catch {
    return [];
  }
}

export function forgetUnsent(): void {
  try {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
    }
  } catch {
    // Nothing was kept then.
  }
}
