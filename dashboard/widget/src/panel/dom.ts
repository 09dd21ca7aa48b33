// A renderer in a page of code: describes the panel as a tree (JSX), and changes the document to match it. The panel has no
// state of its own in the tree, so nodes, keys and event handlers are all that is needed; a library with components and
// hooks would weigh as much as the rest of the panel. Text becomes text nodes; there is no way in for HTML.

export type Child = Description | string | number | boolean | null | undefined | Child[];
type Handler = (event: never) => void;
type Attribute = string | number | boolean | null | undefined | Handler;
type Attributes = Record<string, Attribute>;

interface Description {
  tag: string;
  key: string | undefined;
  attributes: Attributes;
  children: Child;
}

type Component<P> = (props: P) => Child;

/** What the JSX compiles to. A component is a plain function, called on the spot. */
export function h<P>(tag: string | Component<P>, given: P, ...children: Child[]): Child {
  if (typeof tag === "function") return tag({ ...given, children });
  const { key, ...attributes } = (given ?? {}) as Attributes;
  return { tag, key: key === undefined ? undefined : String(key), attributes, children };
}

export const Fragment = ({ children }: { children?: Child }): Child => children;

export declare namespace h {
  namespace JSX {
    type Element = Child;
    interface IntrinsicElements {
      [tag: string]: Record<string, Attribute | Child>;
    }
    interface ElementChildrenAttribute {
      children: unknown;
    }
    interface IntrinsicAttributes {
      key?: string | number;
    }
  }
}

interface Drawn {
  what: Description | string;
  dom: Element | Text;
}

const drawnIn = new WeakMap<Element, Map<string, Drawn>>();
const SVG = "http://www.w3.org/2000/svg";

/** Makes the content of `parent` what `children` describe, keeping every element that is still meant. */
export function draw(parent: Element, children: Child): void {
  const before = drawnIn.get(parent) ?? new Map<string, Drawn>();
  const wanted = new Map<string, Description | string>();
  collect(children, "", wanted);

  const after = new Map<string, Drawn>();
  for (const [key, drawn] of before) {
    const what = wanted.get(key);
    if (what === undefined || tagOf(what) !== tagOf(drawn.what)) drawn.dom.remove();
    else after.set(key, drawn);
  }
  let at = parent.firstChild;
  for (const [key, what] of wanted) {
    const kept = after.get(key);
    const dom = kept?.dom ?? create(what, parent);
    if (dom === at) at = at.nextSibling;
    else parent.insertBefore(dom, at);
    // The very same description again: nothing below can have changed.
    if (kept?.what !== what) update(dom, what, kept?.what);
    after.set(key, { what, dom });
  }
  drawnIn.set(parent, after);
}

/** Each child under a name of its own: its key, or its place. What is absent leaves its place empty. */
function collect(child: Child, name: string, into: Map<string, Description | string>): void {
  if (Array.isArray(child)) {
    child.forEach((inner, index) => {
      collect(inner, `${name}.${index}`, into);
    });
  } else if (typeof child === "object" && child !== null) {
    into.set(child.key ?? name, child);
  } else if (child !== undefined && child !== null && typeof child !== "boolean") {
    into.set(name, String(child));
  }
}

function tagOf(what: Description | string): string {
  return typeof what === "string" ? "" : what.tag;
}

function create(what: Description | string, parent: Element): Element | Text {
  if (typeof what === "string") return document.createTextNode(what);
  const svg = what.tag === "svg" || parent.namespaceURI === SVG;
  return svg ? document.createElementNS(SVG, what.tag) : document.createElement(what.tag);
}

function update(
  dom: Element | Text,
  what: Description | string,
  before: Description | string | undefined,
): void {
  if (typeof what === "string") {
    if (dom.nodeValue !== what) dom.nodeValue = what;
    return;
  }
  const element = dom as Element;
  const old = typeof before === "object" ? before.attributes : {};
  for (const name in { ...old, ...what.attributes }) {
    const value = what.attributes[name];
    if (value !== old[name]) set(element, name, value);
  }
  draw(element, what.children);
}

function set(element: Element, name: string, value: Attribute): void {
  if (name.startsWith("on")) {
    // Handlers are properties: the newest one is always the only one.
    (element as unknown as Record<string, unknown>)[name] = value ?? null;
  } else if (value === false || value === null || value === undefined) {
    element.removeAttribute(name);
  } else {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}
