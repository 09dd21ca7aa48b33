/** What a request sounds like. A few tones each, so that nothing has to be loaded. */
export interface Tone {
  readonly at: number;
  readonly frequency: number;
  readonly lasts: number;
  /** Of the full volume. */
  readonly loud: number;
}

export const tuneNames = ["rise", "knock", "bells"] as const;
export type Tune = (typeof tuneNames)[number];

export const tuneLabels: Readonly<Record<Tune, string>> = {
  rise: "Rising",
  knock: "Knocking",
  bells: "Bells",
};

const series = (places: readonly number[], frequencies: readonly number[], lasts: number, loud: number) =>
  places.map((at, index) => ({
    at,
    frequency: frequencies[index % frequencies.length] ?? 0,
    lasts,
    loud,
  }));

export const tunes: Readonly<Record<Tune, readonly Tone[]>> = {
  /** Two rising tones, twice. */
  rise: series([0, 0.16, 0.62, 0.78], [784, 1_047], 0.45, 0.5),
  /** Three short and low ones, twice. */
  knock: series([0, 0.14, 0.28, 0.8, 0.94, 1.08], [330], 0.12, 0.8),
  /** Three falling ones that ring out. */
  bells: series([0, 0.3, 0.6], [1_319, 1_047, 784], 1.1, 0.5),
};

/** A message in a chat of one's own: one soft tone, not to be taken for a request. */
export const softTone: readonly Tone[] = [{ at: 0, frequency: 523, lasts: 0.25, loud: 0.25 }];

export function isTune(value: unknown): value is Tune {
  return tuneNames.some((one) => one === value);
}

/** Which organization has which tune, as it was kept; what is no tune is left out. */
export function parseTunes(json: string | null): Readonly<Record<string, Tune>> {
  try {
    const raw: unknown = JSON.parse(json ?? "{}");
    if (typeof raw !== "object" || raw === null) return {};
    return Object.fromEntries(Object.entries(raw).filter((pair): pair is [string, Tune] => isTune(pair[1])));
  } catch {
    return {};
  }
}

/** Between 0 and 100; in the middle for whoever has not chosen. */
export function parseVolume(text: string | null): number {
  const value = text === null || text === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? Math.min(100, Math.max(0, Math.round(value))) : 50;
}
