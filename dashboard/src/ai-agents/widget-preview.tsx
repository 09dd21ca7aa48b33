import type { CSSProperties } from "react";
import { brand } from "../brand/brand";
import { contrast, parseHex, toHex } from "../brand/colour";
import { ConversationsIcon } from "../ui/icons";
import css from "./widget-preview.module.css";

interface Props {
  readonly title: string;
  readonly greeting: string;
  readonly accent: string | null;
  readonly position: "BOTTOM_RIGHT" | "BOTTOM_LEFT";
  readonly agentName: string;
}

/** Whichever of black and white reads better on a colour that was picked for one widget. */
function textOn(accent: string): string {
  const colour = parseHex(accent);
  if (!colour) return brand.accentText;
  return toHex(
    contrast(colour, [255, 255, 255]) >= contrast(colour, [0, 0, 0]) ? [255, 255, 255] : [0, 0, 0],
  );
}

/** A drawing of the widget, as it will look: it changes while one types. */
export function WidgetPreview({ title, greeting, accent, position, agentName }: Props) {
  const colour = accent && parseHex(accent) ? accent : brand.accent;
  const style = {
    "--preview-accent": colour,
    "--preview-text": accent ? textOn(colour) : brand.accentText,
  } as CSSProperties;
  return (
    <figure className={css.figure} aria-label="Preview of the widget">
      <div className={css.site} data-position={position} style={style}>
        <div className={css.lines} aria-hidden="true">
          <i />
          <i />
          <i />
        </div>
        <div className={css.panel}>
          <div className={css.bar}>{title || agentName}</div>
          <div className={css.thread}>
            <div className={css.theirs} dir="auto">
              {greeting || "…"}
            </div>
            <div className={css.ours}>Do you deliver on Sundays?</div>
          </div>
          <div className={css.input}>Write a message</div>
        </div>
        <div className={css.button}>
          <ConversationsIcon size={20} />
        </div>
      </div>
      <figcaption className={css.caption}>Preview</figcaption>
    </figure>
  );
}
