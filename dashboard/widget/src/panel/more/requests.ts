// Asking for a person, and thinking better of it.

import type { Chat } from "../../chat";
import { asFailure } from "../../errors";
import { changeConversation } from "../../live";
import type { ContactDetails, Conversation } from "../../types";
import { CANCEL_HANDOFF, REQUEST_HANDOFF } from "./documents";

export type Requests = ReturnType<typeof createRequests>;

export function createRequests(chat: Chat) {
  /** Kept until the request got through, so that asking again after a lost answer is the same request. */
  let clientId: string | null = null;

  const ask = async (query: string, variables: Record<string, unknown> = {}) => {
    if (chat.state.asking) return false;
    chat.patch({ asking: true, problem: null });
    try {
      const answer = await chat.call<Record<string, Conversation>>(query, variables);
      for (const conversation of Object.values(answer))
        chat.update((live) => changeConversation(live, conversation));
      return true;
    } catch (error) {
      const { code, words } = asFailure(error);
      chat.patch({ problem: code === "OFFLINE" ? "offline" : words || "refused" });
      // Refused: what is offered may no longer be what there is.
      if (code === "CONFLICT") void chat.readConfig();
      return false;
    } finally {
      chat.patch({ asking: false });
    }
  };

  return {
    async request(details: ContactDetails = {}) {
      clientId ??= chat.newId();
      const done = await ask(REQUEST_HANDOFF, { clientId, ...details });
      // After a refusal the next try may say something else, so it needs a name of its own.
      if (done || chat.state.problem !== "offline") clientId = null;
    },
    cancel: () => ask(CANCEL_HANDOFF),
  };
}
