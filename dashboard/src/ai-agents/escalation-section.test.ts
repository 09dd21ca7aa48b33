import { MantineProvider } from "@mantine/core";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { createClient, fetchExchange, Provider } from "urql";
import { describe, expect, it } from "vitest";
import type { AiAgentFrame } from "./documents";
import { EscalationSection } from "./escalation-section";

const agent: AiAgentFrame = {
  id: "agt_1",
  name: "Crumb",
  createdAt: "2026-11-20T10:00:00.000000Z",
  organization: null,
  canPrompt: false,
  canReadKnowledge: false,
  canEditKnowledge: false,
  canEditAppearance: false,
  canEditOrigins: false,
  canReadHandoff: false,
  canEnableHandoff: false,
  canEditHandoff: false,
  canAssign: false,
};

function markup(patch: Partial<AiAgentFrame>): string {
  // A server that has not answered yet.
  const fetch = () => new Promise<Response>(() => {});
  const client = createClient({
    url: "http://localhost/",
    exchanges: [fetchExchange],
    fetch,
    preferGetMethod: false,
  });
  const section = createElement(EscalationSection, { agent: { ...agent, ...patch } });
  return renderToStaticMarkup(
    createElement(MantineProvider, null, createElement(Provider, { value: client }, section)),
  );
}

describe("the escalation section", () => {
  it("shows no switch at all to whoever may not read it, and says why", () => {
    const shown = markup({});
    expect(shown).toContain("missing-permission");
    expect(shown).not.toContain("Enable Live Agent Handoff");
    expect(shown).not.toMatch(/<input|role="switch"/);
    // Enabling without reading is no role's, but would not help either.
    expect(markup({ canEnableHandoff: true })).not.toContain("Enable Live Agent Handoff");
  });

  it("says nothing of a missing permission to whoever may read it", () => {
    expect(markup({ canReadHandoff: true })).not.toContain("missing-permission");
  });
});
