import { Button } from "@mantine/core";
import { useState } from "react";
import {
  type BeforeCompleting,
  beforeCompleting,
  type Closing,
  CompleteDialog,
} from "../ending/complete-dialog";
import { HandOn } from "../routing/hand-on";
import { useViewer } from "../shell/scope";
import { useKeys } from "../ui/hooks";
import { accept, act } from "./actions";
import css from "./conversation-view.module.css";
import type { Conversation } from "./documents";

interface Props {
  readonly conversation: Conversation;
  readonly onTaken?: () => void;
}

/** What can be done with the conversation as it stands; the server says to each whether this person may. */
export function Actions({ conversation, onTaken }: Props) {
  const { user } = useViewer();
  const [busy, setBusy] = useState<string | null>(null);
  const { id, state } = conversation;
  const mine = state === "HUMAN" && conversation.assignee?.id === user.id;

  const run = async (name: string, work: () => Promise<boolean>, after?: () => void) => {
    if (busy) return;
    setBusy(name);
    const succeeded = await work();
    setBusy(null);
    if (succeeded) after?.();
  };
  const [before, askBefore] = useState<BeforeCompleting | null>(null);
  const completeWith = (closing: Closing) => {
    askBefore(null);
    void run("complete", () => act("complete", id, closing));
  };
  const complete = () =>
    void run("complete", async () => {
      const open = await beforeCompleting(id);
      if (!open) return act("complete", id);
      askBefore(open);
      return false;
    });
  const handle = () => void run("accept", () => accept(conversation), onTaken);
  const canComplete = mine && conversation.canComplete;
  const canHandle = state === "REQUESTED" && conversation.canRespond && conversation.handoff !== null;

  useKeys({
    e: () => {
      if (canComplete) complete();
    },
    a: (event) => {
      // A row of the list that has the focus is meant before the conversation that is open.
      if (!canHandle || document.activeElement?.closest("[data-row]")) return;
      event.preventDefault();
      handle();
    },
  });

  return (
    <div className={css.actions}>
      {mine && conversation.canRespond ? (
        <Button
          variant="subtle"
          color="gray"
          loading={busy === "release"}
          onClick={() => void run("release", () => act("release", id))}
        >
          Release
        </Button>
      ) : null}
      <HandOn conversation={conversation} mine={mine} />
      {mine && conversation.canReturn ? (
        <Button
          variant="default"
          loading={busy === "return"}
          onClick={() => void run("return", () => act("return", id))}
        >
          Pass Chat to AI
        </Button>
      ) : null}
      {canComplete ? (
        <Button loading={busy === "complete"} onClick={complete}>
          Mark as Complete
        </Button>
      ) : null}
      {before && canComplete ? (
        <CompleteDialog before={before} onComplete={completeWith} onClose={() => askBefore(null)} />
      ) : null}
      {canHandle ? (
        <Button loading={busy === "accept"} onClick={handle}>
          Handle chat
        </Button>
      ) : null}
      {state === "AI" && conversation.live && conversation.canIntervene ? (
        <Button
          variant="default"
          loading={busy === "intervene"}
          onClick={() => void run("intervene", () => act("intervene", id), onTaken)}
        >
          Continue chat yourself
        </Button>
      ) : null}
    </div>
  );
}
