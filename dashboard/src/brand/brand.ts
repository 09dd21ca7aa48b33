/** The brand of the host that was asked, as the server wrote it into the page. */
export interface Brand {
  readonly name: string;
  readonly accent: string;
  readonly accentText: string;
  readonly accentDark: string;
  readonly accentDarkText: string;
  readonly radius: number;
  readonly font: string;
  readonly logo: string | null;
  readonly logoDark: string | null;
  readonly supportEmail: string | null;
  readonly termsUrl: string | null;
  readonly privacyUrl: string | null;
  readonly signInLayout: "CENTERED" | "SPLIT";
  readonly signInImage: string | null;
  readonly poweredByText: string | null;
  readonly poweredByUrl: string | null;
}

/** Neutral values for a page that came without a brand: it must still be usable. */
const plain: Brand = {
  name: "Dashboard",
  accent: "#3b4252",
  accentText: "#ffffff",
  accentDark: "#c8cedb",
  accentDarkText: "#14161a",
  radius: 6,
  font: "system-ui, sans-serif",
  logo: null,
  logoDark: null,
  supportEmail: null,
  termsUrl: null,
  privacyUrl: null,
  signInLayout: "CENTERED",
  signInImage: null,
  poweredByText: null,
  poweredByUrl: null,
};

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

export function parseBrand(json: string | null): Brand {
  let raw: unknown;
  try {
    raw = JSON.parse(json ?? "");
  } catch {
    return plain;
  }
  if (!isRecord(raw)) return plain;
  const given = raw;
  const text = (key: keyof Brand, fallback: string): string => {
    const value = given[key];
    return typeof value === "string" && value !== "" ? value : fallback;
  };
  const optional = (key: keyof Brand): string | null => {
    const value = given[key];
    return typeof value === "string" && value !== "" ? value : null;
  };
  return {
    name: text("name", plain.name),
    accent: text("accent", plain.accent),
    accentText: text("accentText", plain.accentText),
    accentDark: text("accentDark", plain.accentDark),
    accentDarkText: text("accentDarkText", plain.accentDarkText),
    radius: typeof given.radius === "number" ? given.radius : plain.radius,
    font: text("font", plain.font),
    logo: optional("logo"),
    logoDark: optional("logoDark"),
    supportEmail: optional("supportEmail"),
    termsUrl: optional("termsUrl"),
    privacyUrl: optional("privacyUrl"),
    signInLayout: given.signInLayout === "SPLIT" ? "SPLIT" : "CENTERED",
    signInImage: optional("signInImage"),
    poweredByText: optional("poweredByText"),
    poweredByUrl: optional("poweredByUrl"),
  };
}

export const brand: Brand = parseBrand(
  typeof document === "undefined" ? null : (document.getElementById("brand")?.textContent ?? null),
);

/** Style elements made at run time carry the nonce of the page's own one. */
export function pageNonce(): string | undefined {
  const style = document.querySelector<HTMLStyleElement>("style[nonce]");
  return style?.nonce || undefined;
}
