// @ts-check
// A TCP proxy that stands for a bad network: it passes everything on, until it is told what becomes of a connection. It reads
// requests only to know whose they are (`x-client`) and which of them open a line, that is a WebSocket.

import { once } from "node:events";
import { connect, createServer } from "node:net";

/**
 * reset: both ends are told at once. torn: as reset, in the middle of what the server says next. closed: in good order.
 * silent: neither end is told anything, and nothing arrives any more (half-open).
 * @typedef {"reset" | "torn" | "closed" | "silent"} Fault
 */

class Connection {
  client = "";
  line = false;
  /** Whether the server has said anything on this line since it agreed to it. */
  spoken = false;
  /** @type {Fault | null} */
  fault = null;
  #answered = false;

  /**
   * @param {import("node:net").Socket} near
   * @param {number} port
   * @param {() => void} gone
   */
  constructor(near, port, gone) {
    this.near = near;
    this.far = connect(port, "127.0.0.1");
    for (const socket of [near, this.far]) socket.setNoDelay(true).on("error", () => {});
    near.on("data", (data) => this.#upwards(data));
    this.far.on("data", (data) => this.#downwards(data));
    near.on("close", () => {
      gone();
      this.far.destroy();
    });
    this.far.on("close", () => {
      // Of a connection that went silent the client learns nothing: not even that the server is gone.
      if (this.fault !== "silent") near.destroy();
    });
  }

  /** @param {Buffer} data */
  #upwards(data) {
    if (this.fault === "silent") return;
    if (!this.line) {
      const head = data.toString("latin1");
      this.client ||= /^x-client: *(\S+)/im.exec(head)?.[1] ?? "";
      // A client may ask for the line on a connection that has carried calls before.
      if (/^upgrade: *websocket/im.test(head)) {
        this.line = true;
        this.#answered = false;
        this.spoken = false;
      }
    }
    this.far.write(data);
  }

  /** @param {Buffer} data */
  #downwards(data) {
    if (this.fault === "silent") return;
    if (this.fault === "torn") {
      this.near.write(data.subarray(0, data.length >> 1), () => this.#reset());
      return;
    }
    if (this.#answered) this.spoken = true;
    this.#answered = true;
    this.near.write(data);
  }

  #reset() {
    this.near.resetAndDestroy();
    this.far.resetAndDestroy();
  }

  /** @param {Fault} fault */
  suffer(fault) {
    this.fault = fault;
    if (fault === "reset") this.#reset();
    if (fault === "closed") {
      this.near.end();
      this.far.end();
    }
  }
}

export class FaultProxy {
  /** @type {Set<Connection>} */
  #connections = new Set();
  #server;
  /** Where the server is; nobody is let in before it is known. */
  target = 0;

  constructor() {
    this.#server = createServer((near) => {
      const connection = new Connection(near, this.target, () => this.#connections.delete(connection));
      this.#connections.add(connection);
    });
  }

  async listen() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return `http://127.0.0.1:${address.port}`;
  }

  /** The lines that are up as far as their clients know: they have been spoken on, and nothing has happened to them. */
  lines() {
    return [...this.#connections].filter(({ line, spoken, fault }) => line && spoken && fault === null);
  }

  /**
   * Everything else that a client has under way: calls whose answers are lost, though they were heeded.
   * @param {string} client
   */
  calls(client) {
    return [...this.#connections].filter((one) => one.client === client && !one.line && one.fault === null);
  }

  async close() {
    for (const { near, far } of this.#connections) {
      near.destroy();
      far.destroy();
    }
    this.#server.close();
    await once(this.#server, "close");
  }
}
