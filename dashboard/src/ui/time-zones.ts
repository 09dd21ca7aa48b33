export interface ZoneChoice {
  readonly value: string;
  readonly label: string;
}

function offsetOf(zone: string, at: Date): string {
  const parts = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" }).formatToParts(
    at,
  );
  const name = parts.find((part) => part.type === "timeZoneName")?.value ?? "GMT";
  return name === "GMT" ? "UTC+00:00" : name.replace("GMT", "UTC");
}

/** "Zurich, Europe (UTC+01:00)": the city first, because that is what people look for. */
export function zoneLabel(zone: string, at: Date): string {
  if (zone === "UTC") return zone;
  const [region = zone, ...rest] = zone.split("/");
  const place = rest.length > 0 ? `${[...rest].reverse().join(", ")}, ${region}` : region;
  return `${place.replaceAll("_", " ")} (${offsetOf(zone, at)})`;
}

let choices: readonly ZoneChoice[] | null = null;

/** All zones this browser knows, by city. Made once: it takes a moment. */
export function zoneChoices(at: Date): readonly ZoneChoice[] {
  if (choices) return choices;
  const zones = new Set([...Intl.supportedValuesOf("timeZone"), "UTC"]);
  choices = [...zones]
    .map((value) => ({ value, label: zoneLabel(value, at) }))
    .sort((one, two) => one.label.localeCompare(two.label));
  return choices;
}

export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
