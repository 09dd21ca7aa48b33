import { createStore, type Store } from "../api/store";

/** The sounds of a request and of a message. Made here instead of loaded: a few tones need no file. */
function kept(key: string): Store<boolean> {
  let on = true;
  try {
    on = localStorage.getItem(key) !== "off";
  } catch {
    // Without storage sounds are on, as for everybody who has not chosen.
  }
  return createStore(on);
}

function keep(key: string, on: boolean): void {
  try {
    localStorage.setItem(key, on ? "on" : "off");
  } catch {
    // Then the choice holds until the page is left.
  }
}

export const sound = kept("sound");
export const messageSound = kept("sound:messages");

export function setSound(on: boolean): void {
  sound.set(on);
  keep("sound", on);
  if (on) ring();
}

export function setMessageSound(on: boolean): void {
  messageSound.set(on);
  keep("sound:messages", on);
  if (on) chime();
}

let context: AudioContext | null = null;

interface Tone {
  readonly at: number;
  readonly frequency: number;
  readonly lasts: number;
  readonly volume: number;
}

function play(tones: readonly Tone[]): void {
  if (typeof AudioContext === "undefined") return;
  context ??= new AudioContext();
  // Before the first click or key browsers keep it silent; a later sound will be heard.
  if (context.state === "suspended") void context.resume().catch(() => undefined);
  const begin = context.currentTime + 0.02;
  for (const { at, frequency, lasts, volume } of tones) {
    const tone = context.createOscillator();
    const level = context.createGain();
    tone.type = "sine";
    tone.frequency.value = frequency;
    level.gain.setValueAtTime(0, begin + at);
    level.gain.linearRampToValueAtTime(volume, begin + at + 0.02);
    level.gain.exponentialRampToValueAtTime(0.0001, begin + at + lasts);
    tone.connect(level).connect(context.destination);
    tone.start(begin + at);
    tone.stop(begin + at + lasts + 0.05);
  }
}

/** How often each was heard: what a page does not show, a test has to be able to see. */
function count(name: "request" | "message"): void {
  const { dataset } = document.documentElement;
  const key = name === "request" ? "rang" : "chimed";
  dataset[key] = String(Number(dataset[key] ?? 0) + 1);
}

/** Somebody asks for a person: two rising tones, twice. */
export function ring(): void {
  if (!sound.get()) return;
  count("request");
  play(
    [0, 0.16, 0.62, 0.78].map((at, index) => ({
      at,
      frequency: index % 2 === 0 ? 784 : 1_047,
      lasts: 0.45,
      volume: 0.12,
    })),
  );
}

/** A message in a chat of one's own: one soft tone, not to be taken for a request. */
export function chime(): void {
  if (!messageSound.get()) return;
  count("message");
  play([{ at: 0, frequency: 523, lasts: 0.25, volume: 0.06 }]);
}
