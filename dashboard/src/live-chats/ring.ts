import { createStore, type Store } from "../api/store";
import { parseTunes, parseVolume, softTone, type Tone, type Tune, tunes } from "./tunes";
import { type Call, call, passOn, takeTurns } from "./turns";

/** The sounds of a request and of a message, as this device has chosen them. */

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    // Without storage it sounds as for everybody who has not chosen.
    return null;
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Then the choice holds until the page is left.
  }
}

/** Kept on the device, and the same in all its tabs. */
function kept<T>(key: string, parse: (text: string | null) => T): Store<T> {
  const store = createStore(parse(read(key)));
  if (typeof window !== "undefined") {
    window.addEventListener("storage", (event) => {
      if (event.key === key) store.set(parse(event.newValue));
    });
  }
  return store;
}

const notOff = (text: string | null) => text !== "off";

export const sound = kept("sound", notOff);
export const messageSound = kept("sound:messages", notOff);
export const volume = kept("sound:volume", parseVolume);
/** Which organization rings how; what is not named rings as everything does. */
export const chosenTunes = kept("sound:tunes", parseTunes);

/** The tune of all organizations that have none of their own. */
export const ANY = "*";

export function tuneFor(organizationId: string | null): Tune {
  const chosen = chosenTunes.get();
  return chosen[organizationId ?? ANY] ?? chosen[ANY] ?? "rise";
}

export function setSound(on: boolean): void {
  sound.set(on);
  keep("sound", on ? "on" : "off");
}

export function setMessageSound(on: boolean): void {
  messageSound.set(on);
  keep("sound:messages", on ? "on" : "off");
}

export function setVolume(value: number): void {
  volume.set(parseVolume(String(value)));
  keep("sound:volume", String(volume.get()));
}

/** Null: as all the others. */
export function setTune(organizationId: string | null, tune: Tune | null): void {
  const { [organizationId ?? ANY]: _, ...others } = chosenTunes.get();
  chosenTunes.set(tune === null ? others : { ...others, [organizationId ?? ANY]: tune });
  keep("sound:tunes", JSON.stringify(chosenTunes.get()));
}

let context: AudioContext | null = null;
const BLOCKED_AFTER_MS = 400;

/** Before the first click or key browsers keep a page silent. */
export const blocked = createStore(false);

async function awake(): Promise<AudioContext | null> {
  if (typeof AudioContext === "undefined") return null;
  context ??= new AudioContext();
  const one = context;
  if (one.state !== "running") {
    const late = new Promise<void>((done) => setTimeout(done, BLOCKED_AFTER_MS));
    await Promise.race([one.resume().catch(() => undefined), late]);
  }
  const silent = one.state !== "running";
  if (silent && !blocked.get()) unblockOnTouch(one);
  blocked.set(silent);
  return silent ? null : one;
}

function unblockOnTouch(one: AudioContext): void {
  const touched = () =>
    void one
      .resume()
      .then(() => {
        blocked.set(false);
        for (const name of ["pointerup", "keydown"]) document.removeEventListener(name, touched);
      })
      .catch(() => undefined);
  for (const name of ["pointerup", "keydown"]) document.addEventListener(name, touched);
}

/** Asks the browser whether anything would be heard now. */
export async function tryAwake(): Promise<boolean> {
  return (await awake()) !== null;
}

/** True when it was heard, as far as a page can know. */
async function play(tones: readonly Tone[]): Promise<boolean> {
  const on = await awake();
  if (!on) return false;
  const begin = on.currentTime + 0.02;
  const most = 0.48 * (volume.get() / 100);
  if (most === 0) return true;
  for (const { at, frequency, lasts, loud } of tones) {
    const tone = on.createOscillator();
    const level = on.createGain();
    tone.type = "sine";
    tone.frequency.value = frequency;
    level.gain.setValueAtTime(0, begin + at);
    level.gain.linearRampToValueAtTime(most * loud, begin + at + 0.02);
    level.gain.exponentialRampToValueAtTime(0.0001, begin + at + lasts);
    tone.connect(level).connect(on.destination);
    tone.start(begin + at);
    tone.stop(begin + at + lasts + 0.05);
  }
  return true;
}

/** How often each was heard: what a page does not show, a test has to be able to see. */
function count(name: Call["kind"]): void {
  const { dataset } = document.documentElement;
  const key = name === "request" ? "rang" : "chimed";
  dataset[key] = String(Number(dataset[key] ?? 0) + 1);
}

function hear(what: Call): void {
  if (!(what.kind === "request" ? sound : messageSound).get()) return;
  count(what.kind);
  const tones = what.kind === "request" ? tunes[tuneFor(what.organizationId)] : softTone;
  void play(tones).then((heard) => {
    // Somebody may sit before another tab, in which they have clicked already.
    if (!heard) passOn(what);
  });
}

/** Takes part in the turns for as long as somebody is signed in here. */
export const followSounds = (): (() => void) => takeTurns(hear);

/** Somebody asks for a person. */
export function ring(key: string, organizationId: string | null): void {
  call({ kind: "request", key: `request:${key}`, organizationId });
}

/** A message in a chat of one's own, or news at the bell. */
export function chime(key: string): void {
  call({ kind: "message", key: `message:${key}`, organizationId: null });
}

/** To hear it before choosing it, in this tab and whatever else is switched off. */
export function preview(tune: Tune): void {
  void play(tunes[tune]);
}
