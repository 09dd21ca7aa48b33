import type { ReactNode } from "react";
import css from "./panes.module.css";

/** List and conversation next to each other, or one after the other where the screen is narrow. */
export function Panes(props: {
  readonly list: ReactNode;
  readonly open: boolean;
  readonly children: ReactNode;
}) {
  return (
    <div className={css.panes} data-open={props.open || undefined}>
      <div className={css.list}>{props.list}</div>
      <div className={css.detail}>{props.children}</div>
    </div>
  );
}
