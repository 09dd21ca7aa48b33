import rows from "../ui/rows.module.css";
import { Ago } from "../ui/time";
import type { MailText } from "./documents";

/** That a mail went out with the original words, because the agency's could not be used. */
export function TroubleNote({ text }: { readonly text: MailText }) {
  if (!text.trouble || !text.troubleAt) return null;
  return (
    <p className={rows.note} data-testid="mail-text-trouble">
      Your text could not be used <Ago at={text.troubleAt} />: {text.trouble} The original went out instead.
    </p>
  );
}
