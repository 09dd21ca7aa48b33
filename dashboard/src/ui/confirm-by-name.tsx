import { Button, Modal, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { type ApiError, sentence } from "../api/errors";
import css from "./rows.module.css";

/** Destroying asks for the name of what will be gone. */
export function ConfirmByName(props: {
  readonly opened: boolean;
  readonly title: string;
  readonly name: string;
  readonly label: string;
  readonly action: string;
  readonly busy: boolean;
  readonly ready?: boolean;
  readonly error?: ApiError | null;
  readonly children: ReactNode;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={props.title} centered>
      <Asking {...props} />
    </Modal>
  );
}

function Asking(props: Parameters<typeof ConfirmByName>[0]) {
  const [typed, type] = useState("");
  const fits = typed.trim().toLowerCase() === props.name.trim().toLowerCase() && props.ready !== false;
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (fits && !props.busy) props.onConfirm();
      }}
    >
      <div>{props.children}</div>
      <TextInput
        label={props.label}
        description={
          <>
            Type <strong>{props.name}</strong> to confirm.
          </>
        }
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        value={typed}
        onChange={(event) => type(event.currentTarget.value)}
      />
      {props.error ? (
        <p className={css.note} role="alert">
          {sentence(props.error)}
        </p>
      ) : null}
      <div className={css.actions}>
        <Button type="submit" disabled={!fits} loading={props.busy}>
          {props.action}
        </Button>
        <Button variant="default" onClick={props.onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
