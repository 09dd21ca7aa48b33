import { Button, Checkbox, Modal, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { change } from "../api/client";
import { type ApiError, sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { Confirm } from "../ui/confirm";
import { toast } from "../ui/toast";
import {
  BlockVisitorMutation,
  ForgetVisitorMutation,
  UnblockVisitorMutation,
  VisitorStandingQuery,
} from "./documents";
import css from "./visitors.module.css";

/** What can be done about a visitor: keep them out, let them in again, forget them. Only what one may is there. */
export function VisitorActions({ conversationId }: { readonly conversationId: string }) {
  const { data, again } = useAsk(VisitorStandingQuery, { id: conversationId });
  const [asking, setAsking] = useState<"block" | "forget" | null>(null);
  const [failed, setFailed] = useState<ApiError | null>(null);
  const standing = data?.conversation;
  if (!standing) return null;
  const { visitor } = standing;
  const act = async (work: () => Promise<unknown>, done: string) => {
    setFailed(null);
    try {
      await work();
      setAsking(null);
      toast(done);
      again();
    } catch (thrown) {
      setFailed(toApiError(thrown));
    }
  };
  return (
    <div className={css.actions} data-testid="visitor-actions">
      {visitor.verified ? (
        <p className={css.dim}>
          The site has signed for this visitor
          {visitor.verifiedFields.length > 1
            ? `: ${visitor.verifiedFields.filter((one) => one !== "id").join(", ")}`
            : ""}
          .
        </p>
      ) : null}
      {standing.canBlock ? (
        visitor.blockedAt ? (
          <Button
            size="xs"
            variant="default"
            onClick={() =>
              void act(() => change(UnblockVisitorMutation, { visitorId: visitor.id }), "The block is lifted")
            }
          >
            Lift the block
          </Button>
        ) : (
          <Button size="xs" variant="default" onClick={() => setAsking("block")}>
            Block this visitor
          </Button>
        )
      ) : null}
      {standing.canForget ? (
        <Button size="xs" variant="subtle" color="red" onClick={() => setAsking("forget")}>
          Forget this visitor
        </Button>
      ) : null}
      {failed ? (
        <p role="alert" className={css.problem}>
          {sentence(failed)}
        </p>
      ) : null}
      <Modal opened={asking === "block"} onClose={() => setAsking(null)} title="Block this visitor" centered>
        <BlockForm
          onBlock={(reason, network) =>
            void act(
              () => change(BlockVisitorMutation, { visitorId: visitor.id, reason, network }),
              "Nothing is taken of this visitor any more",
            )
          }
        />
      </Modal>
      <Confirm
        opened={asking === "forget"}
        title="Forget this visitor"
        action="Erase for good"
        onConfirm={() =>
          void act(() => change(ForgetVisitorMutation, { visitorId: visitor.id }), "The visitor is forgotten")
        }
        onClose={() => setAsking(null)}
      >
        Their name, their addresses and everything that was said with them is erased. A chat that runs ends.
        This cannot be undone.
      </Confirm>
    </div>
  );
}

function BlockForm({ onBlock }: { readonly onBlock: (reason: string, network: boolean) => void }) {
  const [reason, setReason] = useState("");
  const [network, setNetwork] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onBlock(reason, network);
  };
  return (
    <form onSubmit={submit}>
      <TextInput
        label="Why"
        description="For your colleagues; the visitor is not told."
        value={reason}
        maxLength={300}
        data-autofocus
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Checkbox
        mt="sm"
        label="Also everybody else who comes from the same network address"
        checked={network}
        onChange={(event) => setNetwork(event.currentTarget.checked)}
      />
      <div className={css.bar}>
        <Button type="submit" disabled={reason.trim() === ""}>
          Block
        </Button>
      </div>
    </form>
  );
}
