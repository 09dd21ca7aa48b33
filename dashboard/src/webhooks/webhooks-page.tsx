import { Button, Modal } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { brand } from "../brand/brand";
import { isStaff, useOrganization, useOrganizationId, useViewer } from "../shell/scope";
import { Badge } from "../ui/badge";
import { Confirm } from "../ui/confirm";
import { CopyButton } from "../ui/copy-button";
import { usePolling, useTitle } from "../ui/hooks";
import { HookIcon, PlusIcon } from "../ui/icons";
import { Page, Section } from "../ui/page";
import { Pager } from "../ui/pager";
import { Trouble } from "../ui/refusal";
import rows from "../ui/rows.module.css";
import { Empty, RowSkeletons } from "../ui/states";
import { exact } from "../ui/time";
import { toast } from "../ui/toast";
import { Deliveries } from "./deliveries";
import {
  DeleteWebhookMutation,
  RotateSecretMutation,
  SetEnabledMutation,
  TestWebhookMutation,
  type Webhook,
  WebhooksQuery,
} from "./documents";
import { WebhookForm } from "./webhook-form";
import css from "./webhooks.module.css";
import { eventLabel, webhookWords } from "./words";

const LOOK_AGAIN_MS = 5_000;

/** What integrators are told of: of one organization, or of all that the agency has. */
export function WebhooksPage() {
  const viewer = useViewer();
  const organizationId = useOrganizationId();
  const name = useOrganization()?.name;
  useTitle(`Webhooks · ${brand.name}`);
  return (
    <Page
      title="Webhooks"
      sub={organizationId === null && isStaff(viewer) ? `All organizations of ${viewer.agency.name}` : name}
    >
      <Webhooks
        key={organizationId}
        organizationId={organizationId}
        placeId={organizationId ?? viewer.agency.id}
      />
    </Page>
  );
}

interface Secret {
  readonly id: string;
  readonly secret: string;
}

function Webhooks(props: { readonly organizationId: string | null; readonly placeId: string }) {
  const { organizationId, placeId } = props;
  const [trail, setTrail] = useState<readonly string[]>([]);
  const { data, error, again } = useAsk(
    WebhooksQuery,
    { organizationId, after: trail.at(-1) ?? null },
    { of: ["Webhook"] },
  );
  const [editing, edit] = useState<Webhook | "new" | null>(null);
  const [secret, setSecret] = useState<Secret | null>(null);
  const [openId, open] = useState<string | null>(null);
  const [deleting, askToDelete] = useState<Webhook | null>(null);
  const [rotating, askToRotate] = useState<Webhook | null>(null);
  // What the other side answers changes what is said here.
  usePolling(again, LOOK_AGAIN_MS);
  const found = data?.webhooks.nodes ?? [];
  const shown = found.find((one) => one.id === openId);

  const run = async (what: () => Promise<unknown>) => {
    try {
      await what();
      again();
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    }
  };
  const rotate = (webhook: Webhook) =>
    run(async () => {
      askToRotate(null);
      const made = await change(RotateSecretMutation, { id: webhook.id });
      setSecret({ id: webhook.id, secret: made.rotateWebhookSecret.secret });
    });
  const test = (webhook: Webhook) =>
    run(async () => {
      await change(TestWebhookMutation, { id: webhook.id });
      open(webhook.id);
    });

  if (error) {
    return (
      <Trouble
        error={error}
        retry={again}
        permission="webhook.manage"
        objectId={placeId}
        what="Setting webhooks"
      />
    );
  }
  return (
    <>
      <Section
        id="webhooks"
        title="Addresses"
        text="Each is told of the events that you choose, signed, and tried again for three days when it does not answer."
        actions={
          <Button leftSection={<PlusIcon size={16} />} variant="default" onClick={() => edit("new")}>
            Add webhook
          </Button>
        }
      >
        {data ? null : <RowSkeletons count={3} />}
        {data && found.length === 0 ? (
          <Empty title="No webhooks yet" icon={<HookIcon size={22} />}>
            Add one to have your own systems, or a Slack channel, told when a visitor asks for a person.
          </Empty>
        ) : null}
        <ul className={rows.list} aria-label="Webhooks">
          {found.map((one) => (
            <WebhookRow
              key={one.id}
              webhook={one}
              secret={secret?.id === one.id ? secret.secret : null}
              open={one.id === openId}
              onOpen={() => open(one.id === openId ? null : one.id)}
              onEdit={() => edit(one)}
              onTest={() => void test(one)}
              onRotate={() => askToRotate(one)}
              onDelete={() => askToDelete(one)}
              onSwitch={(enabled) => void run(() => change(SetEnabledMutation, { id: one.id, enabled }))}
            />
          ))}
        </ul>
        <Pager trail={trail} onTurn={setTrail} page={data?.webhooks.pageInfo} />
      </Section>
      {shown ? <Deliveries key={shown.id} webhook={shown} /> : null}
      <Modal
        opened={editing !== null}
        onClose={() => edit(null)}
        title={editing === "new" ? "Add webhook" : "Change webhook"}
        centered
      >
        {editing ? (
          <WebhookForm
            organizationId={organizationId}
            webhook={editing === "new" ? null : editing}
            onDone={(made) => {
              edit(null);
              if (made) setSecret(made);
              again();
            }}
          />
        ) : null}
      </Modal>
      <Confirm
        opened={rotating !== null}
        title="Make a new secret"
        action="Make a new secret"
        onConfirm={() => rotating && void rotate(rotating)}
        onClose={() => askToRotate(null)}
      >
        For 24 hours everything is signed with both secrets: put the new one into place until then.
      </Confirm>
      <Confirm
        opened={deleting !== null}
        title="Delete webhook"
        action="Delete"
        onConfirm={() => {
          const webhook = deleting;
          askToDelete(null);
          if (webhook) void run(() => change(DeleteWebhookMutation, { id: webhook.id }));
        }}
        onClose={() => askToDelete(null)}
      >
        Nothing more is sent to {deleting?.name}, and what it was told is forgotten.
      </Confirm>
    </>
  );
}

