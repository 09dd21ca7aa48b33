import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type DragEvent, type ReactNode, useState } from "react";
import { ask, change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { AgentIcon, GripIcon } from "../ui/icons";
import { MoreRows, usePagedList } from "../ui/infinite";
import { Empty, Failed, RowSkeletons } from "../ui/states";
import { toast } from "../ui/toast";
import { type Agent, AgentsOfQuery, AssignAgentMutation, type Frame } from "./documents";
import css from "./organizations.module.css";

const PAGE = 50;
/** Our own type: a text or a file that is dragged over the page must not look as if it could be dropped. */
const DRAGGED = "application/x-ai-agent";

/**
 * AI agents of the organization beside those that are free. Dragging is for the mouse; the button of each card does the
 * same for keys, fingers and screen readers.
 */
export function AgentsTab({ organization }: { readonly organization: Frame }) {
  const { id } = organization;
  const assigned = usePagedList(
    `assigned:${id}`,
    async (after) => (await ask(AgentsOfQuery, { organizationId: id, first: PAGE, after })).aiAgents,
  );
  // Among all of the agency, those without an organization. There is no question for exactly these.
  const all = usePagedList(
    "all",
    async (after) => (await ask(AgentsOfQuery, { organizationId: null, first: PAGE, after })).aiAgents,
    organization.canAssign,
  );
  const free = all.rows.filter((agent) => agent.organization === null);
  const [said, say] = useState("");

  const put = (agent: Agent) => {
    const drop = (rows: readonly Agent[]) => rows.filter((one) => one.id !== agent.id);
    assigned.patch((rows) => (agent.organization?.id === id ? [...drop(rows), agent] : drop(rows)));
    all.patch((rows) => [...drop(rows), agent]);
  };

  const assign = async (agent: Agent, to: Frame | null, undo = true) => {
    const target = to ? { id: to.id, name: to.name } : null;
    // At once, because it is what the hand did; back again when the server says no.
    put({ ...agent, organization: target });
    try {
      await change(AssignAgentMutation, { id: agent.id, organizationId: to?.id ?? null }, ["AiAgent"]);
      const words = to ? `${agent.name} is assigned to ${to.name}` : `${agent.name} is not assigned any more`;
      say(words);
      if (!undo) return;
      toast(words, {
        detail: to
          ? "Its people see it and its requests."
          : "Its widget says “not available”. The history stays.",
        action: {
          label: "Undo",
          run: () => void assign({ ...agent, organization: target }, to ? null : organization, false),
        },
      });
    } catch (thrown) {
      put(agent);
      toast(sentence(toApiError(thrown)));
    }
  };

  const dropped = (to: Frame | null) => (agentId: string) => {
    const agent = [...assigned.rows, ...free].find((one) => one.id === agentId);
    if (agent && (agent.organization?.id ?? null) !== (to?.id ?? null)) void assign(agent, to);
  };

  const can = organization.canAssign && organization.state !== "DELETED";
  return (
    <>
      <p className="hidden-text" role="status">
        {said}
      </p>
      <div className={can ? css.columns : undefined}>
        <Column
          title="Assigned"
          text={`${organization.name} sees these, their conversations and their requests.`}
          testId="assigned-agents"
          onDropAgent={can ? dropped(organization) : null}
        >
          {assigned.status === "loading" ? <RowSkeletons count={3} /> : null}
          {assigned.error ? <Failed error={assigned.error} retry={assigned.again} /> : null}
          {assigned.status === "ready" && assigned.rows.length === 0 ? (
            <Empty title="No AI agent is assigned" icon={<AgentIcon size={22} />}>
              {can
                ? "Drag one here, or use its button. Without one, visitors of this organization cannot chat."
                : "Your agency creates AI agents and assigns them."}
            </Empty>
          ) : null}
          <ul className={css.cards} aria-label="Assigned AI agents">
            {assigned.rows.map((agent) => (
              <Card key={agent.id} agent={agent} draggable={can}>
                {can ? (
                  <Button
                    size="compact-sm"
                    variant="default"
                    aria-label={`Unassign ${agent.name}`}
                    onClick={() => void assign(agent, null)}
                  >
                    Unassign
                  </Button>
                ) : null}
              </Card>
            ))}
          </ul>
          <MoreRows list={assigned} />
        </Column>
        {can ? (
          <Column
            title="Available"
            text="AI agents of your agency that no organization has."
            testId="available-agents"
            onDropAgent={dropped(null)}
          >
            {all.status === "loading" ? <RowSkeletons count={3} /> : null}
            {all.error ? <Failed error={all.error} retry={all.again} /> : null}
            {all.status === "ready" && free.length === 0 && !all.more ? (
              <Empty title="None is available" icon={<AgentIcon size={22} />}>
                All are assigned. Create another one under <Link to="/ai-agents">AI Agents</Link>.
              </Empty>
            ) : null}
            <ul className={css.cards} aria-label="Available AI agents">
              {free.map((agent) => (
                <Card key={agent.id} agent={agent} draggable>
                  <Button
                    size="compact-sm"
                    variant="default"
                    aria-label={`Assign ${agent.name}`}
                    onClick={() => void assign(agent, organization)}
                  >
                    Assign
                  </Button>
                </Card>
              ))}
            </ul>
            <MoreRows list={all} />
          </Column>
        ) : null}
      </div>
    </>
  );
}

function Column(props: {
  readonly title: string;
  readonly text: string;
  readonly testId: string;
  readonly onDropAgent: ((agentId: string) => void) | null;
  readonly children: ReactNode;
}) {
  const [over, setOver] = useState(false);
  const { onDropAgent } = props;
  const fits = (event: DragEvent) => onDropAgent !== null && event.dataTransfer.types.includes(DRAGGED);
  return (
    // A place to drop; the buttons of the cards do the same.
    <section
      className={css.column}
      data-over={over || undefined}
      data-testid={props.testId}
      aria-label={props.title}
      onDragOver={(event) => {
        if (!fits(event)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "move";
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={(event) => {
        setOver(false);
        if (!fits(event)) return;
        event.preventDefault();
        onDropAgent?.(event.dataTransfer.getData(DRAGGED));
      }}
    >
      <h2 className={css.columnHead}>{props.title}</h2>
      <p className={css.columnText}>{props.text}</p>
      {props.children}
    </section>
  );
}

function Card(props: { readonly agent: Agent; readonly draggable: boolean; readonly children: ReactNode }) {
  const [dragging, drag] = useState(false);
  const { agent } = props;
  return (
    <li
      className={css.card}
      data-testid="agent-card"
      data-dragging={dragging || undefined}
      draggable={props.draggable}
      onDragStart={(event) => {
        event.dataTransfer.setData(DRAGGED, agent.id);
        event.dataTransfer.effectAllowed = "move";
        drag(true);
      }}
      onDragEnd={() => drag(false)}
    >
      {props.draggable ? (
        <span className={css.grip}>
          <GripIcon size={16} />
        </span>
      ) : null}
      <span className={css.text}>
        <Link to="/ai-agents/$id" params={{ id: agent.id }} className={css.agent} draggable={false}>
          {agent.name}
        </Link>
      </span>
      {props.children}
    </li>
  );
}
