// Business hours (G7): set on the AI agent's page, seen by a visitor, decided by the server.

import { join } from "node:path";
import { agentOf, enableHandoff, freed, post } from "./support/api.ts";
import type { Dashboard } from "./support/dashboard.ts";
import { expect, test, unique } from "./support/fixtures.ts";
import type { Widget } from "./support/widget.ts";

test.use({ alone: "hours" });

const OWNER = "owner@bluebakery.test";
const OPERATOR = "operator1@bluebakery.test";
const AGENCY = "owner@northlight.test";

/** The date that clocks in New York show now, and the one after so many days. */
function dateThere(days = 0): string {
  const at = new Date(Date.now() + days * 86_400_000);
  return new Intl.DateTimeFormat("en-CA", { timeZone: "America/New_York" }).format(at);
}

/** Nine in the morning of a date there. */
function nineInNewYork(date: string): Date {
  const clock = new Intl.DateTimeFormat("en-US", { timeZone: "America/New_York", hour: "numeric" });
  const at = ["-04:00", "-05:00"].map((offset) => new Date(`${date}T09:00:00${offset}`));
  const nine = at.find((one) => clock.format(one).startsWith("9"));
  if (nine === undefined) throw new Error(`there is no nine o'clock on ${date}`);
  return nine;
}

const names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const;

function hoursOf(owner: Dashboard) {
  const form = owner.page.getByTestId("business-hours").first();
  return {
    form,
    toggle: form.getByRole("switch", { name: "Configure Business Hours" }),
    day: (name: string) => form.getByRole("checkbox", { name, exact: true }),
    start: (name: string) => form.getByLabel(`Start Time, ${name}`, { exact: true }),
    end: (name: string) => form.getByLabel(`End Time, ${name}`, { exact: true }),
    now: form.getByTestId("hours-now"),
    answer: form.getByTestId("hours-answer"),
    async save() {
      await form.getByRole("button", { name: "Save", exact: true }).click();
      await expect(form.getByRole("button", { name: "Discard changes" })).toHaveCount(0);
    },
    async inNewYork() {
      await form
        .getByRole("combobox", { name: "Time zone" })
        .or(form.getByLabel("Time zone"))
        .first()
        .fill("New York");
      await owner.page
        .getByRole("option", { name: /^New York/ })
        .first()
        .click();
    },
    /** Adds an exception that opens on a date; it is the nth. */
    async exception(nth: number, date: string, start: string, end: string) {
      await form.getByRole("button", { name: "Add an exception" }).click();
      await form.getByLabel(`Date of exception ${nth}`).fill(date);
      await form.getByLabel(`Name of exception ${nth}`).fill("Open day");
      await form.getByRole("checkbox", { name: `Open on ${date}` }).check();
      await form.getByLabel(`Start Time, ${date}`, { exact: true }).fill(start);
      await form.getByLabel(`End Time, ${date}`, { exact: true }).fill(end);
    },
    /** Asks about a time on the clocks of the zone that is saved, once the page has heard of it. */
    async check(local: string, zone = "America/New_York") {
      await form.getByLabel(`Date and time in ${zone}`).fill(local);
      await form.getByRole("button", { name: "Check", exact: true }).click();
    },
  };
}

