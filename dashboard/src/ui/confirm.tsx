import { Button, Modal } from "@mantine/core";
import type { ReactNode } from "react";
import css from "./form.module.css";

export function Confirm(props: {
  readonly opened: boolean;
  readonly title: string;
  readonly children: ReactNode;
  readonly action: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={props.title} centered size="sm">
      <p>{props.children}</p>
      <div className={css.bar}>
        <Button onClick={props.onConfirm} data-autofocus>
          {props.action}
        </Button>
        <Button variant="default" onClick={props.onClose}>
          Cancel
        </Button>
      </div>
    </Modal>
  );
}
