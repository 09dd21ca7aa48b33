// Lines of visitors and operators break, again and again, in every way that lines do: reset, torn in the middle of a word,
// closed, silent without a word, the server killed, the device asleep. Whatever happens, both sides of each conversation end
// with the same list: every word that was written, once, in order, and soon after the network is well again.
//
// The clients are the widget's and the dashboard's own code, and the one that integrators are given (docs/client.ts), in
// processes of their own; the server is the real binary.
//   LIVERY_CHAOS_DISCONNECTS  how many lines break on each engine (300)
//   LIVERY_CHAOS_SEED         which ones, and how

import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { DemoServer } from "../demo-server.mjs";
import { FaultProxy } from "./fault-proxy.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const DISCONNECTS = Number(process.env.LIVERY_CHAOS_DISCONNECTS ?? 300);
const SEED = Number(process.env.LIVERY_CHAOS_SEED ?? process.hrtime.bigint() % 1_000_000n);
/** How much faster the clients' clocks run. */
const SPEED = 6;
const OPERATORS = [
  "operator1@bluebakery.test",
  "operator2@bluebakery.test",
  "owner@bluebakery.test",
  "owner@northlight.test",
];
/** Who of them works with the integrators' client; everybody else has the dashboard. */
const INTEGRATOR = "owner@northlight.test";
/** As many as one operator may have at once. */
const CHATS_EACH = 5;
const VISITOR_PROCESSES = 2;
/** Everybody has heard everything so soon after the last fault; the longest part is finding out that a line is silent. */
const SOON_MS = 60_000;
/** More than the server replays: who was away for so many has to be told to read anew. */
const MORE_THAN_REPLAYED = 520;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

let bundle;

before(async () => {
  bundle = mkdtempSync(join(tmpdir(), "disconnects-"));
  const { build } = await import(
    pathToFileURL(createRequire(here("../../dashboard/package.json")).resolve("vite")).href
  );
  await build({
    configFile: false,
    root: here("../../dashboard"),
    logLevel: "error",
    ssr: { noExternal: true },
    build: {
      ssr: true,
      outDir: bundle,
      rollupOptions: {
        input: [here("visitors.mjs"), here("operator.mjs"), here("integrator.mjs")],
        output: { entryFileNames: "[name].mjs", chunkFileNames: "[name].mjs" },
      },
    },
  });
});

after(() => rmSync(bundle, { recursive: true, force: true }));

/** Mulberry32: the same seed breaks the same lines in the same way, as far as their number allows. */
function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A process with clients in it. */
class Device {
  asleep = false;
  #waiting = [];

