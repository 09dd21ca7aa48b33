//! What happens later: rows with a lease and a fencing number, so that a worker that lost its lease can no longer write.

use std::time::Duration;

use super::{ROWS, Reads, Write, fail, on, row, rows};
use crate::domain::id::{AgencyId, JobId};
use crate::domain::time::Time;
use crate::error::Result;

/// One thing to do.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// The agency it is done for.
    pub agency: AgencyId,
    /// What kind of thing.
    pub kind: String,
    /// What it is about: one job of a kind for each subject.
    pub subject: String,
    /// Everything else that it needs, as JSON.
    pub payload: String,
    /// How often it was begun.
    pub attempts: i64,
    /// The number of this lease.
    pub fence: i64,
    /// When this lease is over; none of what is not leased.
    pub leased_until: Option<Time>,
}

impl Job {
    /// A new one that needs no more than its subject.
    pub fn new(id: JobId, agency: AgencyId, kind: &str, subject: impl ToString) -> Self {
        Self {
            id,
            agency,
            kind: kind.to_owned(),
            subject: subject.to_string(),
            payload: String::new(),
            attempts: 0,
            fence: 0,
            leased_until: None,
        }
    }

    /// Whether the lease is over, and somebody else may be at it. Whoever has slept asks that before anything leaves the
    /// house: a receiver cannot look at a fence.
    pub fn is_lost(&self, now: Time) -> bool {
        self.leased_until.is_some_and(|until| until <= now)
    }

    /// The same with everything else that it needs, as JSON.
    pub fn with(self, payload: String) -> Self {
        Self { payload, ..self }
    }
}

row!(Job {
    id: "id",
    agency: "agency_id",
    kind: "kind",
    subject: "subject",
    payload: "payload",
    attempts: "attempts",
    fence: "fence",
    leased_until: "leased_until",
});

/// Adds a job, due at once, unless there is one of that kind for that subject.
pub async fn add(db: &mut Write, job: &Job, now: Time) -> Result<()> {
    add_all(db, std::slice::from_ref(job), now).await
}

/// Adds jobs that are due now, each unless there is one of its kind for its subject.
pub async fn add_all(db: &mut Write, jobs: &[Job], now: Time) -> Result<()> {
    for chunk in jobs.chunks(ROWS) {
        on!(db, c => rows!(
            "insert into jobs (id, agency_id, kind, subject, payload, run_at, attempts, fence, created_at) ",
            chunk, |values, job| values
                .push_bind(job.id).push_bind(job.agency).push_bind(&job.kind).push_bind(&job.subject).push_bind(&job.payload)
                .push_bind(now).push("0").push("0").push_bind(now),
            " on conflict (kind, subject) do nothing").build().execute(&mut *c).await.map(|_| ()))
        .map_err(fail)?;
    }
    Ok(())
}

/// Adds a job that is due later, or makes the one of that kind for that subject due then. Whoever is at it has lost it: what
/// it found may not be so any more, and its unit leaves nothing behind.
pub async fn add_at(db: &mut Write, job: &Job, at: Time, now: Time) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into jobs (id, agency_id, kind, subject, payload, run_at, attempts, fence, created_at) \
         values ($1, $2, $3, $4, $5, $6, 0, 0, $7) on conflict (kind, subject) do update set \
         payload = excluded.payload, run_at = excluded.run_at, attempts = 0, fence = jobs.fence + 1, \
         leased_until = null, dead_at = null")
        .bind(job.id).bind(job.agency).bind(&job.kind).bind(&job.subject).bind(&job.payload).bind(at).bind(now)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Adds a job that is due later, unless there is one of that kind for that subject.
pub async fn add_later(db: &mut Write, job: &Job, due: Time, now: Time) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into jobs (id, agency_id, kind, subject, payload, run_at, attempts, fence, created_at) \
         values ($1, $2, $3, $4, $5, $6, 0, 0, $7) on conflict (kind, subject) do nothing")
        .bind(job.id).bind(job.agency).bind(&job.kind).bind(&job.subject).bind(&job.payload).bind(due).bind(now)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Leases the jobs that are due, the oldest first: nobody else has them until `lease` is over.
pub async fn lease(db: &mut Write, most: usize, lease: Duration, now: Time) -> Result<Vec<Job>> {
    on!(db, c => sqlx::query_as(
        "update jobs set leased_until = $1, run_at = $1, attempts = attempts + 1, fence = fence + 1 \
         where id in (select id from jobs where dead_at is null and run_at <= $2 order by run_at, id limit $3) \
         and dead_at is null and run_at <= $2 \
         returning id, agency_id, kind, subject, payload, attempts, fence, leased_until")
        .bind(now.plus(lease)).bind(now).bind(most as i64).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Removes a job that is done, if the lease is still ours. Says whether it was.
pub async fn finish(db: &mut Write, job: &Job) -> Result<bool> {
    on!(db, c => sqlx::query("delete from jobs where id = $1 and fence = $2")
        .bind(job.id).bind(job.fence).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Whether the lease of a job is still ours.
pub async fn is_ours(db: &mut Write, job: &Job) -> Result<bool> {
    on!(db, c => sqlx::query("update jobs set fence = fence where id = $1 and fence = $2")
        .bind(job.id).bind(job.fence).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Puts a job off, or buries it when `again` is none; if the lease is still ours.
pub async fn put_off(db: &mut Write, job: &Job, again: Option<Time>, error: &str, now: Time) -> Result<()> {
    let dead = if again.is_none() { Some(now) } else { None };
    on!(db, c => sqlx::query(
        "update jobs set run_at = coalesce($3, run_at), leased_until = null, dead_at = $4, last_error = $5 \
         where id = $1 and fence = $2")
        .bind(job.id).bind(job.fence).bind(again).bind(dead).bind(error).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Makes a job due at once, unless somebody is at it.
pub async fn hurry(db: &mut Write, kind: &str, subject: &str, now: Time) -> Result<()> {
    on!(db, c => sqlx::query(
        "update jobs set run_at = $3 where kind = $1 and subject = $2 and dead_at is null and leased_until is null")
        .bind(kind).bind(subject).bind(now).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Whether there is a job of that kind for that subject.
pub async fn is_open(db: &mut impl Reads, kind: &str, subject: &str) -> Result<bool> {
    let found: i64 = on!(db, c => sqlx::query_scalar(
        "select count(*) from jobs where kind = $1 and subject = $2 and dead_at is null")
        .bind(kind).bind(subject).fetch_one(&mut *c).await)
    .map_err(fail)?;
    Ok(found > 0)
}

/// When the next job is due; none if there is none.
pub async fn next_due(db: &mut impl Reads) -> Result<Option<Time>> {
    on!(db, c => sqlx::query_scalar("select min(run_at) from jobs where dead_at is null").fetch_one(&mut *c).await)
        .map_err(fail)
}

/// How many jobs are to be done now, or are being done; those that are due later are not.
pub async fn due(db: &mut impl Reads, now: Time) -> Result<i64> {
    on!(db, c => sqlx::query_scalar(
        "select count(*) from jobs where dead_at is null and (run_at <= $1 or leased_until is not null)")
        .bind(now).fetch_one(&mut *c).await)
    .map_err(fail)
}

/// How many jobs are still to be done.
pub async fn open(db: &mut impl Reads) -> Result<i64> {
    on!(db, c => sqlx::query_scalar("select count(*) from jobs where dead_at is null").fetch_one(&mut *c).await)
        .map_err(fail)
}
