// The page around the panel: what it says of the visitor (who they are, by its server's signature, what it knows of them, and
// which page they are on), and what it may know of what happens: that somebody wrote, and who has the chat; never what
// is said. Loaded after the panel; whoever the visitor is before it has started, main.ts says itself.

import type { Chat } from "./chat";
import { SET_ATTRIBUTES, VISIT_PAGE } from "./documents-page";
import { asFailure } from "./errors";
import { lastSeq } from "./live";
import type { Shown, ToLoader } from "./protocol";

const MOST_ATTRIBUTES = 20;

const text = (value: unknown, most: number): value is string =>
  typeof value === "string" && value.length <= most;

/** What a page says besides opening and closing, if it is well said. */
export function parseSaid(data: unknown): { token?: string | null; attributes?: Record<string, string> } {
  if (typeof data !== "object" || data === null) return {};
  const { t, token, attributes } = data as Record<string, unknown>;
  if (t === "identify" && (token === null || text(token, 8_192))) return { token };
  if (t !== "attributes" || typeof attributes !== "object" || attributes === null) return {};
  const given = Object.entries(attributes);
  const fits = given.every(([name, value]) => text(name, 64) && text(value, 500));
  return fits && given.length <= MOST_ATTRIBUTES ? { attributes: Object.fromEntries(given) } : {};
}

export function createPage(chat: Chat, tell: (message: ToLoader) => void) {
  const { session } = chat;
  let attributes: Record<string, string> = {};
  let seen: number | null = null;
  let before: string | null = null;
  let started = false;

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
    const list = Object.entries(attributes).map(([name, value]) => ({ name, value }));
    if (list.length > 0 && session.pageUrl !== null) await say(SET_ATTRIBUTES, { attributes: list });
  };

  const identify = async (token: string | null) => {
    if (token === session.identity) return;
    session.identity = token;
    // Not before the session was opened: then it is opened so.
    if (session.pageUrl === null) return;
    // Whoever signs out takes along what the next one should not find.
    if (token === null) chat.restart();
    session.forget();
    await session.current().catch(() => {});
    await sayAttributes();
    // Whatever was listened to may be somebody else's now.
    chat.update((live) => ({ ...live, stale: true }));
  };

  session.onRefused = (reason) => tell({ t: "event", name: "identity", reason });
  chat.listen(() => {
    const { conversation, messages } = chat.state.live;
    if (conversation === null) return;
    const last = lastSeq(chat.state.live);
    // What is there when the panel comes is no news.
    if (seen !== null && last > seen) {
      for (const { seq, author } of messages) {
        if (seq > seen && author.kind !== "SYSTEM") tell({ t: "event", name: "message", from: author.kind });
      }
    }
    seen = Math.max(seen ?? 0, last);
    const { state } = conversation;
    if (before !== null && state !== before && state !== "COLLECTING")
      tell({ t: "event", name: "handoff", state });
    before = state;
  });

  const hear = (message: Shown | unknown) => {
    const { token, attributes: given } = parseSaid(message);
    const { page, referrer } = (message ?? {}) as { page?: unknown; referrer?: unknown };
    if (token !== undefined) {
      session.referrer = text(referrer, 2_000) ? referrer : null;
      void identify(token);
    } else if (given !== undefined) {
      attributes = given;
      void sayAttributes();
    } else if (text(page, 2_000)) {
      if (started && session.pageUrl !== page) void say(VISIT_PAGE, { pageUrl: page });
      if (!started) void sayAttributes();
      started = true;
      session.pageUrl = page;
    }
  };
  return hear;
}
