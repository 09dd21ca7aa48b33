//! Who is told of what a visitor does, and what each of them may know of it.

use std::collections::{HashMap, HashSet};

use super::{Services, mail, role, team};
use crate::domain::access::{Membership, Place};
use crate::domain::agent::{Visitor, mask_email, mask_phone};
use crate::domain::conversation::{Conversation, State, preview_of};
use crate::domain::id::{ConversationId, OrganizationId, UserId};
use crate::domain::ladder::Whom;
use crate::domain::mail::{ChatNotice, Letter, WhileSo};
use crate::domain::notice::{Facts, Occasion, UNSEEN_AFTER, Withheld, by_mail};
use crate::domain::offline::OfflineQueryState;
use crate::domain::permission::Permission;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::service::job::Job;
use crate::store::{Reads, Write, access, agency, agent, conversation, identity, job, ladder, offline, visitor};

/// The kind of job that looks whether an operator has seen what a visitor said.
pub const UNSEEN_JOB: &str = "message.unseen";

/// Somebody who is told, and what they may know.
#[derive(Debug, Clone)]
pub(super) struct Recipient {
    /// The address.
    pub address: String,
    /// Whether they may see the visitor's address and number.
    pub contact: bool,
    /// Whether they may see what was said.
    pub content: bool,
}

/// What a notice is about, gathered once for all who are told.
pub(super) struct Subject {
    organization: OrganizationId,
    place: String,
    ai_agent: String,
    visitor: Visitor,
    said: Option<String>,
    link: String,
    minutes: u64,
    while_so: WhileSo,
    rehearsal: bool,
}

fn house(row: &Conversation) -> Scope {
    Scope::system(row.agency, "telling people of a visitor")
}

/// Gathers what a notice says of a conversation. None where there is no organization that could be told.
pub(super) async fn subject(
    s: &Services,
    read: &mut impl Reads,
    row: &Conversation,
    said: Option<String>,
    link: String,
    waiting_since: Option<crate::domain::time::Time>,
    while_so: WhileSo,
) -> Result<Option<Subject>> {
    let Some(organization) = row.organization else { return Ok(None) };
    let scope = house(row);
    let place = agency::organizations_of(read, &scope, &[organization]).await?.pop();
    let ai_agent = agent::ai_agents_of(read, &scope, &[row.ai_agent]).await?.pop();
    let visitor = visitor::visitors_of(read, &scope, &[row.visitor]).await?.pop();
    let (Some(place), Some(visitor)) = (place, visitor) else { return Ok(None) };
    let minutes = waiting_since.map_or(0, |since| s.clock.now().since(since).as_secs() / 60);
    Ok(Some(Subject {
        organization,
        place: place.name,
        ai_agent: ai_agent.map(|agent| agent.name).unwrap_or_default(),
        visitor,
        said: said.or_else(|| row.preview.clone()),
        link,
        minutes,
        while_so,
        rehearsal: row.rehearsal,
    }))
}

/// Where an operator finds a conversation.
pub(super) fn live_chat(id: ConversationId) -> String {
    format!("/live-chats/{id}")
}

/// Whether a membership makes somebody one of those who work for the organization: its own people, and staff who are
/// assigned to it. Staff who may answer everywhere are told only where nobody else could be.
fn works_there(membership: &Membership, organization: OrganizationId) -> bool {
    match membership.organization {
        Some(there) => there == organization,
        None => membership.organizations.as_ref().is_some_and(|list| list.contains(&organization)),
    }
}

