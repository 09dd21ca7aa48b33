import type { Conversation } from "../conversations/documents";
import { Ago } from "../ui/time";
import css from "./routing.module.css";

/** What was said along with a chat that was handed on. For the team alone: the visitor never sees it. */
export function TransferNotes({ transfers }: { readonly transfers: Conversation["transfers"] }) {
  const noted = transfers.filter((one) => one.note);
  const last = noted.at(-1);
  if (!last) return null;
  return (
    <aside className={css.note} aria-label="Note for the team" data-testid="transfer-note">
      <div className={css.noteHead}>
        {last.from.name} to {last.to?.name ?? `the team “${last.teamName ?? ""}”`} · <Ago at={last.at} />
        <span className={css.noteFor}>only your team sees this</span>
      </div>
      <div className={css.noteText} dir="auto">
        {last.note}
      </div>
    </aside>
  );
}
