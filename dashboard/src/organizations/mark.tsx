import { useState } from "react";
import css from "./mark.module.css";

/** The face of an organization: its logo, or the first letter of its name. The name stands next to it. */
export function OrganizationMark({
  organization,
  small,
}: {
  readonly organization: { readonly name: string; readonly logo?: string | null };
  readonly small?: boolean;
}) {
  const [broken, setBroken] = useState<string | null>(null);
  const { logo, name } = organization;
  const first = [...name.trim()][0]?.toUpperCase() ?? "?";
  return (
    <span className={css.mark} data-small={small || undefined} aria-hidden="true">
      {logo && logo !== broken ? (
        <img src={logo} alt="" loading="lazy" onError={() => setBroken(logo)} />
      ) : (
        first
      )}
    </span>
  );
}
