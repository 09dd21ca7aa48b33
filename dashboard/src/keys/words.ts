import type { ApiKey } from "./documents";

const DAY_MS = 86_400_000;
/** From how long before its end a key is marked. */
const SOON_MS = 7 * DAY_MS;

interface Words {
  readonly label: string;
  readonly tone: "plain" | "good" | "trouble";
}

/** Whether a key counts, in two words. */
export function keyWords(key: Pick<ApiKey, "state" | "expiresAt">, now: number): Words {
  switch (key.state) {
    case "REVOKED":
      return { label: "Revoked", tone: "plain" };
    case "EXPIRED":
      return { label: "Expired", tone: "plain" };
    case "ACTIVE":
      return key.expiresAt !== null && Date.parse(key.expiresAt) - now <= SOON_MS
        ? { label: "Expires soon", tone: "trouble" }
        : { label: "Active", tone: "good" };
  }
}

/** How long a new key can last; without an end last, because it is the least careful. */
export const lives: readonly { readonly value: string; readonly label: string }[] = [
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "One year" },
  { value: "730", label: "Two years" },
  { value: "", label: "No end" },
];

/** The chosen life as the server takes it. */
export function daysOf(life: string): number | null {
  return life === "" ? null : Number(life);
}
