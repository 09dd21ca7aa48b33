import { useEffect, useId, useState } from "react";
import { ask } from "../api/client";
import { usePermissionsIn } from "../shell/scope";
import { MoreRows, usePagedList } from "../ui/infinite";
import rows from "../ui/rows.module.css";
import { Failed, RowSkeletons } from "../ui/states";
import { DecisionTable, useLookAgain } from "./decisions";
import css from "./decisions.module.css";
import { DecisionsQuery } from "./documents";

const PAGE = 30;

/** Of one conversation: everybody who could have been told, by each way, and why not where they were not. */
export function WhoWasTold(props: {
  readonly conversationId: string;
  readonly organizationId: string | null;
}) {
  const may = usePermissionsIn(props.organizationId);
  return may("notification.edit_defaults") ? <Expander conversationId={props.conversationId} /> : null;
}

function Expander({ conversationId }: { readonly conversationId: string }) {
  const [open, setOpen] = useState(false);
  const [hidden, hide] = useState(false);
  const id = useId();
  if (hidden) return null;
  return (
    <div className={css.toggle}>
      <button
        type="button"
        className={rows.linkButton}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        {open ? "Hide who was told, and why" : "Who was told, and why"}
      </button>
      <div id={id}>
        {open ? (
          <Everybody key={conversationId} conversationId={conversationId} onRefused={() => hide(true)} />
        ) : null}
      </div>
    </div>
  );
}

function Everybody(props: { readonly conversationId: string; readonly onRefused: () => void }) {
  const { conversationId, onRefused } = props;
  const read = async (after: string | null) => {
    const data = await ask(DecisionsQuery, { organizationId: null, conversationId, first: PAGE, after });
    return data.notificationDecisions;
  };
  const list = usePagedList(conversationId, read);
  useLookAgain(list.rows, () => {
    // What further pages hold stays; a failure is tried again at the next look.
    read(null).then(
      ({ nodes }) => list.patch((rows) => rows.map((row) => nodes.find(({ id }) => id === row.id) ?? row)),
      () => undefined,
    );
  });
  const refused = list.error?.code === "FORBIDDEN";
  useEffect(() => {
    if (refused) onRefused();
  }, [refused, onRefused]);
  if (list.status === "loading") return <RowSkeletons count={2} />;
  if (list.error) return refused ? null : <Failed error={list.error} retry={list.again} />;
  if (list.rows.length === 0) return <p className={css.dim}>Nobody had to be told yet.</p>;
  return (
    <div className={css.narrow}>
      <DecisionTable
        decisions={list.rows}
        label="Who was told, and why"
        of="conversation"
        onResent={list.again}
      />
      <MoreRows list={list} />
    </div>
  );
}
