import { Button, Modal, Skeleton, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { newClientId } from "../api/client-id";
import { type ApiError, sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { useViewer } from "../shell/scope";
import { Confirm } from "../ui/confirm";
import { CalendarIcon, PlusIcon } from "../ui/icons";
import { Section } from "../ui/page";
import { Trouble } from "../ui/refusal";
import { Empty } from "../ui/states";
import { Ago } from "../ui/time";
import { toast } from "../ui/toast";
import {
  type Calendar,
  CalendarsQuery,
  DeleteCalendarMutation,
  ImportCalendarMutation,
  UpdateCalendarMutation,
} from "./documents";
import css from "./hours.module.css";
import { withoutWords } from "./week";

/** The agency's holiday calendars: imported once, chosen wherever hours are set. */
export function CalendarsSection() {
  const viewer = useViewer();
  const { data, error, again } = useAsk(CalendarsQuery, {}, { of: ["HolidayCalendar"] });
  const [editing, edit] = useState<Calendar | "new" | null>(null);
  const [removing, remove] = useState<Calendar | null>(null);
  const calendars = data?.holidayCalendars ?? [];
  const button = (
    <Button variant="default" leftSection={<PlusIcon size={16} />} onClick={() => edit("new")}>
      Import a calendar
    </Button>
  );
  return (
    <Section
      id="calendars"
      title="Holiday calendars"
      text="Imported here, a calendar can be chosen wherever business hours are set: on its holidays it is closed."
      actions={calendars.length > 0 ? button : null}
    >
      {error ? (
        <Trouble
          error={error}
          retry={again}
          permission="handoff.read"
          objectId={viewer.agency.id}
          what="Seeing holiday calendars"
        />
      ) : null}
      {!data && !error ? <Skeleton height={80} /> : null}
      {data && calendars.length === 0 ? (
        <Empty title="No calendars yet" icon={<CalendarIcon size={22} />} action={button}>
          Any calendar program exports holidays as an .ics file.
        </Empty>
      ) : null}
      <ul className={css.calendars} data-testid="holiday-calendars">
        {calendars.map((calendar) => (
          <li key={calendar.id}>
            <div className={css.calendarHead}>
              <div>
                <b>{calendar.name}</b>
                <div className={css.dim}>
                  {calendar.count === 1 ? "1 holiday" : `${calendar.count} holidays`}, imported{" "}
                  <Ago at={calendar.updatedAt} />
                </div>
              </div>
              <div className={css.actions}>
                <Button variant="subtle" size="compact-sm" onClick={() => edit(calendar)}>
                  Change<span className="hidden-text"> {calendar.name}</span>
                </Button>
                <Button variant="subtle" color="gray" size="compact-sm" onClick={() => remove(calendar)}>
                  Remove<span className="hidden-text"> {calendar.name}</span>
                </Button>
              </div>
            </div>
            <details>
              <summary>Next holidays</summary>
              <ul className={css.holidays}>
                {calendar.holidays.map((holiday) => (
                  <li key={`${holiday.from} ${holiday.name}`}>
                    <span>{spanWords(holiday)}</span> {holiday.name}
                  </li>
                ))}
                {calendar.holidays.length === 0 ? <li>None: import the calendar of another year.</li> : null}
              </ul>
            </details>
          </li>
        ))}
      </ul>
      <Modal
        opened={editing !== null}
        onClose={() => edit(null)}
        title={editing === "new" || editing === null ? "Import a calendar" : `Change ${editing.name}`}
        centered
      >
        {editing ? (
          <ImportForm calendar={editing === "new" ? null : editing} onDone={() => edit(null)} />
        ) : null}
      </Modal>
      <Confirm
        opened={removing !== null}
        title={`Remove ${removing?.name ?? ""}?`}
        action="Remove"
        onClose={() => remove(null)}
        onConfirm={() => {
          const calendar = removing;
          remove(null);
          if (!calendar) return;
          change(DeleteCalendarMutation, { id: calendar.id }, ["HolidayCalendar", "BusinessHours"])
            .then(() => toast(`${calendar.name} is removed`))
            .catch((thrown) => toast(sentence(toApiError(thrown))));
        }}
      >
        Hours that it closes are open on its holidays from then on.
      </Confirm>
    </Section>
  );
}

function spanWords(holiday: Calendar["holidays"][number]): string {
  if (!holiday.allDay)
    return `${holiday.from.slice(0, 16).replace("T", " ")} – ${holiday.to.slice(0, 16).replace("T", " ")}`;
  const day = (text: string) =>
    new Date(`${text}T12:00:00Z`).toLocaleDateString(undefined, { dateStyle: "medium", timeZone: "UTC" });
  const last = new Date(Date.parse(`${holiday.to}T12:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
  return last === holiday.from ? day(holiday.from) : `${day(holiday.from)} – ${day(last)}`;
}

function ImportForm({
  calendar,
  onDone,
}: {
  readonly calendar: Calendar | null;
  readonly onDone: () => void;
}) {
  const [clientId] = useState(newClientId);
  const [name, setName] = useState(calendar?.name ?? "");
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const read = async (file: File | undefined) => {
    if (!file) return;
    if (file.size > 2 * 1024 * 1024) {
      setError(toApiError(new Error("The file is too large for a calendar of holidays.")));
      return;
    }
    setText(await file.text());
    setError(null);
    if (name === "") setName(file.name.replace(/\.ics$/i, ""));
  };
  const changed = text !== "" || (calendar !== null && name !== calendar.name);
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        setBusy(true);
        setError(null);
        const bare = withoutWords(text);
        const done =
          calendar === null
            ? change(ImportCalendarMutation, { clientId, name, text: bare }, ["HolidayCalendar"])
            : change(
                UpdateCalendarMutation,
                { id: calendar.id, name, ...(text === "" ? {} : { text: bare }) },
                ["BusinessHours"],
              );
        done
          .then(() => {
            toast(calendar === null ? `${name} is imported` : "Saved");
            onDone();
          })
          .catch((thrown) => setError(toApiError(thrown)))
          .finally(() => setBusy(false));
      }}
    >
      <TextInput
        label="Name"
        required
        maxLength={80}
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={error?.field === "name" ? error.message : null}
      />
      <label className={css.file}>
        Calendar file (.ics)
        <input
          type="file"
          accept=".ics,text/calendar"
          onChange={(event) => void read(event.currentTarget.files?.[0])}
        />
      </label>
      <Textarea
        label="Or its text"
        description={
          calendar ? "Left empty, the holidays stay as they are." : "It begins with BEGIN:VCALENDAR."
        }
        rows={5}
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={error?.field === "text" ? error.message : null}
      />
      {error && error.field !== "text" && error.field !== "name" ? (
        <p className={css.error} role="alert">
          {sentence(error)}
        </p>
      ) : null}
      <div>
        <Button type="submit" loading={busy} disabled={!changed || (calendar === null && text === "")}>
          {calendar === null ? "Import" : "Save"}
        </Button>
      </div>
    </form>
  );
}
