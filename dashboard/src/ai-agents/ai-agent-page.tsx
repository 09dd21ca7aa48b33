import { Link, useParams } from "@tanstack/react-router";
import { useAsk } from "../api/use-ask";
import { brand } from "../brand/brand";
import { ReadinessSection } from "../readiness/readiness-section";
import { isStaff, useViewer } from "../shell/scope";
import { useTitle } from "../ui/hooks";
import { Page } from "../ui/page";
import { Failed, RowSkeletons } from "../ui/states";
import css from "./ai-agents.module.css";
import { AssignmentSection } from "./assignment-section";
import { AiAgentQuery } from "./documents";
import { EscalationSection } from "./escalation-section";
import { KnowledgeSection } from "./knowledge-section";
import { ProfileSection } from "./profile-section";
import { WidgetSection } from "./widget-section";

export function AiAgentPage() {
  const { id } = useParams({ from: "/ai-agents/$id" });
  const { data, loading, error, again } = useAsk(AiAgentQuery, { id });
  const staff = isStaff(useViewer());
  const agent = data?.aiAgent;
  useTitle(`${agent?.name ?? "AI agent"} · ${brand.name}`);

  if (loading) return <RowSkeletons />;
  if (error) return <Failed error={error} retry={again} />;
  if (!agent) return null;

  const sections = [
    ["profile", "Profile", true],
    ["knowledge", "Knowledge Base", agent.canReadKnowledge],
    ["widget", "Widget", true],
    ["escalation", "Escalation", true],
    ["readiness", "Readiness", true],
    ["assignment", "Assignment", staff && agent.canAssign],
  ] as const;

  return (
    <Page
      title={agent.name}
      sub={
        <>
          <Link to="/ai-agents">AI Agents</Link> ·{" "}
          {agent.organization?.name ?? "Not assigned to an organization"}
        </>
      }
    >
      <nav className={css.jump} aria-label="Sections">
        {sections
          .filter(([, , shown]) => shown)
          .map(([anchor, label]) => (
            <a key={anchor} href={`#${anchor}`}>
              {label}
            </a>
          ))}
      </nav>
      <ProfileSection agent={agent} />
      {agent.canReadKnowledge ? <KnowledgeSection agent={agent} /> : null}
      <WidgetSection agent={agent} />
      <EscalationSection agent={agent} />
      <ReadinessSection aiAgentId={agent.id} canRead={agent.canReadHandoff} />
      {staff && agent.canAssign ? <AssignmentSection agent={agent} /> : null}
    </Page>
  );
}
