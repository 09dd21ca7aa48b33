//! Who is told of what a visitor does, and what each of them may know of it.

use std::collections::HashMap;

use super::notification::{Happened, may_see};
use super::{Services, mail, role, team};
use crate::domain::access::{Membership, Place};
use crate::domain::agent::{Visitor, mask_email, mask_phone};
use crate::domain::conversation::{Conversation, State, preview_of};
use crate::domain::id::{ConversationId, OrganizationId, UserId};
use crate::domain::ladder::Whom;
use crate::domain::mail::{ChatNotice, Letter, WhileSo};
use crate::domain::notification::{Kind, Reason, Through, UNSEEN_AFTER, title};
use crate::domain::offline::OfflineQueryState;
use crate::domain::permission::Permission;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::service::job::Job;
use crate::store::{
    Reads, Write, access, agency, agent, conversation, identity, job, ladder, notification as notifications, offline,
    visitor,
};

/// The kind of job that looks whether an operator has seen what a visitor said.
pub const UNSEEN_JOB: &str = "message.unseen";

/// Somebody who is told, and what they may know.
#[derive(Debug, Clone)]
pub(super) struct Recipient {
    /// Whose account it is; none for an address that was set up for this alone.
    pub user: Option<UserId>,
    /// The address.
    pub address: String,
    /// Whether they may see the visitor's address and number.
    pub contact: bool,
    /// Whether they may see what was said.
    pub content: bool,
    /// Whether they run the place.
    pub admin: bool,
    /// Whether they hold the permission that it is for.
    pub concerned: bool,
}

/// What a notice is about, gathered once for all who are told.
pub(super) struct Subject {
    place: String,
    ai_agent: String,
    visitor: Visitor,
    said: Option<String>,
    link: String,
    minutes: u64,
    while_so: WhileSo,
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
    waiting_since: Option<Time>,
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
        place: place.name,
        ai_agent: ai_agent.map(|agent| agent.name).unwrap_or_default(),
        visitor,
        said: said.or_else(|| row.preview.clone()),
        link,
        minutes,
        while_so,
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
    if place.organization.is_none() {
        return Ok(Vec::new());
    }
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
            let (contact, content) = seen;
            let address = address.to_owned();
            return Ok(vec![Recipient { user: None, address, contact, content, admin: false, concerned: true }]);
        }
    };
    holders(s, read, place, permission, whom == Whom::Agency).await
}

