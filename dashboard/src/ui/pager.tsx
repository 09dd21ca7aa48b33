import { Button } from "@mantine/core";
import css from "./rows.module.css";

/** Previous and next. The trail holds the cursors of the pages that were turned. */
export function Pager(props: {
  readonly trail: readonly string[];
  readonly onTurn: (trail: readonly string[]) => void;
  readonly page: { readonly hasNextPage: boolean; readonly endCursor: string | null } | undefined;
}) {
  const { trail, onTurn, page } = props;
  if (!page?.hasNextPage && trail.length === 0) return null;
  return (
    <div className={css.pages}>
      <Button variant="default" disabled={trail.length === 0} onClick={() => onTurn(trail.slice(0, -1))}>
        Previous
      </Button>
      <Button
        variant="default"
        disabled={!page?.hasNextPage}
        onClick={() => {
          if (page?.endCursor) onTurn([...trail, page.endCursor]);
        }}
      >
        Next
      </Button>
    </div>
  );
}
