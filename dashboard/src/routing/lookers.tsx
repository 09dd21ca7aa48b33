import { EyeIcon } from "../ui/icons";
import css from "./routing.module.css";

/** Colleagues who look at the same conversation now, so that two do not do the same. */
export function Lookers(props: {
  readonly lookers: readonly { readonly id: string; readonly name: string }[];
}) {
  const names = props.lookers.map((one) => one.name);
  return (
    <div className={css.lookers} aria-live="polite" data-testid="lookers">
      {names.length > 0 ? (
        <>
          <EyeIcon size={12} />{" "}
          {names.length > 3 ? `${names.slice(0, 3).join(", ")} and others` : names.join(", ")}{" "}
          {names.length === 1 ? "is" : "are"} looking too
        </>
      ) : null}
    </div>
  );
}