/// Those who hold a permission where a conversation stands, each once: whoever works there, else staff who could; or, `of_agency`,
/// those who hold it as staff. What is suspended, and what is limited to other AI agents, counts for nothing.
pub(super) async fn holders(
    s: &Services,
    read: &mut impl Reads,
    place: &Place,
    permission: Permission,
    of_agency: bool,
) -> Result<Vec<Recipient>> {
    let Some(organization) = place.organization else { return Ok(Vec::new()) };
    let scope = Scope::system(place.agency, "whom something in a conversation concerns");
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
        let as_staff: Vec<Membership> =
            memberships.iter().filter(|membership| membership.organization.is_none()).cloned().collect();
        if of_agency {
            found.extend(may(as_staff, user).map(|seen| (user, seen)));
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
        .filter_map(|user| seen.get(&user.id).map(|seen| (user, *seen)))
        .map(|(user, (contact, content))| Recipient {
            user: Some(user.id),
            address: user.email,
            contact,
            content,
            admin: false,
            concerned: true,
        })
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

/// What somebody is written of a kind of thing around a visitor.
pub(super) fn letter(kind: Kind, subject: &Subject, recipient: &Recipient) -> Letter {
    let visitor = &subject.visitor;
    let notice = Box::new(ChatNotice {
        place: subject.place.clone(),
        visitor: visitor.name.clone().unwrap_or_default(),
        info: info_of(visitor, recipient),
        ai_agent: subject.ai_agent.clone(),
        preview: subject.said.as_deref().filter(|_| recipient.content).map(preview_of),
        minutes: subject.minutes,
        link: subject.link.clone(),
        while_so: subject.while_so,
    });
    match kind {
        Kind::HandoffWaiting => Letter::HandoffWaiting(notice),
        Kind::HandoffMissed => Letter::HandoffMissed(notice),
        Kind::OfflineQuery => Letter::OfflineQueryReceived(notice),
        Kind::OfflineReply => Letter::OfflineQueryReplied(notice),
        Kind::VisitorMessage => Letter::MessageUnseen(notice),
        _ => Letter::HandoffRequested(notice),
    }
}

impl Subject {
    /// The same, as something that has happened.
    pub fn happened(&self, event: String, kind: Kind, row: &Conversation, asked: Option<Vec<Through>>) -> Happened {
        let who = self.visitor.name.as_deref().unwrap_or("A visitor");
        Happened {
            preview: self.said.as_deref().map(preview_of),
            link: self.link.clone(),
            asked,
            ..Happened::in_chat(event, kind, row, title(kind, who, None))
        }
    }
}

/// Why what a mail tells of is so no longer, if it is not. Asked just before it is sent.
pub(super) async fn outdated(read: &mut impl Reads, scope: &Scope, letter: &Letter) -> Result<Option<Reason>> {
    let (conversation, over) = match letter.while_so() {
        WhileSo::Always => return Ok(None),
        WhileSo::Open { query } => {
            let open = offline::query(read, scope, query).await?;
            let open = open.is_some_and(|query| query.state == OfflineQueryState::Open);
            return Ok((!open).then_some(Reason::OverMeanwhile));
        }
        WhileSo::Waits { conversation, .. } | WhileSo::Unseen { conversation, .. } => {
            (conversation::conversation(read, scope, conversation).await?, Reason::OverMeanwhile)
        }
    };
    let Some(row) = conversation else { return Ok(Some(over)) };
    Ok(match letter.while_so() {
        WhileSo::Waits { round, .. } if row.state == State::Requested && row.version == round => None,
        WhileSo::Waits { .. } if row.state == State::Human => Some(Reason::ClaimedMeanwhile),
        WhileSo::Unseen { operator, seq, .. } if row.assignee == Some(operator) => {
            (row.operator_read_seq >= seq).then_some(Reason::ReadMeanwhile)
        }
        _ => Some(over),
    })
}

/// Has somebody look whether the operator has seen what the visitor said, three minutes after the first of it.
pub(super) async fn watch(s: &Services, unit: &mut Write, row: &Conversation, since: Time) -> Result<()> {
    let now = s.clock.now();
    let job = Job::new(s.ids.next(now), row.agency, UNSEEN_JOB, row.id);
    let due = since.plus(UNSEEN_AFTER);
    job::add_later(unit, &job, due, now).await?;
    if due <= now {
        unit.note(crate::domain::change::Change::Job);
    }
    Ok(())
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
        return lapse(s, job, id, Reason::OverMeanwhile).await;
    };
    let noticed = ladder::noticed(&mut read, &scope, id, operator).await?;
    let unseen = ladder::unseen(&mut read, &scope, id, row.operator_read_seq).await?;
    let reason = if unseen.is_some() { Reason::Collapsed } else { Reason::ReadMeanwhile };
    let Some((since, last)) = unseen.filter(|_| noticed <= row.operator_read_seq) else {
        drop(read);
        return lapse(s, job, id, reason).await;
    };
    let waited = now.since(since);
    if waited < UNSEEN_AFTER {
        drop(read);
        return super::job::put_off(s, job, Some(UNSEEN_AFTER - waited), "it may still be seen").await;
    }
    let waiting = notifications::waiting(&mut read, &scope, operator, "LATER", Some(id), None).await?;
    let while_so = WhileSo::Unseen { conversation: id, operator, seq: last };
    let subject = subject(s, &mut read, &row, None, live_chat(id), Some(since), while_so).await?;
    let recipient = recipients(s, &mut read, &row.place(), Kind::VisitorMessage, &[operator]).await?.pop();
    drop(read);
    let mut unit = s.store.write().await?;
    if !job::finish(&mut unit, job).await? {
        return Ok(());
    }
    let ids: Vec<_> = waiting.iter().map(|decision| decision.id).collect();
    match (subject, recipient.filter(|recipient| recipient.concerned)) {
        // What they chose was looked at when it was decided that they are written to if it stays unseen.
        (Some(subject), Some(recipient)) if !ids.is_empty() => {
            ladder::notice(&mut unit, &scope, id, operator, last, now).await?;
            let letter = letter(Kind::VisitorMessage, &subject, &recipient);
            let mail = mail::post(s, &mut unit, row.agency, row.organization, &recipient.address, &letter).await?;
            notifications::carried_out(&mut unit, &scope, &ids, Some(mail), None).await?;
        }
        _ => notifications::carried_out(&mut unit, &scope, &ids, None, Some(Reason::RevokedMeanwhile)).await?,
    }
    unit.commit().await
}

/// Finishes a look after which nobody is written: what was to be sent if it stayed unseen is not, and the log says why.
async fn lapse(s: &Services, job: &Job, conversation: ConversationId, reason: Reason) -> Result<()> {
    let scope = Scope::system(job.agency, "what nobody needs to be written any more");
    let mut unit = s.store.write().await?;
    if !job::finish(&mut unit, job).await? {
        return Ok(());
    }
    notifications::lapse(&mut unit, &scope, conversation, reason).await?;
    unit.commit().await
}

/// Those of some users who still belong there, with what each may know of what happened.
pub(super) async fn recipients(
    s: &Services,
    read: &mut impl Reads,
    place: &Place,
    kind: Kind,
    users: &[UserId],
) -> Result<Vec<Recipient>> {
    let scope = Scope::system(place.agency, "whom something concerns");
    let mut people = identity::users_of(read, &scope, users).await?;
    people.sort_by(|a, b| a.email.cmp(&b.email));
    let mut found = Vec::with_capacity(people.len());
    for user in people {
        let memberships = team::counting(s, read, place.agency, user.id).await?;
        let asker = team::as_actor(place.agency, user.id, memberships);
        let may = |permission| s.policy.may(&asker, permission, place);
        found.push(Recipient {
            user: Some(user.id),
            address: user.email,
            contact: may(Permission::VisitorReadContact),
            content: may(Permission::ConversationRead) || may(Permission::LiveChatRespond),
            admin: runs(place).iter().all(|permission| may(*permission)),
            concerned: may_see(s, &asker, kind, place),
        });
    }
    Ok(found)
}

/// What those may do who run a place.
const fn runs(place: &Place) -> &'static [Permission] {
    match place.organization {
        Some(_) => &[Permission::TeamSetRoles],
        None => &[Permission::SenderManage],
    }
}

/// Those who run a place: an organization's own people, or those of the agency itself.
pub(super) async fn admins(s: &Services, read: &mut impl Reads, place: &Place) -> Result<Vec<UserId>> {
    let scope = Scope::system(place.agency, "who runs a place");
    let users = crate::store::role::people_at(read, &scope, place.organization, None, LOOKED_AT).await?;
    let mut found = Vec::new();
    for user in users {
        let memberships = team::counting(s, read, place.agency, user).await?;
        let own: Vec<Membership> =
            memberships.into_iter().filter(|membership| membership.organization == place.organization).collect();
        let asker = team::as_actor(place.agency, user, own);
        if runs(place).iter().all(|permission| s.policy.may(&asker, *permission, place)) {
            found.push(user);
        }
    }
    Ok(found)
}

/// How many people of a place are looked at.
pub(super) const LOOKED_AT: i64 = 500;