/// Everybody whom a step tells, each address once: those who hold the permission where the conversation stands. What is
/// suspended, and what is limited to other AI agents, counts for nothing.
pub(super) async fn audience(
    s: &Services,
    read: &mut impl Reads,
    place: &Place,
    whom: Whom,
    address: Option<&str>,
) -> Result<Vec<Recipient>> {
    let Some(organization) = place.organization else { return Ok(Vec::new()) };
    let scope = Scope::system(place.agency, "whom a visitor's request concerns");
    let permission = match whom {
        Whom::Team => Permission::LiveChatRespond,
        Whom::Supervisors => Permission::LiveChatSupervise,
        Whom::Agency => Permission::AgencyInboxView,
        Whom::OfflineQuery => return Ok(Vec::new()),
        Whom::Address => {
            let Some(address) = address else { return Ok(Vec::new()) };
            let known = identity::user_with(read, &scope, address).await?;
            let mut seen = (false, false);
            if let Some(user) = known {
                let asker =
                    team::as_actor(place.agency, user.id, team::counting(s, read, place.agency, user.id).await?);
                seen = (
                    s.policy.may(&asker, Permission::VisitorReadContact, place),
                    s.policy.may(&asker, Permission::ConversationRead, place),
                );
            }
            return Ok(vec![Recipient { address: address.to_owned(), contact: seen.0, content: seen.1 }]);
        }
    };
    let around = ladder::people_around(read, &scope, organization).await?;
    let all = access::memberships_of_users(read, &scope, &around).await?;
    role::learn(s, read, place.agency, all.iter().map(|(_, membership)| membership)).await?;
    let mut by_user: HashMap<UserId, Vec<Membership>> = HashMap::new();
    for (user, membership) in all {
        by_user.entry(user).or_default().push(membership);
    }
    let may = |memberships: Vec<Membership>, user: UserId| {
        let asker = team::as_actor(place.agency, user, memberships);
        let may = |permission| s.policy.may(&asker, permission, place);
        may(permission).then(|| (may(Permission::VisitorReadContact), may(Permission::ConversationRead)))
    };
    let mut found: Vec<(UserId, (bool, bool))> = Vec::new();
    let mut staff: Vec<(UserId, (bool, bool))> = Vec::new();
    for (user, memberships) in by_user {
        let of_agency: Vec<Membership> =
            memberships.iter().filter(|membership| membership.organization.is_none()).cloned().collect();
        if whom == Whom::Agency {
            found.extend(may(of_agency, user).map(|seen| (user, seen)));
            continue;
        }
        let near: Vec<Membership> =
            memberships.iter().filter(|membership| works_there(membership, organization)).cloned().collect();
        match may(near, user) {
            Some(seen) => found.push((user, seen)),
            None => staff.extend(may(memberships, user).map(|seen| (user, seen))),
        }
    }
    if found.is_empty() {
        found = staff;
    }
    let ids: Vec<UserId> = found.iter().map(|(user, _)| *user).collect();
    let seen: HashMap<UserId, (bool, bool)> = found.into_iter().collect();
    let mut people = identity::users_of(read, &scope, &ids).await?;
    people.sort_by(|a, b| a.email.cmp(&b.email));
    Ok(people
        .into_iter()
        .filter_map(|user| seen.get(&user.id).map(|(contact, content)| (user.email, *contact, *content)))
        .map(|(address, contact, content)| Recipient { address, contact, content })
        .collect())
}

fn info_of(visitor: &Visitor, recipient: &Recipient) -> Vec<String> {
    let shown = |value: &Option<String>, mask: fn(&str) -> String| {
        value.as_deref().map(|value| if recipient.contact { value.to_owned() } else { mask(value) })
    };
    let lines = [
        shown(&visitor.email, mask_email),
        shown(&visitor.phone, mask_phone),
        visitor.page_url.clone().filter(|_| recipient.content),
        visitor.browser.clone(),
    ];
    lines.into_iter().flatten().collect()
}

/// Writes to everybody about an occasion, in the unit of what it tells of. Gives how many were written to.
pub(super) async fn tell(
    s: &Services,
    unit: &mut Write,
    row: &Conversation,
    subject: &Subject,
    occasion: Occasion,
    recipients: &[Recipient],
) -> Result<Result<i64, Withheld>> {
    let mut told: HashSet<&str> = HashSet::new();
    let mut count = 0;
    for recipient in recipients {
        let again = !told.insert(recipient.address.as_str());
        let facts = Facts { concerned: true, told: again, rehearsal: subject.rehearsal };
        match by_mail(occasion, &facts) {
            Ok(()) => {}
            Err(Withheld::Rehearsal) => return Ok(Err(Withheld::Rehearsal)),
            Err(_) => continue,
        }
        let visitor = &subject.visitor;
        let notice = Box::new(ChatNotice {
            place: subject.place.clone(),
            visitor: visitor.name.clone().unwrap_or_else(|| "A visitor".to_owned()),
            info: info_of(visitor, recipient),
            ai_agent: subject.ai_agent.clone(),
            preview: subject.said.as_deref().filter(|_| recipient.content).map(preview_of),
            minutes: subject.minutes,
            link: subject.link.clone(),
            while_so: subject.while_so,
        });
        let letter = match occasion {
            Occasion::Requested => Letter::HandoffRequested(notice),
            Occasion::Waiting => Letter::HandoffWaiting(notice),
            Occasion::Unseen => Letter::MessageUnseen(notice),
            Occasion::Missed => Letter::HandoffMissed(notice),
            Occasion::OfflineQuery => Letter::OfflineQueryReceived(notice),
            Occasion::Replied => Letter::OfflineQueryReplied(notice),
        };
        mail::post(s, unit, row.agency, Some(subject.organization), &recipient.address, &letter).await?;
        count += 1;
    }
    Ok(Ok(count))
}

