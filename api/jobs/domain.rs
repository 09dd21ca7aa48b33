//! Asks the name servers about a claim of a host.

use crate::domain::domain_name::Found;
use crate::error::Result;
use crate::outbound::dns::{Dns, NoAnswer};
use crate::service::Services;
use crate::service::domain::{self, Question};
use crate::service::job::{self, Job};

/// Asks, and keeps the answer.
pub(super) async fn check(s: &Services, dns: &Dns, job: &Job) -> Result<()> {
    let Some(question) = domain::question(s, job).await? else { return job::finish(s, job).await };
    let answer = look(dns, &question).await.inspect_err(|trouble| {
        tracing::info!(job = %job.id, %trouble, "nothing was learnt about a domain");
    });
    domain::keep(s, job, answer.ok()).await
}

async fn look(dns: &Dns, question: &Question) -> Result<Found, NoAnswer> {
    let texts = dns.txt(&question.proof_name).await?;
    let target = dns.cname(&question.host).await?;
    let (mut addresses, mut wanted) = (Vec::new(), Vec::new());
    if target.is_none() {
        addresses = dns.addresses(&question.host).await?;
        if question.platform.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_err() {
            wanted = dns.addresses(&question.platform).await?;
        }
    }
    // What strangers write is shown to the agency: bounded, and plain.
    let plain = |text: String| -> String { text.chars().filter(|c| !c.is_control()).take(300).collect() };
    let texts = texts.into_iter().take(20).map(plain).collect();
    addresses.truncate(20);
    Ok(Found { texts, target: target.map(plain), addresses, wanted })
}