test("hours are configured on the AI agent's page, and saved only when they changed", async ({ people }) => {
  const desk = await people.desk(OWNER);
  const agent = await agentOf(desk, "Blue Bakery");
  await enableHandoff(desk, agent.id);
  const owner = await people.staff(OWNER);
  await owner.openAgent(agent.name);
  const escalation = owner.page.getByRole("region", { name: "Escalation" });
  const hours = hoursOf(owner);
  await expect(escalation.getByTestId("business-hours")).toBeVisible();
  await expect(escalation.getByRole("switch", { name: "Enable Live Agent Handoff" })).toBeChecked();
  await expect(hours.toggle).not.toBeChecked();
  await expect(hours.now).toContainText("It is always open: nobody has set hours.");
  const save = hours.form.getByRole("button", { name: "Save", exact: true });
  await expect(save).toBeDisabled();

  // Days, times and the zone; one day has two intervals, and is copied.
  await hours.toggle.click();
  await hours.inNewYork();
  await expect(hours.day("Monday")).toBeChecked();
  await expect(hours.day("Sunday")).not.toBeChecked();
  await hours.day("Friday").uncheck();
  await hours.day("Saturday").check();
  await hours.start("Monday").fill("09:00");
  await hours.end("Monday").fill("12:30");
  await hours.form.getByRole("button", { name: "Add an interval, Monday" }).click();
  await expect(hours.form.getByLabel("Start Time, Monday, interval 2")).toHaveValue("13:30");
  await hours.form.getByLabel("End Time, Monday, interval 2").fill("17:00");
  await hours.form.getByLabel("Copy the hours of Monday to other days").selectOption("weekdays");
  await expect(hours.day("Friday")).toBeChecked();
  await hours.day("Friday").uncheck();
  await hours.start("Saturday").fill("22:00");
  await hours.end("Saturday").fill("02:00");
  await expect(hours.form.getByTestId("hours-saturday")).toContainText("on the next day");
  await hours.save();
  await owner.page.reload();
  await expect(hours.toggle).toBeChecked();
  await expect(hours.day("Friday")).not.toBeChecked();
  await expect(hours.end("Thursday")).toHaveValue("12:30");
  await expect(hours.start("Saturday")).toHaveValue("22:00");
  await expect(hours.now).toContainText("What counts are the hours of this AI agent");
  await expect(hours.now).toContainText("America/New_York");

  // The preview knows night shifts and winter time.
  await hours.check("2030-01-07T10:00");
  await expect(hours.answer).toContainText("Open These are the hours of the week, 09:00–12:30.");
  await hours.check("2030-01-07T13:00");
  await expect(hours.answer).toContainText("Closed It is outside of the hours of the week.");
  await hours.check("2030-01-06T01:59");
  await expect(hours.answer).toContainText("Open");

  // What cannot be is said at its field, and nothing is saved.
  await hours.form.getByLabel("Start Time, Monday, interval 2").fill("12:00");
  await save.click();
  await expect(hours.form.getByRole("alert")).toContainText("overlap");
  await hours.form.getByRole("button", { name: "Discard changes" }).click();
  await expect(hours.form.getByLabel("Start Time, Monday, interval 2")).toHaveValue("13:30");

  // Off, it is always open again.
  await hours.toggle.click();
  await hours.save();
  await expect(hours.now).toContainText("It is always open");
});

test("nine to five in New York is open at three and closed at seven, wherever a visitor's clock stands (S125, S130-S134)", async ({
  people,
}) => {
  const desk = await people.desk(OWNER);
  const agent = await agentOf(desk, "Blue Bakery");
  await enableHandoff(desk, agent.id);
  await freed(await people.desk(OPERATOR));
  const owner = await people.staff(OWNER);
  await owner.openAgent(agent.name);
  const hours = hoursOf(owner);
  await hours.toggle.click();
  await hours.inNewYork();
  for (const name of names) {
    await hours.day(name).uncheck();
    await hours.day(name).check();
  }
  await hours.start("Monday").fill("09:00");
  await hours.end("Monday").fill("17:00");
  await hours.form.getByLabel("Copy the hours of Monday to other days").selectOption("all");
  await hours.save();
  // S134, and S133: the same in winter time, in summer time, and on the day between them.
  for (const day of ["2030-01-07", "2030-07-08", "2030-03-10"]) {
    await hours.check(`${day}T15:00`);
    await expect(hours.answer).toContainText("Open These are the hours of the week, 09:00–17:00.");
    await hours.check(`${day}T19:00`);
    await expect(hours.answer).toContainText("Closed It is outside of the hours of the week.");
  }

  // Closed until nine there, on the day after tomorrow: each visitor reads it by the clock on their own wall.
  for (const name of names) await hours.day(name).uncheck();
  const day = dateThere(2);
  await hours.exception(1, day, "09:00", "17:00");
  await hours.save();
  await expect(hours.now).toContainText("Closed now");
  const opens = nineInNewYork(day);
  const visitors: Widget[] = [];
  for (const timezoneId of ["Asia/Tokyo", "America/New_York", "Europe/Berlin"]) {
    const visitor = await people.visitor({ timezoneId });
    await visitor.say(unique("Is anybody there?"));
    await expect(visitor.message(/\S/, "AI").first()).toBeVisible();
    const clock = opens.toLocaleTimeString("en-US", {
      hour: "numeric",
      minute: "2-digit",
      timeZone: timezoneId,
    });
    await expect(visitor.frame.getByTestId("offline")).toContainText(clock);
    await expect(visitor.button("Request Live Agent")).toHaveCount(0);
    visitors.push(visitor);
  }

  // Open now, by the date there: open to all of them, and the team accepts and answers.
  await hours.exception(2, dateThere(), "00:00", "00:00");
  await hours.save();
  await expect(hours.now).toContainText("Open now");
  for (const visitor of visitors) {
    await visitor.page.reload();
    await expect(visitor.button("Request Live Agent")).toBeVisible();
  }
  const far = visitors[0] as Widget;
  const question = unique("Do you send bread to Tokyo?");
  await far.say(question);
  await far.requestPerson("Aiko");
  const operator = await people.staff(OPERATOR);
  await operator.open("Live Chats");
  await operator.accept(question);
  const answer = unique("Not fresh.");
  await operator.send(answer);
  await expect(far.message(answer, "OPERATOR")).toBeVisible();

  for (const date of [day, dateThere()])
    await hours.form.getByRole("button", { name: `Remove the exception for ${date}` }).click();
  await hours.save();
  await hours.toggle.click();
  await hours.save();
});

