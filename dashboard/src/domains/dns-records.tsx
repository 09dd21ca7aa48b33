import { Badge } from "../ui/badge";
import { CopyButton } from "../ui/copy-button";
import css from "./dns-records.module.css";

export interface DnsRecord {
  readonly type: string;
  readonly name: string;
  readonly value: string;
  readonly found: readonly string[];
  readonly ok: boolean;
}

/** What is to be entered where the domain's names are kept, and what was found there. */
export function DnsRecords(props: { readonly records: readonly DnsRecord[]; readonly checked: boolean }) {
  return (
    <ul className={css.records} aria-label="DNS records">
      {props.records.map((record) => (
        <li
          key={`${record.type} ${record.name} ${record.value}`}
          className={css.record}
          data-testid="dns-record"
          data-type={record.type}
          data-name={record.name}
          data-value={record.value}
        >
          <dl className={css.parts}>
            <dt>Type</dt>
            <dd>{record.type}</dd>
            <dt>Name</dt>
            <dd className={css.copied}>
              <code>{record.name}</code>
              <CopyButton text={record.name} what="name" />
            </dd>
            <dt>Value</dt>
            <dd className={css.copied}>
              <code>{record.value}</code>
              <CopyButton text={record.value} what="value" />
            </dd>
            {props.checked ? (
              <>
                <dt>Found</dt>
                <dd>
                  {record.found.length > 0 ? (
                    <span>
                      {record.found.map((one) => (
                        <code key={one}>{one}</code>
                      ))}
                    </span>
                  ) : (
                    "Nothing yet"
                  )}
                  {record.ok ? (
                    <Badge tone="good">As it should be</Badge>
                  ) : (
                    <Badge tone="trouble">{record.found.length > 0 ? "Another value" : "Missing"}</Badge>
                  )}
                </dd>
              </>
            ) : null}
          </dl>
        </li>
      ))}
    </ul>
  );
}
