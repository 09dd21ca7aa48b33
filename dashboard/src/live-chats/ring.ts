import { createStore } from "../api/store";

/** The sound of a request. Made here instead of loaded: two tones need no file. */
const KEY = "sound";

function read(): boolean {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

export const sound = createStore(read());

export function setSound(on: boolean): void {
  sound.set(on);
  try {
    localStorage.setItem(KEY, on ? "on" : "off");
  } catch {
    // Then the choice holds until the page is left.
  }
  if (on) ring();
}

let context: AudioContext | null = null;

export function ring(): void {
  if (!sound.get() || typeof AudioContext === "undefined") return;
  context ??= new AudioContext();
  // Before the first click or key browsers keep it silent; a later ring will be heard.
  if (context.state === "suspended") void context.resume().catch(() => undefined);
  const begin = context.currentTime + 0.02;
  for (const [at, frequency] of [
    [0, 784],
    [0.16, 1_047],
  ] as const) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.type = "sine";
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0, begin + at);
    volume.gain.linearRampToValueAtTime(0.12, begin + at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, begin + at + 0.45);
    tone.connect(volume).connect(context.destination);
    tone.start(begin + at);
    tone.stop(begin + at + 0.5);
  }
}