  constructor(script, name, ...words) {
    this.name = name;
    const flags = globalThis.WebSocket === undefined ? ["--experimental-websocket", "--no-warnings"] : [];
    this.process = fork(join(bundle, script), words, { execArgv: flags });
    this.process.on("message", (message) => this.#waiting.shift()?.done(message));
    this.process.on("exit", (code, signal) => {
      for (const { fail } of this.#waiting.splice(0)) fail(new Error(`${name} ended: ${code ?? signal}`));
    });
  }

  heard() {
    return new Promise((done, fail) => this.#waiting.push({ done, fail }));
  }

  order(order, more = {}) {
    this.process.send({ order, ...more });
  }

  async report() {
    const heard = this.heard();
    this.order("report");
    return (await heard).reports;
  }

  async stop() {
    const { process } = this;
    if (process.exitCode !== null || process.signalCode !== null) return;
    const gone = new Promise((done) => process.once("exit", done));
    process.kill("SIGKILL");
    await gone;
  }
}

/** What is not as it has to be, of one conversation, given what both sides report; empty when all is well. */
function faultsOf(sides) {
  const found = [];
  const written = sides.flatMap((side) => side.written);
  const last = Math.max(...sides.map(({ seen }) => seen.at(-1)?.[0] ?? 0));
  for (const { client, up, pending, partial, seen, wrong } of sides) {
    if (wrong.length > 0) found.push(`${client} showed a wrong list: ${wrong.join("; ")}`);
    if (!up) found.push(`${client} is cut off`);
    if (pending > 0) found.push(`${client} has ${pending} on their way`);
    const first = seen[0]?.[0] ?? 0;
    if (!partial && first !== 1) found.push(`${client} begins with ${first}`);
    const gap = seen.findIndex(([seq], at) => seq !== first + at);
    if (gap >= 0) found.push(`${client} has a gap at ${first + gap}`);
    if (seen.at(-1)?.[0] !== last) found.push(`${client} ends with ${seen.at(-1)?.[0]} of ${last}`);
  }
  const longest = sides
    .map((side) => side.seen)
    .reduce((one, other) => (other.length > one.length ? other : one));
  const texts = new Map(longest.map(([seq, text]) => [seq, text]));
  for (const { client, seen } of sides) {
    const other = seen.find(([seq, text]) => texts.get(seq) !== text);
    if (other) found.push(`${client} has something else at ${other[0]}`);
  }
  if (sides.every((side) => !side.partial)) {
    const times = new Map();
    for (const [, text] of longest) times.set(text, (times.get(text) ?? 0) + 1);
    for (const text of written)
      if (times.get(text) !== 1) found.push(`"${text}" is there ${times.get(text) ?? 0} times`);
  }
  return found;
}

/** A server behind a bad network, and everybody who talks over it. */
class Stage {
  devices = [];
  counts = { reset: 0, torn: 0, closed: 0, silent: 0, killed: 0, asleep: 0 };
  byOperators = 0;

  /** @param {import("node:test").TestContext} t */
  static async open(t, engine, sabotage = "none") {
    const stage = new Stage();
    t.after(() => stage.#close());
    stage.proxy = new FaultProxy();
    const base = await stage.proxy.listen();
    const plenty = "100000000";
    stage.server = await DemoServer.start(engine, {
      environment: {
        LIVERY_PUBLIC_URL: base,
        LIVERY_LOG: "warn",
        LIVERY_VISITOR_MESSAGES_PER_MINUTE: plenty,
        LIVERY_VISITOR_SESSIONS_PER_MINUTE: plenty,
        LIVERY_VISITOR_REQUESTS_PER_MINUTE: plenty,
        LIVERY_VISITORS_PER_NETWORK: plenty,
        LIVERY_VISITORS_PER_WIDGET: plenty,
        LIVERY_VISITORS_PER_ORGANIZATION: plenty,
      },
    });
    stage.proxy.target = Number(new URL(stage.server.url).port);
    const page = await (await fetch(`${stage.server.url}/demo`)).text();
    const widget = /data-widget="([^"]+)"/.exec(page)?.[1];
    assert.ok(widget, "the demo page has a widget");
    const chats = OPERATORS.length * CHATS_EACH;
    const conversations = [];
    for (let number = 0; number < VISITOR_PROCESSES; number += 1) {
      const name = `visitors-${number}`;
      const device = stage.#device(
        "visitors.mjs",
        base,
        name,
        sabotage,
        widget,
        `${chats / VISITOR_PROCESSES}`,
      );
      conversations.push(...(await device.heard()).ready);
    }
    for (const email of OPERATORS) {
      const own = conversations.splice(0, CHATS_EACH);
      const script = email === INTEGRATOR ? "integrator.mjs" : "operator.mjs";
      await stage.#device(script, base, email, sabotage, email, ...own).heard();
    }
    return stage;
  }

  #device(script, base, name, sabotage, ...words) {
    const device = new Device(script, name, base, name, `${SPEED}`, sabotage, ...words);
    this.devices.push(device);
    return device;
  }

  order(order) {
    for (const device of this.devices) device.order(order);
  }

  get cut() {
    return Object.values(this.counts).reduce((one, other) => one + other, 0);
  }

  /** @param {ReturnType<FaultProxy["lines"]>[number]} line */
  #count(line, kind) {
    this.counts[kind] += 1;
    if (line.client.includes("@")) this.byOperators += 1;
  }

  /** Breaks a line, and in some cases every call that its client has under way. */
  breakLine(line, random) {
    const kinds = ["reset", "reset", "torn", "closed", "silent"];
    const kind = kinds[Math.floor(random() * kinds.length)];
    line.suffer(kind);
    this.#count(line, kind);
    if (random() < 0.3) for (const call of this.proxy.calls(line.client)) call.suffer(kind);
  }

  async killServer() {
    for (const line of this.proxy.lines()) this.#count(line, "killed");
    await this.server.kill();
    await this.server.up();
  }

  /** A device is put away: nothing runs on it, and its lines die. */
  fallAsleep(device, random) {
    device.asleep = true;
    device.process.kill("SIGSTOP");
    for (const line of this.proxy.lines()) {
      if (line.client !== device.name) continue;
      line.suffer(random() < 0.5 ? "reset" : "silent");
      this.#count(line, "asleep");
    }
  }

  /** It goes on where it was; mostly it also learns that it is looked at again. */
  wakeUp(device, random) {
    device.process.kill("SIGCONT");
    device.asleep = false;
    if (random() < 0.7) device.order("wake");
  }

  /** Waits until everybody has heard everything. What is still wrong when that takes too long, is returned. */
  async rest() {
    this.order("hush");
    const until = Date.now() + SOON_MS;
    for (;;) {
      const conversations = new Map();
      for (const reports of await Promise.all(this.devices.map((device) => device.report())))
        for (const report of reports)
          conversations.set(report.conversation, [...(conversations.get(report.conversation) ?? []), report]);
      const found = [...conversations.values()].flatMap(faultsOf);

      const lasting = found.some((fault) => fault.includes("wrong list"));
      if (found.length === 0 || lasting || Date.now() > until)
        return { found, sides: [...conversations.values()].flat() };
      await sleep(400);
    }
  }

  async #close() {
    for (const device of this.devices) await device.stop();
    await this.server?.stop();
    await this.proxy.close();
  }
}

