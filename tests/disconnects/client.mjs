// What visitors and operators have in common here: a browser of sorts around the client's own code, whose clock runs fast so
// that a night's worth of waiting fits into a test, and the orders of the parent process.

export const [base, name, speed, sabotage] = process.argv.slice(2);

const { setTimeout: late, setInterval: often, fetch: carry, WebSocket: Line } = globalThis;
// Only what the client waits for is shortened; what the platform waits for by itself is not seen here.
globalThis.setTimeout = (work, ms = 0, ...rest) => late(work, ms / Number(speed), ...rest);
globalThis.setInterval = (work, ms = 0, ...rest) => often(work, ms / Number(speed), ...rest);
export const sleep = (ms) => new Promise((done) => late(done, ms));

const cookies = new Map();

globalThis.fetch = async (input, init = {}) => {
  const headers = new Headers(init.headers);
  headers.set("x-client", name);
  headers.set("origin", base);
  if (cookies.size > 0) headers.set("cookie", [...cookies].map((pair) => pair.join("=")).join("; "));
  const response = await carry(new URL(input, base), { ...init, headers });
  for (const line of response.headers.getSetCookie()) {
    const [pair] = line.split(";");
    cookies.set(...pair.split(/=(.*)/s).slice(0, 2));
  }
  return response;
};

globalThis.WebSocket = class extends Line {
  constructor(url, protocols) {
    super(url, { protocols, headers: { "x-client": name, origin: base } });
  }

  /** The saboteur goes on from now rather than from where it was. */
  send(data) {
    super.send(sabotage === "forgetful" ? data.replace(/"after":"[^"]*"/, '"after":null') : data);
  }
};

const say = (message) => process.send(message);

/** One side of a conversation: what was written, what is seen, and what should never have been seen. */
export class Talk {
  /** What was written here, in order. */
  written = [];
  /** What was wrong with the list at some moment. */
  wrong = [];
  resyncs = 0;
  #label;
  #count = 0;

  constructor(label) {
    this.#label = label;
  }

  /** Words that nobody else says. */
  words() {
    const text = `${this.#label} says ${++this.#count}`;
    this.written.push(text);
    return text;
  }

  /**
   * Looks at a list as it would be shown: each entry once, in order, and none of them also as still on its way. Up to
   * `whole`, if that is known, nothing may be missing.
   */
  look(entries, pending, whole = 0) {
    const ids = new Set();
    let last = 0;
    for (const { id, seq, clientId } of entries) {
      if (seq <= last || ids.has(id)) this.#mind(`${seq} after ${last}`);
      if (last > 0 && seq <= whole && seq !== last + 1)
        this.#mind(`a hole before ${seq}, whole up to ${whole}`);
      if (clientId !== null && pending.has(clientId)) this.#mind(`${clientId} twice: kept, and on its way`);
      ids.add(id);
      last = seq;
    }
  }

  #mind(what) {
    if (this.wrong.length < 5) this.wrong.push(what);
  }
}

/**
 * Obeys the parent until it goes. `talks`: conversation to side. `write`: something is said there. `report`: what is seen
 * there now. `wake`: the device is looked at again.
 */
export function obey(talks, { write, report, wake }) {
  let talking = false;
  const chatter = async (talk, id) => {
    while (talking) {
      write(id, talk);
      await sleep(150 + Math.random() * 700);
    }
  };
  process.on("message", ({ order, id, number }) => {
    if (order === "talk" && !talking) {
      talking = true;
      for (const [conversation, talk] of talks) void chatter(talk, conversation);
    }
    if (order === "hush") talking = false;
    if (order === "wake") wake();
    if (order === "burst") for (let count = 0; count < number; count += 1) write(id, talks.get(id));
    if (order === "report") {
      const reports = [...talks].map(([conversation, talk]) => {
        const { written, wrong, resyncs } = talk;
        return { conversation, client: name, written, wrong, resyncs, ...report(conversation) };
      });
      say({ reports });
    }
  });
  process.on("disconnect", () => process.exit());
  say({ ready: [...talks.keys()] });
}
