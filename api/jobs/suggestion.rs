//! A model writes for an operator.

use std::time::Duration;

use crate::error::Result;
use crate::outbound::ModelClient;
use crate::service::job::Job;
use crate::service::{Services, suggestion};

/// After so long whoever asked learns that there is nothing.
const DEADLINE: Duration = Duration::from_secs(15);

/// Writes one draft or summary. Trouble of any kind is a suggestion that failed, never a job that is tried again: the person
/// who asked is looking at the page now.
pub(super) async fn write(s: &Services, model: Option<&ModelClient>, job: &Job) -> Result<()> {
    let Some(messages) = suggestion::task(s, job).await? else { return suggestion::drop_it(s, job).await };
    let written = match model {
        Some(model) => match model.write(messages, DEADLINE).await {
            Ok(text) => Some(text),
            Err(trouble) => {
                tracing::warn!(job = %job.id, %trouble, "the model wrote no suggestion");
                None
            }
        },
        None => None,
    };
    suggestion::settle(s, job, written.as_deref()).await
}
