import { useComputedColorScheme } from "@mantine/core";
import { useState } from "react";
import { brand } from "../brand/brand";
import css from "./brand-mark.module.css";

/** The brand's logo. A square one is only a sign, so the name stands next to it; a wide one usually carries it. */
export function BrandMark({ large, compact }: { readonly large?: boolean; readonly compact?: boolean }) {
  const scheme = useComputedColorScheme("light");
  const logo = (scheme === "dark" ? (brand.logoDark ?? brand.logo) : brand.logo) ?? null;
  const [wide, setWide] = useState(false);
  return (
    <span className={css.mark} data-large={large || undefined}>
      {logo ? (
        <img
          className={css.logo}
          src={logo}
          alt={brand.name}
          onLoad={({ currentTarget: image }) => setWide(image.naturalWidth > image.naturalHeight * 1.8)}
        />
      ) : (
        <span className={css.initial} aria-hidden="true">
          {brand.name.slice(0, 1)}
        </span>
      )}
      {(logo && wide) || compact ? null : (
        <span className={css.name} aria-hidden={logo ? true : undefined}>
          {brand.name}
        </span>
      )}
    </span>
  );
}
