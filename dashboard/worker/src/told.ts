/** What the server says of one thing, as the service worker and the page understand it. */
export interface Told {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly body: string | null;
  /** A path of the dashboard. */
  readonly link: string;
  /** The same thing about the same takes the place of what was shown before. */
  readonly tag: string;
  readonly count: number;
  /** Somebody waits for a person: it stays until it is seen to. */
  readonly rings: boolean;
  readonly at: string;
}

/** Where a click on a notification is left for a page that is only just being opened. */
export const CLICKS = "clicks";
export const CLICK = "/clicked";

/** What the worker says to a page, and leaves for one: where somebody wants to go, and whether they take the request. */
export interface Clicked {
  readonly type: "clicked";
  readonly link: string;
  readonly accept: boolean;
  /** When, in milliseconds since 1970: an old click opens nothing. */
  readonly at: number;
}

function isPath(link: unknown): link is string {
  return typeof link === "string" && link.startsWith("/") && !link.startsWith("//") && !link.includes("\\");
}

/** Reads a payload. What is none of ours is nothing, and a link leads nowhere but into the dashboard. */
export function readTold(text: string): Told | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const told = value as Record<string, unknown>;
  const words = (name: string) => (typeof told[name] === "string" ? (told[name] as string) : "");
  if (words("title") === "") return null;
  return {
    id: words("id"),
    kind: words("kind"),
    title: words("title"),
    body: typeof told.body === "string" ? told.body : null,
    link: isPath(told.link) ? told.link : "/",
    tag: words("tag") || words("id"),
    count: typeof told.count === "number" ? told.count : 1,
    rings: told.rings === true,
    at: words("at"),
  };
}

/** Reads what a worker left, or said. Only a click of this minute counts. */
export function readClicked(value: unknown, now: number): Clicked | null {
  if (typeof value !== "object" || value === null) return null;
  const clicked = value as Record<string, unknown>;
  if (clicked.type !== "clicked" || !isPath(clicked.link) || typeof clicked.at !== "number") return null;
  if (now - clicked.at > 60_000) return null;
  return { type: "clicked", link: clicked.link, accept: clicked.accept === true, at: clicked.at };
}

/** What is shown beside the title. */
export function bodyOf(told: Told): string {
  const times = told.count > 1 ? `${told.count} times` : "";
  return [told.body ?? "", times].filter((part) => part !== "").join("\n");
}
