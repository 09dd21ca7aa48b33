import { createStore } from "../api/store";

/** The pages that a link in a mail opens, and that stand before any session. */
export type PublicName =
  | "invitation"
  | "reset-password"
  | "forgot-password"
  | "confirm-address"
  | "unsubscribe";

export interface PublicPage {
  readonly name: PublicName;
  readonly token: string | null;
}

const names: readonly string[] = [
  "invitation",
  "reset-password",
  "forgot-password",
  "confirm-address",
  "unsubscribe",
];

/** Which public page an address names, and the token that it carried. */
export function readPublicPage(pathname: string, search: string): PublicPage | null {
  const name = pathname.replace(/^\/+|\/+$/g, "");
  if (!names.includes(name)) return null;
  const token = new URLSearchParams(search).get("token")?.trim();
  return { name: name as PublicName, token: token ? token : null };
}

/**
 * Read once, when the page begins, and the token taken out of the address at once: it must be in no history, no
 * screenshot, and no referrer. From here on it is in memory, and goes nowhere but into its one call.
 */
function begin(): PublicPage | null {
  if (typeof window === "undefined") return null;
  const page = readPublicPage(location.pathname, location.search);
  if (page?.token) history.replaceState(null, "", location.pathname);
  return page;
}

export const publicPage = createStore<PublicPage | null>(begin());

/** On to another of these pages, or into the dashboard. */
export function openPublicPage(name: PublicName | null): void {
  const path = name ? `/${name}` : "/";
  if (name) history.pushState(null, "", path);
  else history.replaceState(null, "", path);
  publicPage.set(name ? { name, token: null } : null);
}

if (typeof window !== "undefined") {
  window.addEventListener("popstate", () => {
    const page = readPublicPage(location.pathname, location.search);
    if (publicPage.get() || page) publicPage.set(page);
  });
}
