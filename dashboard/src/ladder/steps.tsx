import { useEffect, useRef } from "react";
import { useAsk } from "../api/use-ask";
import { usePermissions } from "../shell/scope";
import { usePolling } from "../ui/hooks";
import { Ago } from "../ui/time";
import { StepsQuery } from "./documents";
import css from "./ladder.module.css";
import { takenWords } from "./words";

const LOOK_AGAIN_MS = 10_000;

/** Who was told that the visitor waits, when, and what came of it. `version` rises when the chat changes hands. */
export function HandoffSteps(props: { readonly conversationId: string; readonly version: number }) {
  const allowed = usePermissions()("live_chat.view_queue");
  const { data, again } = useAsk(StepsQuery, { id: props.conversationId }, { pause: !allowed });
  const latest = useRef(again);
  latest.current = again;
  const known = useRef(props.version);
  useEffect(() => {
    if (known.current === props.version) return;
    known.current = props.version;
    latest.current();
  }, [props.version]);
  const handoff = data?.conversation.handoff;
  usePolling(() => {
    if (handoff?.state === "REQUESTED") again();
  }, LOOK_AGAIN_MS);
  if (!handoff || handoff.steps.length === 0) return null;
  return (
    <section className={css.told} aria-label="Who was told" data-testid="handoff-steps">
      <h4>Who was told</h4>
      <ol className={css.list}>
        {handoff.steps.map((taken) => (
          <li key={taken.at + taken.whom + taken.channel}>
            {takenWords(taken)} · <Ago at={taken.at} />
          </li>
        ))}
      </ol>
    </section>
  );
}
