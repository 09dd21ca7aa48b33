import { graphql, type ResultOf } from "../gql/graphql";

export const ScheduleFields = graphql(`
  fragment ScheduleFields on HoursSchedule @_unmask {
    timeZone
    week { day intervals { from to } }
    exceptions { date name intervals { from to } }
    calendars { id name }
  }
`);

export type Schedule = ResultOf<typeof ScheduleFields>;

export const HoursFields = graphql(
  `fragment HoursFields on BusinessHours @_unmask {
    enabled origin inheritedOrigin rev usualTimeZone editable nobodyResponds
    own { ...ScheduleFields }
    schedule { ...ScheduleFields }
    inherited { ...ScheduleFields }
    preview { open changesAt reason name }
  }`,
  [ScheduleFields],
);

export type Hours = ResultOf<typeof HoursFields>;

export const HoursQuery = graphql(
  `query BusinessHours($organizationId: ID, $aiAgentId: ID) {
    businessHours(organizationId: $organizationId, aiAgentId: $aiAgentId) { ...HoursFields }
    holidayCalendars { id name }
  }`,
  [HoursFields],
);

export const PreviewQuery = graphql(`
  query PreviewHours($organizationId: ID, $aiAgentId: ID, $at: Time) {
    businessHours(organizationId: $organizationId, aiAgentId: $aiAgentId) {
      preview(at: $at) { at open reason name interval { from to } opensAt changesAt }
    }
  }
`);

export type Preview = ResultOf<typeof PreviewQuery>["businessHours"]["preview"];

export const UpdateHoursMutation = graphql(
  `mutation UpdateBusinessHours(
    $organizationId: ID, $aiAgentId: ID, $enabled: Boolean!, $timeZone: String, $week: [HoursDayInput!],
    $exceptions: [HoursExceptionInput!], $calendarIds: [ID!], $rev: Int
  ) {
    updateBusinessHours(
      organizationId: $organizationId, aiAgentId: $aiAgentId, enabled: $enabled, timeZone: $timeZone, week: $week,
      exceptions: $exceptions, calendarIds: $calendarIds, rev: $rev
    ) { ...HoursFields }
  }`,
  [HoursFields],
);

export const CalendarFields = graphql(`
  fragment CalendarFields on HolidayCalendar @_unmask {
    id name count updatedAt
    holidays { name from to allDay }
  }
`);

export type Calendar = ResultOf<typeof CalendarFields>;

export const CalendarsQuery = graphql(`query HolidayCalendars { holidayCalendars { ...CalendarFields } }`, [
  CalendarFields,
]);

export const ImportCalendarMutation = graphql(
  `mutation ImportHolidayCalendar($clientId: String!, $name: String!, $text: String!) {
    importHolidayCalendar(clientId: $clientId, name: $name, text: $text) { ...CalendarFields }
  }`,
  [CalendarFields],
);

export const UpdateCalendarMutation = graphql(
  `mutation UpdateHolidayCalendar($id: ID!, $name: String, $text: String) {
    updateHolidayCalendar(holidayCalendarId: $id, name: $name, text: $text) { ...CalendarFields }
  }`,
  [CalendarFields],
);

export const DeleteCalendarMutation = graphql(`
  mutation DeleteHolidayCalendar($id: ID!) { deleteHolidayCalendar(holidayCalendarId: $id) }
`);