function WebhookRow(props: {
  readonly webhook: Webhook;
  /** What was made just now, as long as it is shown. */
  readonly secret: string | null;
  readonly open: boolean;
  readonly onOpen: () => void;
  readonly onEdit: () => void;
  readonly onTest: () => void;
  readonly onRotate: () => void;
  readonly onDelete: () => void;
  readonly onSwitch: (enabled: boolean) => void;
}) {
  const { webhook, secret } = props;
  const words = webhookWords(webhook);
  const off = webhook.disabledAt !== null;
  return (
    <li className={css.webhook} data-testid="webhook" data-open={props.open || undefined}>
      <div className={css.line}>
        <div className={rows.text}>
          <div className={rows.name}>{webhook.name}</div>
          <div className={rows.dim}>
            {webhook.url ?? webhook.host}
            {webhook.format === "SLACK" ? " · Slack" : ""}
          </div>
          <div className={rows.dim}>{webhook.events.map(eventLabel).join(", ")}</div>
        </div>
        <Badge tone={words.tone}>{words.label}</Badge>
      </div>
      {words.text ? (
        <p className={words.tone === "trouble" ? css.problem : css.dim} data-testid="webhook-words">
          {words.text}
        </p>
      ) : null}
      {webhook.oldSecretUntil ? (
        <p className={css.dim}>
          The secret before this one still signs beside it until {exact(webhook.oldSecretUntil)}.
        </p>
      ) : null}
      {secret ? (
        <div className={css.secret}>
          <code data-testid="webhook-secret">{secret}</code>
          <CopyButton text={secret} what="the secret" />
          <p className={css.dim}>With it the other side checks the signature. It is shown this once.</p>
        </div>
      ) : null}
      <div className={css.tools}>
        <Button size="xs" variant="default" disabled={off} onClick={props.onTest}>
          Send a test
        </Button>
        <Button size="xs" variant="default" aria-expanded={props.open} onClick={props.onOpen}>
          {props.open ? "Hide the log" : "Log"}
        </Button>
        <Button size="xs" variant="default" onClick={props.onEdit}>
          Change
        </Button>
        <Button size="xs" variant="default" onClick={props.onRotate}>
          New secret
        </Button>
        <Button size="xs" variant="default" onClick={() => props.onSwitch(off)}>
          {off ? "Switch on" : "Switch off"}
        </Button>
        <Button size="xs" variant="subtle" color="red" onClick={props.onDelete}>
          Delete
        </Button>
      </div>
    </li>
  );
}
