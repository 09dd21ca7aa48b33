import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { ask } from "../api/client";
import { serverNow } from "../api/clock";
import { sentence, toApiError } from "../api/errors";
import { Badge } from "../ui/badge";
import { type Preview, PreviewQuery } from "./documents";
import css from "./hours.module.css";
import { instantIn, localIn } from "./week";

function when(at: string, zone: string): string {
  return new Intl.DateTimeFormat(undefined, {
    timeZone: zone,
    weekday: "long",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  }).format(new Date(at));
}

/** Why it is open or closed, in a sentence. */
export function reasonWords(preview: Pick<Preview, "open" | "reason" | "name" | "interval">): string {
  const hours = preview.interval ? `, ${preview.interval.from}–${preview.interval.to}` : "";
  switch (preview.reason) {
    case "ALWAYS":
      return "Nobody has set hours, so it is always open.";
    case "EXCEPTION":
      return `An exception counts${preview.name ? `: ${preview.name}` : ""}${hours}.`;
    case "HOLIDAY":
      return `It is a holiday: ${preview.name ?? ""}.`;
    default:
      return preview.open
        ? `These are the hours of the week${hours}.`
        : "It is outside of the hours of the week.";
  }
}

/** "Open or closed at ...": asked of the server, which decides it for visitors too. */
export function HoursPreview(props: {
  readonly organizationId: string | null;
  readonly aiAgentId: string | null;
  readonly zone: string;
  /** What is shown counts only when it is saved. */
  readonly unsaved: boolean;
}) {
  const { zone } = props;
  const [opened] = useState(serverNow);
  const [typed, type] = useState<string | null>(null);
  const local = typed ?? localIn(zone, opened);
  const [answered, answer] = useState<{ readonly zone: string; readonly preview: Preview } | null>(null);
  // What was asked in another zone was another instant.
  const shown = answered?.zone === zone ? answered.preview : null;
  const [trouble, setTrouble] = useState<string | null>(null);
  const look = async () => {
    const at = instantIn(zone, local);
    if (at === null) {
      setTrouble("Choose a date and a time.");
      return;
    }
    try {
      const { organizationId, aiAgentId } = props;
      const { businessHours } = await ask(PreviewQuery, { organizationId, aiAgentId, at });
      answer({ zone, preview: businessHours.preview });
      setTrouble(null);
    } catch (thrown) {
      setTrouble(sentence(toApiError(thrown)));
    }
  };
  return (
    <fieldset className={css.week} data-testid="hours-preview">
      <legend>Open or closed at …</legend>
      <div className={css.ask}>
        <TextInput
          type="datetime-local"
          label={`Date and time in ${zone}`}
          value={local}
          onChange={(event) => {
            type(event.currentTarget.value);
            answer(null);
          }}
          onKeyDown={(event) => {
            // Not the form: nothing is saved by looking.
            if (event.key === "Enter") {
              event.preventDefault();
              void look();
            }
          }}
        />
        <Button variant="default" onClick={() => void look()}>
          Check
        </Button>
      </div>
      {props.unsaved ? <p className={css.dim}>Answered by what is saved, without your changes.</p> : null}
      {trouble ? (
        <p className={css.error} role="alert">
          {trouble}
        </p>
      ) : null}
      <div role="status">
        {shown ? (
          <p className={css.answer} data-testid="hours-answer" data-open={shown.open}>
            <Badge tone={shown.open ? "good" : "plain"}>{shown.open ? "Open" : "Closed"}</Badge>{" "}
            {reasonWords(shown)}{" "}
            {shown.changesAt ? (
              <>
                {shown.open ? "It closes" : "It opens"} on {when(shown.changesAt, zone)}.
              </>
            ) : null}
          </p>
        ) : null}
      </div>
    </fieldset>
  );
}
