import { Button, NumberInput, TextInput } from "@mantine/core";
import { change } from "../api/client";
import { useAsk } from "../api/use-ask";
import { Badge } from "../ui/badge";
import { SaveBar, useDraft } from "../ui/form";
import { Section } from "../ui/page";
import { Select } from "../ui/select";
import { Failed, RowSkeletons } from "../ui/states";
import { type Ladder, LadderQuery, type Step, UpdateLadderMutation } from "./documents";
import css from "./ladder.module.css";
import { channelsOf, type Way, wayLabels, wayOf, whomLabels } from "./words";

const MOST = 10;

interface Values {
  readonly steps: readonly Step[];
  readonly repeatSeconds: number | null;
}

/** Who is told that a visitor waits, and when: of one organization, or the agency's default for all of them. */
export function LadderSection({ organizationId }: { readonly organizationId: string | null }) {
  const { data, error, again } = useAsk(LadderQuery, { organizationId });
  return (
    <Section
      id="ladder"
      title="When a visitor waits"
      text="Each step is taken until somebody accepts. A request that is given back begins anew. Changes count for requests that come from now on."
    >
      {error ? <Failed error={error} retry={again} /> : null}
      {!data && !error ? <RowSkeletons count={3} /> : null}
      {data ? (
        <LadderForm
          key={organizationId}
          ladder={data.escalationLadder}
          organizationId={organizationId}
          onSaved={again}
        />
      ) : null}
    </Section>
  );
}

function LadderForm(props: {
  readonly ladder: Ladder;
  readonly organizationId: string | null;
  readonly onSaved: () => void;
}) {
  const { ladder, organizationId, onSaved } = props;
  const fixed = !ladder.editable;
  const saved: Values = {
    steps: ladder.steps.map(({ afterSeconds, whom, address, channels }) => ({
      afterSeconds,
      whom,
      address,
      channels,
    })),
    repeatSeconds: ladder.repeatSeconds,
  };
  const draft = useDraft<Values>(saved, async (value) => {
    const steps = value.steps.map((step) => ({ ...step, channels: [...step.channels] }));
    await change(UpdateLadderMutation, { organizationId, steps, repeatSeconds: value.repeatSeconds });
    onSaved();
  });
  const { steps, repeatSeconds } = draft.value;
  const last = steps.at(-1);
  const ends = last?.whom === "OFFLINE_QUERY";
  const own = ladder.origin === (organizationId === null ? "AGENCY" : "ORGANIZATION");

  const put = (at: number, patch: Partial<Step>) => {
    const next = steps.map((step, index) => (index === at ? tidy({ ...step, ...patch }) : step));
    draft.set({ steps: next, ...(next.at(-1)?.whom === "OFFLINE_QUERY" ? { repeatSeconds: null } : {}) });
  };
  const add = () => {
    const step: Step = {
      afterSeconds: (ends ? steps.at(-2) : last)?.afterSeconds ?? 0,
      whom: "SUPERVISORS",
      address: null,
      channels: ["RING", "EMAIL"],
    };
    draft.set({ steps: ends ? [...steps.slice(0, -1), step, ...steps.slice(-1)] : [...steps, step] });
  };
  const inherit = async () => {
    await change(UpdateLadderMutation, { organizationId, steps: null, repeatSeconds: null });
    onSaved();
  };
  const problem = draft.fieldError("steps") ?? draft.fieldError("repeatSeconds");

  return (
    <form onSubmit={draft.submit} data-testid="ladder">
      <ol className={css.steps}>
        {steps.map((step, at) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
            key={at}
            className={css.step}
            data-testid="ladder-step"
            data-address={step.whom === "ADDRESS" || undefined}
          >
            <NumberInput
              label="After seconds"
              min={0}
              max={86_400}
              allowDecimal={false}
              disabled={fixed}
              value={step.afterSeconds}
              onChange={(value) => put(at, { afterSeconds: Number(value) || 0 })}
            />
            <Select
              label="Tell"
              disabled={fixed}
              value={step.whom}
              onChange={(value) => put(at, { whom: value as Step["whom"] })}
              options={(Object.keys(whomLabels) as Step["whom"][])
                .filter((whom) => whom !== "OFFLINE_QUERY" || at === steps.length - 1)
                .map((whom) => ({ value: whom, label: whomLabels[whom] }))}
            />
            {step.whom === "OFFLINE_QUERY" ? (
              <span className={css.dim}>The request is missed, and the AI goes on.</span>
            ) : step.whom === "ADDRESS" ? (
              <TextInput
                label="Address, by email"
                type="email"
                disabled={fixed}
                value={step.address ?? ""}
                onChange={(event) => put(at, { address: event.currentTarget.value })}
              />
            ) : (
              <Select
                label="By"
                disabled={fixed}
                value={wayOf(step.channels)}
                onChange={(value) => put(at, { channels: channelsOf(value as Way) })}
                options={(Object.keys(wayLabels) as Way[]).map((way) => ({
                  value: way,
                  label: wayLabels[way],
                }))}
              />
            )}
            {fixed || steps.length === 1 ? null : (
              <Button
                variant="subtle"
                color="gray"
                aria-label={`Remove step ${at + 1}`}
                onClick={() => draft.set({ steps: steps.filter((_, index) => index !== at) })}
              >
                Remove
              </Button>
            )}
          </li>
        ))}
      </ol>
      <div className={css.foot}>
        {fixed || steps.length >= MOST ? null : (
          <Button variant="default" onClick={add}>
            Add a step
          </Button>
        )}
        {ends ? null : (
          <NumberInput
            label="Take the last step again every so many seconds"
            description="Left empty, it is taken once."
            min={60}
            max={86_400}
            allowDecimal={false}
            disabled={fixed}
            value={repeatSeconds ?? ""}
            onChange={(value) => draft.set({ repeatSeconds: value === "" ? null : Number(value) })}
          />
        )}
      </div>
      <div className={css.foot}>
        {own ? (
          <Badge tone="good">Set here</Badge>
        ) : (
          <Badge>{ladder.origin === "AGENCY" ? "From the agency" : "Default"}</Badge>
        )}
        {own && !fixed ? (
          <Button variant="subtle" color="gray" onClick={() => void inherit()}>
            {organizationId === null ? "Use the default" : "Use the agency's"}
          </Button>
        ) : null}
        {problem ? (
          <span role="alert" className={css.dim}>
            {problem}
          </span>
        ) : null}
      </div>
      {fixed ? null : <SaveBar draft={draft} fields={["steps", "repeatSeconds"]} />}
    </form>
  );
}

/** A step says only what belongs to whom it tells. */
function tidy(step: Step): Step {
  if (step.whom === "OFFLINE_QUERY") return { ...step, address: null, channels: [] };
  if (step.whom === "ADDRESS") return { ...step, address: step.address ?? "", channels: ["EMAIL"] };
  return { ...step, address: null, channels: step.channels.length > 0 ? step.channels : ["RING"] };
}
