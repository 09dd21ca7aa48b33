import { Link } from "@tanstack/react-router";
import { useAsk } from "../api/use-ask";
import { OrganizationMark } from "../organizations/mark";
import { usePermissionsIn } from "../shell/scope";
import { Failed, RowSkeletons } from "../ui/states";
import { needingAttention } from "./attention";
import { AttentionQuery } from "./documents";
import css from "./home.module.css";

/** As many as are looked through; the newest activity comes first, so what burns is among them. */
const LOOK_AT = 100;
const SHOW = 8;

/** For staff who look at everything: where somebody has to do something. */
export function OrganizationsGlance() {
  const may = usePermissionsIn(null);
  const { data, loading, error, again } = useAsk(
    AttentionQuery,
    { first: LOOK_AT, team: may("team.view"), queue: may("live_chat.view_queue") },
    { of: ["Organization"] },
  );
  const all = data?.organizations.nodes ?? [];
  const needing = needingAttention(all);
  if (data && all.length === 0) return null;
  return (
    <section aria-labelledby="attention-title" data-testid="attention">
      <h2 className={css.heading} id="attention-title">
        Organizations that need you
      </h2>
      {loading ? <RowSkeletons count={3} /> : null}
      {error ? <Failed error={error} retry={again} /> : null}
      {data && needing.length === 0 ? (
        <p className={css.dim}>All is well: nobody waits, and each has a team and an AI agent.</p>
      ) : null}
      <ul className={css.next}>
        {needing.slice(0, SHOW).map(({ organization, kind, words }) => (
          <li key={organization.id}>
            <span className={css.organization}>
              <OrganizationMark organization={organization} small />
              <Link
                to="/organizations/$id"
                params={{ id: organization.id }}
                search={
                  kind === "nobody" ? { tab: "people" } : kind === "noAgent" ? { tab: "ai-agents" } : {}
                }
              >
                {organization.name}
              </Link>
            </span>
            <span className={kind === "waiting" ? css.waits : css.dim}>{words}</span>
          </li>
        ))}
      </ul>
      {needing.length > SHOW || data?.organizations.pageInfo.hasNextPage ? (
        <p className={css.all}>
          <Link to="/organizations" search={{ sort: "ACTIVITY" }}>
            All organizations
          </Link>
        </p>
      ) : null}
    </section>
  );
}
