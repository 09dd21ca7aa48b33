/** One origin per line; what people paste has paths, commas and empty lines in it. */
export function parseOrigins(text: string): string[] {
  const parts = text
    .split(/[\s,]+/)
    .map((part) => part.trim())
    .filter((part) => part !== "");
  return [...new Set(parts.map(toOrigin))];
}

function toOrigin(part: string): string {
  try {
    const { origin } = new URL(part);
    return origin === "null" ? part : origin;
  } catch {
    // Left as it is, so that the server's refusal names what was typed.
    return part;
  }
}
