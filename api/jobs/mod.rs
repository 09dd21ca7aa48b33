//! What happens later: jobs that were kept together with what caused them.
//!
//! This room may know the services and what leaves the house; it decides nothing that a service could decide.
//! Its invariant: a job is leased, done, and finished in the unit that keeps its effect; one that was interrupted is done
//! again, and its effect is kept once.
//! Begin with [`Worker`].

mod answer;
mod mail;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::error::Result;
use crate::outbound::ModelClient;
use crate::service::Services;
use crate::service::conversation::ANSWER_JOB;
use crate::service::job::{self, Job};
use crate::service::mail::MAIL_JOB;

/// How long a job is ours. Longer than any job takes; one that is interrupted waits so long.
const LEASE: Duration = Duration::from_secs(30);

/// How many jobs run at once.
const AT_ONCE: usize = 32;

/// How often jobs are looked for when nobody says that there are some: those of other nodes, and those put off.
const LOOK: Duration = Duration::from_secs(1);

/// How often a job is tried before it is buried.
const TRIES: i64 = 6;

/// Does the jobs of this node.
pub struct Worker {
    services: Services,
    model: Option<Arc<ModelClient>>,
}

impl Worker {
    /// A worker over the services, with a model if one is configured.
    pub fn new(services: Services, model: Option<Arc<ModelClient>>) -> Self {
        Self { services, model }
    }

    /// Works until `stop` says so, then finishes what was begun.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let worker = Arc::new(self);
        let room = Arc::new(Semaphore::new(AT_ONCE));
        let mut running = JoinSet::new();
        while !*stop.borrow() {
            while running.try_join_next().is_some() {}
            let leased = match worker.due(room.available_permits()).await {
                Ok(leased) => leased,
                Err(error) => {
                    tracing::warn!(%error, "jobs could not be looked for");
                    Vec::new()
                }
            };
            let found = !leased.is_empty();
            for job in leased {
                let Ok(permit) = room.clone().acquire_owned().await else { return };
                let worker = worker.clone();
                running.spawn(async move {
                    worker.work(job).await;
                    drop(permit);
                });
            }
            if found && room.available_permits() > 0 {
                continue;
            }
            tokio::select! {
                () = worker.services.hub.job_added() => {}
                () = tokio::time::sleep(LOOK) => {}
                Some(_) = running.join_next(), if room.available_permits() == 0 => {}
                _ = stop.changed() => {}
            }
        }
        while running.join_next().await.is_some() {}
    }

    async fn due(&self, most: usize) -> Result<Vec<Job>> {
        if most == 0 { Ok(Vec::new()) } else { job::lease(&self.services, most, LEASE).await }
    }

    async fn work(&self, job: Job) {
        let done = match job.kind.as_str() {
            ANSWER_JOB => answer::answer(&self.services, self.model.as_deref(), &job).await,
            MAIL_JOB => mail::send(&self.services, &job).await,
            kind => Err(crate::error::Error::internal(format!("no such kind of job: {kind}"))),
        };
        if let Err(error) = done {
            tracing::warn!(job = %job.id, kind = job.kind, attempts = job.attempts, %error, cause = ?error.cause, "a job failed");
            if let Err(error) = self.put_off(&job, &error.to_string()).await {
                tracing::warn!(job = %job.id, %error, "a failed job could not be put off; its lease will run out");
            }
        }
    }

    async fn put_off(&self, job: &Job, error: &str) -> Result<()> {
        let pause = (job.attempts < TRIES).then(|| Duration::from_secs(1 << job.attempts.clamp(0, 10)));
        job::put_off(&self.services, job, pause, error).await
    }
}
