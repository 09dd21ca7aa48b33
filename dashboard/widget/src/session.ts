// Who the visitor is. A token lasts an hour and lives in memory only; what is stored is the right to go on (`resume`).

import { START_SESSION } from "./documents";
import { asFailure } from "./errors";
import { type Fetch, post } from "./http";
import { applySnapshot, markSeen } from "./live";
import type { Memory } from "./storage";
import type { Store } from "./store";
import type { VisitorSession } from "./types";

/** Runs the work while no other tab of the visitor runs work of the same name. */
export type Exclusive = <T>(name: string, work: () => Promise<T>) => Promise<T>;

export interface Session {
  /** The page that the visitor is on, told when a session starts. */
  pageUrl: string | null;
  /** Where they came from to it. */
  referrer: string | null;
  /** Who they are, as the client's server signed it. */
  identity: string | null;
  /** Why the server would not have what was signed. */
  onRefused(reason: string): void;
  /** A token that is good as far as this side knows; starts or resumes the session when there is none. */
  current(): Promise<string>;
  /** The server no longer accepts this token. A newer one, obtained meanwhile, stays. */
  reject(token: string): void;
  /** Whoever the visitor was, they are not any more. */
  forget(): void;
  /** One query or mutation, with the token renewed when it has run out. */
  call<T>(query: string, variables?: Record<string, unknown>): Promise<T>;
}

export function createSession(
  store: Store,
  memory: Memory,
  fetch: Fetch,
  url: string,
  exclusive: Exclusive,
): Session {
  let token: string | null = null;
  let starting: Promise<string> | null = null;
  let proving: Promise<void> | null = null;

  const ask = async (resume: string | null): Promise<VisitorSession> => {
    const { widgetId } = store.state.config;
    const { pageUrl, referrer, identity } = session;
    const language = globalThis.navigator?.language;
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const variables = { widgetId, resume, pageUrl, referrer, language, timeZone, identity };
    try {
      return (await post<{ session: VisitorSession }>(fetch, url, null, START_SESSION, variables)).session;
    } catch (error) {
      const { reason } = asFailure(error);
      if (!identity || !reason.startsWith("IDENTITY_")) throw error;
      // What was signed does not count, or not any more: the visitor goes on as before, and the page is told.
      session.identity = null;
      session.onRefused(reason);
      return ask(resume);
    }
  };

  const resumeOrStart = async () => {
    // Read under the lock: of two tabs opened at once, the second resumes what the first has started.
    const resume = memory.get("resume");
    try {
      return await ask(resume);
    } catch (error) {
      // The stored right may have run out or been withdrawn; then the visitor begins anew. Nothing else is a reason to give
      // up a conversation.
      if (resume === null || !["UNAUTHENTICATED", "INVALID", "NOT_FOUND"].includes(asFailure(error).code))
        throw error;
      return ask(null);
    }
  };

  const start = async () => {
    const { conversation, config, resume, token: fresh } = await resumeOrStart();
    token = fresh;
    memory.set("resume", resume);
    const read = memory.readSeq(conversation.id);
    store.update((live) => markSeen(applySnapshot(live, conversation), read));
    store.patch({ config });
    return fresh;
  };

  /** Solves what the server sets to somebody new, once for all that wait for it. */
  const prove = (used: string) => {
    proving ??= import("./challenge")
      .then(({ solve }) => solve((query, variables) => post(fetch, url, used, query, variables)))
      .finally(() => {
        proving = null;
        store.patch({ proving: false });
      });
    store.patch({ proving: true });
    return proving;
  };

  const session: Session = {
    pageUrl: null,
    referrer: null,
    identity: null,
    onRefused() {},
    async current() {
      if (token !== null) return token;
      starting ??= exclusive("session", start).finally(() => {
        starting = null;
      });
      return starting;
    },
    reject(rejected) {
      if (token === rejected) token = null;
    },
    forget() {
      token = null;
    },
    async call<T>(query: string, variables: Record<string, unknown> = {}) {
      for (let tries = 0; ; tries += 1) {
        const used = await session.current();
        try {
          return await post<T>(fetch, url, used, query, variables);
        } catch (error) {
          const { code, reason } = asFailure(error);
          if (tries < 2 && code === "UNAUTHENTICATED") session.reject(used);
          else if (tries < 2 && reason === "CHALLENGE_REQUIRED") await prove(used);
          else throw error;
        }
      }
    },
  };
  return session;
}
