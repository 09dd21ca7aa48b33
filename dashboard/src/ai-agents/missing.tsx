import { useAsk } from "../api/use-ask";
import { LockIcon } from "../ui/icons";
import css from "./ai-agents.module.css";
import { ExplainQuery } from "./documents";

/** Why something cannot be done, and who could change that. The server gives the reason; nothing is guessed here. */
export function Missing(props: {
  readonly permission: string;
  readonly objectId: string;
  /** Begins the sentence: "Enabling handoff". */
  readonly what: string;
}) {
  const { data } = useAsk(ExplainQuery, { permission: props.permission, objectId: props.objectId });
  const explained = data?.explainAccess;
  // The server's sentence may name them already.
  const names =
    explained?.grantableBy.map((user) => user.name).filter((name) => !explained.message.includes(name)) ?? [];
  return (
    <div className={css.missing} role="note" data-testid="missing-permission">
      <LockIcon size={16} />
      <div>
        <div>
          {props.what} needs {explained?.switch ? `the permission “${explained.switch}”` : "a permission"}{" "}
          that you do not have.
        </div>
        {explained && !explained.allowed ? <div className={css.dim}>{explained.message}</div> : null}
        {names.length > 0 ? (
          <div className={css.dim}>
            {names.length === 1
              ? `${names[0]} can give it to you.`
              : `These people can give it to you: ${names.join(", ")}.`}
          </div>
        ) : null}
      </div>
    </div>
  );
}
