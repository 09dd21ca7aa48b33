import { useAsk } from "../api/use-ask";
import { graphql } from "../gql/graphql";
import { useOrganizationId } from "../shell/scope";
import css from "./routing.module.css";

const CapacityQuery = graphql(`
  query Capacity($organizationId: ID!) { roster(organizationId: $organizationId) { capacity } }
`);

/** How many chats one has of how many, where one organization is looked at: each says its own number. */
export function OwnLoad({ chats }: { readonly chats: number }) {
  const organizationId = useOrganizationId();
  const { data } = useAsk(
    CapacityQuery,
    { organizationId: organizationId ?? "" },
    { pause: organizationId === null },
  );
  if (organizationId === null || !data) return null;
  const { capacity } = data.roster;
  return (
    <p className={css.ownLoad} data-testid="own-load">
      {chats} of {capacity} chats at a time
      {chats >= capacity ? ": complete one before you accept another" : ""}
    </p>
  );
}
