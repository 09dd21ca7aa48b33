/** The server decides what is too weak; this only spares a round trip for what certainly is. */
export const MINIMUM_PASSWORD = 8;

export function newPasswordProblem(password: string, again: string): string | null {
  // Counted as people count them: an emoji is one.
  if ([...password].length < MINIMUM_PASSWORD) return `Use at least ${MINIMUM_PASSWORD} characters.`;
  if (password !== again) return "The two passwords are not the same.";
  return null;
}
