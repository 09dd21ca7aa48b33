// The loader: draws the launcher on the client's page and, on first use, the frame with the panel. It runs among foreign
// code and CSS, so it touches nothing but one element of its own and the one global of queue.ts.

import { HELLO, type Look, type ToLoader, type ToPanel } from "../protocol";
import css from "./launcher.css?inline";
import { register, type Widget } from "./queue";

const BUBBLE = "M12 4a8 8 0 0 0-7 12l-1 4 4-1a8 8 0 1 0 4-15z";
const CROSS = "M6 6l12 12M18 6 6 18";
const SVG = "http://www.w3.org/2000/svg";

function start(home: string, id: string, nonce: string): void {
  const key = `chat:${id}`;
  const element = document.createElement("chat-widget");
  // Open, so that accessibility tools see the launcher. Closed would keep nothing from the page: its scripts ran first.
  const root = element.attachShadow({ mode: "open" });
  const button = document.createElement("button");
  const badge = document.createElement("span");
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  let frame: HTMLIFrameElement | undefined;
  let unread = 0;
  let shown: Look;
  const widget: Widget = {
    id,
    home,
    opened: false,
    show: (open) => show(open, true),
  };

  const tell = (focus: boolean) =>
    widget.port?.postMessage({
      t: widget.opened ? "open" : "closed",
      // Neither query nor fragment leaves the page: both may carry secrets.
      page: location.origin + location.pathname,
      focus,
    } satisfies ToPanel);

  const dress = () => {
    const news = widget.opened || !unread ? "" : unread > 9 ? "9+" : `${unread}`;
    badge.textContent = news;
    button.setAttribute("aria-description", news && `${news} unread`);
    if (frame) {
      frame.title = shown.title;
      frame.style.borderRadius = `${shown.radius}px`;
    }
  };

  const mount = () => {
    if (widget.port) return;
    // The one before never spoke: it may have been loaded while there was no network.
    frame?.remove();
    frame = document.createElement("iframe");
    frame.hidden = true;
    // The panel compares this with the origin in its address before it speaks.
    frame.referrerPolicy = "origin";
    frame.src = `${home}/widget/frame?${new URLSearchParams({ widget: id, origin: location.origin })}`;
    root.append(frame);
  };

  const show = (open: boolean, focus?: boolean) => {
    // Only the frame's own focus goes back to the button: closing must not take it from the page.
    const held = root.activeElement === frame;
    widget.opened = open;
    if (open) mount();
    if (frame) {
      frame.hidden = !open;
      try {
        sessionStorage[key] = open ? 1 : 0;
      } catch {
        // Storage is refused: the panel will be closed on the next page.
      }
    }
    button.setAttribute("aria-label", open ? "Close chat" : "Open chat");
    button.setAttribute("aria-expanded", `${open}`);
    path.setAttribute("d", open ? CROSS : BUBBLE);
    dress();
    tell(!!focus);
    widget.heard?.({ t: open ? "open" : "closed" });
    if (open && focus) frame?.focus();
    else if (held) button.focus();
  };

  const look = (given: Look) => {
    shown = given;
    // Properties that take colours only: a value with an address in it is ignored.
    button.style.backgroundColor = given.accent;
    button.style.color = given.accentText;
    const side = given.position === "BOTTOM_LEFT" ? "--l" : "--r";
    // A second widget in the same corner stands beside the first.
    let x = 20;
    for (const other of document.querySelectorAll<HTMLElement>("chat-widget")) {
      if (other === element) break;
      if (other.style.getPropertyValue(side) !== "auto") x += 68;
    }
    element.style.cssText = `--l:auto;--r:auto;${side}:${x}px`;
    dress();
  };

  addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== home || event.data !== HELLO)
      return;
    const port = event.ports[0];
    if (!port) return;
    widget.port = port;
    port.onmessage = ({ data }: MessageEvent<ToLoader>) => {
      if (data.t === "look") look(data.look);
      // A number, whatever it is.
      if (data.t === "unread") {
        unread = +data.n;
        dress();
      }
      if (data.t === "close") show(false);
      widget.heard?.(data);
    };
    // Who the visitor is, before the panel begins.
    widget.heard?.({ t: "up" });
    tell(root.activeElement === frame);
  });
  // Pages that change without being loaded. Where the browser does not tell, the next opening does.
  (window as { navigation?: EventTarget }).navigation?.addEventListener("currententrychange", () =>
    tell(false),
  );
  element.onkeydown = (event) => {
    if (event.key === "Escape" && widget.opened) show(false);
  };
  button.onclick = () => show(!widget.opened, true);

  // Not a style element: the page's CSP may forbid those.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.append(path);
  button.append(svg, badge);
  // Not shown before its colour is known.
  button.hidden = true;
  root.append(button);
  // Beside the body, not in it: a transform there would catch the fixed position, and frameworks replace what is in it.
  document.documentElement.append(element);

  look({ title: "Chat", accent: "#1f2937", accentText: "#fff", position: "", radius: 16 });
  let before: string | undefined;
  try {
    before = sessionStorage[key];
  } catch {
    // Storage is refused.
  }
  show(before === "1");
  // Opened and closed on an earlier page of this visit: there again, to count what arrives.
  if (before === "0") mount();
  register(widget, nonce);

  fetch(`${home}/widget/config/${id}.json`, { credentials: "omit" })
    .then((response) => {
      if (response.status === 404) element.remove();
      return response.json();
    })
    .then(look)
    // The page's CSP may forbid the connection: neutral until the panel tells.
    .catch(() => {})
    .then(() => {
      button.hidden = false;
    });
}

const script = (document.currentScript ?? document.querySelector("script[data-widget]")) as HTMLScriptElement;
const id = script.dataset.widget;
if (id) start(new URL(script.src).origin, id, script.nonce);
