import { Button, Modal, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { toast } from "../ui/toast";
import {
  DeleteOrganizationMutation,
  RestoreOrganizationMutation,
  ResumeOrganizationMutation,
  SuspendOrganizationMutation,
} from "./documents";
import css from "./organizations.module.css";

interface Organization {
  readonly id: string;
  readonly name: string;
}

/** Both lists and the page hang on these; the cached ones are renewed. */
const touched = ["Organization", "AuditEntry"];

export async function resume(organization: Organization): Promise<boolean> {
  try {
    await change(ResumeOrganizationMutation, { id: organization.id }, touched);
    toast(`${organization.name} is active again`, {
      detail: "Its people can sign in, and its widgets answer.",
    });
    return true;
  } catch (thrown) {
    toast(sentence(toApiError(thrown)));
    return false;
  }
}

export async function restore(organization: Organization): Promise<boolean> {
  try {
    await change(RestoreOrganizationMutation, { id: organization.id }, touched);
    toast(`${organization.name} is back`, { detail: "With its people, AI agents and conversations." });
    return true;
  } catch (thrown) {
    toast(sentence(toApiError(thrown)));
    return false;
  }
}

export function SuspendDialog(props: {
  readonly organization: Organization | null;
  readonly onClose: () => void;
  readonly onDone: () => void;
  /** It was taken back from the notice, maybe long after the dialog is gone. */
  readonly onUndone?: () => void;
}) {
  return (
    <Modal
      opened={props.organization !== null}
      onClose={props.onClose}
      title={`Suspend ${props.organization?.name ?? ""}?`}
      centered
    >
      {props.organization ? <SuspendForm {...props} organization={props.organization} /> : null}
    </Modal>
  );
}

function SuspendForm(props: {
  readonly organization: Organization;
  readonly onClose: () => void;
  readonly onDone: () => void;
  /** It was taken back from the notice, maybe long after the dialog is gone. */
  readonly onUndone?: () => void;
}) {
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await change(
        SuspendOrganizationMutation,
        { id: props.organization.id, reason: reason.trim() },
        touched,
      );
      const { organization, onUndone } = props;
      toast(`${organization.name} is suspended`, {
        action: { label: "Undo", run: () => void resume(organization).then((done) => done && onUndone?.()) },
      });
      props.onDone();
    } catch (thrown) {
      setProblem(sentence(toApiError(thrown)));
      setBusy(false);
    }
  };
  return (
    <form onSubmit={submit} className={css.form}>
      <p className={css.lead}>
        Its people are signed out of it at once, its widgets say “not available”, and waiting requests end.
        Nothing is lost: you can resume it at any time.
      </p>
      <Textarea
        label="Reason"
        description="Its people and the log get to read it."
        required
        withAsterisk={false}
        rows={3}
        data-autofocus
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        error={problem}
      />
      <div className={css.bar}>
        <Button type="submit" disabled={!reason.trim()} loading={busy}>
          Suspend
        </Button>
        <Button variant="default" onClick={props.onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

export function DeleteDialog(props: {
  readonly organization: Organization | null;
  readonly onClose: () => void;
  readonly onDone: () => void;
  /** It was taken back from the notice, maybe long after the dialog is gone. */
  readonly onUndone?: () => void;
}) {
  return (
    <Modal
      opened={props.organization !== null}
      onClose={props.onClose}
      title={`Delete ${props.organization?.name ?? ""}?`}
      centered
    >
      {props.organization ? <DeleteForm {...props} organization={props.organization} /> : null}
    </Modal>
  );
}

function DeleteForm(props: {
  readonly organization: Organization;
  readonly onClose: () => void;
  readonly onDone: () => void;
  /** It was taken back from the notice, maybe long after the dialog is gone. */
  readonly onUndone?: () => void;
}) {
  const { organization, onUndone } = props;
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await change(DeleteOrganizationMutation, { id: organization.id, name: name.trim() }, touched);
      toast(`${organization.name} is in the bin`, {
        detail: "For 30 days it can be restored.",
        action: {
          label: "Restore",
          run: () => void restore(organization).then((done) => done && onUndone?.()),
        },
      });
      props.onDone();
    } catch (thrown) {
      const error = toApiError(thrown);
      setProblem(error.reason === "NAME_DIFFERS" ? "This is not its name." : sentence(error));
      setBusy(false);
    }
  };
  return (
    <form onSubmit={submit} className={css.form}>
      <p className={css.lead}>
        Its people lose their access to it, its widgets go off the air, and open chats end. It stays in the
        bin for 30 days and can be restored from there; after that its conversations are gone for good.
      </p>
      <TextInput
        label={`Type “${organization.name}” to confirm`}
        autoComplete="off"
        spellCheck={false}
        required
        withAsterisk={false}
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={problem}
      />
      <div className={css.bar}>
        <Button type="submit" disabled={name.trim() !== organization.name.trim()} loading={busy}>
          Delete
        </Button>
        <Button variant="default" onClick={props.onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