test("in hours a visitor sees the button, outside they do not, and the AI stays", async ({
  people,
  server,
}) => {
  const desk = await people.desk(OWNER);
  const agent = await agentOf(desk, "Blue Bakery");
  await enableHandoff(desk, agent.id);
  const owner = await people.staff(OWNER);
  await owner.openAgent(agent.name);
  const hours = hoursOf(owner);
  await hours.toggle.click();
  for (const name of names) {
    // What was set before is kept, and not what this is about: unchecked and checked, a day begins anew.
    await hours.day(name).uncheck();
    await hours.day(name).check();
  }
  await hours.start("Monday").fill("00:00");
  await hours.end("Monday").fill("00:00");
  await hours.form.getByLabel("Copy the hours of Monday to other days").selectOption("all");
  await hours.save();
  await expect(hours.now).toContainText("Open now");

  const visitor = await people.visitor();
  await visitor.say(unique("Is anybody there?"));
  await expect(visitor.button("Request Live Agent")).toBeVisible();

  for (const name of names) await hours.day(name).uncheck();
  await hours.save();
  await expect(hours.now).toContainText("Closed now");
  await visitor.page.reload();
  await expect(visitor.input).toBeVisible();
  const question = unique("When are you open on Sunday?");
  const before = await visitor.message(/\S/, "AI").count();
  await visitor.say(question);
  await expect(visitor.message(/\S/, "AI")).not.toHaveCount(before);
  await expect(visitor.button("Request Live Agent")).toHaveCount(0);
  await expect(visitor.frame.getByText("Our team is currently offline").first()).toBeVisible();
  const config = await (await fetch(`${server.url}/widget/config/${agent.widget.id}.json`)).json();
  expect(config.handoff).toMatchObject({
    available: false,
    open: false,
    offlineText: "Our team is currently offline",
    offlineForm: true,
  });

  // The server does not rely on a button that is not there.
  const opened = await post<{ session: { token: string } }>(
    `${server.url}/widget/graphql`,
    "mutation ($id: ID!) { session(widgetId: $id) { token } }",
    { id: agent.widget.id },
  );
  const refused = await post(
    `${server.url}/widget/graphql`,
    'mutation { requestHandoff(clientId: "by-hand") { state } }',
    {},
    opened.data?.session.token,
  );
  expect(refused.errors?.[0]?.extensions).toMatchObject({
    code: "CONFLICT",
    reason: "OUTSIDE_BUSINESS_HOURS",
  });

  // An exception opens today; the button is there again.
  await hours.exception(1, dateThere(), "00:00", "00:00");
  await hours.inNewYork();
  await hours.save();
  await expect(hours.now).toContainText("Open now");
  await visitor.page.reload();
  await expect(visitor.button("Request Live Agent")).toBeVisible();

  await hours.toggle.click();
  await hours.save();
});

