import type { Setting } from "./documents";

/** What was set at the level one looks at: an organization's own value, or the agency's default. Null inherits. */
export type Values = Readonly<Record<string, string | null>>;

export function ownValues(settings: readonly Setting[], ofAgency: boolean): Values {
  return Object.fromEntries(
    settings.map((one) => [one.key, (ofAgency ? one.agencyValue : one.ownValue) ?? null]),
  );
}

/** The keys whose value is another one now, in the order of the settings. */
export function changedKeys(before: Values, now: Values): string[] {
  return Object.keys(now).filter((key) => (before[key] ?? null) !== (now[key] ?? null));
}

/** What applies when nothing is set at this level; null when only the server knows. */
export function inheritedValue(setting: Setting, ofAgency: boolean): string | null {
  const own = ofAgency ? setting.agencyValue : setting.ownValue;
  if ((own ?? null) === null) return setting.value;
  return ofAgency ? null : (setting.agencyValue ?? null);
}

const languageNames =
  typeof Intl.DisplayNames === "function" ? new Intl.DisplayNames(undefined, { type: "language" }) : null;

/** A choice as people read it: "BOTTOM_RIGHT" is "Bottom right", "de" is "German". */
export function choiceLabel(key: string, choice: string): string {
  if (key.endsWith("language")) {
    try {
      return languageNames?.of(choice) ?? choice;
    } catch {
      return choice;
    }
  }
  if (key.endsWith("time_zone")) return choice.replaceAll("_", " ");
  if (!/^[A-Z_]+$|^[a-z_]+$/.test(choice)) return choice;
  const words = choice.toLowerCase().replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A value as people read it. */
export function valueLabel(setting: Pick<Setting, "key" | "kind">, value: string): string {
  if (setting.kind === "BOOLEAN") return value === "true" ? "On" : "Off";
  return setting.kind === "CHOICE" ? choiceLabel(setting.key, value) : value;
}

/** What may be chosen; the server leaves the list of time zones to the browser, which knows them all. */
export function choicesOf(setting: Pick<Setting, "key" | "choices">): readonly string[] {
  if (setting.choices.length > 0 || !setting.key.endsWith("time_zone")) return setting.choices;
  return typeof Intl.supportedValuesOf === "function" ? ["UTC", ...Intl.supportedValuesOf("timeZone")] : [];
}

const areas: Readonly<Record<string, string>> = {
  handoff: "Escalation",
  organization: "Region",
  widget: "Widget",
  announce: "Announcements",
  routing: "Routing",
  hours: "Business hours",
  chat: "Live chats",
  ending: "The end of a chat",
  files: "Attachments",
  visitor: "Visitors",
};

export interface Area {
  readonly id: string;
  readonly name: string;
  readonly settings: readonly Setting[];
}

/** By what stands before the first point of the key, in the order in which they come. */
export function byArea(settings: readonly Setting[]): readonly Area[] {
  const found = new Map<string, Setting[]>();
  for (const setting of settings) {
    const id = setting.key.split(".")[0] ?? setting.key;
    found.set(id, [...(found.get(id) ?? []), setting]);
  }
  return [...found].map(([id, all]) => ({ id, name: areas[id] ?? choiceLabel("", id), settings: all }));
}
