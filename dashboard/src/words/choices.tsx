import { type ReactNode, useEffect, useRef } from "react";
import css from "./words.module.css";

export interface Choice {
  readonly id: string;
  readonly label: ReactNode;
  readonly detail?: ReactNode;
}

/** A list over the field in which somebody types. The field keeps the focus, and says which choice is meant. */
export function Choices(props: {
  readonly id: string;
  readonly label: string;
  readonly choices: readonly Choice[];
  readonly active: number;
  readonly empty: string;
  readonly onPick: (index: number) => void;
}) {
  const list = useRef<HTMLDivElement>(null);
  const { active } = props;
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <div className={css.choices} data-testid="choices">
      <div role="listbox" id={props.id} aria-label={props.label} ref={list} className={css.choiceList}>
        {props.choices.map((choice, index) => (
          <div
            key={choice.id}
            id={`${props.id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            className={css.choice}
            // Before the field loses the focus.
            onMouseDown={(event) => {
              event.preventDefault();
              props.onPick(index);
            }}
          >
            <span className={css.choiceLabel}>{choice.label}</span>
            {choice.detail ? <span className={css.choiceDetail}>{choice.detail}</span> : null}
          </div>
        ))}
      </div>
      {props.choices.length === 0 ? <div className={css.noChoice}>{props.empty}</div> : null}
    </div>
  );
}

/** What keys do while the list is open. Says whether the key was meant for it. */
export function choiceKey(
  event: { readonly key: string; preventDefault(): void },
  state: { readonly count: number; readonly active: number },
  act: { move(index: number): void; pick(index: number): void; close(): void },
): boolean {
  const { count, active } = state;
  switch (event.key) {
    case "ArrowDown":
    case "ArrowUp": {
      if (count === 0) return false;
      event.preventDefault();
      act.move((active + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
      return true;
    }
    case "Enter":
    case "Tab":
      if (count === 0) return false;
      event.preventDefault();
      act.pick(active);
      return true;
    case "Escape":
      event.preventDefault();
      act.close();
      return true;
    default:
      return false;
  }
}
