// GraphiQL over the desk API, for demo mode. Whoever is signed in to the dashboard in this browser asks as themselves:
// the refresh cookie gives an access token, which is put on each request and into each socket.
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import "graphiql/style.css";
import { createClient } from "graphql-ws";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

const url = new URL("/graphql", location.href);

async function accessToken(): Promise<string | null> {
  const answer = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "mutation { refreshSession { accessToken } }" }),
  });
  const json: { data?: { refreshSession?: { accessToken?: string } } } = await answer.json();
  return json.data?.refreshSession?.accessToken ?? null;
}

const token = await accessToken().catch(() => null);
const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
const socket = new URL(url);
socket.protocol = url.protocol === "https:" ? "wss:" : "ws:";

const fetcher = createGraphiQLFetcher({
  url: url.href,
  headers,
  wsClient: createClient({ url: socket.href, connectionParams: () => (token ? { token } : {}) }),
});

const welcome = `# ${token ? "You are signed in: what you ask, you ask as yourself." : "Sign in to the dashboard in this browser first, then reload this page."}
{
  viewer {
    user { name }
    memberships { role { name } organization { name } }
  }
  conversations(first: 5) {
    nodes { id state preview visitor { name } }
  }
}
`;

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <GraphiQL fetcher={fetcher} defaultQuery={welcome} defaultEditorToolsVisibility="variables" />
    </StrictMode>,
  );
}
