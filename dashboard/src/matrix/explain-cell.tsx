import { Modal, Skeleton } from "@mantine/core";
import { sentence } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { Badge } from "../ui/badge";
import rows from "../ui/rows.module.css";
import type { MatrixRow } from "./access-page";
import type { Column } from "./columns";
import { ExplainCellQuery } from "./documents";
import css from "./matrix.module.css";

/** Why somebody may, or may not: the rule that decided, and who could change it. */
export function ExplainCell(props: {
  readonly asked: { readonly row: MatrixRow; readonly column: Column } | null;
  readonly objectId: string;
  readonly place: string;
  readonly onClose: () => void;
}) {
  const { asked } = props;
  return (
    <Modal
      opened={asked !== null}
      onClose={props.onClose}
      title={asked ? `${asked.row.user.name} · ${asked.column.of}` : ""}
      centered
      size="lg"
    >
      {asked ? (
        <div className={rows.form} data-testid="access-explanation">
          <p className={rows.dim}>
            {asked.row.role.name} in {props.place}
            {asked.row.suspended ? ", suspended: none of it holds at the moment" : ""}.
          </p>
          <ul className={css.reasons}>
            {asked.column.permissions.map((permission) => (
              <Reason
                key={permission.name}
                userId={asked.row.user.id}
                permission={permission}
                objectId={props.objectId}
                held={asked.row.permissions.includes(permission.name)}
              />
            ))}
          </ul>
        </div>
      ) : null}
    </Modal>
  );
}

function Reason(props: {
  readonly userId: string;
  readonly permission: { readonly name: string; readonly description: string };
  readonly objectId: string;
  readonly held: boolean;
}) {
  const { permission } = props;
  const { data, error } = useAsk(ExplainCellQuery, {
    userId: props.userId,
    permission: permission.name,
    objectId: props.objectId,
  });
  const answer = data?.explainAccess;
  const allowed = answer?.allowed ?? props.held;
  const names =
    answer?.grantableBy.map((user) => user.name).filter((name) => !answer.message.includes(name)) ?? [];
  return (
    <li className={css.reason}>
      <div className={css.reasonHead}>
        <span>{permission.description || permission.name}</span>
        <Badge tone={allowed ? "good" : "plain"}>{allowed ? "May" : "May not"}</Badge>
      </div>
      {answer ? <div className={rows.dim}>{answer.message}</div> : null}
      {answer?.rule ? <div className={`${rows.dim} ${rows.code}`}>{answer.rule}</div> : null}
      {answer && !answer.allowed && names.length > 0 ? (
        <div className={rows.dim}>Can be changed by {names.join(", ")}.</div>
      ) : null}
      {!answer && !error ? <Skeleton height={10} width="70%" mt={6} /> : null}
      {error ? <div className={rows.dim}>{sentence(error)}</div> : null}
    </li>
  );
}
