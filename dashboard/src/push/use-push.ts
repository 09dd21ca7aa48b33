import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { ask } from "../api/client";
import { accept } from "../conversations/actions";
import { graphql } from "../gql/graphql";
import { useViewer } from "../shell/scope";
import { followClicks } from "./clicks";
import { renew } from "./device";

const WaitingQuery = graphql(`
  query WaitingHandoff($id: ID!) { conversation(id: $id) { id handoff { id state } } }
`);

/** Keeps this browser registered for push where the person chose it, and goes where a notification is clicked. */
export function usePush(): void {
  const { user, viewingAs } = useViewer();
  const navigate = useNavigate();

  useEffect(() => {
    if (!viewingAs) void renew(user.id);
  }, [user.id, viewingAs]);

  useEffect(
    () =>
      followClicks(({ link, accept: wants }) => {
        void navigate({ to: link });
        const id = /^\/live-chats\/(cnv_[0-9a-z]+)/.exec(link)?.[1];
        if (wants && id) void take(id);
      }),
    [navigate],
  );
}

/** Takes the request that a conversation waits with; what becomes of it is told as with any other. */
async function take(id: string): Promise<void> {
  const { conversation } = await ask(WaitingQuery, { id });
  if (conversation?.handoff) await accept(conversation as Parameters<typeof accept>[0]);
}
