/** Whether somebody wants to hear of something now, by what they chose for its organization. Pure. */

export interface Wishes {
  readonly organizationId: string | null;
  readonly events: "ALL" | "REQUESTS" | "NONE";
  readonly quietFrom: number | null;
  readonly quietUntil: number | null;
  readonly timeZone: string;
  readonly muted: boolean;
  readonly mutedAiAgents: readonly string[];
}

export interface Noise {
  readonly kind: "request" | "message";
  readonly organizationId: string | null;
  readonly aiAgentId: string | null;
}

function minuteOfDay(timeZone: string, now: number): number {
  const format = (zone: string) =>
    new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    }).formatToParts(now);
  let parts: Intl.DateTimeFormatPart[];
  try {
    parts = format(timeZone);
  } catch {
    parts = format("UTC");
  }
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return of("hour") * 60 + of("minute");
}

function isQuiet(wishes: Wishes, now: number): boolean {
  const { quietFrom: from, quietUntil: until } = wishes;
  if (from === null || until === null) return false;
  const minute = minuteOfDay(wishes.timeZone, now);
  return from > until ? minute >= from || minute < until : from <= minute && minute < until;
}

/** Where nothing was chosen for the organization, what was chosen for all of them counts; without either it is heard. */
export function wantsToHear(all: readonly Wishes[], noise: Noise, now: number): boolean {
  const wishes =
    all.find((one) => one.organizationId === noise.organizationId) ??
    all.find((one) => one.organizationId === null);
  if (!wishes) return true;
  if (wishes.muted || (noise.aiAgentId !== null && wishes.mutedAiAgents.includes(noise.aiAgentId)))
    return false;
  if (wishes.events === "NONE" || (wishes.events === "REQUESTS" && noise.kind === "message")) return false;
  return !isQuiet(wishes, now);
}
