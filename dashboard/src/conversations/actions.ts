import { change } from "../api/client";
import { type ApiError, sentence, toApiError } from "../api/errors";
import type { Closing } from "../ending/complete-dialog";
import { markLost, putInInbox } from "../live-chats/inbox-store";
import { toast } from "../ui/toast";
import {
  AcceptMutation,
  CompleteMutation,
  type Conversation,
  InterveneMutation,
  ReleaseMutation,
  ReturnMutation,
  type Row,
} from "./documents";
import { threadController } from "./thread-controller";

/** What a change answered is shown at once, wherever the conversation stands. */
export function took(conversation: Conversation): void {
  threadController(conversation.id).changed(conversation);
  putInInbox(conversation);
}

function tell(error: ApiError, again: () => void): void {
  toast(sentence(error), error.retryable ? { action: { label: "Try again", run: again } } : {});
}

/** True when the chat is ours now. Losing the race is an ordinary outcome: it is told, and the row says who has it. */
export async function accept(row: Pick<Row, "id" | "handoff">): Promise<boolean> {
  if (!row.handoff) return false;
  try {
    const { acceptHandoff } = await change(AcceptMutation, { handoffId: row.handoff.id });
    took(acceptHandoff);
    return true;
  } catch (thrown) {
    const error = toApiError(thrown);
    if (error.code === "CONFLICT" && error.reason === "ALREADY_ACCEPTED") {
      const holder = error.holder ?? "a colleague";
      markLost(row.id, holder);
      toast(`Already accepted by ${holder}`);
      void threadController(row.id).load();
    } else if (error.reason === "OFFERED_TO_OTHER" || error.reason === "AT_CAPACITY") {
      toast(error.message);
    } else if (error.code === "CONFLICT") {
      toast("This request is no longer open", { detail: error.message });
      void threadController(row.id).load();
    } else {
      tell(error, () => void accept(row));
    }
    return false;
  }
}

const mutations = {
  intervene: InterveneMutation,
  complete: CompleteMutation,
  return: ReturnMutation,
  release: ReleaseMutation,
} as const;

const done: Readonly<Record<keyof typeof mutations, string | null>> = {
  intervene: null,
  complete: "Conversation completed",
  return: "The AI agent has the chat again",
  release: "Released to the queue",
};

export async function act(name: keyof typeof mutations, id: string, closing: Closing = {}): Promise<boolean> {
  try {
    const { changed } = await change(mutations[name], { id, ...closing });
    took(changed);
    const words = done[name];
    if (words) toast(words);
    return true;
  } catch (thrown) {
    const error = toApiError(thrown);
    if (error.reason === "AT_CAPACITY") {
      toast(error.message);
    } else if (error.code === "CONFLICT") {
      toast("This conversation has changed meanwhile", { detail: error.message });
      void threadController(id).load();
    } else {
      tell(error, () => void act(name, id, closing));
    }
    return false;
  }
}
