/** What was being written in each conversation, kept for this tab: leaving a conversation must not lose a sentence. */
const PREFIX = "draft:";

export function readDraft(id: string): string {
  try {
    return sessionStorage.getItem(PREFIX + id) ?? "";
  } catch {
    return "";
  }
}

export function keepDraft(id: string, text: string): void {
  try {
    if (text === "") sessionStorage.removeItem(PREFIX + id);
    else sessionStorage.setItem(PREFIX + id, text);
  } catch {
    // Without storage the draft lives as long as the field.
  }
}

/** Drafts are words to a visitor: the next person at this browser must not find them. */
export function forgetDrafts(): void {
  try {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
    }
  } catch {
    // Nothing was kept then.
  }
}
