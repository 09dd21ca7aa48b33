//! Looks at the records of a sender's domain.

use std::time::Duration;

use crate::domain::proof::{Found, Question, SELECTORS, dkim_name, dmarc_name, ownership_name, parent};
use crate::error::Result;
use crate::outbound::{Dns, NoAnswer};
use crate::service::job::{self, Job};
use crate::service::{Services, sender};

/// How often name servers are asked before it is said that they do not answer.
const TRIES: i64 = 2;

/// Checks one.
pub(super) async fn check(s: &Services, dns: &Dns, job: &Job) -> Result<()> {
    let Some(check) = sender::of_job(s, job).await? else { return job::finish(s, job).await };
    match look(dns, &check.question).await {
        Ok(found) => sender::checked(s, job, &check, &found).await,
        Err(error) if job.attempts < TRIES => {
            job::put_off(s, job, Some(Duration::from_secs(1)), &error.to_string()).await
        }
        Err(error) => {
            tracing::warn!(job = %job.id, %error, "a sender could not be checked");
            sender::unanswered(s, job, &check).await
        }
    }
}

async fn look(dns: &Dns, question: &Question) -> Result<Found, NoAnswer> {
    let domain = question.domain.as_str();
    let above = parent(domain).map(dmarc_name);
    let parents = async {
        match &above {
            Some(name) => dns.txt(name).await,
            None => Ok(Vec::new()),
        }
    };
    let keys = futures_util::future::join_all(SELECTORS.map(|selector| async move {
        // One that does not answer is as good as one without a key: this is a hint, and stops nobody.
        let texts = dns.txt(&dkim_name(selector, domain)).await.unwrap_or_default();
        let has_key = texts.iter().any(|text| text.contains("p=") && !text.trim_end().ends_with("p="));
        has_key.then(|| selector.to_owned())
    }));
    let (own, policy) = (ownership_name(domain), dmarc_name(domain));
    let (ownership, texts, dmarc, parent_dmarc, keys) =
        tokio::join!(dns.txt(&own), dns.txt(domain), dns.txt(&policy), parents, keys);
    Ok(Found {
        ownership: ownership?,
        domain: texts?,
        dmarc: dmarc?,
        parent_dmarc: parent_dmarc?,
        selectors: keys.into_iter().flatten().collect(),
    })
}
