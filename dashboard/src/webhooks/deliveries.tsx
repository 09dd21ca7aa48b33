import { Button } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { Badge } from "../ui/badge";
import { Confirm } from "../ui/confirm";
import { usePolling } from "../ui/hooks";
import { LogIcon } from "../ui/icons";
import { Section } from "../ui/page";
import { Pager } from "../ui/pager";
import rows from "../ui/rows.module.css";
import { StateFilter } from "../ui/state-filter";
import { Empty, Failed, RowSkeletons } from "../ui/states";
import { Ago, Until } from "../ui/time";
import { toast } from "../ui/toast";
import {
  DeliveriesQuery,
  type Delivery,
  ReplayMutation,
  ReplaySinceMutation,
  type Webhook,
} from "./documents";
import css from "./webhooks.module.css";
import { deliveryWords, eventLabel, readable } from "./words";

const LOOK_AGAIN_MS = 3_000;
const DAY_MS = 86_400_000;

type State = Delivery["state"];
const states: readonly State[] = ["QUEUED", "DELIVERED", "FAILED", "DROPPED"];
const stateLabels: Readonly<Record<State, string>> = {
  QUEUED: "On their way",
  DELIVERED: "Arrived",
  FAILED: "Failed",
  DROPPED: "Not sent",
};

/** What a webhook was told: what was said, what was answered, and once more. */
export function Deliveries({ webhook }: { readonly webhook: Webhook }) {
  const [state, setState] = useState<State | "">("");
  const [trail, setTrail] = useState<readonly string[]>([]);
  const [asking, ask] = useState(false);
  const { data, error, again } = useAsk(
    DeliveriesQuery,
    { id: webhook.id, states: state === "" ? null : [state], after: trail.at(-1) ?? null },
    { of: ["WebhookDelivery"] },
  );
  const found = data?.webhook.deliveries.nodes ?? [];
  usePolling(again, LOOK_AGAIN_MS);

  const replay = async (delivery: Delivery) => {
    try {
      await change(ReplayMutation, { id: delivery.id });
      again();
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    }
  };
  const replayMissed = async () => {
    ask(false);
    try {
      const since = new Date(Date.now() - 7 * DAY_MS).toISOString();
      const { replayWebhookDeliveries: count } = await change(ReplaySinceMutation, { id: webhook.id, since });
      toast(count === 0 ? "Nothing was missed in the last seven days" : `On their way again: ${count}`);
      again();
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    }
  };

  return (
    <Section
      id="deliveries"
      title={`What ${webhook.name} was told`}
      text="The last thirty days, the newest first. The order in which things arrive is not promised; each keeps its webhook-id however often it is tried."
      actions={
        <StateFilter
          states={states}
          label={(one) => stateLabels[one]}
          value={state}
          onChange={(chosen) => {
            setState(chosen);
            setTrail([]);
          }}
        />
      }
    >
      <div className={css.missed}>
        <Button size="xs" variant="default" disabled={webhook.disabledAt !== null} onClick={() => ask(true)}>
          Send what was missed
        </Button>
      </div>
      {error ? <Failed error={error} retry={again} /> : null}
      {!data && !error ? <RowSkeletons count={3} /> : null}
      {data && found.length === 0 ? (
        <Empty title={state ? "None of these" : "Nothing yet"} icon={<LogIcon size={22} />}>
          {state ? "Choose “All” to see the others." : "Send a test, or wait for what happens in your chats."}
        </Empty>
      ) : null}
      <ul className={rows.list} aria-label="Deliveries">
        {found.map((one) => (
          <Row
            key={one.id}
            delivery={one}
            off={webhook.disabledAt !== null}
            replay={() => void replay(one)}
          />
        ))}
      </ul>
      <Pager trail={trail} onTurn={setTrail} page={data?.webhook.deliveries.pageInfo} />
      <Confirm
        opened={asking}
        title="Send what was missed"
        action="Send"
        onConfirm={() => void replayMissed()}
        onClose={() => ask(false)}
      >
        What did not arrive in the last seven days is sent once more, the oldest first, at most 500 at once.
      </Confirm>
    </Section>
  );
}

function Row(props: { readonly delivery: Delivery; readonly off: boolean; readonly replay: () => void }) {
  const { delivery, off, replay } = props;
  const words = deliveryWords(delivery);
  const settled = delivery.state !== "QUEUED";
  return (
    <li className={css.delivery} data-testid="delivery" data-state={delivery.state}>
      <div className={css.line}>
        <div className={rows.text}>
          <div className={rows.name}>{eventLabel(delivery.event)}</div>
          <div className={rows.dim}>
            <Ago at={delivery.createdAt} />
            {delivery.status ? ` · answered ${delivery.status}` : ""}
            {delivery.attempts > 1 ? ` · ${delivery.attempts} tries` : ""}
            {delivery.attempts > 0 && delivery.nextAt ? (
              <>
                {" "}
                · again <Until at={delivery.nextAt} />
              </>
            ) : null}
          </div>
          {delivery.trouble ? <div className={rows.dim}>{delivery.trouble}</div> : null}
        </div>
        <Badge tone={words.tone}>{words.label}</Badge>
        {settled && delivery.body !== "" ? (
          <Button size="xs" variant="default" disabled={off} onClick={replay}>
            Send again
          </Button>
        ) : null}
      </div>
      <details className={css.details}>
        <summary>What was said and answered</summary>
        <p className={css.dim}>
          webhook-id <code>{delivery.id}</code>
        </p>
        {delivery.body === "" ? (
          <p className={css.dim}>It is gone: the visitor wanted to be forgotten.</p>
        ) : (
          <pre data-testid="delivery-body">{readable(delivery.body)}</pre>
        )}
        {delivery.answer ? (
          <>
            <p className={css.dim}>The answer, its first 2 KiB</p>
            <pre data-testid="delivery-answer">{readable(delivery.answer)}</pre>
          </>
        ) : null}
      </details>
    </li>
  );
}
