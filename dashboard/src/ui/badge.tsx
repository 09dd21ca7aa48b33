import type { ReactNode } from "react";
import { CheckIcon, WarnIcon } from "./icons";
import css from "./rows.module.css";

/** A state in one or two words. The sign says what the colour would: red and amber mean something else here. */
export function Badge(props: {
  readonly tone?: "plain" | "good" | "trouble";
  readonly children: ReactNode;
  readonly title?: string;
}) {
  const tone = props.tone ?? "plain";
  return (
    <span className={css.badge} data-tone={tone} title={props.title}>
      {tone === "good" ? <CheckIcon size={12} /> : null}
      {tone === "trouble" ? <WarnIcon size={12} /> : null}
      {props.children}
    </span>
  );
}
