// An integrator's server: takes webhooks, checks their signature as Standard Webhooks says, and answers as it is told to.

import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Told {
  readonly host: string;
  readonly id: string;
  readonly body: { readonly type: string; readonly data: Record<string, unknown> };
  /** Whether it is signed with that secret. */
  readonly signedWith: (secret: string) => boolean;
}

export class Receiver {
  readonly #server: Server;
  readonly #got: Told[] = [];
  #answer = { status: 200, words: "thank you" };

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        const header = (name: string) => String(request.headers[name] ?? "");
        const signed = `${header("webhook-id")}.${header("webhook-timestamp")}.${text}`;
        receiver.#got.push({
          host: header("host"),
          id: header("webhook-id"),
          body: JSON.parse(text),
          signedWith: (secret) => {
            const key = Buffer.from(secret.replace("whsec_", ""), "base64");
            const mac = createHmac("sha256", key).update(signed).digest("base64");
            return header("webhook-signature").split(" ").includes(`v1,${mac}`);
          },
        });
        response.writeHead(receiver.#answer.status).end(receiver.#answer.words);
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What it answers from now on. */
  answers(status: number, words: string): void {
    this.#answer = { status, words };
  }

  get got(): readonly Told[] {
    return this.#got;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }
}
