import { Drawer } from "@mantine/core";
import { parseHex } from "../brand/colour";
import { CopyButton } from "../ui/copy-button";
import rows from "../ui/rows.module.css";
import { exact } from "../ui/time";
import css from "./audit.module.css";
import { type Difference, differences, listChange } from "./difference";
import type { AuditEntry } from "./documents";

/** One entry in full: who, where from, and what was there before and after. */
export function EntryDrawer(props: {
  readonly entry: AuditEntry | null;
  readonly onClose: () => void;
  readonly onOnlyActor: (entry: AuditEntry) => void;
  readonly onOnlyObject: (entry: AuditEntry) => void;
}) {
  const { entry } = props;
  return (
    <Drawer opened={entry !== null} onClose={props.onClose} position="right" size="lg" title="What happened">
      {entry ? <Entry {...props} entry={entry} /> : null}
    </Drawer>
  );
}

function Entry(props: {
  readonly entry: AuditEntry;
  readonly onOnlyActor: (entry: AuditEntry) => void;
  readonly onOnlyObject: (entry: AuditEntry) => void;
}) {
  const { entry } = props;
  const found = differences(entry.before, entry.after);
  return (
    <div data-testid="audit-entry">
      <p>
        <strong>{entry.summary}</strong>
      </p>
      <dl className={css.facts}>
        <dt>When</dt>
        <dd>{exact(entry.at)}</dd>
        <dt>Who</dt>
        <dd>
          {entry.actor.name}
          {entry.as ? ` as ${entry.as.name}` : ""}{" "}
          <button type="button" className={rows.linkButton} onClick={() => props.onOnlyActor(entry)}>
            Show only theirs
          </button>
        </dd>
        <dt>What</dt>
        <dd>
          {entry.objectName ?? "Something that has no name"}{" "}
          <button type="button" className={rows.linkButton} onClick={() => props.onOnlyObject(entry)}>
            Show only this
          </button>
        </dd>
        {entry.organization ? (
          <>
            <dt>Organization</dt>
            <dd>{entry.organization.name}</dd>
          </>
        ) : null}
        <dt>Address</dt>
        <dd>{entry.address || "—"}</dd>
        <dt>Action</dt>
        <dd className={rows.code}>{entry.action}</dd>
        <dt>Fingerprint</dt>
        <dd className={rows.code}>
          {entry.hash} <CopyButton text={entry.hash} what="fingerprint" />
        </dd>
      </dl>
      {found.length > 0 ? (
        <table className={css.diff}>
          <caption className="hidden-text">Values before and after</caption>
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Before</th>
              <th scope="col">After</th>
            </tr>
          </thead>
          <tbody>
            {found.map((one) => (
              <tr key={one.field} data-kind={one.kind}>
                <th scope="row">{one.field}</th>
                <Cells one={one} />
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <p className={rows.dim}>Nothing was changed that has a before and an after.</p>
      )}
    </div>
  );
}

function Cells({ one }: { readonly one: Difference }) {
  const long = one.kind === "changed" && one.before && one.after ? listChange(one.before, one.after) : null;
  if (long) {
    return (
      <>
        <td>{long.gone.length > 0 ? <span className={css.was}>{long.gone.join(", ")}</span> : "—"}</td>
        <td>{long.came.length > 0 ? <span className={css.is}>{long.came.join(", ")}</span> : "—"}</td>
      </>
    );
  }
  const same = one.kind === "same";
  return (
    <>
      <td>
        <Value text={one.before} className={same ? undefined : css.was} />
      </td>
      <td>
        <Value text={one.after} className={same ? undefined : css.is} />
      </td>
    </>
  );
}

function Value({
  text,
  className,
}: {
  readonly text: string | null;
  readonly className?: string | undefined;
}) {
  if (text === null) return <span className={rows.dim}>—</span>;
  const colour = text.startsWith("#") && parseHex(text) ? text : null;
  return (
    <span className={className} dir="auto">
      {colour ? <span className={css.swatch} style={{ background: colour }} aria-hidden="true" /> : null}
      {text}
    </span>
  );
}
