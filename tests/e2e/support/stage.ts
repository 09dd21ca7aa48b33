// The panel alone on a stage: the real page of the real server, with its real policy, and behind it a visitor API of the
// test's own. For what a server says seldom (a queue of seven, a refusal at one field), and for how each state looks.

import type { Page, Route, WebSocketRoute } from "@playwright/test";

export type Json = Record<string, unknown>;

export interface Scene {
  config?: Json;
  handoff?: Json;
  conversation?: Json;
  messages?: readonly Json[];
  /** Answers by the name of the operation: data, or `errors`. What is not named is answered with `true`. */
  answers?: Readonly<Record<string, (variables: Json) => Json | Promise<Json>>>;
  /** The events arrive, or nothing ever does. */
  silent?: boolean;
}

export const AT = "2026-01-05T14:30:00Z";

export function entry(seq: number, change: Json = {}): Json {
  return {
    id: `msg_${seq}`,
    seq,
    kind: "TEXT",
    author: { kind: "AI", name: null },
    text: `Text ${seq}`,
    createdAt: AT,
    clientId: null,
    offersHuman: false,
    sources: [],
    via: "CHAT",
    editedAt: null,
    deletedAt: null,
    attachments: [],
    ...change,
  };
}

export const visitor = (seq: number, text: string, change: Json = {}): Json =>
  entry(seq, { text, author: { kind: "VISITOR", name: null }, ...change });
export const operator = (seq: number, text: string, change: Json = {}): Json =>
  entry(seq, { text, author: { kind: "OPERATOR", name: "Olga Petrova" }, ...change });
export const turn = (seq: number, kind: string, text: string, change: Json = {}): Json =>
  entry(seq, { kind, text, author: { kind: "SYSTEM", name: null }, ...change });

export class Stage {
  /** What was asked for, in order. */
  readonly asked: { name: string; variables: Json }[] = [];
  readonly violations: string[] = [];
  private sockets: WebSocketRoute[] = [];

  private constructor(
    readonly page: Page,
    private scene: Scene,
  ) {}

  static async open(page: Page, server: string, widget: string, scene: Scene): Promise<Stage> {
    const stage = new Stage(page, scene);
    page.on("console", (message) => {
      if (message.type() === "error" && /Content Security Policy/.test(message.text()))
        stage.violations.push(message.text());
    });
    await page.routeWebSocket(/\/widget\/graphql/, (socket) => stage.talk(socket));
    await page.route("**/widget/graphql", (route) => stage.answer(route));
    await page.route("**/widget/frame*", async (route) => {
      const response = await route.fetch();
      const html = (await response.text()).replace(
        /(<script type="application\/json" id="config">)(.*?)(<\/script>)/s,
        (_, before: string, json: string, after: string) =>
          before + JSON.stringify(stage.config(JSON.parse(json) as Json)).replaceAll("<", "\\u003c") + after,
      );
      await route.fulfill({ response, body: html });
    });
    await page.goto(`${server}/widget/frame?widget=${widget}`);
    return stage;
  }

  /** From now on it is like this. Nobody is told: see `emit`. */
  change(scene: Partial<Scene>): void {
    this.scene = { ...this.scene, ...scene };
  }

  emit(event: Json): void {
    const message = JSON.stringify({ type: "next", id: "1", payload: { data: { events: event } } });
    for (const socket of this.sockets) socket.send(message);
  }

  count(name: string): number {
    return this.asked.filter((one) => one.name === name).length;
  }

  last(name: string): Json | undefined {
    return this.asked.findLast((one) => one.name === name)?.variables;
  }

  private real: Json = {};

  private config(real: Json): Json {
    this.real = real;
    const handoff = {
      ...(real.handoff as Json),
      available: true,
      askContact: false,
      buttonAfterMessages: 1,
      open: true,
      opensAt: null,
      changesAt: null,
      offlineText: "Our team is currently offline",
      offlineForm: true,
      popup: true,
      fixedPopup: false,
      buttonText: "Request Live Agent",
      popupText: "Would you like to talk to somebody from our team?",
      waitingText: "",
      blockInput: false,
      ...this.scene.handoff,
    };
    return { ...real, available: true, ...this.scene.config, handoff };
  }

  private conversation(): Json {
    const nodes = this.scene.messages ?? [];
    return {
      id: "cnv_1",
      state: "AI",
      rev: 1,
      queuePosition: null,
      estimatedWaitSeconds: null,
      operatorName: null,
      readByOperatorSeq: 0,
      lastSeq: nodes.length,
      askRating: false,
      canEmailTranscript: true,
      files: { enabled: true, largestBytes: 10_000_000, atMost: 5 },
      cursor: "c1",
      messages: { nodes, pageInfo: { hasPreviousPage: false, startCursor: null } },
      ...this.scene.conversation,
    };
  }

  private async answer(route: Route): Promise<void> {
    const { query, variables } = route.request().postDataJSON() as { query: string; variables: Json };
    const name = /\w+ (\w+)/.exec(query)?.[1] ?? "";
    this.asked.push({ name, variables });
    const own = this.scene.answers?.[name];
    const config = this.config(this.real);
    const session = {
      token: "t",
      expiresAt: AT,
      resume: "r",
      conversation: this.conversation(),
      config,
    };
    let body: Json;
    if (own !== undefined) body = await own(variables);
    else if (name === "Start" || name === "Read") body = { data: { session } };
    else if (name === "Config") body = { data: { widgetConfig: config } };
    else body = { data: { done: true } };
    // The page may be gone by now.
    await route.fulfill({ json: body }).catch(() => undefined);
  }

  private talk(socket: WebSocketRoute): void {
    this.sockets.push(socket);
    socket.onMessage((data) => {
      const { type } = JSON.parse(String(data)) as { type: string };
      if (type === "connection_init") socket.send(JSON.stringify({ type: "connection_ack" }));
      if (type === "ping") socket.send(JSON.stringify({ type: "pong" }));
    });
  }
}

export const refused = (code: string, reason: string, message: string, field?: string) => (): Json => ({
  data: null,
  errors: [{ message, extensions: { code, reason, requestId: "req_1", ...(field ? { field } : {}) } }],
});
