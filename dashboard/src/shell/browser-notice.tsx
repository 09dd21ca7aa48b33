import { WarnIcon } from "../ui/icons";
import { lackingHere, lackingWords, useAnother } from "./browser";
import css from "./shell.module.css";

/** Said on every page, as a chat that seems to work and is never answered would be worse (S170). */
export function BrowserNotice() {
  return (
    <section className={css.viewing} role="alert" data-testid="browser-notice">
      <WarnIcon size={16} />
      <span className={css.viewingText}>
        {lackingWords(lackingHere())} {useAnother}
      </span>
    </section>
  );
}
