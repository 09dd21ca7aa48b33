import type { Domain } from "./documents";

interface Words {
  readonly label: string;
  readonly tone: "plain" | "good" | "trouble";
  readonly text: string;
}

/** A released name is kept from others for this long, so that nobody takes over links that are still about. */
export const QUARANTINE_DAYS = 30;

export function stateWords(state: Domain["state"]): Words {
  switch (state) {
    case "ACTIVE":
      return {
        label: "Active",
        tone: "good",
        text: "The dashboard and the widget answer here under your brand.",
      };
    case "PENDING":
      return {
        label: "Waiting for DNS",
        tone: "plain",
        text: "Enter these records where the domain's DNS is managed. They are looked up again and again; it usually takes minutes, sometimes a day.",
      };
    case "FAILING":
      return {
        label: "Failing",
        tone: "trouble",
        text: "It was active, but its records are not found any more. Put them back before it is switched off.",
      };
    case "RELEASED":
      return {
        label: "Released",
        tone: "plain",
        text: `Nothing answers here any more. For ${QUARANTINE_DAYS} days nobody but you can add it again.`,
      };
  }
}

/** A host as people type or paste it: an address with a path, capitals, a point at the end. */
export function toHost(text: string): string {
  const bare = text.trim().replace(/^[a-z]+:\/\//i, "");
  return (bare.split(/[/?#\s]/)[0] ?? "").replace(/:\d+$/, "").replace(/\.+$/, "").toLowerCase();
}

/** Which of the records are still to be entered or mended, as a sentence. */
export function missingWords(
  records: readonly { readonly type: string; readonly ok: boolean }[],
): string | null {
  const open = records.filter((record) => !record.ok);
  if (open.length === 0) return null;
  const types = [...new Set(open.map((record) => record.type))].join(" and ");
  return open.length === 1
    ? `One record is missing: ${types}.`
    : `${open.length} of ${records.length} records are missing: ${types}.`;
}
