/** Those that pages and mails are written in. */
const codes = ["en", "de", "fr", "es", "it", "nl", "pl", "pt"] as const;

/** Languages by their own names, as people look for them. */
export function languageChoices(): readonly { readonly value: string; readonly label: string }[] {
  return codes
    .map((value) => ({ value, label: languageName(value) }))
    .sort((one, two) => one.label.localeCompare(two.label));
}

export function languageName(code: string): string {
  try {
    const name = new Intl.DisplayNames([code], { type: "language" }).of(code) ?? code;
    return name.charAt(0).toLocaleUpperCase(code) + name.slice(1);
  } catch {
    return code;
  }
}
