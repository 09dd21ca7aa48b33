import { exact, relative, useNow } from "../ui/time";
import css from "./ending.module.css";

/** Nobody says anything any more in a chat that a person has (A09). */
export function IdleFlag({ since }: { readonly since: string | null }) {
  const now = useNow(30_000);
  if (since === null) return null;
  return (
    <span
      className={css.idle}
      data-testid="idle-flag"
      title={`Nothing has been said; idle since ${exact(since)} (${relative(since, now)})`}
    >
      Idle
    </span>
  );
}
