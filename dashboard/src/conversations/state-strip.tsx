import { useViewer } from "../shell/scope";
import css from "./composer.module.css";
import type { Conversation } from "./documents";

function words(conversation: Conversation, userId: string): string {
  const holder = conversation.assignee?.name ?? "A colleague";
  switch (conversation.state) {
    case "AI":
      if (!conversation.live) return "The AI agent answers here. The visitor is not there at the moment.";
      return conversation.canIntervene
        ? "The AI agent answers. Continue the chat yourself to write."
        : "The AI agent answers. Taking over needs the permission “Intervene”.";
    case "COLLECTING":
      return "The visitor asked for a person and is leaving contact details.";
    case "REQUESTED":
      return conversation.canRespond
        ? "The visitor waits for a person. Handle the chat to write."
        : "The visitor waits for a person. Answering needs the permission “Respond to Live Chats”.";
    case "HUMAN":
      if (conversation.assignee?.id === userId)
        return "Answering needs the permission “Respond to Live Chats”.";
      return `${holder} is handling this chat. You are reading along.`;
    case "MISSED":
      return "Nobody could answer this request in time.";
    case "ENDED":
      return "This conversation has ended.";
  }
}

/** Stands where one would write, and says why one cannot. */
export function StateStrip({ conversation }: { readonly conversation: Conversation }) {
  const { user } = useViewer();
  return (
    <div className={css.strip} role="status">
      {words(conversation, user.id)}
    </div>
  );
}
