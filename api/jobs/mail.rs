//! Sends a mail, or leaves it in the mailbox where no mail server is configured.

use crate::error::Result;
use crate::service::job::{self, Job};
use crate::service::{Services, mail};

/// Sends one.
pub(super) async fn send(s: &Services, job: &Job) -> Result<()> {
    match mail::of_job(s, job).await? {
        Some((mail, _)) => mail::sent(s, job, &mail).await,
        None => job::finish(s, job).await,
    }
}
