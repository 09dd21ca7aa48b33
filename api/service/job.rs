//! What happens later: jobs leased, put off, finished.

use std::time::Duration;

use super::Services;
use crate::error::Result;
use crate::store::job;

pub use crate::store::job::Job;

/// Leases the jobs that are due, the oldest first; at most `most`.
pub async fn lease(s: &Services, most: usize, lease: Duration) -> Result<Vec<Job>> {
    let now = s.clock.now();
    let mut read = s.store.read().await?;
    if job::next_due(&mut read).await?.is_none_or(|due| due > now) {
        return Ok(Vec::new());
    }
    drop(read);
    let mut unit = s.store.write().await?;
    let leased = job::lease(&mut unit, most, lease, now).await?;
    unit.commit().await?;
    Ok(leased)
}

/// Puts a job off for `pause`, or buries it when there is none: what cannot be done stays there to be looked at.
pub async fn put_off(s: &Services, job: &Job, pause: Option<Duration>, error: &str) -> Result<()> {
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    job::put_off(&mut unit, job, pause.map(|pause| now.plus(pause)), error, now).await?;
    unit.commit().await
}

/// Finishes a job that needs nothing more.
pub async fn finish(s: &Services, job: &Job) -> Result<()> {
    let mut unit = s.store.write().await?;
    job::finish(&mut unit, job).await?;
    unit.commit().await
}

/// How many jobs are to be done now; what is due later does not count.
pub async fn open(s: &Services) -> Result<i64> {
    job::due(&mut s.store.read().await?, s.clock.now()).await
}
