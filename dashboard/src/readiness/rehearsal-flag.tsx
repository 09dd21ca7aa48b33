import { Badge } from "../ui/badge";
import css from "./rehearsal-flag.module.css";

interface Props {
  readonly row: { readonly rehearsal: boolean };
}

/** A name can be anybody's; this mark is the server's (W08). */
export function RehearsalFlag({ row }: Props) {
  return row.rehearsal ? <Badge>No real visitor</Badge> : null;
}

export function RehearsalStrip({ row }: Props) {
  if (!row.rehearsal) return null;
  return (
    <p className={css.strip} data-testid="rehearsal-strip">
      This is a rehearsal: there is no real visitor, and it counts in no report.
    </p>
  );
}
