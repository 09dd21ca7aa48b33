// A name server of the test's own: what it says about a domain is what the test has put there.

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

const kinds = { A: 1, CNAME: 5, TXT: 16 } as const;
export type Kind = keyof typeof kinds;

/** Answers over UDP (RFC 1035): the records it was given, and NXDOMAIN for names it has never heard of. */
export class NameServer {
  readonly #socket: Socket = createSocket("udp4");
  readonly #records = new Map<string, { kind: Kind; value: string }[]>();

  static async start(): Promise<NameServer> {
    const server = new NameServer();
    server.#socket.on("message", (question, from) => {
      const answer = server.#answer(question);
      if (answer) server.#socket.send(answer, from.port, from.address);
    });
    server.#socket.bind(0, "127.0.0.1");
    await once(server.#socket, "listening");
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  add(name: string, kind: Kind, value: string): void {
    const key = name.toLowerCase().replace(/\.$/, "");
    this.#records.set(key, [...(this.#records.get(key) ?? []), { kind, value }]);
  }

  remove(name: string): void {
    this.#records.delete(name.toLowerCase().replace(/\.$/, ""));
  }

  stop(): void {
    this.#socket.close();
  }

  #answer(question: Buffer): Buffer | undefined {
    if (question.length < 17) return undefined;
    const labels: string[] = [];
    let at = 12;
    while (at < question.length && question[at] !== 0) {
      const length = question[at] ?? 0;
      labels.push(question.toString("latin1", at + 1, at + 1 + length));
      at += length + 1;
    }
    const end = at + 5;
    const asked = question.readUInt16BE(at + 1);
    const known = this.#records.get(labels.join(".").toLowerCase());
    // A name that stands for another is answered with that, whatever was asked about it.
    const fitting = (known ?? []).filter(({ kind }) => kinds[kind] === asked || kind === "CNAME");
    const header = Buffer.alloc(12);
    question.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8180 | (known ? 0 : 3), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(fitting.length, 6);
    const records = fitting.map(({ kind, value }) => {
      const data = dataOf(kind, value);
      const fixed = Buffer.alloc(12);
      fixed.writeUInt16BE(0xc00c, 0);
      fixed.writeUInt16BE(kinds[kind], 2);
      fixed.writeUInt16BE(1, 4);
      fixed.writeUInt32BE(1, 6);
      fixed.writeUInt16BE(data.length, 10);
      return Buffer.concat([fixed, data]);
    });
    return Buffer.concat([header, question.subarray(12, end), ...records]);
  }
}

function dataOf(kind: Kind, value: string): Buffer {
  if (kind === "A") return Buffer.from(value.split(".").map(Number));
  if (kind === "TXT") return Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
  const labels = value.replace(/\.$/, "").split(".");
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);
}
