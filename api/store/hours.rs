//! Business hours and holiday calendars as they were set. What of them counts is the domain's to say.

use super::{Reads, Write, fail, on};
use crate::domain::calendar::{Holiday, HolidayCalendar};
use crate::domain::hours::{Hours, HoursPlace, Kept};
use crate::domain::id::{AgencyId, AiAgentId, HolidayCalendarId, OrganizationId};
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;

type Row = (AgencyId, Option<OrganizationId>, Option<AiAgentId>, bool, String, String, String, i64);

fn kept((agency, organization, ai_agent, enabled, time_zone, week, exceptions, rev): Row) -> Result<Kept> {
    Ok(Kept {
        place: HoursPlace { agency, organization, ai_agent },
        enabled,
        hours: Hours {
            time_zone,
            week: serde_json::from_str(&week).map_err(Error::internal)?,
            exceptions: serde_json::from_str(&exceptions).map_err(Error::internal)?,
        },
        calendars: Vec::new(),
        rev,
    })
}

/// What was set at some places of the scope's agency: the nearest first.
pub async fn hours_at(db: &mut impl Reads, scope: &Scope, places: &[HoursPlace]) -> Result<Vec<Kept>> {
    let ids: Vec<String> = places.iter().map(HoursPlace::id).collect();
    let ids = serde_json::to_string(&ids).map_err(Error::internal)?;
    let rows: Vec<Row> = on!(db, c => sqlx::query_as(
        "select agency_id, organization_id, ai_agent_id, enabled, time_zone, week, exceptions, rev from business_hours \
         where agency_id = $1 and place_id in (select value from json_each($2)) \
         order by case when ai_agent_id is not null then 0 when organization_id is not null then 1 else 2 end")
        .bind(scope.agency()).bind(&ids).fetch_all(&mut *c).await)
    .map_err(fail)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let chosen: Vec<(String, HolidayCalendarId)> = on!(db, c => sqlx::query_as(
        "select place_id, calendar_id from business_hours_calendars \
         where agency_id = $1 and place_id in (select value from json_each($2)) order by calendar_id")
        .bind(scope.agency()).bind(&ids).fetch_all(&mut *c).await)
    .map_err(fail)?;
    let mut found = rows.into_iter().map(kept).collect::<Result<Vec<_>>>()?;
    for one in &mut found {
        let id = one.place.id();
        one.calendars = chosen.iter().filter(|(place, _)| *place == id).map(|(_, calendar)| *calendar).collect();
    }
    Ok(found)
}

/// Keeps hours, and which calendars apply to them.
pub async fn put(db: &mut Write, scope: &Scope, kept: &Kept, now: Time) -> Result<()> {
    let week = serde_json::to_string(&kept.hours.week).map_err(Error::internal)?;
    let exceptions = serde_json::to_string(&kept.hours.exceptions).map_err(Error::internal)?;
    let id = kept.place.id();
    on!(db, c => sqlx::query(
        "insert into business_hours (place_id, agency_id, organization_id, ai_agent_id, enabled, time_zone, week, exceptions, rev, updated_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         on conflict (place_id) do update set enabled = excluded.enabled, time_zone = excluded.time_zone, \
         week = excluded.week, exceptions = excluded.exceptions, rev = excluded.rev, updated_at = excluded.updated_at")
        .bind(&id).bind(scope.agency()).bind(kept.place.organization).bind(kept.place.ai_agent).bind(kept.enabled)
        .bind(&kept.hours.time_zone).bind(&week).bind(&exceptions).bind(kept.rev).bind(now)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    on!(db, c => sqlx::query("delete from business_hours_calendars where agency_id = $1 and place_id = $2")
        .bind(scope.agency()).bind(&id).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    on!(db, c => sqlx::query(
        "insert into business_hours_calendars (agency_id, place_id, calendar_id) \
         select $1, $2, id from holiday_calendars where agency_id = $1 and id in (select value from json_each($3))")
        .bind(scope.agency()).bind(&id).bind(super::types::list(&kept.calendars)).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

type CalendarRow = (HolidayCalendarId, AgencyId, String, String, i64, Time);

fn calendar((id, agency, name, holidays, rev, updated_at): CalendarRow) -> Result<HolidayCalendar> {
    let holidays = serde_json::from_str(&holidays).map_err(Error::internal)?;
    Ok(HolidayCalendar { id, agency, name, holidays, rev, updated_at })
}

/// The calendars of the scope's agency, by name; of the given ids, if some are given.
pub async fn calendars(
    db: &mut impl Reads,
    scope: &Scope,
    ids: Option<&[HolidayCalendarId]>,
) -> Result<Vec<HolidayCalendar>> {
    let rows: Vec<CalendarRow> = on!(db, c => sqlx::query_as(
        "select id, agency_id, name, holidays, rev, updated_at from holiday_calendars \
         where agency_id = $1 and ($2 is null or id in (select value from json_each($2))) order by name, id")
        .bind(scope.agency()).bind(ids.map(super::types::list)).fetch_all(&mut *c).await)
    .map_err(fail)?;
    rows.into_iter().map(calendar).collect()
}

/// How many calendars the scope's agency has.
pub async fn count_calendars(db: &mut impl Reads, scope: &Scope) -> Result<i64> {
    on!(db, c => sqlx::query_scalar("select count(*) from holiday_calendars where agency_id = $1")
        .bind(scope.agency()).fetch_one(&mut *c).await)
    .map_err(fail)
}

fn written(holidays: &[Holiday]) -> Result<String> {
    serde_json::to_string(holidays).map_err(Error::internal)
}

/// Keeps a new calendar.
pub async fn insert_calendar(db: &mut Write, scope: &Scope, new: &HolidayCalendar) -> Result<()> {
    let holidays = written(&new.holidays)?;
    on!(db, c => sqlx::query(
        "insert into holiday_calendars (id, agency_id, name, holidays, rev, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $6)")
        .bind(new.id).bind(scope.agency()).bind(&new.name).bind(&holidays).bind(new.rev).bind(new.updated_at)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Keeps a calendar as it is now. Says whether it was still there.
pub async fn update_calendar(db: &mut Write, scope: &Scope, calendar: &HolidayCalendar) -> Result<bool> {
    let holidays = written(&calendar.holidays)?;
    on!(db, c => sqlx::query(
        "update holiday_calendars set name = $3, holidays = $4, rev = $5, updated_at = $6 where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(calendar.id).bind(&calendar.name).bind(&holidays).bind(calendar.rev)
        .bind(calendar.updated_at).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Removes a calendar, from the hours that it closes as well. Says whether there was one.
pub async fn delete_calendar(db: &mut Write, scope: &Scope, id: HolidayCalendarId) -> Result<bool> {
    on!(db, c => sqlx::query("delete from business_hours_calendars where agency_id = $1 and calendar_id = $2")
        .bind(scope.agency()).bind(id).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    on!(db, c => sqlx::query("delete from holiday_calendars where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}
