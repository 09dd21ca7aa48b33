// Somebody else's web site, on an origin of its own, which does not wish the widget well: a strict Content-Security-Policy, CSS
// that reaches for everything, and a script that listens and interferes.

import { once } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";

const css = `
* { all: unset !important; font-size: 3px !important; color: red !important; }
html, body { display: block !important; overflow: hidden !important; }
body { transform: scale(0.9) !important; }
iframe, button, chat-widget, [data-widget] { opacity: 0 !important; transform: rotate(45deg) !important; width: 1px !important; }
div, span, svg, path { visibility: hidden !important; position: static !important; }
`;

// Runs before the widget: what it sees and what it breaks.
const script = `
window.violations = [];
window.overheard = [];
addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective + " " + event.blockedURI));
addEventListener("message", (event) => overheard.push(JSON.stringify(event.data)));
window.before = Object.keys(window);
Array.prototype.last = function () { return this[this.length - 1]; };
Object.prototype.hostile = "yes";
window.Widget = window.Chat = window.chat = "taken";
setInterval(() => {
  for (let i = 0; i < frames.length; i++) frames[i].postMessage({ t: "token", token: "forged" }, "*");
  postMessage({ t: "close" }, "*");
}, 100);
`;

export class ForeignSite {
  private constructor(
    private readonly listener: HttpServer,
    readonly origin: string,
  ) {}

  /** A site whose page carries these widgets of that server. */
  static async start(server: string, widgets: readonly string[]): Promise<ForeignSite> {
    const policy = [
      "default-src 'none'",
      `script-src 'self' ${server}`,
      "style-src 'self'",
      `frame-src ${server}`,
      `connect-src ${server}`,
      "base-uri 'none'",
      "form-action 'none'",
    ].join("; ");
    const tags = widgets
      .map((id) => `<script async src="${server}/w.js" data-widget="${id}"></script>`)
      .join("\n");
    const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Somebody else's shop</title>
<link rel="stylesheet" href="/page.css"><script src="/page.js"></script>${tags}</head><body><h1>Somebody else's shop</h1></body></html>`;
    const listener = createServer((request, response) => {
      const path = request.url?.split("?")[0];
      const [type, body] =
        path === "/page.css"
          ? ["text/css", css]
          : path === "/page.js"
            ? ["text/javascript", script]
            : ["text/html", page];
      response
        .writeHead(200, { "content-type": `${type}; charset=utf-8`, "content-security-policy": policy })
        .end(body);
    }).listen(0, "127.0.0.1");
    await once(listener, "listening");
    const address = listener.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return new ForeignSite(listener, `http://127.0.0.1:${address.port}`);
  }

  async stop(): Promise<void> {
    this.listener.closeAllConnections();
    this.listener.close();
    await once(this.listener, "close");
  }
}
