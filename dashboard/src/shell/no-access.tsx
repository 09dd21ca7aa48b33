import { useAsk } from "../api/use-ask";
import { graphql } from "../gql/graphql";
import { LockIcon } from "../ui/icons";
import { Empty, RowSkeletons } from "../ui/states";

const WhyNotQuery = graphql(`
  query WhyNot($permission: String!, $objectId: ID!) {
    explainAccess(permission: $permission, objectId: $objectId) {
      allowed message switch
      grantableBy { id name }
    }
  }
`);

/** A page that somebody may not see: which switch is missing, and who can give it. The server explains; nothing is guessed. */
export function NoAccess(props: {
  readonly permission: string;
  readonly objectId: string;
  readonly title: string;
}) {
  const { data, loading } = useAsk(WhyNotQuery, { permission: props.permission, objectId: props.objectId });
  if (loading) return <RowSkeletons count={2} />;
  const explained = data?.explainAccess;
  const names = explained?.grantableBy.map((user) => user.name) ?? [];
  const givers = names.length > 0 ? names.slice(0, 5).join(", ") : "Whoever manages your team";
  return (
    <div data-testid="no-access">
      <Empty title={props.title} icon={<LockIcon size={22} />}>
        {explained?.switch ? `The permission “${explained.switch}” is missing. ` : ""}
        {explained && !explained.allowed ? `${explained.message} ` : ""}
        {explained && names.some((name) => explained.message.includes(name))
          ? ""
          : `${givers} can give it to you.`}
      </Empty>
    </div>
  );
}
