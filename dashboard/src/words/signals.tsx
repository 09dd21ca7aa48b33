import type { Row } from "../conversations/documents";
import css from "./words.module.css";

const words: Readonly<Record<Row["signals"][number], readonly [string, string]>> = {
  ASKED_FOR_PERSON: ["Wants a person", "The visitor asked for a person and got none"],
  UNHAPPY: ["Unhappy", "The visitor's words are unhappy ones"],
  NOT_HELPED: ["Not helped", "The AI's last answer did not help"],
  REPEATED: ["Asks again", "The visitor asked the same again"],
  LONG_WAIT: ["Long wait", "An answer took more than a minute, or is still to come"],
  MANY_MESSAGES: ["Long talk", "The visitor has written eight messages or more"],
};

/** What speaks for taking a conversation over from the AI. */
export function Signals({ signals }: { readonly signals: Row["signals"] }) {
  if (signals.length === 0) return null;
  return (
    <ul className={css.signals} aria-label="Signals" data-testid="signals">
      {signals.map((signal) => (
        <li key={signal} title={words[signal][1]} data-signal={signal}>
          {words[signal][0]}
        </li>
      ))}
    </ul>
  );
}