/** Breaks so many lines; what was wrong in the end, or at the first rest at which something was. */
async function run(stage, disconnects, seed) {
  const random = seeded(seed);
  const began = Date.now();
  const sleeping = [];
  const every = (least) => Math.max(1, Math.min(least, Math.floor(disconnects / 3)));
  const due = { kill: every(400), sleep: every(150), rest: every(500) };
  let found = [];
  stage.order("talk");
  while (stage.cut < disconnects && found.length === 0) {
    await sleep(10 + random() * 40);
    const lines = stage.proxy.lines();
    // As many of operators as of visitors, though there are fewer of them.
    const side = lines.filter(({ client }) => client.includes("@") === random() < 0.5);
    const line = side[Math.floor(random() * side.length)];
    if (line) stage.breakLine(line, random);
    if (stage.cut >= due.sleep) {
      const here = stage.proxy.lines().map(({ client }) => client);
      const awake = stage.devices.filter(({ asleep, name }) => !asleep && here.includes(name));
      const device = awake[Math.floor(random() * awake.length)];
      if (device) {
        due.sleep += every(150);
        stage.fallAsleep(device, random);
        sleeping.push(sleep(300 + random() * 5_000).then(() => stage.wakeUp(device, random)));
      }
    }
    if (stage.cut >= due.kill && stage.proxy.lines().length > 0) {
      due.kill += every(400);
      await stage.killServer();
    }
    if (stage.cut >= due.rest) {
      due.rest += every(500);
      await Promise.all(sleeping.splice(0));
      found = (await stage.rest()).found;
      stage.order("talk");
    }
  }
  await Promise.all(sleeping);
  const rest = await stage.rest();
  const words = rest.sides.reduce((sum, side) => sum + side.written.length, 0);
  const seconds = Math.round((Date.now() - began) / 1_000);
  const kinds = Object.entries(stage.counts).map((pair) => pair.reverse().join(" "));
  const told = `${stage.cut} disconnects (${kinds.join(", ")}; ${stage.byOperators} of operators), ${words} messages, ${seconds} s`;
  return { found: found.length > 0 ? found : rest.found, told };
}

/** Whoever slept through more than is replayed is told so, reads anew, and shows no hole. */
async function oversleep(stage, away) {
  const { sides } = await stage.rest();
  const mine = sides.find((side) => side.client === away.name);
  const { conversation } = mine;
  const other = sides.find((side) => side.conversation === conversation && side.client !== away.name);
  const awake = stage.devices.find((device) => device.name === other.client);
  const sideOf = async (device) => (await device.report()).find((side) => side.conversation === conversation);
  stage.fallAsleep(away, Math.random);
  awake.order("burst", { id: conversation, number: MORE_THAN_REPLAYED });
  const until = Date.now() + SOON_MS;
  while ((await sideOf(awake)).pending > 0) {
    assert.ok(Date.now() < until, "so many messages are written in time");
    await sleep(200);
  }
  stage.wakeUp(away, () => 0);
  const { found, sides: then } = await stage.rest();
  assert.deepEqual(found, []);
  const after = then.find((side) => side.client === away.name && side.conversation === conversation);
  assert.equal(after.resyncs, mine.resyncs + 1, `${away.name} was told to read anew`);
}

for (const engine of ["sqlite", "postgres"]) {
  test(`nothing is lost, doubled or left unsaid over ${DISCONNECTS} disconnects on ${engine}`, async (t) => {
    t.diagnostic(`LIVERY_CHAOS_SEED=${SEED}`);
    const stage = await Stage.open(t, engine);
    const { found, told } = await run(stage, DISCONNECTS, SEED);
    t.diagnostic(told);
    assert.deepEqual(found.slice(0, 10), [], `SEED=${SEED}: ${found.length} faults`);
    assert.ok(stage.cut >= DISCONNECTS);
    for (const [kind, count] of Object.entries(stage.counts)) assert.ok(count > 0, `no line was ${kind}`);

    for (const away of [stage.devices[0], stage.devices.at(-2), stage.devices.at(-1)])
      await oversleep(stage, away);
  });
}

test("going on from now rather than from the last event fails the same test", async (t) => {
  const stage = await Stage.open(t, "sqlite", "forgetful");
  const { found, told } = await run(stage, 100, SEED);
  t.diagnostic(`${told}; ${found.length} faults, first: ${found[0]}`);
  assert.notDeepEqual(found, []);
});

test("the integrators' client has sixty lines", () => {
  const lines = readFileSync(here("../../docs/client.ts"), "utf8").split("\n");
  assert.ok(lines.filter((line) => !/^\s*(\/\/|$)/.test(line)).length <= 60);
  for (const line of lines) assert.ok(!/^\s*import\b/.test(line), "it needs nothing");
});
