import "@mantine/core/styles/Switch.css";
import { Skeleton, Switch } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { change } from "../api/client";
import { serverNow } from "../api/clock";
import { useAsk } from "../api/use-ask";
import { useViewer } from "../shell/scope";
import { Badge } from "../ui/badge";
import { SaveBar, useDraft } from "../ui/form";
import { Refusal, Trouble } from "../ui/refusal";
import { SearchSelect } from "../ui/search-select";
import { zoneChoices, zoneLabel } from "../ui/time-zones";
import { type Hours, HoursQuery, UpdateHoursMutation } from "./documents";
import { ExceptionFields } from "./exception-fields";
import css from "./hours.module.css";
import { HoursPreview } from "./preview";
import { draftOf, localIn, weekWords } from "./week";
import { WeekFields } from "./week-fields";

interface Place {
  /** The organization whose hours they are, or in which the AI agent is. */
  readonly organizationId: string | null;
  /** The AI agent, when they are its own. */
  readonly aiAgentId: string | null;
}

/** Hours of an AI agent, of an organization, or of the agency itself: set here, or whatever lies below. */
export function BusinessHours(props: Place) {
  const { organizationId, aiAgentId } = props;
  const viewer = useViewer();
  const asked = aiAgentId === null ? { organizationId } : { aiAgentId };
  const { data, error, again } = useAsk(HoursQuery, asked, { of: ["BusinessHours", "HolidayCalendar"] });
  const objectId = aiAgentId ?? organizationId ?? viewer.agency.id;
  if (error) {
    return (
      <Trouble
        error={error}
        retry={again}
        permission="handoff.read"
        objectId={objectId}
        what="Seeing business hours"
      />
    );
  }
  if (!data) return <Skeleton height={160} />;
  return (
    <HoursForm
      key={objectId}
      {...props}
      objectId={objectId}
      hours={data.businessHours}
      calendars={data.holidayCalendars}
    />
  );
}

function originWords(origin: Hours["origin"], agency: string): string {
  switch (origin) {
    case "AI_AGENT":
      return "of this AI agent";
    case "ORGANIZATION":
      return "of the organization";
    case "AGENCY":
      return `of ${agency}`;
    default:
      return "nobody has set any";
  }
}

const fields = ["timeZone", "week", "exceptions", "calendarIds"] as const;

