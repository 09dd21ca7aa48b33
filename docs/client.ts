// Follows one conversation over any number of broken lines, and sends each message exactly once: docs/subscriptions.md.
// `token(true)` is asked for after a refusal: it gets a new one, or throws `{ code: "FORBIDDEN" }` where there is none.
// biome-ignore-all format: sixty lines, and no more
export type Message = { id: string; seq: number; text: string; clientId: string | null; deletedAt: string | null };
export type Failure = { code?: string; reason?: string; retryAfter?: number };
const FIELDS = "id seq text clientId deletedAt";
const PAGE = `nodes { ${FIELDS} } pageInfo { hasPreviousPage startCursor }`;
const READ = `query ($id: ID!, $before: String) { conversation(id: $id) { cursor messages(last: 100, before: $before) { ${PAGE} } } }`;
const SEND = `mutation ($id: ID!, $clientId: String!, $text: String!) { sendMessage(conversationId: $id, clientId: $clientId, text: $text) { ${FIELDS} } }`;
const EVENTS = `subscription ($id: ID!, $after: String) { conversationEvents(conversationId: $id, after: $after) {
  ... on MessageAdded { cursor added: message { ${FIELDS} } } ... on MessageChanged { changed: message { ${FIELDS} } } ... on Resync { resync: reason } } }`;
const FINAL = /^(FORBIDDEN|NOT_FOUND|INVALID|CONFLICT|4400|4403|4406)$/;

export function follow(url: string, id: string, token: (refused: boolean) => Promise<string>, show: (all: Message[]) => void) {
  let [held, cursor, tries, quiet, cut] = [new Map<number, Message>(), "", 0, false, (_: Failure) => {}];
  let last: Promise<unknown> = Promise.resolve();
  async function insist<T>(work: (pass: string) => Promise<T>): Promise<T> {
    for (let refused = false; ; ) try { return await work(await token(refused)); } catch (error) {
      const { code = "", retryAfter = Math.min(15, 0.2 * 2 ** tries++) } = error as Failure;
      if (FINAL.test(code)) throw error;
      refused = code === "UNAUTHENTICATED";
      await new Promise((done) => setTimeout(done, retryAfter * (1000 + 1000 * Math.random())));
    }
  }
  const ask = (query: string, variables: object) => insist(async (pass) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${pass}` };
    const [body, signal] = [JSON.stringify({ query, variables }), AbortSignal.timeout(10_000)];
    const { data, errors } = await (await fetch(url, { method: "POST", headers, body, signal })).json();
    if (errors) throw errors[0].extensions; else return data;
  });
  async function read(before?: string): Promise<Message[]> {
    const { cursor: here, messages: { nodes, pageInfo } } = (await ask(READ, { id, before })).conversation;
    const older = pageInfo.hasPreviousPage ? await read(pageInfo.startCursor) : [];
    cursor = here;
    return [...older, ...nodes];
  }
  const line = async (pass: string) => {
    if (cursor === "") { const all = await read(); held = new Map(all.map((message) => [message.seq, message])); show(all); }
    const socket = new WebSocket(url.replace("http", "ws"), "graphql-transport-ws");
    const say = (message: object) => socket.send(JSON.stringify(message));
    const beat = setInterval(() => { if (quiet || socket.readyState !== 1) cut({}); else say({ type: "ping" }); quiet = true; }, 10_000);
    return new Promise<never>((_, fail) => {
      cut = fail;
      socket.onopen = () => say({ type: "connection_init", payload: { token: pass } });
      socket.onclose = ({ code }) => fail({ code: code === 4401 ? "UNAUTHENTICATED" : `${code}` });
      socket.onmessage = ({ data }) => {
        const { type, payload } = JSON.parse(data);
        const failure = type === "error" ? payload[0] : payload?.errors?.[0];
        const { cursor: here, added, changed, resync } = payload?.data?.conversationEvents ?? {};
        if (added ?? held.has(changed?.seq)) held.set((added ?? changed).seq, added ?? changed);
        [cursor, quiet, tries] = [resync ? "" : (here ?? cursor), false, type === "next" ? 0 : tries];
        if (type === "connection_ack") say({ id: "1", type: "subscribe", payload: { query: EVENTS, variables: { id, after: cursor } } });
        if (type === "next") show([...held.values()]);
        if (failure || resync || type === "complete") fail(failure?.extensions ?? {});
      };
    }).finally(() => { clearInterval(beat); socket.onmessage = null; socket.close(); });
  };
  const send = (text: string, clientId: string = crypto.randomUUID()): Promise<Message> => {
    const kept = last.then(() => ask(SEND, { id, clientId, text })).then((data) => data.sendMessage);
    last = kept.catch(() => {}); return kept;
  };
  const stop = () => { token = () => Promise.reject({ code: "FORBIDDEN", reason: "STOPPED" }); cut({}); };
  return { send, stop, ended: insist(line).catch((failure: Failure) => failure) };
}
