import { useEffect, useState } from "react";
import { chime } from "../live-chats/ring";
import { useViewer } from "../shell/scope";
import { followBell, forgetBell, onArrival } from "./store";
import { forgetWishes, wanted } from "./wishes";

/** Those that the inbox makes itself heard for. */
const heardAlready: readonly string[] = ["HANDOFF_REQUESTED", "HANDOFF_WAITING", "VISITOR_MESSAGE"];

/** Follows one's notifications for as long as one is signed in. Answers what is to be read out to those who listen. */
export function useBellStream(): string {
  const userId = useViewer().user.id;
  const [words, say] = useState("");
  // biome-ignore lint/correctness/useExhaustiveDependencies: another person's bell is another stream
  useEffect(() => {
    forgetWishes();
    const follower = followBell();
    const ignore = onArrival((entry) => {
      if (heardAlready.includes(entry.kind)) return;
      say(entry.title);
      const { organizationId } = entry;
      // What they do not want to be told of does not come; it remains that it may be quiet now.
      void wanted({ kind: "request", organizationId, aiAgentId: null }).then((heard) => {
        if (heard) chime(`${entry.id} ${entry.happenedAt}`);
      });
    });
    return () => {
      ignore();
      follower.stop();
      forgetBell();
    };
  }, [userId]);
  return words;
}
