import { Button, Skeleton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { connection } from "../api/socket";
import { useStore } from "../api/store";
import { useAsk } from "../api/use-ask";
import { lackingHere, lackingWords, useAnother } from "../shell/browser";
import { CheckIcon, CloseIcon, WarnIcon } from "../ui/icons";
import { Section } from "../ui/page";
import { Refusal, Trouble } from "../ui/refusal";
import rows from "../ui/rows.module.css";
import { Ago } from "../ui/time";
import { type Check, ReadinessQuery } from "./documents";
import css from "./readiness.module.css";
import { RehearsalCard } from "./rehearsal-card";
import { pageNames, pageOf, verdict } from "./words";

/** Whether a request for a person would reach anybody, why not, who mends it, and a rehearsal to see it happen (W08). */
export function ReadinessSection(props: { readonly aiAgentId: string; readonly canRead: boolean }) {
  return (
    <Section
      id="readiness"
      title="Readiness"
      text="Whether a visitor's request for a person would reach somebody at this moment, and what is in its way."
    >
      {props.canRead ? (
        <Checks aiAgentId={props.aiAgentId} />
      ) : (
        <Refusal permission="handoff.read" objectId={props.aiAgentId} what="Seeing how that is set up" />
      )}
    </Section>
  );
}

function Checks({ aiAgentId }: { readonly aiAgentId: string }) {
  const { data, error, again } = useAsk(ReadinessQuery, { id: aiAgentId });
  if (error) {
    return (
      <Trouble
        error={error}
        retry={again}
        permission="handoff.read"
        objectId={aiAgentId}
        what="Seeing how that is set up"
      />
    );
  }
  if (!data) return <Skeleton height={240} />;
  const { readiness } = data;
  return (
    <div data-testid="readiness" data-outcome={readiness.outcome}>
      <div className={css.head}>
        <p className={css.verdict} role="status">
          {verdict(readiness.outcome, readiness.checks)}
        </p>
        <Button variant="default" size="xs" onClick={again}>
          Look again
        </Button>
      </div>
      <ul className={rows.list} aria-label="Checks">
        {readiness.checks.map((check) => (
          <CheckRow key={check.code} check={check} aiAgentId={aiAgentId} />
        ))}
        <ThisBrowser />
      </ul>
      <p className={`${rows.dim} ${css.at}`}>
        Looked at <Ago at={readiness.at} />.
      </p>
      <RehearsalCard aiAgentId={aiAgentId} />
      <Causes />
    </div>
  );
}

const signs = {
  GOOD: { icon: CheckIcon, word: "Good" },
  WARNING: { icon: WarnIcon, word: "Could be better" },
  FAILED: { icon: CloseIcon, word: "In the way" },
} as const;

function Sign({ outcome }: { readonly outcome: Check["outcome"] }) {
  const { icon: Icon, word } = signs[outcome];
  return (
    <span className={css.state} data-outcome={outcome}>
      <Icon size={13} />
      <span className="hidden-text">{word}:</span>
    </span>
  );
}

function CheckRow({ check, aiAgentId }: { readonly check: Check; readonly aiAgentId: string }) {
  const to = pageOf[check.code];
  return (
    <li
      className={`${rows.item} ${css.check}`}
      data-testid="check"
      data-code={check.code}
      data-outcome={check.outcome}
    >
      <Sign outcome={check.outcome} />
      <div className={rows.text}>
        <div>{check.finding}</div>
        {check.fix ? <p className={rows.dim}>{check.fix}</p> : null}
        {check.permission && !check.viewerMay ? (
          <Refusal permission={check.permission} objectId={aiAgentId} what="Mending it" />
        ) : null}
      </div>
      {check.fix && to && check.viewerMay ? <Link to={to}>{pageNames[to]}</Link> : null}
    </li>
  );
}

/** What only this page can know: whether it is connected, and whether the browser can do what live chats need (S168-S170). */
function ThisBrowser() {
  const state = useStore(connection);
  const missing = lackingHere();
  const cut = state === "offline" || state === "reconnecting";
  const outcome = missing.length > 0 ? "FAILED" : cut ? "WARNING" : "GOOD";
  return (
    <li
      className={`${rows.item} ${css.check}`}
      data-testid="check"
      data-code="THIS_BROWSER"
      data-outcome={outcome}
    >
      <Sign outcome={outcome} />
      <div className={rows.text}>
        <div>
          {missing.length > 0
            ? lackingWords(missing)
            : cut
              ? "This page has lost its connection and is making it again."
              : "This browser and its connection can do live chats."}
        </div>
        {missing.length > 0 ? (
          <p className={rows.dim}>{useAnother}</p>
        ) : cut ? (
          <p className={rows.dim}>
            Nothing is lost meanwhile. If it stays so, a network or a proxy in between does not let live
            connections (WebSocket) through.
          </p>
        ) : null}
      </div>
    </li>
  );
}

/** Why accepting can fail although everything above is good (S172-S176): nothing to set up, so it is only told. */
function Causes() {
  return (
    <details className={css.causes}>
      <summary>When accepting a request fails all the same</summary>
      <dl>
        <dt>A colleague was faster</dt>
        <dd>
          Exactly one person gets a request. Whoever is second reads who has it, and it leaves the list.
        </dd>
        <dt>The page was out of date</dt>
        <dd>
          It renews itself. A request that ended meanwhile is gone from Pending Requests; one of yours is
          under Active Chats.
        </dd>
        <dt>You were signed out</dt>
        <dd>
          Sign in again: chats that are yours are still there, unless you were away for longer than your
          organization allows.
        </dd>
        <dt>You have as many chats as allowed</dt>
        <dd>Complete one, or ask for a higher number under Settings, Routing.</dd>
      </dl>
    </details>
  );
}
