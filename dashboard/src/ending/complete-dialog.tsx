import "@mantine/core/styles/Radio.css";
import { Button, Modal, Radio, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ask } from "../api/client";
import form from "../ui/form.module.css";
import { BeforeCompletingQuery, type Resolution } from "./documents";
import css from "./ending.module.css";
import { isUnanswered, resolutions } from "./words";

export interface BeforeCompleting {
  readonly asksResolution: boolean;
  readonly unanswered: boolean;
}

/** What there is to ask or to warn of; none when the chat can just be completed. */
export async function beforeCompleting(id: string): Promise<BeforeCompleting | null> {
  try {
    const { conversation } = await ask(BeforeCompletingQuery, { id });
    const before = {
      asksResolution: conversation.asksResolution,
      unanswered: isUnanswered(conversation.messages.nodes),
    };
    return before.asksResolution || before.unanswered ? before : null;
  } catch {
    // The server says it again, better, when the chat is completed.
    return null;
  }
}

export interface Closing {
  readonly resolution?: Resolution;
  readonly note?: string;
}

/** Asks how a chat was resolved, where the organization wants to know, and warns of an open question (A04). */
export function CompleteDialog(props: {
  readonly before: BeforeCompleting;
  readonly onComplete: (closing: Closing) => void;
  readonly onClose: () => void;
}) {
  const { before } = props;
  const [resolution, setResolution] = useState<Resolution | null>(null);
  const [note, setNote] = useState("");
  const missing = before.asksResolution && resolution === null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (missing) return;
    const words = note.trim();
    props.onComplete({ ...(resolution ? { resolution } : {}), ...(words ? { note: words } : {}) });
  };
  return (
    <Modal opened onClose={props.onClose} title="Mark as complete" centered size="sm">
      <form onSubmit={submit} className={css.dialog} data-testid="complete-dialog">
        {before.unanswered ? (
          <p className={css.warning} role="alert">
            The visitor's last message has no answer yet.
          </p>
        ) : null}
        {before.asksResolution ? (
          <>
            <Radio.Group
              label="How was it resolved?"
              value={resolution ?? ""}
              onChange={(value) => setResolution(value as Resolution)}
            >
              <div className={css.choices}>
                {resolutions.map(([value, label]) => (
                  <Radio key={value} value={value} label={label} />
                ))}
              </div>
            </Radio.Group>
            <Textarea
              label="Note for colleagues"
              description="The visitor never sees it."
              autosize
              minRows={2}
              maxRows={6}
              maxLength={2000}
              value={note}
              onChange={(event) => setNote(event.currentTarget.value)}
            />
          </>
        ) : null}
        <div className={form.bar}>
          <Button
            type="submit"
            disabled={missing}
            {...(before.asksResolution ? {} : { "data-autofocus": true })}
          >
            {before.unanswered ? "Complete anyway" : "Complete"}
          </Button>
          <Button variant="default" onClick={props.onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Modal>
  );
}
