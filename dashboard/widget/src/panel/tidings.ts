// What the page around the panel may know of what happens in it: that somebody wrote, and who has the chat; never what is said.

import type { Chat } from "../chat";
import { lastSeq } from "../live";
import type { ToLoader } from "../protocol";

export function tidings(chat: Chat, tell: (message: ToLoader) => void): void {
  let seen: number | null = null;
  let before: string | null = null;
  chat.onRefused((reason) => tell({ t: "event", name: "identity", reason }));
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
}
