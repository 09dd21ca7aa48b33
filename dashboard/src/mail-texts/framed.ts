/**
 * A mail as the page in a box. The box has the policy of the page around it, so that its style elements carry the nonce of
 * that page; which of its two looks is shown is chosen here and not by the system; and its links lead nowhere.
 */
export function framed(html: string, dark: boolean, nonce: string | undefined): string {
  return html
    .replaceAll("<style ", nonce === undefined ? "<style " : `<style nonce="${nonce}" `)
    .replaceAll("(prefers-color-scheme: dark)", dark ? "all" : "not all")
    .replace("<head>", '<head><base target="_blank">');
}
