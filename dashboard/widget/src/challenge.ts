// Proof of work: what a server may set to somebody new before it listens to them. A loop that lets the page breathe, and a
// hash of its own: the browser's is not there on pages without TLS, and asking it 65,000 times takes longer than the sums.

import { CHALLENGE, SOLVE_CHALLENGE } from "./documents-challenge";

type Ask = <T>(query: string, variables: Record<string, unknown>) => Promise<T>;

/** Work in one go, in milliseconds: less than a picture of the screen. */
const STINT = 12;

export async function solve(ask: Ask): Promise<void> {
  const { challenge } = await ask<{ challenge: { token: string; bits: number } }>(CHALLENGE, {});
  const { token, bits } = challenge;
  await ask(SOLVE_CHALLENGE, { token, answer: await find(token, bits) });
}

export async function find(token: string, bits: number): Promise<string> {
  const encoder = new TextEncoder();
  let until = performance.now() + STINT;
  for (let n = 0; ; n += 1) {
    const answer = n.toString(36);
    if (noughts(sha256(encoder.encode(`${token}:${answer}`))) >= bits) return answer;
    if (n % 64 === 0 && performance.now() > until) {
      await new Promise((later) => setTimeout(later));
      until = performance.now() + STINT;
    }
  }
}

function noughts(hash: Uint32Array): number {
  let count = 0;
  for (const word of hash) {
    count += Math.clz32(word);
    if (word !== 0) break;
  }
  return count;
}

// The fractional parts of the roots of the first primes, as FIPS 180-4 has it.
const primes: number[] = [];
for (let n = 2; primes.length < 64; n += 1) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
const fraction = (root: number) => ((root - Math.floor(root)) * 2 ** 32) | 0;
const K = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
const START = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const W = new Int32Array(64);

export function sha256(bytes: Uint8Array): Uint32Array {
  const length = (bytes.length + 9 + 63) & ~63;
  const padded = new Uint8Array(length);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(length - 4, bytes.length * 8);
  const hash = Int32Array.from(START);
  const turn = (x: number, n: number) => (x >>> n) | (x << (32 - n));
  for (let at = 0; at < length; at += 64) {
    for (let i = 0; i < 16; i += 1) W[i] = view.getInt32(at + 4 * i);
    for (let i = 16; i < 64; i += 1) {
      const [x, y] = [W[i - 15] ?? 0, W[i - 2] ?? 0];
      const s0 = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3);
      const s1 = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10);
      W[i] = ((W[i - 16] ?? 0) + s0 + (W[i - 7] ?? 0) + s1) | 0;
    }
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = hash;
    for (let i = 0; i < 64; i += 1) {
      const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (K[i] ?? 0) + (W[i] ?? 0)) | 0;
      const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => {
      hash[i] = ((hash[i] ?? 0) + value) | 0;
    });
  }
  return new Uint32Array(hash.buffer);
}
