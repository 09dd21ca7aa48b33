// A push service and a browser's side of it: takes what the server sends (RFC 8030), opens it as a browser would (RFC 8291), and
// keeps what it said. Everything a page of a test subscribes to is here.

import { createDecipheriv, createECDH, createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Pushed {
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

const hmac = (key: Buffer, ...parts: Buffer[]) => {
  const mac = createHmac("sha256", key);
  for (const part of parts) mac.update(part);
  return mac.digest();
};

/** HKDF (RFC 5869) for one block. */
const derived = (salt: Buffer, secret: Buffer, info: Buffer, length: number) =>
  hmac(hmac(salt, secret), info, Buffer.from([1])).subarray(0, length);

export class PushService {
  readonly #server: Server;
  readonly #keys = createECDH("prime256v1");
  readonly #auth = randomBytes(16);
  readonly #got: Pushed[] = [];
  #status = 201;

  private constructor(server: Server) {
    this.#server = server;
    this.#keys.generateKeys();
  }

  static async start(): Promise<PushService> {
    const server = createServer();
    const service = new PushService(server);
    server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const headers = Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
        );
        const endpoint = `https://${request.headers.host}${request.url}`;
        service.#got.push({ endpoint, headers, text: service.#opened(Buffer.concat(chunks)) });
        response.writeHead(service.#status).end();
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What a page's `subscribe()` is to give. */
  subscription(name: string): { endpoint: string; keys: { p256dh: string; auth: string } } {
    return {
      endpoint: `https://fcm.googleapis.com/fcm/send/${name}`,
      keys: {
        p256dh: this.#keys.getPublicKey("base64url"),
        auth: this.#auth.toString("base64url"),
      },
    };
  }

  /** What it answers from now on. */
  answers(status: number): void {
    this.#status = status;
  }

  get got(): readonly Pushed[] {
    return this.#got;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  /** Opens a body of `aes128gcm` (RFC 8188) with the keys of RFC 8291, section 3.4. */
  #opened(body: Buffer): string {
    if (body.length === 0) return "";
    const salt = body.subarray(0, 16);
    const sender = body.subarray(21, 21 + body.readUInt8(20));
    const sealed = body.subarray(21 + sender.length);
    const info = Buffer.concat([Buffer.from("WebPush: info\0"), this.#keys.getPublicKey(), sender]);
    const secret = derived(this.#auth, this.#keys.computeSecret(sender), info, 32);
    const key = derived(salt, secret, Buffer.from("Content-Encoding: aes128gcm\0"), 16);
    const nonce = derived(salt, secret, Buffer.from("Content-Encoding: nonce\0"), 12);
    const open = createDecipheriv("aes-128-gcm", key, nonce);
    open.setAuthTag(sealed.subarray(-16));
    const padded = Buffer.concat([open.update(sealed.subarray(0, -16)), open.final()]);
    return padded.subarray(0, padded.lastIndexOf(2)).toString("utf8");
  }
}
