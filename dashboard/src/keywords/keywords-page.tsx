import "@mantine/core/styles/Switch.css";
import { Button, Modal, Switch } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { brand } from "../brand/brand";
import { useOrganization, useOrganizationId } from "../shell/scope";
import { Confirm } from "../ui/confirm";
import { usePolling, useTitle } from "../ui/hooks";
import { KeywordIcon, PlusIcon } from "../ui/icons";
import { Page, Section } from "../ui/page";
import { Trouble } from "../ui/refusal";
import rows from "../ui/rows.module.css";
import { Empty, RowSkeletons } from "../ui/states";
import { Ago } from "../ui/time";
import { toast } from "../ui/toast";
import { AlertForm } from "./alert-form";
import {
  DeleteKeywordAlertMutation,
  type KeywordAlert,
  KeywordAlertsQuery,
  SetEnabledMutation,
} from "./documents";
import { Hits } from "./hits";
import css from "./keywords.module.css";
import { hitsLine, termsLine } from "./words";

const LOOK_AGAIN_MS = 15_000;

/** What an organization watches for in its conversations, and who is told when it is said. */
export function KeywordsPage() {
  const organizationId = useOrganizationId();
  const name = useOrganization()?.name;
  useTitle(`Keyword alerts · ${brand.name}`);
  return (
    <Page title="Keyword alerts" sub={name}>
      {organizationId === null ? (
        <Empty title="Choose an organization" icon={<KeywordIcon size={22} />}>
          Keyword alerts belong to one organization. Choose it above.
        </Empty>
      ) : (
        <Alerts key={organizationId} organizationId={organizationId} />
      )}
    </Page>
  );
}

function Alerts({ organizationId }: { readonly organizationId: string }) {
  const { data, error, again } = useAsk(KeywordAlertsQuery, { organizationId }, { of: ["KeywordAlert"] });
  const [editing, edit] = useState<KeywordAlert | "new" | null>(null);
  const [openId, open] = useState<string | null>(null);
  const [deleting, askToDelete] = useState<KeywordAlert | null>(null);
  // What visitors say changes what is counted here.
  usePolling(again, LOOK_AGAIN_MS);
  const found = data?.keywordAlerts ?? [];
  const shown = found.find((one) => one.id === openId);

  const run = async (what: () => Promise<unknown>) => {
    try {
      await what();
      again();
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    }
  };

  if (error) {
    return (
      <Trouble
        error={error}
        retry={again}
        permission="keyword_alert.edit"
        objectId={organizationId}
        what="Setting keyword alerts"
      />
    );
  }
  return (
    <>
      <Section
        id="alerts"
        title="Alerts"
        text="Whoever may read a conversation is told when somebody says in it what you watch for."
        actions={
          <Button leftSection={<PlusIcon size={16} />} variant="default" onClick={() => edit("new")}>
            Add alert
          </Button>
        }
      >
        {data ? null : <RowSkeletons count={3} />}
        {data && found.length === 0 ? (
          <Empty title="No keyword alerts yet" icon={<KeywordIcon size={22} />}>
            Add one to be told when a visitor mentions a refund, a competitor, or anything else you want to
            know of.
          </Empty>
        ) : null}
        <ul className={rows.list} aria-label="Keyword alerts">
          {found.map((one) => (
            <AlertRow
              key={one.id}
              alert={one}
              open={one.id === openId}
              onOpen={() => open(one.id === openId ? null : one.id)}
              onEdit={() => edit(one)}
              onDelete={() => askToDelete(one)}
              onSwitch={(enabled) => void run(() => change(SetEnabledMutation, { id: one.id, enabled }))}
            />
          ))}
        </ul>
      </Section>
      {shown ? <Hits key={shown.id} alert={shown} /> : null}
      <Modal
        opened={editing !== null}
        onClose={() => edit(null)}
        title={editing === "new" ? "Add alert" : "Change alert"}
        centered
        size="lg"
      >
        {editing ? (
          <AlertForm
            organizationId={organizationId}
            alert={editing === "new" ? null : editing}
            onDone={() => {
              edit(null);
              again();
            }}
          />
        ) : null}
      </Modal>
      <Confirm
        opened={deleting !== null}
        title="Delete alert"
        action="Delete"
        onConfirm={() => {
          const alert = deleting;
          askToDelete(null);
          if (alert) void run(() => change(DeleteKeywordAlertMutation, { id: alert.id }));
        }}
        onClose={() => askToDelete(null)}
      >
        Nobody is told of {deleting?.name} any more, and its list of hits goes with it.
      </Confirm>
    </>
  );
}

function AlertRow(props: {
  readonly alert: KeywordAlert;
  readonly open: boolean;
  readonly onOpen: () => void;
  readonly onEdit: () => void;
  readonly onDelete: () => void;
  readonly onSwitch: (enabled: boolean) => void;
}) {
  const { alert } = props;
  const named = <span className="hidden-text"> {alert.name}</span>;
  return (
    <li className={css.alert} data-testid="keyword-alert" data-open={props.open || undefined}>
      <div className={css.line}>
        <div className={rows.text}>
          <div className={rows.name}>{alert.name}</div>
          <div className={rows.dim}>{termsLine(alert.terms)}</div>
          <div className={rows.dim}>
            {hitsLine(alert)}
            {alert.lastHitAt ? (
              <>
                {" · "}
                <Ago at={alert.lastHitAt} />
              </>
            ) : null}
          </div>
        </div>
        <Switch
          size="sm"
          label={alert.enabled ? "On" : "Off"}
          aria-label={`${alert.name} is on`}
          checked={alert.enabled}
          onChange={(event) => props.onSwitch(event.currentTarget.checked)}
        />
      </div>
      <div className={css.tools}>
        <Button size="xs" variant="default" aria-expanded={props.open} onClick={props.onOpen}>
          {props.open ? "Hide the hits" : "Hits"}
          {named}
        </Button>
        <Button size="xs" variant="default" onClick={props.onEdit}>
          Change{named}
        </Button>
        <Button size="xs" variant="subtle" color="red" onClick={props.onDelete}>
          Delete{named}
        </Button>
      </div>
    </li>
  );
}
