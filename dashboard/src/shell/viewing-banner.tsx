import { Button } from "@mantine/core";
import { useEffect, useState } from "react";
import { endViewAsClient, type Viewer } from "../api/auth";
import { EyeIcon } from "../ui/icons";
import { useNow } from "../ui/time";
import { toast } from "../ui/toast";
import css from "./shell.module.css";
import { minutesLeft } from "./viewing";

/** Says all the time that one is not oneself, and until when; the client's own log says it as well. */
export function ViewingBanner(props: {
  readonly viewer: Viewer;
  readonly viewing: NonNullable<Viewer["viewingAs"]>;
}) {
  const { viewer, viewing } = props;
  const [busy, setBusy] = useState(false);
  const now = useNow(1_000);
  const left = minutesLeft(viewing.expiresAt, now);
  const over = left === 0;

  useEffect(() => {
    if (!over) return;
    toast("The view as a client has ended", { detail: "Its 30 minutes are over." });
    void endViewAsClient(false);
  }, [over]);

  const place = viewer.memberships.find((one) => one.organization)?.organization?.name;
  return (
    <section className={css.viewing} aria-label="View as client" data-testid="viewing-banner">
      <EyeIcon size={16} />
      <span className={css.viewingText}>
        <span>
          {viewing.by.name}, you see this as <strong>{viewer.user.name}</strong>
          {place ? ` of ${place}` : ""}.
        </span>{" "}
        <span className={css.viewingMore}>
          {left === 1 ? "1 minute left" : `${left} minutes left`} · Reason: {viewing.reason}
        </span>
      </span>
      <Button
        size="compact-sm"
        variant="default"
        loading={busy}
        onClick={() => {
          setBusy(true);
          void endViewAsClient().finally(() => setBusy(false));
        }}
      >
        End
      </Button>
    </section>
  );
}
