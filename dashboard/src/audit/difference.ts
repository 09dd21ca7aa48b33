/** What a change changed: two pieces of JSON, field by field. */

export interface Difference {
  /** The path of the field, as in "brand › accent". */
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly kind: "added" | "removed" | "changed" | "same";
}

function parse(json: string | null): unknown {
  if (json === null || json.trim() === "") return undefined;
  try {
    return JSON.parse(json);
  } catch {
    // Not JSON after all: shown as it is rather than not at all.
    return json;
  }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readable(value: unknown): string {
  if (value === null) return "nothing";
  if (value === true) return "yes";
  if (value === false) return "no";
  if (value === "") return "empty";
  if (Array.isArray(value)) {
    if (value.length === 0) return "none";
    return value.every((one) => typeof one !== "object")
      ? value.map(String).join(", ")
      : JSON.stringify(value);
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

function flatten(value: unknown, path: string, into: Map<string, string>): void {
  if (value === undefined) return;
  if (isPlain(value) && Object.keys(value).length > 0) {
    for (const [key, inner] of Object.entries(value)) {
      flatten(inner, path === "" ? fieldWords(key) : `${path} › ${fieldWords(key)}`, into);
    }
    return;
  }
  into.set(path === "" ? "Value" : path, isPlain(value) ? "none" : readable(value));
}

/** "buttonAfterMessages" and "button_after_messages" read as "button after messages". */
export function fieldWords(key: string): string {
  return key
    .replaceAll(/([a-z\d])([A-Z])/g, "$1 $2")
    .replaceAll("_", " ")
    .toLowerCase();
}

/** Fields that changed come first; what stayed is only context. */
export function differences(before: string | null, after: string | null): readonly Difference[] {
  const [old, now] = [new Map<string, string>(), new Map<string, string>()];
  flatten(parse(before), "", old);
  flatten(parse(after), "", now);
  const all = [...new Set([...old.keys(), ...now.keys()])].map((field): Difference => {
    const [was, is] = [old.get(field) ?? null, now.get(field) ?? null];
    const kind = was === is ? "same" : was === null ? "added" : is === null ? "removed" : "changed";
    return { field, before: was, after: is, kind };
  });
  return [...all.filter((one) => one.kind !== "same"), ...all.filter((one) => one.kind === "same")];
}

/** The names that stand in one list only, for long lists such as permissions. */
export function listChange(
  before: string,
  after: string,
): { readonly gone: string[]; readonly came: string[] } | null {
  const [old, now] = [before.split(", "), after.split(", ")];
  if (old.length < 3 && now.length < 3) return null;
  return {
    gone: old.filter((one) => !now.includes(one) && one !== "none"),
    came: now.filter((one) => !old.includes(one) && one !== "none"),
  };
}

export interface FilterForm {
  readonly actorId: string;
  readonly action: string;
  readonly objectId: string;
  readonly from: string;
  readonly to: string;
  readonly search: string;
}

export const noFilter: FilterForm = { actorId: "", action: "", objectId: "", from: "", to: "", search: "" };

/** Days are the reader's: from the first moment of the one to the last of the other. */
export function toFilter(form: FilterForm) {
  const day = (text: string, time: string) => {
    const at = new Date(`${text}T${time}`);
    return text === "" || Number.isNaN(at.getTime()) ? null : at.toISOString();
  };
  const text = (value: string) => (value.trim() === "" ? null : value.trim());
  return {
    actorId: text(form.actorId),
    action: text(form.action),
    objectId: text(form.objectId),
    from: day(form.from, "00:00:00.000"),
    to: day(form.to, "23:59:59.999"),
    search: text(form.search),
  };
}

/** "package.updated" reads as "Package updated". */
export function actionWords(action: string): string {
  const words = fieldWords(action.replaceAll(".", " "));
  return words.charAt(0).toUpperCase() + words.slice(1);
}
