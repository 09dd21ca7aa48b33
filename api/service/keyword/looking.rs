//! What alerts find in a message: kept, and told to people as anything else is.

use serde::Deserialize;

use crate::domain::conversation::Message;
use crate::domain::id::{ConversationId, UserId};
use crate::domain::keyword::{Found, KeywordAlert, KeywordHit, Matcher, Speaker, excerpt, title};
use crate::domain::mail::Letter;
use crate::domain::notification::Kind;
use crate::domain::permission::Permission;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::service::job::Job;
use crate::service::notice::{self, Recipient};
use crate::service::notification::{self, Happened};
use crate::service::{Services, job as jobs};
use crate::store::keyword as store;
use crate::store::{conversation, job, message};

/// Characters of a message that are looked at: more than anybody types, fewer than a mail can bring.
const LOOKED_AT: usize = 20_000;
/// Words of each term that a title could say.
const SAID: usize = 5;
/// Minutes in seconds.
const MINUTE: u64 = 60;

/// What the unit knew that kept a message.
#[derive(Debug, Deserialize)]
struct Heard {
    conversation: String,
    seq: i64,
}

/// Looks what the alerts that listen find in a message, keeps it, and tells people. What is said once is found once, however
/// often the job is begun.
pub async fn look(s: &Services, job: &Job) -> Result<()> {
    let scope = Scope::system(job.agency, "what keyword alerts find in a message");
    let heard: Heard = serde_json::from_str(&job.payload).map_err(Error::internal)?;
    let id: ConversationId = heard.conversation.parse().map_err(Error::internal)?;
    let mut read = s.store.read().await?;
    let row = conversation::conversation(&mut read, &scope, id).await?;
    let said = message::after(&mut read, &scope, id, heard.seq - 1, 1).await?.pop();
    let (Some(row), Some(said)) = (row, said.filter(|entry| entry.seq == heard.seq)) else {
        drop(read);
        return jobs::finish(s, job).await;
    };
    let (Some(organization), Some(speaker)) = (row.organization, Speaker::of(&said)) else {
        drop(read);
        return jobs::finish(s, job).await;
    };
    let alerts = store::listening(&mut read, &scope, organization, row.ai_agent, speaker).await?;
    let text: String = said.text.chars().take(LOOKED_AT).collect();
    let found = compare(alerts, text.clone()).await?;
    if found.is_empty() {
        drop(read);
        return jobs::finish(s, job).await;
    }
    let visitor = notification::visitor_name(&mut read, &scope, &row).await?;
    let who = name_of(&said, speaker, visitor);
    let mut everybody: Option<Vec<Recipient>> = None;
    let mut told = Vec::with_capacity(found.len());
    for (alert, places) in found {
        let recipients = if alert.users.is_empty() {
            match &everybody {
                Some(known) => known.clone(),
                None => {
                    let known =
                        notice::holders(s, &mut read, &row.place(), Permission::ConversationRead, false).await?;
                    everybody.insert(known).clone()
                }
            }
        } else {
            notice::recipients(s, &mut read, &row.place(), Kind::KeywordAlert, &alert.users).await?
        };
        told.push((alert, places, recipients));
    }
    drop(read);
    let mut unit = s.store.write().await?;
    if !job::finish(&mut unit, job).await? {
        return Ok(());
    }
    // In the order of their ids: two units about the same alerts wait for each other in turn.
    for (alert, places, recipients) in told {
        if !store::hold(&mut unit, &scope, alert.id).await? {
            continue;
        }
        let silence = std::time::Duration::from_secs(alert.cooldown.unsigned_abs() * MINUTE);
        // Reckoned under the lock: what another message told before is past.
        let since = s.clock.now().minus(silence);
        let cooling = alert.cooldown > 0 && store::told_since(&mut unit, &scope, alert.id, id, since).await?;
        let hit = hit_of(s, &alert, &said, speaker, &places, !cooling);
        if !store::insert_hit(&mut unit, &scope, &hit).await? {
            continue;
        }
        let author: Option<UserId> =
            said.author_id.as_ref().filter(|_| speaker == Speaker::Operator).and_then(|id| id.parse().ok());
        let named = title(&alert.name, &who, &text, &places);
        let happened = Happened {
            subject: format!("{}/{id}", alert.id),
            author,
            // Whoever may read conversations finds it there, also without the right to answer.
            link: format!("/conversations/{id}"),
            preview: places.first().map(|first| excerpt(&text, first)),
            asked: Some(alert.through.clone()),
            cooling,
            ..Happened::in_chat(format!("{}/{id}/{}", alert.id, said.seq), Kind::KeywordAlert, &row, named)
        };
        let letter =
            |recipient: &Recipient| Letter::Told(Box::new(notification::told_of(&happened, recipient.content)));
        notification::tell(s, &mut unit, job.agency, &happened, &recipients, letter).await?;
    }
    unit.commit().await
}

/// What each alert finds in a text: those that find nothing are left out. Somewhere else than where requests are answered,
/// for what tenants write may take a while.
async fn compare(alerts: Vec<KeywordAlert>, text: String) -> Result<Vec<(KeywordAlert, Vec<Found>)>> {
    let comparing = tokio::task::spawn_blocking(move || {
        let mut found = Vec::new();
        for alert in alerts {
            // What was checked when it was kept, an engine of a later release may refuse: the other terms count.
            let matcher = Matcher::of_those_that_can(&alert.terms);
            let places = matcher.find(&text, SAID);
            if !places.is_empty() {
                found.push((alert, places));
            }
        }
        found
    });
    comparing.await.map_err(Error::internal)
}

fn hit_of(
    s: &Services,
    alert: &KeywordAlert,
    said: &Message,
    speaker: Speaker,
    places: &[Found],
    told: bool,
) -> KeywordHit {
    let now = s.clock.now();
    let mut terms: Vec<usize> = places.iter().map(|place| place.term).collect();
    terms.sort_unstable();
    terms.dedup();
    KeywordHit {
        id: s.ids.next(now),
        alert: alert.id,
        conversation: said.conversation,
        seq: said.seq,
        speaker,
        terms: terms.into_iter().filter_map(|at| alert.terms.get(at)).map(|term| term.text.clone()).collect(),
        at: now,
        told,
    }
}

fn name_of(said: &Message, speaker: Speaker, visitor: String) -> String {
    match speaker {
        Speaker::Visitor => visitor,
        Speaker::AiAgent => said.author_name.clone().unwrap_or_else(|| "The AI agent".to_owned()),
        Speaker::Operator => said.author_name.clone().unwrap_or_else(|| "An operator".to_owned()),
    }
}
