// A mail server of the test's own: it takes everything but for whom it was told not to know, and the test reads it.

import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";

export interface Mail {
  readonly to: string;
  readonly from: string;
  readonly subject: string;
  /** The part for readers without HTML. */
  readonly text: string;
  /** All of it, as it came. */
  readonly source: string;
}

/** Speaks as much of RFC 5321 as a client needs to hand a message over. */
export class MailServer {
  readonly #server: Server = createServer((socket) => this.#serve(socket));
  readonly #mails: Mail[] = [];
  /** Who has no mailbox here: what is for them is refused for good. */
  readonly unknown = new Set<string>();
  /** How often that happened. */
  refused = 0;
  #waiting: (() => void)[] = [];

  static async start(): Promise<MailServer> {
    const server = new MailServer();
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return `smtp://127.0.0.1:${address.port}`;
  }

  /** The first mail to that address that fits, as soon as it is there. */
  async mailTo(to: string, fits: (mail: Mail) => boolean = () => true): Promise<Mail> {
    for (;;) {
      const found = this.#mails.find((mail) => mail.to === to && fits(mail));
      if (found) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  stop(): void {
    this.#server.close();
  }

  #serve(socket: Socket): void {
    let buffered = "";
    let inData = false;
    let from = "";
    let to = "";
    socket.setEncoding("utf8");
    socket.on("error", () => socket.destroy());
    socket.write("220 mail.test ESMTP\r\n");
    socket.on("data", (chunk: string) => {
      buffered += chunk;
      for (;;) {
        const end = buffered.indexOf(inData ? "\r\n.\r\n" : "\r\n");
        if (end < 0) return;
        const piece = buffered.slice(0, end);
        buffered = buffered.slice(end + (inData ? 5 : 2));
        if (inData) {
          inData = false;
          this.#keep(from, to, piece.replace(/\r\n\.\./g, "\r\n."));
          socket.write("250 taken\r\n");
          continue;
        }
        const command = piece.slice(0, 4).toUpperCase();
        if (command === "EHLO") socket.write("250-mail.test\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n");
        else if (command === "DATA") {
          inData = true;
          socket.write("354 go on\r\n");
        } else if (command === "QUIT") socket.end("221 bye\r\n");
        else {
          const address = /<([^>]*)>/.exec(piece)?.[1] ?? "";
          if (command === "MAIL") from = address;
          if (command === "RCPT") to = address;
          const known = command !== "RCPT" || !this.unknown.has(address);
          if (!known) this.refused += 1;
          socket.write(known ? "250 ok\r\n" : "550 5.1.1 no such mailbox\r\n");
        }
      }
    });
  }

  #keep(from: string, to: string, source: string): void {
    const subject = /^Subject: (.*(?:\r\n[ \t].*)*)/im.exec(source)?.[1] ?? "";
    this.#mails.push({ from, to, subject: subject.replace(/\r\n[ \t]/g, " "), text: textOf(source), source });
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

/** The `text/plain` part, decoded (RFC 2045). */
function textOf(source: string): string {
  const boundary = /boundary="?([^";\r\n]+)"?/i.exec(source)?.[1];
  const parts = boundary ? source.split(`--${boundary}`) : [source];
  const part = parts.find((one) => /^content-type: text\/plain/im.test(one)) ?? "";
  const head = part.slice(0, part.indexOf("\r\n\r\n"));
  const body = part.slice(part.indexOf("\r\n\r\n") + 4);
  if (/^content-transfer-encoding: base64/im.test(head)) return Buffer.from(body, "base64").toString("utf8");
  if (/^content-transfer-encoding: quoted-printable/im.test(head)) {
    const bytes = body
      .replace(/=\r\n/g, "")
      .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    return Buffer.from(bytes, "latin1").toString("utf8");
  }
  return body;
}
