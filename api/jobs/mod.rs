//! What happens later: jobs that were kept together with what caused them.
//!
//! This room may know the services and what leaves the house; it decides nothing that a service could decide.
//! Its invariant: a job is leased, done, and finished in the unit that keeps its effect; one that was interrupted is done
//! again, and its effect is kept once.
//! Begin with [`Worker`].

mod answer;
mod domain;
mod gates;
mod mail;
mod push;
mod sender;
mod suggestion;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::error::Result;
use crate::outbound::Outside;
use crate::service::conversation::ANSWER_JOB;
use crate::service::hours::CLOSE_JOB;
use crate::service::job::{self, Job};
use crate::service::mail::MAIL_JOB;
use crate::service::people::reset::{self, RESET_JOB};
use crate::service::push::PUSH_JOB;
use crate::service::suggestion::SUGGESTION_JOB;
use crate::service::{self, Services};

/// How many jobs run at once.
const AT_ONCE: usize = 32;

/// How often jobs are looked for when nobody says that there are some: those of other nodes, and those put off.
const LOOK: Duration = Duration::from_secs(1);

/// How long a job of a kind that failed waits, after so many tries; none when it is buried. What fails in a way that its
/// kind foresees, such as a mail that no server takes, has a schedule of its own where it is kept.
fn pause_after(kind: &str, tries: i64) -> Option<Duration> {
    let (most, longest) = match kind {
        // Looked for until the database is well again: a mail is buried by nobody but its own schedule, and a check that
        // is buried would keep all later ones away.
        MAIL_JOB
        | PUSH_JOB
        | service::webhook::SEND_JOB
        | CLOSE_JOB
        | service::sender::CHECK_JOB
        | service::domain::CHECK_JOB => (i64::MAX, 300),
        // Nobody is left waiting because the database was away for a while.
        service::ladder::STEP_JOB
        | service::offline::TELL_JOB
        | service::notice::UNSEEN_JOB
        | service::notification::TELL_JOB
        | service::notification::MESSAGE_JOB
        | service::notification::SETTLE_JOB
        | service::notification::SUMMARY_JOB
        | service::notification::digest::DIGEST_JOB
        | service::keyword::MATCH_JOB
        | service::webhook::TELL_JOB => (i64::MAX, 60),
        _ => (6, 1024),
    };
    (tries < most).then(|| Duration::from_secs((1 << tries.clamp(0, 10)).min(longest)))
}

/// Does the jobs of this node.
pub struct Worker {
    services: Services,
    outside: Outside,
    mails: gates::Gates,
    pushes: gates::Gates,
    webhooks: gates::Gates,
}

impl Worker {
    /// A worker over the services, with what it may turn to outside.
    pub fn new(services: Services, outside: Outside) -> Self {
        let door = gates::Door::default();
        let [mails, pushes, webhooks] = std::array::from_fn(|_| gates::Gates::new(&door));
        Self { services, outside, mails, pushes, webhooks }
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
        if most == 0 { Ok(Vec::new()) } else { job::lease(&self.services, most, self.services.job_lease).await }
    }

    async fn work(&self, job: Job) {
        let done = match job.kind.as_str() {
            ANSWER_JOB => answer::answer(&self.services, self.outside.model.as_deref(), &job).await,
            MAIL_JOB => mail::send(&self.services, &self.outside.smtp, &self.mails, &job).await,
            PUSH_JOB => push::send(&self.services, &self.outside.push, &self.pushes, &job).await,
            service::webhook::SEND_JOB => {
                webhook::send(&self.services, &self.outside.webhooks, &self.webhooks, &job).await
            }
            service::webhook::TELL_JOB => service::webhook::tell(&self.services, &job).await,
            service::keyword::MATCH_JOB => service::keyword::look(&self.services, &job).await,
            service::sender::CHECK_JOB => sender::check(&self.services, &self.outside.dns, &job).await,
            service::domain::CHECK_JOB => domain::check(&self.services, &self.outside.dns, &job).await,
            SUGGESTION_JOB => suggestion::write(&self.services, self.outside.model.as_deref(), &job).await,
            RESET_JOB => reset::write(&self.services, &job).await,
            CLOSE_JOB => service::hours::close(&self.services, &job).await,
            service::ladder::STEP_JOB => service::ladder::take_step(&self.services, &job).await,
            service::notification::TELL_JOB => service::notification::tell_later(&self.services, &job).await,
            service::notification::MESSAGE_JOB => service::notification::tell_of_message(&self.services, &job).await,
            service::notification::SETTLE_JOB => service::notification::settle(&self.services, &job).await,
            service::notification::SUMMARY_JOB => service::notification::summarise(&self.services, &job).await,
            service::notification::digest::DIGEST_JOB => {
                service::notification::digest::write(&self.services, &job).await
            }
            service::notice::UNSEEN_JOB => service::notice::look_whether_seen(&self.services, &job).await,
            service::offline::TELL_JOB => service::offline::tell(&self.services, &job).await,
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
        job::put_off(&self.services, job, pause_after(&job.kind, job.attempts), error).await
    }
}
