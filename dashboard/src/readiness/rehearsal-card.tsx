import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { change } from "../api/client";
import { newClientId } from "../api/client-id";
import { sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { Badge } from "../ui/badge";
import { CheckIcon, CloseIcon } from "../ui/icons";
import rows from "../ui/rows.module.css";
import { Ago, clockTime } from "../ui/time";
import {
  EndRehearsalMutation,
  type RehearsalData,
  RehearsalsQuery,
  StartRehearsalMutation,
} from "./documents";
import css from "./readiness.module.css";
import { isSkipped, result, stepLabel } from "./words";

/** How often a rehearsal that runs is looked at, in milliseconds. */
const LOOK = 2_000;

/** A synthetic visitor asks for a person; everybody sees how far that gets. */
export function RehearsalCard({ aiAgentId }: { readonly aiAgentId: string }) {
  const { data, again } = useAsk(RehearsalsQuery, { id: aiAgentId }, { of: ["Rehearsal"] });
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [newest, ...earlier] = data?.rehearsals ?? [];
  const runs = newest !== undefined && newest.endedAt === null && result(newest).tone === "plain";

  useEffect(() => {
    if (!runs) return;
    const timer = setInterval(again, LOOK);
    return () => clearInterval(timer);
  });

  const act = async (doing: () => Promise<unknown>) => {
    setBusy(true);
    setTrouble(null);
    try {
      await doing();
    } catch (thrown) {
      setTrouble(sentence(toApiError(thrown)));
    } finally {
      setBusy(false);
      again();
    }
  };

  return (
    <div className={css.rehearsal} data-testid="rehearsal">
      <div className={css.head}>
        <h3>Rehearsal</h3>
        {newest && runs ? (
          <Button
            variant="default"
            size="xs"
            loading={busy}
            onClick={() => void act(() => change(EndRehearsalMutation, { id: newest.id }))}
          >
            End the rehearsal
          </Button>
        ) : (
          <Button
            size="xs"
            loading={busy}
            onClick={() =>
              void act(() => change(StartRehearsalMutation, { clientId: newClientId(), id: aiAgentId }))
            }
          >
            Start a rehearsal
          </Button>
        )}
      </div>
      <p className={rows.dim}>
        A visitor who is none opens the widget, writes, and asks for a person. Your team sees the request as
        they would see any other, marked as a rehearsal; it counts in no report and ends by itself after 15
        minutes.
      </p>
      {trouble ? (
        <p role="alert" data-testid="rehearsal-trouble">
          A visitor would meet this now: {trouble}
        </p>
      ) : null}
      {newest ? <Progress rehearsal={newest} /> : null}
      {earlier.length > 0 ? (
        <details>
          <summary>Earlier rehearsals</summary>
          <ul className={css.steps}>
            {earlier.map((one) => (
              <li key={one.id}>
                <Badge tone={result(one).tone}>{result(one).label}</Badge>
                <span className={css.time}>
                  <Ago at={one.startedAt} />
                </span>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </div>
  );
}

function Progress({ rehearsal }: { readonly rehearsal: RehearsalData }) {
  const { label, tone } = result(rehearsal);
  return (
    <div>
      <div className={css.head}>
        <span role="status">
          <Badge tone={tone}>{label}</Badge>
        </span>
        <Link to="/live-chats/$id" params={{ id: rehearsal.conversationId }}>
          Open its chat
        </Link>
      </div>
      <ol className={css.steps} aria-label="Steps of the rehearsal">
        {rehearsal.steps.map((step) => {
          const state = isSkipped(step) ? "AHEAD" : step.state;
          return (
            <li key={step.name} data-testid="rehearsal-step" data-name={step.name} data-state={state}>
              <span className={css.state} data-outcome={state}>
                {state === "DONE" ? <CheckIcon size={13} /> : null}
                {state === "FAILED" ? <CloseIcon size={13} /> : null}
                {state === "WAITING" ? <span className={css.pulse} /> : null}
                {state === "AHEAD" ? <span className={css.dot} /> : null}
              </span>
              <span>{stepLabel(step, rehearsal.acceptedBy)}</span>
              {step.at ? (
                <time className={css.time} dateTime={step.at}>
                  {clockTime(step.at)}
                </time>
              ) : null}
            </li>
          );
        })}
      </ol>
    </div>
  );
}
