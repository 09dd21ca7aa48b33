/** A switch carries several permissions: it is on, off, or half way when only some of them are held. */

export interface Carries {
  readonly name: string;
  readonly permissions: readonly { readonly name: string }[];
}

export type SwitchState = "on" | "half" | "off";

export function switchState(one: Carries, held: ReadonlySet<string>): SwitchState {
  const count = one.permissions.filter((permission) => held.has(permission.name)).length;
  if (count === 0) return "off";
  return count === one.permissions.length ? "on" : "half";
}

/**
 * Pressing a switch: half or off becomes on, on becomes off. What the person may not give stays as it was, in both
 * directions.
 */
export function pressSwitch(
  one: Carries,
  held: readonly string[],
  mayGive: (permission: string) => boolean,
): string[] {
  const free = one.permissions.map((permission) => permission.name).filter(mayGive);
  const now = new Set(held);
  const allOn = free.length > 0 && free.every((name) => now.has(name));
  for (const name of free) {
    if (allOn) now.delete(name);
    else now.add(name);
  }
  return ordered(now);
}

export function pressPermission(name: string, held: readonly string[]): string[] {
  const now = new Set(held);
  if (!now.delete(name)) now.add(name);
  return ordered(now);
}

/** In one order, so that pressing twice is no change. */
export function ordered(names: Iterable<string>): string[] {
  return [...new Set(names)].sort();
}

/** The switches that a list of permissions belongs to, under the names that people know, with "part of" where it is. */
export function inSwitches(names: readonly string[], switches: readonly Carries[]): string[] {
  const left = new Set(names);
  const words: string[] = [];
  for (const one of switches) {
    const state = switchState(one, left);
    if (state === "off") continue;
    words.push(state === "on" ? one.name : `part of ${one.name}`);
    for (const permission of one.permissions) left.delete(permission.name);
  }
  return [...words, ...left];
}

interface Levelled extends Carries {
  readonly level: "AGENCY" | "ORGANIZATION";
}

export interface SwitchGroup<T> {
  readonly name: string;
  readonly switches: readonly T[];
}

const groups: readonly (readonly [string, readonly string[]])[] = [
  ["Live chats", ["Home", "Respond to Live Chats", "Intervene", "Supervise"]],
  [
    "Conversations and figures",
    ["Conversations", "Export Conversations", "Delete Conversations", "Visitor contact data", "Analytics"],
  ],
  ["AI agents", ["Knowledge Base", "Prompt", "Widget", "Settings"]],
  ["Organization", ["Manage Team", "Org Admin", "Integrations"]],
];

/** The switches as a page shows them; the agency's own come last, and only where they can be given. */
export function grouped<T extends Levelled>(
  all: readonly T[],
  level: "AGENCY" | "ORGANIZATION",
): readonly SwitchGroup<T>[] {
  const open = all.filter((one) => one.level === "ORGANIZATION");
  const named = new Set(groups.flatMap(([, names]) => names));
  const found = groups.map(([name, names]) => ({
    name,
    switches: open.filter((one) => names.includes(one.name)),
  }));
  const more = { name: "More", switches: open.filter((one) => !named.has(one.name)) };
  const agency = {
    name: "Agency",
    switches: level === "AGENCY" ? all.filter((one) => one.level === "AGENCY") : [],
  };
  return [...found, more, agency].filter((group) => group.switches.length > 0);
}

export function people(count: number): string {
  return count === 1 ? "1 person" : `${count} people`;
}
