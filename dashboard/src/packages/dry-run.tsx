import { Button, Modal } from "@mantine/core";
import { type ApiError, sentence } from "../api/errors";
import { useAsk } from "../api/use-ask";
import rows from "../ui/rows.module.css";
import { RowSkeletons } from "../ui/states";
import { type PackageChange, PackageChangeQuery, type PermissionSwitch } from "./documents";
import css from "./packages.module.css";
import { inSwitches, people } from "./switches";

interface Props {
  readonly packageId: string;
  readonly version: number;
  readonly permissions: readonly string[];
  readonly switches: readonly PermissionSwitch[];
  readonly busy: boolean;
  readonly error: ApiError | null;
  readonly onSave: () => void;
  readonly onClose: () => void;
}

/** What a change would do to whom, before it is made. */
export function DryRun(props: Props & { readonly opened: boolean }) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title="Before you save" centered size="lg">
      <Loaded {...props} />
    </Modal>
  );
}

function Loaded(props: Props) {
  const { data, error, again } = useAsk(PackageChangeQuery, {
    id: props.packageId,
    permissions: [...props.permissions],
  });
  const plan = data?.packageChange;
  const stale = plan !== undefined && plan.version !== props.version;
  return (
    <div className={rows.form} data-testid="dry-run">
      {!data && !error ? <RowSkeletons count={3} /> : null}
      {error ? (
        <p className={rows.note} role="alert">
          {sentence(error)}{" "}
          <button type="button" className={rows.linkButton} onClick={again}>
            Try again
          </button>
        </p>
      ) : null}
      {plan ? <Plan plan={plan} switches={props.switches} /> : null}
      {stale ? (
        <p className={rows.note} role="alert">
          Somebody changed this package since you opened it. Close this and look at the newest version first.
        </p>
      ) : null}
      {props.error ? (
        <p className={rows.note} role="alert">
          {sentence(props.error)}
        </p>
      ) : null}
      <div className={rows.actions}>
        <Button onClick={props.onSave} loading={props.busy} disabled={!plan || stale} data-autofocus>
          {plan && plan.peopleCount > 0 ? `Save for ${people(plan.peopleCount)}` : "Save"}
        </Button>
        <Button variant="default" onClick={props.onClose}>
          Go on editing
        </Button>
      </div>
    </div>
  );
}

function Plan(props: { readonly plan: PackageChange; readonly switches: readonly PermissionSwitch[] }) {
  const { plan, switches } = props;
  const shown = plan.people;
  return (
    <div className={css.changes}>
      <Effect gains={plan.gains} loses={plan.loses} switches={switches} who="The package" />
      {plan.peopleCount === 0 ? (
        <p className={rows.dim}>Nobody gains or loses anything: nobody has it, or they hold it otherwise.</p>
      ) : (
        <>
          <p className={css.affected}>
            <strong>{people(plan.peopleCount)}</strong> {plan.peopleCount === 1 ? "is" : "are"} affected at
            once:
          </p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
          <section className={css.peopleBox} tabIndex={0} aria-label="Who is affected">
            {shown.map((person) => (
              <div
                key={`${person.user.id} ${person.organization?.id ?? ""}`}
                className={css.person}
                data-testid="dry-run-person"
              >
                <div>
                  <strong>{person.user.name}</strong>
                  <span className={rows.dim}> · {person.organization?.name ?? "the agency"}</span>
                </div>
                <Effect gains={person.gains} loses={person.loses} switches={switches} />
              </div>
            ))}
          </section>
          {plan.peopleCount > shown.length ? (
            <p className={rows.dim}>And {people(plan.peopleCount - shown.length)} more.</p>
          ) : null}
        </>
      )}
    </div>
  );
}

function Effect(props: {
  readonly gains: readonly string[];
  readonly loses: readonly string[];
  readonly switches: readonly PermissionSwitch[];
  readonly who?: string;
}) {
  const { gains, loses, switches, who } = props;
  return (
    <ul className={css.effect}>
      {gains.length > 0 ? (
        <li title={gains.join(", ")}>
          <span className={css.sign} aria-hidden="true">
            +
          </span>
          {who ? `${who} gains ` : "gains "}
          {inSwitches(gains, switches).join(", ")}
        </li>
      ) : null}
      {loses.length > 0 ? (
        <li title={loses.join(", ")}>
          <span className={css.sign} aria-hidden="true">
            −
          </span>
          {who ? `${who} loses ` : "loses "}
          {inSwitches(loses, switches).join(", ")}
        </li>
      ) : null}
    </ul>
  );
}
