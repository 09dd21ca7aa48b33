import "@mantine/core/styles/Switch.css";
import { Button, Switch } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { toApiError } from "../api/errors";
import { ChooseAgents, ChooseOrganizations } from "./choose-some";
import {
  AddAgentMutation,
  AddOrganizationMutation,
  LimitToAgentsMutation,
  LimitToOrganizationsMutation,
  type Member,
  RemoveAgentMutation,
  RemoveOrganizationMutation,
} from "./documents";
import css from "./team.module.css";
import { refusalWords } from "./words";

interface Props {
  readonly member: Member;
  readonly onChanged: (member: Member) => void;
  readonly onClose: () => void;
}

/** Each click is one change on the server: two people at the same list cannot undo each other's. */
function useLimits(given: Member, onChanged: (member: Member) => void) {
  const [member, setMember] = useState(given);
  const [busy, setBusy] = useState<ReadonlySet<string>>(new Set());
  const [problem, setProblem] = useState<string | null>(null);
  const run = async (key: string, call: () => Promise<{ readonly changed: Member }>) => {
    setBusy((before) => new Set([...before, key]));
    setProblem(null);
    try {
      const { changed } = await call();
      setMember(changed);
      onChanged(changed);
    } catch (thrown) {
      setProblem(refusalWords(toApiError(thrown)));
    } finally {
      setBusy((before) => new Set([...before].filter((one) => one !== key)));
    }
  };
  return { member, busy, problem, run };
}

export function LimitAgents(props: Props) {
  const { member, busy, problem, run } = useLimits(props.member, props.onChanged);
  const { id } = member;
  return (
    <div className={css.form}>
      <Switch
        label={`Only some AI agents of ${member.organization?.name ?? "the organization"}`}
        description="Requests and conversations of the others are as if they were not there."
        checked={!member.allAiAgents !== busy.has("limited")}
        aria-busy={busy.has("limited")}
        onChange={(event) => {
          const limited = event.currentTarget.checked;
          void run("limited", () => change(LimitToAgentsMutation, { id, limited }));
        }}
      />
      {!member.allAiAgents && member.organization ? (
        <ChooseAgents
          organizationId={member.organization.id}
          chosen={member.aiAgents}
          busy={busy}
          onToggle={(agent, on) =>
            void run(agent.id, () =>
              change(on ? AddAgentMutation : RemoveAgentMutation, { id, of: agent.id }),
            )
          }
        />
      ) : null}
      <Foot problem={problem} onClose={props.onClose} />
    </div>
  );
}

export function LimitOrganizations(props: Props) {
  const { member, busy, problem, run } = useLimits(props.member, props.onChanged);
  const { id } = member;
  return (
    <div className={css.form}>
      <Switch
        label="Only some organizations"
        description="The others are as if they were not there, new ones included."
        checked={!member.allOrganizations !== busy.has("limited")}
        aria-busy={busy.has("limited")}
        onChange={(event) => {
          const limited = event.currentTarget.checked;
          void run("limited", () => change(LimitToOrganizationsMutation, { id, limited }));
        }}
      />
      {member.allOrganizations ? null : (
        <ChooseOrganizations
          chosen={member.organizations}
          busy={busy}
          onToggle={(organization, on) =>
            void run(organization.id, () =>
              change(on ? AddOrganizationMutation : RemoveOrganizationMutation, { id, of: organization.id }),
            )
          }
        />
      )}
      <Foot problem={problem} onClose={props.onClose} />
    </div>
  );
}

function Foot({ problem, onClose }: { readonly problem: string | null; readonly onClose: () => void }) {
  return (
    <>
      <p className={css.dim}>Each change holds at once. Open chats that fall outside go back to the queue.</p>
      <div className={css.bar}>
        <Button onClick={onClose}>Close</Button>
        {problem ? (
          <span role="alert" className={css.problem}>
            {problem}
          </span>
        ) : null}
      </div>
    </>
  );
}
