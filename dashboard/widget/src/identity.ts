// What the page around the panel says of the visitor: who they are, by its server's signature, what it knows of them, and
// which page they are on. All of it is said again to a session that is opened anew.

import { SET_ATTRIBUTES, VISIT_PAGE } from "./documents";
import { asFailure } from "./errors";
import type { Session } from "./session";
import type { Store } from "./store";

export function createIdentity(store: Store, session: Session) {
  let started = false;
  let attributes: Record<string, string> | null = null;

  /** Losing one of these harms nobody; the next session says it again. */
  const say = async (query: string, variables: Record<string, unknown>) => {
    try {
      await session.call(query, variables);
    } catch (error) {
      const { reason } = asFailure(error);
      if (reason.startsWith("IDENTITY_")) session.onRefused(reason);
    }
  };

  const sayAttributes = async () => {
    if (attributes === null) return;
    const list = Object.entries(attributes).map(([name, value]) => ({ name, value }));
    await say(SET_ATTRIBUTES, { attributes: list });
  };

  return {
    /** The session is about to be opened; what was said before goes with it. */
    start(pageUrl: string | null) {
      started = true;
      session.pageUrl = pageUrl;
      void sayAttributes();
    },
    page(pageUrl: string) {
      if (!started || session.pageUrl === pageUrl) return;
      session.pageUrl = pageUrl;
      void say(VISIT_PAGE, { pageUrl });
    },
    async identify(token: string | null, referrer: string | null) {
      session.referrer = referrer;
      if (token === session.identity && token !== null) return;
      const out = token === null && session.identity !== null;
      session.identity = token;
      if (!started || (token === null && !out)) return;
      await session.renew(out).catch(() => {});
      await sayAttributes();
      // Whatever was listened to may be somebody else's now.
      store.update((live) => ({ ...live, stale: true }));
    },
    setAttributes(given: Record<string, string>) {
      attributes = given;
      if (started) void sayAttributes();
    },
  };
}
