import type { Presence } from "./documents";
import { presenceWord } from "./presence";
import css from "./routing.module.css";

/** Full, half, hollow: the shape says it, because red and amber mean something else here. */
export function PresenceDot({ presence, bare }: { readonly presence: Presence; readonly bare?: boolean }) {
  return (
    <span
      className={css.dot}
      data-presence={presence}
      data-testid="presence-dot"
      aria-hidden={bare || undefined}
      title={bare ? undefined : presenceWord(presence)}
    >
      {bare ? null : <span className="hidden-text">{presenceWord(presence)}</span>}
    </span>
  );
}