function HoursForm(
  props: Place & {
    readonly objectId: string;
    readonly hours: Hours;
    readonly calendars: readonly { readonly id: string; readonly name: string }[];
  },
) {
  const { hours, calendars, organizationId, aiAgentId, objectId } = props;
  const agency = useViewer().agency.name;
  const saved = draftOf(hours.enabled, hours.own ?? hours.inherited, hours.usualTimeZone);
  const draft = useDraft(saved, async (value) => {
    await change(
      UpdateHoursMutation,
      {
        ...(aiAgentId === null ? { organizationId } : { aiAgentId }),
        enabled: value.enabled,
        rev: hours.rev,
        // Turned off, only that is said: what was set stays as it is.
        ...(value.enabled
          ? {
              timeZone: value.timeZone,
              week: value.week.map((intervals, at) => ({
                day: weekday(at),
                intervals: intervals.map(({ from, to }) => ({ from, to })),
              })),
              exceptions: value.exceptions.map((one) => ({
                date: one.date,
                name: one.name,
                intervals: one.intervals.map(({ from, to }) => ({ from, to })),
              })),
              calendarIds: [...value.calendarIds],
            }
          : {}),
      },
      ["BusinessHours"],
    );
  });
  const fixed = !hours.editable;
  const { value } = draft;
  const now = serverNow();
  const zones = zoneChoices(new Date(now));
  const known = zones.some((one) => one.value === value.timeZone);
  const options = known
    ? zones
    : [{ value: value.timeZone, label: zoneLabel(value.timeZone, new Date(now)) }, ...zones];
  return (
    <form onSubmit={draft.submit} className={css.form} data-testid="business-hours">
      <Switch
        label="Configure Business Hours"
        description={
          aiAgentId !== null
            ? "Off, the hours of the organization count, or those of the agency."
            : organizationId !== null
              ? "Off, the hours of the agency count. AI agents can have their own."
              : "Off, it is always open. Organizations and AI agents can have their own."
        }
        checked={value.enabled}
        disabled={fixed}
        onChange={(event) => draft.set({ enabled: event.currentTarget.checked })}
      />
      <p className={css.now} data-testid="hours-now">
        <Badge tone={hours.preview.open ? "good" : "plain"}>
          {hours.preview.open ? "Open now" : "Closed now"}
        </Badge>{" "}
        {hours.schedule
          ? `What counts are the hours ${originWords(hours.origin, agency)}: ${weekWords(hours.schedule.week.map((day) => day.intervals))} (${hours.schedule.timeZone}).`
          : "It is always open: nobody has set hours."}
      </p>
      {hours.nobodyResponds ? (
        <p className={css.warning} role="note" data-testid="nobody-responds">
          Hours are set, and nobody of the organization may respond to live chats: unless people of {agency}{" "}
          do, requests reach nobody. Give somebody a role with <b>Respond to Live Chats</b> under{" "}
          <Link to="/team">Team</Link>.
        </p>
      ) : null}
      {value.enabled ? (
        <>
          <div className={css.narrow}>
            <SearchSelect
              label="Time zone"
              description="The days and times below are meant in this zone, with its summer time."
              value={value.timeZone}
              options={options}
              disabled={fixed}
              error={draft.fieldError("timeZone")}
              onChange={(timeZone) => draft.set({ timeZone: timeZone ?? value.timeZone })}
            />
          </div>
          <WeekFields
            week={value.week}
            disabled={fixed}
            error={draft.fieldError("week")}
            onChange={(week) => draft.set({ week })}
          />
          <ExceptionFields
            value={value.exceptions}
            today={localIn(value.timeZone, now).slice(0, 10)}
            disabled={fixed}
            error={draft.fieldError("exceptions")}
            onChange={(exceptions) => draft.set({ exceptions })}
          />
          <fieldset className={css.week} data-testid="hours-calendars">
            <legend>Holiday calendars</legend>
            {calendars.length === 0 ? (
              <p className={css.dim}>
                {agency} has imported none yet; that is done in the agency's settings.
              </p>
            ) : null}
            {calendars.map((calendar) => (
              <label className={css.dayName} key={calendar.id}>
                <input
                  type="checkbox"
                  checked={value.calendarIds.includes(calendar.id)}
                  disabled={fixed}
                  onChange={(event) =>
                    draft.set({
                      calendarIds: event.currentTarget.checked
                        ? [...value.calendarIds, calendar.id]
                        : value.calendarIds.filter((id) => id !== calendar.id),
                    })
                  }
                />
                Closed on the holidays of {calendar.name}
              </label>
            ))}
            {draft.fieldError("calendarIds") ? (
              <p className={css.error} role="alert">
                {draft.fieldError("calendarIds")}
              </p>
            ) : null}
          </fieldset>
        </>
      ) : null}
      <HoursPreview
        organizationId={aiAgentId === null ? organizationId : null}
        aiAgentId={aiAgentId}
        zone={hours.schedule?.timeZone ?? hours.usualTimeZone}
        unsaved={draft.changed}
      />
      {aiAgentId !== null ? (
        <p className={css.dim}>
          What becomes of requests that wait at closing time, what visitors read then and whether they can
          leave a query is set for the organization, under <Link to="/settings">Settings</Link>, Business
          hours.
        </p>
      ) : null}
      {fixed ? (
        <Refusal permission="business_hours.edit" objectId={objectId} what="Changing business hours" />
      ) : (
        <SaveBar draft={draft} fields={fields} />
      )}
    </form>
  );
}

function weekday(at: number) {
  const names = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"] as const;
  return names[at] ?? "MONDAY";
}
