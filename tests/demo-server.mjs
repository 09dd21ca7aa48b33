// @ts-check
// A server under test, for whatever tests it from outside: the real binary, in demo mode, on a free port, with data of its own.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const binary =
  process.env.LIVERY_BIN ?? resolve(root, process.env.CARGO_TARGET_DIR ?? "target", "debug/livery");

let databases = 0;

/** @returns {Promise<number>} */
async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

export class DemoServer {
  /** @type {import("node:child_process").ChildProcess | undefined} */
  #process;
  #output = "";
  #folder;
  /** @type {NodeJS.ProcessEnv} */
  #environment;
  #demo = true;

  /**
   * @param {number} port
   * @param {string} folder
   * @param {string} databaseUrl
   */
  constructor(port, folder, databaseUrl) {
    this.url = `http://127.0.0.1:${port}`;
    this.#folder = folder;
    this.#environment = {
      ...process.env,
      LIVERY_LISTEN: `127.0.0.1:${port}`,
      LIVERY_PUBLIC_URL: this.url,
      LIVERY_DATABASE_URL: databaseUrl,
      LIVERY_SECRET_KEY_FILE: join(folder, "secret.key"),
      LIVERY_FILES_URL: `file://${join(folder, "files")}`,
    };
    // The tests' own settings are none of the server's.
    for (const name of ["LIVERY_BIN", "LIVERY_TEST_POSTGRES_URL"]) delete this.#environment[name];
  }

  /**
   * @param {"sqlite" | "postgres"} database
   * @param {{ demo?: boolean, environment?: Record<string, string> }} [options] without demo mode the platform is empty
   */
  static async start(database, { demo = true, environment = {} } = {}) {
    const folder = mkdtempSync(join(tmpdir(), "demo-"));
    const name = `demo_${process.pid}_${Date.now()}_${databases++}`;
    const url =
      database === "sqlite"
        ? `sqlite://${join(folder, "livery.db")}`
        : execFileSync(join(root, "scripts/postgres"), ["database", name], { encoding: "utf8" }).trim();
    const server = new DemoServer(await freePort(), folder, url);
    server.#demo = demo;
    Object.assign(server.#environment, environment);
    await server.up();
    return server;
  }

  /** Starts the process, again after a kill, and returns once it is ready. */
  async up() {
    const child = spawn(binary, ["serve", ...(this.#demo ? ["--demo"] : [])], {
      cwd: this.#folder,
      env: this.#environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    // Whoever started it may be interrupted; then it goes too.
    const along = () => child.kill("SIGKILL");
    process.once("exit", along);
    /** @type {string | undefined} */
    let gone;
    child.on("error", (error) => {
      gone = error.message;
    });
    child.on("exit", (code, signal) => {
      gone = `ended with ${code ?? signal}`;
      process.off("exit", along);
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        this.#output = (this.#output + text).slice(-200_000);
      });
    }
    const deadline = Date.now() + 60_000;
    while (gone === undefined && Date.now() < deadline) {
      const ready = await fetch(`${this.url}/readyz`).catch(() => null);
      if (ready?.ok) return;
      await new Promise((later) => setTimeout(later, 50));
    }
    await this.kill();
    throw new Error(`${binary} ${gone ?? "is not ready after a minute"}\n${this.log(40)}`);
  }

  /**
   * What the platform admin's command prints.
   * @param {readonly string[]} words
   */
  admin(...words) {
    const options = { cwd: this.#folder, env: this.#environment, encoding: /** @type {const} */ ("utf8") };
    return execFileSync(binary, ["admin", ...words], options).trim();
  }

  /** As a power cut would: no chance to say goodbye. */
  kill() {
    return this.#end("SIGKILL");
  }

  /** Politely; the data stay for another `up`. */
  pause() {
    return this.#end("SIGTERM");
  }

  async stop() {
    await this.#end("SIGTERM");
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** @param {NodeJS.Signals} signal */
  async #end(signal) {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), 35_000);
    await ended;
    clearTimeout(late);
  }

  /** @param {number} lines */
  log(lines) {
    return this.#output.split("\n").slice(-lines).join("\n");
  }
}
