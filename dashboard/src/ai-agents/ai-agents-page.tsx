import { Button, Modal, TextInput } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { change } from "../api/client";
import { newClientId } from "../api/client-id";
import { useAsk } from "../api/use-ask";
import { brand } from "../brand/brand";
import { OrganizationSelect } from "../organizations/organization-select";
import { useOrganizationId, usePermissions } from "../shell/scope";
import { SaveBar, useDraft } from "../ui/form";
import { useTitle } from "../ui/hooks";
import { AgentIcon, PlusIcon } from "../ui/icons";
import { useListKeys } from "../ui/list-keys";
import { Page } from "../ui/page";
import { Empty, Failed, RowSkeletons } from "../ui/states";
import { Ago } from "../ui/time";
import css from "./ai-agents.module.css";
import { AiAgentsQuery, CreateAiAgentMutation } from "./documents";

export function AiAgentsPage() {
  const organizationId = useOrganizationId();
  const may = usePermissions();
  const [creating, create] = useState(false);
  const [after, setAfter] = useState<readonly string[]>([]);
  const list = useRef<HTMLDivElement>(null);
  useTitle(`AI Agents · ${brand.name}`);
  useListKeys(list);
  const cursor = after.at(-1) ?? null;
  const { data, loading, error, again } = useAsk(
    AiAgentsQuery,
    { organizationId, first: 50, after: cursor },
    { of: ["AiAgent"] },
  );
  const agents = data?.aiAgents.nodes ?? [];
  const canCreate = may("ai_agent.create");

  return (
    <Page
      title="AI Agents"
      actions={
        canCreate ? (
          <Button leftSection={<PlusIcon size={16} />} onClick={() => create(true)}>
            Create AI agent
          </Button>
        ) : null
      }
    >
      {loading ? <RowSkeletons /> : null}
      {error ? <Failed error={error} retry={again} /> : null}
      {data && agents.length === 0 ? (
        <Empty
          title="No AI agents yet"
          icon={<AgentIcon size={22} />}
          action={canCreate ? <Button onClick={() => create(true)}>Create AI agent</Button> : undefined}
        >
          {canCreate
            ? "Create the first one, give it knowledge, and put its widget on a web site."
            : "Your agency creates AI agents and assigns them to your organization."}
        </Empty>
      ) : null}
      <div ref={list}>
        <ul className={css.list} aria-label="AI Agents">
          {agents.map((agent) => (
            <li key={agent.id} className={css.item} data-row={agent.id} data-testid="ai-agent-row">
              <span className={css.sign}>
                <AgentIcon />
              </span>
              <div className={css.text}>
                <Link to="/ai-agents/$id" params={{ id: agent.id }} className={css.name} data-row-link>
                  {agent.name}
                </Link>
                <div className={css.dim}>{agent.organization?.name ?? "Not assigned to an organization"}</div>
              </div>
              <span className={css.dim}>
                <span className="hidden-text">Created </span>
                <Ago at={agent.createdAt} />
              </span>
            </li>
          ))}
        </ul>
      </div>
      {data?.aiAgents.pageInfo.hasNextPage || after.length > 0 ? (
        <div className={css.pages}>
          <Button
            variant="default"
            disabled={after.length === 0}
            onClick={() => setAfter(after.slice(0, -1))}
          >
            Previous
          </Button>
          <Button
            variant="default"
            disabled={!data?.aiAgents.pageInfo.hasNextPage}
            onClick={() => {
              const end = data?.aiAgents.pageInfo.endCursor;
              if (end) setAfter([...after, end]);
            }}
          >
            Next
          </Button>
        </div>
      ) : null}
      <Modal opened={creating} onClose={() => create(false)} title="Create AI agent" centered>
        <CreateForm onDone={() => create(false)} />
      </Modal>
    </Page>
  );
}

function CreateForm({ onDone }: { readonly onDone: () => void }) {
  const navigate = useNavigate();
  const organizationId = useOrganizationId();
  // Made once for this form: pressing the button again after a lost answer must not make a second AI agent.
  const [clientId] = useState(newClientId);
  const draft = useDraft({ name: "", organizationId: organizationId ?? "" }, async (value) => {
    const { createAiAgent } = await change(CreateAiAgentMutation, {
      clientId,
      name: value.name.trim(),
      organizationId: value.organizationId || null,
    });
    onDone();
    await navigate({ to: "/ai-agents/$id", params: { id: createAiAgent.id } });
  });
  return (
    <form onSubmit={draft.submit} className={css.form}>
      <TextInput
        label="Name"
        description="Visitors see it as the author of the answers."
        required
        withAsterisk={false}
        data-autofocus
        value={draft.value.name}
        onChange={(event) => draft.set({ name: event.currentTarget.value })}
        error={draft.fieldError("name")}
      />
      <OrganizationSelect
        label="Organization"
        none="Assign later"
        value={draft.value.organizationId}
        onChange={(value) => draft.set({ organizationId: value })}
      />
      <SaveBar
        draft={{ ...draft, changed: draft.value.name.trim() !== "" }}
        fields={["name"]}
        label="Create"
      />
    </form>
  );
}
