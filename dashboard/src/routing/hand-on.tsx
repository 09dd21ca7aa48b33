import { Button } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { took } from "../conversations/actions";
import type { Conversation } from "../conversations/documents";
import { threadController } from "../conversations/thread-controller";
import { Confirm } from "../ui/confirm";
import { toast } from "../ui/toast";
import { RequeueMutation } from "./hand-on-documents";

const Dialog = lazy(() => import("./hand-on-dialog"));

/** Handing one's own chat on, and what supervisors can do with those of others. */
export function HandOn({
  conversation,
  mine,
}: {
  readonly conversation: Conversation;
  readonly mine: boolean;
}) {
  const [open, setOpen] = useState<"transfer" | "reassign" | null>(null);
  const [asking, ask] = useState(false);
  const { id, state, organization } = conversation;
  const held = state === "HUMAN" && !mine;
  const canTransfer = mine && conversation.canTransfer;
  const canReassign = (held || state === "REQUESTED") && conversation.canReassign;
  const canPutBack = held && conversation.canPutBack;

  const putBack = async () => {
    ask(false);
    try {
      took((await change(RequeueMutation, { id })).changed);
      toast("The chat waits in the queue again");
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
      void threadController(id).load();
    }
  };

  return (
    <>
      {canTransfer ? (
        <Button variant="subtle" color="gray" onClick={() => setOpen("transfer")}>
          Transfer
        </Button>
      ) : null}
      {canReassign ? (
        <Button variant="subtle" color="gray" onClick={() => setOpen("reassign")}>
          Give to…
        </Button>
      ) : null}
      {canPutBack ? (
        <Button variant="subtle" color="gray" onClick={() => ask(true)}>
          Put back
        </Button>
      ) : null}
      <Confirm
        opened={asking}
        title="Put this chat back into the queue?"
        action="Put it back"
        onClose={() => ask(false)}
        onConfirm={() => void putBack()}
      >
        {conversation.assignee?.name ?? "A colleague"} is in the middle of it. The visitor is told that
        somebody else will join.
      </Confirm>
      {open && organization ? (
        <Suspense fallback={null}>
          <Dialog
            conversation={conversation}
            organizationId={organization.id}
            kind={open}
            onClose={() => setOpen(null)}
          />
        </Suspense>
      ) : null}
    </>
  );
}