/// Whether what a mail tells of is so still. Asked just before it is sent.
pub(super) async fn still_so(read: &mut impl Reads, scope: &Scope, letter: &Letter) -> Result<bool> {
    Ok(match letter.while_so() {
        WhileSo::Always => true,
        WhileSo::Waits { conversation, round } => conversation::conversation(read, scope, conversation)
            .await?
            .is_some_and(|row| row.state == State::Requested && row.version == round),
        WhileSo::Unseen { conversation, operator, seq } => conversation::conversation(read, scope, conversation)
            .await?
            .is_some_and(|row| row.assignee == Some(operator) && row.operator_read_seq < seq),
        WhileSo::Open { query } => {
            offline::query(read, scope, query).await?.is_some_and(|query| query.state == OfflineQueryState::Open)
        }
    })
}

/// Has somebody look, in three minutes, whether the operator has seen what the visitor has just said.
pub(super) async fn watch(s: &Services, unit: &mut Write, row: &Conversation) -> Result<()> {
    if row.state != State::Human || row.assignee.is_none() {
        return Ok(());
    }
    let now = s.clock.now();
    let job = Job {
        id: s.ids.next(now),
        agency: row.agency,
        kind: UNSEEN_JOB.to_owned(),
        subject: row.id.to_string(),
        payload: String::new(),
        attempts: 0,
        fence: 0,
    };
    job::add_later(unit, &job, now.plus(std::time::Duration::from_secs(UNSEEN_AFTER)), now).await
}

/// Looks whether an operator has seen what a visitor said, and writes to them if not: once, until they have looked.
pub async fn look_whether_seen(s: &Services, job: &Job) -> Result<()> {
    let id: ConversationId = job.subject.parse().map_err(Error::internal)?;
    let scope = Scope::system(job.agency, "whether somebody has seen a message");
    let now = s.clock.now();
    let mut read = s.store.read().await?;
    let row = conversation::conversation(&mut read, &scope, id).await?;
    let held = row.and_then(|row| row.assignee.filter(|_| row.state == State::Human).map(|operator| (row, operator)));
    let Some((row, operator)) = held else {
        drop(read);
        return super::job::finish(s, job).await;
    };
    let noticed = ladder::noticed(&mut read, &scope, id, operator).await?;
    let unseen = ladder::unseen(&mut read, &scope, id, row.operator_read_seq).await?;
    let Some((since, last)) = unseen.filter(|_| noticed <= row.operator_read_seq) else {
        drop(read);
        return super::job::finish(s, job).await;
    };
    let patience = std::time::Duration::from_secs(UNSEEN_AFTER);
    let waited = now.since(since);
    if waited < patience {
        drop(read);
        return super::job::put_off(s, job, Some(patience - waited), "it may still be seen").await;
    }
    let while_so = WhileSo::Unseen { conversation: id, operator, seq: last };
    let subject = subject(s, &mut read, &row, None, live_chat(id), Some(since), while_so).await?;
    let asker = team::as_actor(row.agency, operator, team::counting(s, &mut read, row.agency, operator).await?);
    let place = row.place();
    let user = identity::users_of(&mut read, &scope, &[operator]).await?.pop();
    drop(read);
    let recipient = user.filter(|_| s.policy.may(&asker, Permission::LiveChatRespond, &place)).map(|user| Recipient {
        address: user.email,
        contact: s.policy.may(&asker, Permission::VisitorReadContact, &place),
        content: true,
    });
    let mut unit = s.store.write().await?;
    if !job::finish(&mut unit, job).await? {
        return Ok(());
    }
    if let (Some(subject), Some(recipient)) = (subject, recipient) {
        ladder::notice(&mut unit, &scope, id, operator, last, now).await?;
        let told = tell(s, &mut unit, &row, &subject, Occasion::Unseen, &[recipient]).await?;
        tracing::debug!(conversation = %id, ?told, "an operator was written about what they had not seen");
    }
    unit.commit().await
}
