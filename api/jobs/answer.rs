//! The AI answers a visitor: from the knowledge base alone, or through a model with the same entries at hand.

use std::time::Duration;

use crate::domain::answer::{Answer, answer_from_sources, canned_trouble, split_for_streaming};
use crate::error::Result;
use crate::outbound::ModelClient;
use crate::service::job::{self, Job};
use crate::service::{Services, answer};

/// After so long the visitor has an answer, if only that there was trouble.
const DEADLINE: Duration = Duration::from_secs(9);

/// How often the embedded answerer shows its progress: it is done at once, and pours its words out at a reader's pace.
const PACE: Duration = Duration::from_millis(12);

/// Answers one message of a visitor.
pub(super) async fn answer(s: &Services, model: Option<&ModelClient>, job: &Job) -> Result<()> {
    let Some(task) = answer::task(s, job).await? else { return job::finish(s, job).await };
    let given = match model {
        Some(model) => {
            let mut so_far = String::new();
            let mut show = |text: &str| {
                so_far.push_str(text);
                answer::show_progress(s, &task, &so_far);
            };
            match model.answer(&task.question, DEADLINE, &mut show).await {
                Ok(given) => given,
                Err(trouble) => {
                    tracing::warn!(job = %job.id, %trouble, "the model did not answer");
                    let text = canned_trouble(&task.question.text).to_owned();
                    Answer { text, sources: Vec::new(), helped: false, wants_human: false }
                }
            }
        }
        None => {
            let given = answer_from_sources(&task.question);
            let mut so_far = String::new();
            for piece in split_for_streaming(&given.text) {
                so_far.push_str(piece);
                answer::show_progress(s, &task, &so_far);
                tokio::time::sleep(PACE).await;
            }
            given
        }
    };
    answer::post(s, job, &task, &given).await
}
