import type { ApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { graphql } from "../gql/graphql";
import { LockIcon } from "./icons";
import css from "./refusal.module.css";
import { Failed } from "./states";

const ExplainRefusalQuery = graphql(`
  query ExplainRefusal($permission: String!, $objectId: ID!) {
    explainAccess(permission: $permission, objectId: $objectId) {
      allowed reason message permission switch
      grantableBy { id name }
    }
  }
`);

/**
 * Why something cannot be done, and who could change that. The server gives the reason; nothing is guessed here. For
 * what an agency does itself, a client's people name their own organization: the agency is out of their reach.
 */
export function Refusal(props: {
  readonly permission: string;
  /** The thing it is about, of whatever kind: an organization, an AI agent, the agency. */
  readonly objectId: string;
  /** Begins the sentence: "Enabling handoff". */
  readonly what?: string;
}) {
  const { data, error } = useAsk(ExplainRefusalQuery, {
    permission: props.permission,
    objectId: props.objectId,
  });
  const explained = data?.explainAccess;
  // The server's sentence may name them already.
  const names =
    explained?.grantableBy.map((user) => user.name).filter((name) => !explained.message.includes(name)) ?? [];
  return (
    <div className={css.refusal} role="note" data-testid="missing-permission">
      <span className={css.sign}>
        <LockIcon size={16} />
      </span>
      <div>
        <div>
          {props.what ?? "This"} needs{" "}
          {explained?.switch ? `the permission “${explained.switch}”` : "a permission"} that you do not have.
        </div>
        {explained && !explained.allowed ? <div className={css.dim}>{explained.message}</div> : null}
        {names.length > 0 ? (
          <div className={css.dim}>
            {names.length === 1
              ? `${names[0]} can give it to you.`
              : `These people can give it to you: ${names.join(", ")}.`}
          </div>
        ) : null}
        {error ? <div className={css.dim}>Whoever manages your team can give it to you.</div> : null}
      </div>
    </div>
  );
}

/** What stands where an answer did not come: a refusal with its way out, or the error with another try. */
export function Trouble(props: {
  readonly error: ApiError;
  readonly retry: () => void;
  readonly permission: string;
  readonly objectId: string;
  readonly what: string;
}) {
  const { error, retry, ...refused } = props;
  return error.code === "FORBIDDEN" ? <Refusal {...refused} /> : <Failed error={error} retry={retry} />;
}