test("an agency imports holidays, and hours that choose them are closed", async ({ people }, info) => {
  const desk = await people.desk(OWNER);
  const agent = await agentOf(desk, "Blue Bakery");
  const agency = await people.staff(AGENCY);
  await agency.page.goto("/settings");
  const section = agency.page.getByRole("region", { name: "Holiday calendars" });
  await section.getByRole("button", { name: "Import a calendar" }).click();
  const dialog = agency.page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("US holidays");
  await dialog
    .getByLabel("Or its text")
    .fill("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20301341\nEND:VEVENT\nEND:VCALENDAR");
  await dialog.getByRole("button", { name: "Import", exact: true }).click();
  await expect(dialog.getByText(/Line 3: “20301341” is not a date/)).toBeVisible();
  const calendar = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "BEGIN:VEVENT",
    "DTSTART;VALUE=DATE:20201225",
    "RRULE:FREQ=YEARLY",
    "SUMMARY:Christmas Day",
    "DESCRIPTION:A very long",
    "  description",
    "END:VEVENT",
    "END:VCALENDAR",
  ];
  await dialog.getByLabel("Calendar file (.ics)").setInputFiles({
    name: "holidays.ics",
    mimeType: "text/calendar",
    buffer: Buffer.from(calendar.join("\r\n")),
  });
  await dialog.getByRole("button", { name: "Import", exact: true }).click();
  await expect(section.getByTestId("holiday-calendars")).toContainText("US holidays");
  await section.getByText("Next holidays").click();
  await expect(section.getByText("Christmas Day").first()).toBeVisible();

  // The bakery inherits nothing by itself: it chooses.
  const owner = await people.staff(OWNER);
  await owner.page.goto("/settings");
  const hours = hoursOf(owner);
  await hours.toggle.click();
  await hours.form.getByRole("checkbox", { name: "Closed on the holidays of US holidays" }).check();
  await hours.save();
  await hours.check("2030-12-25T10:00", "UTC");
  await expect(hours.answer).toContainText("Closed It is a holiday: Christmas Day.");
  // The AI agent has none of its own, and says whose count.
  await owner.openAgent(agent.name);
  await expect(hours.toggle).not.toBeChecked();
  await expect(hours.now).toContainText("What counts are the hours of the organization");

  const pictures = join(info.project.outputDir, "screenshots", info.project.name);
  const [somebody, boss] = [await people.staff(OWNER), await people.staff(AGENCY)];
  await somebody.page.goto(`/ai-agents/${agent.id}#escalation`);
  const own = hoursOf(somebody);
  await own.toggle.check();
  await own.form.getByRole("button", { name: "Add an exception" }).click();
  await own.check("2030-12-25T10:00", "UTC");
  await expect(own.answer).toBeVisible();
  await boss.page.goto("/settings");
  const list = boss.page.getByRole("region", { name: "Holiday calendars" });
  await expect(list.getByText("US holidays").first()).toBeVisible();
  for (const width of [1440, 390]) {
    for (const { page } of [somebody, boss]) {
      await page.setViewportSize({ width, height: 900 });
      const needed = () => page.evaluate(() => document.documentElement.scrollWidth);
      await expect.poll(needed, `${width} px is enough`).toBeLessThanOrEqual(width);
    }
    for (const colorScheme of ["light", "dark"] as const) {
      await somebody.page.emulateMedia({ colorScheme });
      await own.form.screenshot({ path: join(pictures, `hours-${width}-${colorScheme}.png`) });
      await boss.page.emulateMedia({ colorScheme });
      await list.screenshot({ path: join(pictures, `calendars-${width}-${colorScheme}.png`) });
    }
  }

  // Removed, it closes nothing any more.
  await section.getByRole("button", { name: "Remove US holidays" }).click();
  await agency.page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
  await expect(section.getByText("No calendars yet")).toBeVisible();
  await owner.page.goto("/settings");
  await hours.check("2030-12-25T10:00", "UTC");
  await expect(hours.answer).toContainText("Open");
});
