import { Button } from "@mantine/core";
import { useState } from "react";
import { ask } from "../api/client";
import { type ApiError, sentence, toApiError } from "../api/errors";
import type { ResultOf } from "../gql/graphql";
import { CopyButton } from "../ui/copy-button";
import { CheckIcon, WarnIcon } from "../ui/icons";
import rows from "../ui/rows.module.css";
import css from "./audit.module.css";
import { AuditCheckQuery } from "./documents";

type Check = ResultOf<typeof AuditCheckQuery>["auditCheck"];

/** Whether anybody took something out of the log or wrote into it afterwards, in words. */
export function WholeCheck({ organizationId }: { readonly organizationId: string | null }) {
  const [check, setCheck] = useState<Check | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    setError(null);
    try {
      setCheck((await ask(AuditCheckQuery, { organizationId })).auditCheck);
    } catch (thrown) {
      setError(toApiError(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={css.check} data-testid="audit-check">
      <Button variant="default" loading={busy} onClick={() => void run()}>
        Check that the log is whole
      </Button>
      <div role="status" className={css.result}>
        {check ? <Result check={check} /> : null}
        {error ? sentence(error) : null}
      </div>
    </div>
  );
}

function Result({ check }: { readonly check: Check }) {
  const count = check.entries.toLocaleString();
  if (!check.whole) {
    return (
      <strong>
        <WarnIcon size={14} /> The log was changed afterwards: {check.brokenAt ? "an entry" : "it"} does not
        fit to the one before it. What follows it cannot be trusted. Tell whoever runs this installation
        {check.brokenAt ? (
          <>
            , and name the entry <span className={rows.code}>{check.brokenAt}</span>
          </>
        ) : null}
        .
      </strong>
    );
  }
  if (check.entries === 0) return <>There is nothing to check yet.</>;
  return (
    <>
      <CheckIcon size={14} /> Whole: all {count} entries follow from one another; none was changed or taken
      out. Note the last fingerprint elsewhere to prove it later:{" "}
      <span className={rows.code}>{check.head.slice(0, 12)}…</span>{" "}
      <CopyButton text={check.head} what="last fingerprint" />
    </>
  );
}
