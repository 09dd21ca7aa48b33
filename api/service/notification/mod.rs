//! People are told of what has happened: each by the ways that they chose, once, and why not where they are not.
//!
//! Whatever happens is told in the unit that keeps it, or by a job that was kept with it. [`tell`] loads what is known of the
//! people whom it concerns, asks the pure plan (`domain/notification.rs`), and carries it out in one unit: the bell's entry, the
//! mail, and the decision itself, which answers "why was I (not) told?" (W02).

pub mod bell;
pub mod choice;
pub mod digest;
pub mod log;
mod meanwhile;
pub mod unsubscribe;

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::notice::{Recipient, live_chat};
use super::{Services, mail, push};
use crate::domain::access::{Actor, Place};
use crate::domain::change::Change;
use crate::domain::conversation::{Conversation, State};
use crate::domain::id::{AgencyId, AiAgentId, ConversationId, MailId, NotificationId, OrganizationId, UserId};
use crate::domain::mail::{Letter, Told as ToldOf};
use crate::domain::notification::{Delivery, Event, Kind, Person, Through, Verdict, plan, title};
use crate::domain::permission::Permission;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::service::job::Job;
use crate::store::notification::{self as store, Decision, Notification};
use crate::store::push::Device;
use crate::store::{Reads, Write, conversation, identity, job, visitor};

pub(super) use meanwhile::{decisions_of, dropped, of as worth_sending, still, thread_of};

/// The kind of job that tells some people of something.
pub const TELL_JOB: &str = "notification.tell";
/// The kind of job that tells whoever has a chat that the visitor wrote.
pub const MESSAGE_JOB: &str = "notification.message";
/// The kind of job that takes back what was rung for a request that waits no longer.
pub const SETTLE_JOB: &str = "notification.settle";
/// The kind of job that tells somebody what was held back while it was quiet for them.
pub const SUMMARY_JOB: &str = "notification.summary";

/// How long a message may lie unseen before its operator is told: whoever has the chat before them has read it by then.
const GLANCE: std::time::Duration = std::time::Duration::from_secs(2);

/// Something that has happened, as it is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Happened {
    /// What names it: the same however often it is tried to tell of it.
    pub event: String,
    /// What.
    pub kind: Kind,
    /// Where.
    pub organization: Option<OrganizationId>,
    /// With which AI agent.
    pub ai_agent: Option<AiAgentId>,
    /// In which conversation.
    pub conversation: Option<ConversationId>,
    /// About what: the same kind of thing about the same is one entry of the bell until it is read.
    pub subject: String,
    /// Who did it.
    pub author: Option<UserId>,
    /// What it is called.
    pub title: String,
    /// The visitor's words, for those who may read them.
    pub preview: Option<String>,
    /// Where it leads.
    pub link: String,
    /// Whether it only is a rehearsal.
    pub rehearsal: bool,
    /// By which ways besides the bell, where that was set up.
    pub asked: Option<Vec<Through>>,
    /// Whether what tells of it told of the same a short while ago.
    #[serde(default)]
    pub cooling: bool,
}

impl Happened {
    /// Something that happened in a conversation, which leads to it.
    pub fn in_chat(event: impl ToString, kind: Kind, row: &Conversation, title: String) -> Self {
        Self {
            event: event.to_string(),
            kind,
            organization: row.organization,
            ai_agent: Some(row.ai_agent),
            conversation: Some(row.id),
            subject: row.id.to_string(),
            author: None,
            title,
            preview: row.preview.clone(),
            link: live_chat(row.id),
            rehearsal: row.rehearsal,
            asked: None,
            cooling: false,
        }
    }

    /// Something about the house, which leads to its first page.
    pub fn of_house(event: String, kind: Kind, title: String) -> Self {
        Self {
            subject: event.clone(),
            event,
            kind,
            organization: None,
            ai_agent: None,
            conversation: None,
            author: None,
            title,
            preview: None,
            link: "/".to_owned(),
            rehearsal: false,
            asked: None,
            cooling: false,
        }
    }

    fn place(&self, agency: AgencyId) -> Place {
        Place { agency, organization: self.organization, ai_agent: self.ai_agent }
    }
}

/// What came of telling people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// How many were written to.
    pub mailed: i64,
    /// Whether anybody is to be written to later, if it is unseen then.
    pub later: Option<Time>,
}

/// Tells people of something, in the unit of what it tells of. `letter` is what a recipient is written.
pub(super) async fn tell(
    s: &Services,
    unit: &mut Write,
    agency: AgencyId,
    happened: &Happened,
    recipients: &[Recipient],
    letter: impl Fn(&Recipient) -> Letter,
) -> Result<Told> {
    let scope = Scope::system(agency, "telling people of something");
    // An address that was set up for this alone, and that is nobody's account here, has made no choice.
    let mut seen: HashSet<&str> = HashSet::new();
    let by_mail = happened.asked.as_ref().is_none_or(|asked| asked.contains(&Through::Email));
    let strangers = recipients.iter().filter(|recipient| recipient.user.is_none() && by_mail && !happened.rehearsal);
    let mut letters: Vec<(&str, Letter)> = strangers
        .filter(|stranger| seen.insert(&stranger.address))
        .map(|stranger| (stranger.address.as_str(), letter(stranger)))
        .collect();
    let mut known: Vec<(UserId, &Recipient)> =
        recipients.iter().filter_map(|recipient| recipient.user.map(|user| (user, recipient))).collect();
    // In the order in which `store::settle` takes them: two units about the same people wait for each other in turn.
    known.sort_unstable_by_key(|(user, _)| *user);
    known.dedup_by_key(|(user, _)| *user);
    let users: Vec<UserId> = known.iter().map(|(user, _)| *user).collect();
    let devices = push::devices_by_user(s, unit, &scope, &users).await?;
    let people = people(s, unit, &scope, happened, &known, &devices).await?;
    let event = Event {
        kind: happened.kind,
        rehearsal: happened.rehearsal,
        asked: happened.asked.clone(),
        cooling: happened.cooling,
    };
    let now = s.clock.now();
    let decided = plan(&event, &people, now);
    let entries = ring(s, unit, &scope, happened, &known, &decided).await?;
    // Written together: the unit takes the same few statements for one person and for twenty.
    let mut decisions = Vec::with_capacity(decided.len());
    let (mut by_letter, mut sends) = (Vec::new(), Vec::new());
    let mut later = None;
    for (user, recipient) in known {
        for Delivery { through, verdict, .. } in decided.iter().copied().filter(|one| one.user == user) {
            let mut decision = Decision {
                id: s.ids.next(now),
                event: happened.event.clone(),
                user,
                through,
                organization: happened.organization,
                conversation: happened.conversation,
                kind: happened.kind,
                verdict: verdict.word().to_owned(),
                reason: None,
                due_at: now,
                mail: None,
                entry: entries.get(&user).copied(),
                at: now,
            };
            match (verdict, through) {
                (Verdict::Withheld(reason), _) => decision.reason = Some(reason),
                (Verdict::Now, Through::Bell) => {}
                (Verdict::Now, Through::Email) => {
                    by_letter.push((letters.len(), decisions.len()));
                    letters.push((recipient.address.as_str(), letter(recipient)));
                }
                (Verdict::Now, Through::Push) => {
                    let theirs = devices.iter().filter(|device| device.user == user);
                    sends.extend(theirs.map(|device| (decision.id, device)));
                }
                (Verdict::Later(at), _) => {
                    decision.due_at = at;
                    later = Some(at);
                }
                (Verdict::Held(until), Through::Email) => {
                    decision.due_at = until;
                    add_summary(s, unit, agency, user, until).await?;
                }
                (Verdict::Held(until), _) => decision.due_at = until,
            }
            decisions.push(decision);
        }
    }
    let mails = mail::post_all(s, unit, agency, happened.organization, &letters).await?;
    for (letter, decision) in by_letter {
        decisions[decision].mail = Some(mails[letter]);
    }
    store::decide(unit, &scope, &decisions).await?;
    push::write(s, unit, &scope, happened.kind, &sends).await?;
    Ok(Told { mailed: mails.len() as i64, later })
}

async fn people(
    s: &Services,
    unit: &mut Write,
    scope: &Scope,
    happened: &Happened,
    known: &[(UserId, &Recipient)],
    devices: &[Device],
) -> Result<Vec<Person>> {
    let users: Vec<UserId> = known.iter().map(|(user, _)| *user).collect();
    let mut wishes = choice::wishes_of(s, unit, scope, &users, happened.organization, happened.ai_agent).await?;
    // What goes on failing fails once.
    let told = match happened.kind {
        Kind::DeliveryFailing => store::not_read(unit, scope, &users, happened.kind, &happened.subject).await?,
        _ => Vec::new(),
    };
    let lookers = happened.conversation.map(|id| s.hub.lookers(id)).unwrap_or_default();
    Ok(known
        .iter()
        .map(|(user, recipient)| Person {
            user: *user,
            author: happened.author == Some(*user),
            suspended: false,
            permitted: recipient.concerned,
            admin: recipient.admin,
            seen: false,
            looking: lookers.iter().any(|looker| looker.user == *user),
            device: devices.iter().any(|device| device.user == *user),
            told: if told.contains(user) { vec![Through::Email, Through::Push] } else { Vec::new() },
            wishes: wishes.remove(user).unwrap_or_default(),
        })
        .collect())
}

/// Rings at the bells of those for whom it was decided so. Gives the entries.
async fn ring(
    s: &Services,
    unit: &mut Write,
    scope: &Scope,
    happened: &Happened,
    known: &[(UserId, &Recipient)],
    decided: &[Delivery],
) -> Result<HashMap<UserId, NotificationId>> {
    let now = s.clock.now();
    let rings = |user: UserId| {
        decided.iter().any(|one| (one.user, one.through, one.verdict) == (user, Through::Bell, Verdict::Now))
    };
    let new = |(user, recipient): &(UserId, &Recipient)| Notification {
        id: s.ids.next(now),
        user: *user,
        organization: happened.organization,
        ai_agent: happened.ai_agent,
        conversation: happened.conversation,
        kind: happened.kind,
        subject: happened.subject.clone(),
        title: happened.title.clone(),
        preview: happened.preview.clone().filter(|_| recipient.content),
        link: happened.link.clone(),
        count: 1,
        happened_at: now,
        read_at: None,
    };
    let new: Vec<Notification> = known.iter().filter(|(user, _)| rings(*user)).map(new).collect();
    let kept = store::ring(unit, scope, &new).await?;
    for Notification { user, id, .. } in &kept {
        unit.note(Change::Notification { user: *user, entry: Some(*id) });
    }
    Ok(kept.into_iter().map(|entry| (entry.user, entry.id)).collect())
}

fn new_job(s: &Services, agency: AgencyId, kind: &str, subject: String, payload: String) -> Job {
    Job::new(s.ids.next(s.clock.now()), agency, kind, subject).with(payload)
}

async fn add_summary(s: &Services, unit: &mut Write, agency: AgencyId, user: UserId, until: Time) -> Result<()> {
    let job = new_job(s, agency, SUMMARY_JOB, format!("{user}/{}", until.micros()), String::new());
    job::add_later(unit, &job, until, s.clock.now()).await
}

/// Whom a job tells.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Whom {
    /// These people, as far as they may know of it.
    These(Vec<UserId>),
    /// Those who run the place, and these people.
    Admins(Vec<UserId>),
}

/// What a job tells whom.
#[derive(Debug, Serialize, Deserialize)]
struct ToTell {
    whom: Whom,
    happened: Happened,
}

/// Has people told of something, in the unit of what it tells of: the job finds out who they are and what they chose.
pub(super) async fn announce(
    s: &Services,
    unit: &mut Write,
    agency: AgencyId,
    whom: Whom,
    happened: Happened,
) -> Result<()> {
    let subject = happened.event.clone();
    let payload = serde_json::to_string(&ToTell { whom, happened }).map_err(Error::internal)?;
    job::add(unit, &new_job(s, agency, TELL_JOB, subject, payload), s.clock.now()).await?;
    unit.note(Change::Job);
    Ok(())
}

/// Tells the people of a job.
pub async fn tell_later(s: &Services, job: &Job) -> Result<()> {
    let ToTell { whom, happened } = serde_json::from_str(&job.payload).map_err(Error::internal)?;
    let place = happened.place(job.agency);
    let mut read = s.store.read().await?;
    let (mut users, admins) = match whom {
        Whom::These(users) => (users, Vec::new()),
        Whom::Admins(users) => (users, super::notice::admins(s, &mut read, &place).await?),
    };
    users.extend(admins);
    users.sort_unstable();
    users.dedup();
    let recipients = super::notice::recipients(s, &mut read, &place, happened.kind, &users).await?;
    drop(read);
    let mut unit = s.store.write().await?;
    if !job::finish(&mut unit, job).await? {
        return Ok(());
    }
    let letter = |recipient: &Recipient| Letter::Told(Box::new(told_of(&happened, recipient.content)));
    tell(s, &mut unit, job.agency, &happened, &recipients, letter).await?;
    unit.commit().await
}

pub(super) fn told_of(happened: &Happened, content: bool) -> ToldOf {
    ToldOf {
        title: happened.title.clone(),
        preview: happened.preview.clone().filter(|_| content),
        link: happened.link.clone(),
    }
}

/// What a visitor is called.
pub(super) async fn visitor_name(read: &mut impl Reads, scope: &Scope, row: &Conversation) -> Result<String> {
    let found = visitor::visitors_of(read, scope, &[row.visitor]).await?.pop();
    Ok(found.and_then(|visitor| visitor.name).unwrap_or_else(|| "A visitor".to_owned()))
}

/// Tells those who run a place of something about the place itself, in the unit that keeps it.
pub(super) async fn announce_of_place(
    s: &Services,
    unit: &mut Write,
    place: &Place,
    kind: Kind,
    event: String,
    about: About<'_>,
) -> Result<()> {
    let About { author, title, preview, link, subject } = about;
    let happened = Happened {
        organization: place.organization,
        subject: subject.to_owned(),
        author,
        preview,
        link: link.to_owned(),
        ..Happened::of_house(event, kind, title)
    };
    announce(s, unit, place.agency, Whom::Admins(Vec::new()), happened).await
}

/// What those who run a place are told of it.
pub(super) struct About<'a> {
    /// Who did it, if somebody did.
    pub author: Option<UserId>,
    /// What it is called.
    pub title: String,
    /// More of it.
    pub preview: Option<String>,
    /// Where it leads.
    pub link: &'a str,
    /// About what it is.
    pub subject: &'a str,
}

/// Tells people who have to do with a chat of something in it, in the unit that keeps it.
pub(super) async fn announce_in_chat(
    s: &Services,
    unit: &mut Write,
    kind: Kind,
    row: &Conversation,
    event: impl ToString,
    by: Option<(UserId, &str)>,
    users: Vec<UserId>,
) -> Result<()> {
    if users.is_empty() {
        return Ok(());
    }
    let scope = Scope::system(row.agency, "telling people of a chat");
    let who = visitor_name(unit, &scope, row).await?;
    let author = by.map(|(user, _)| user);
    let title = title(kind, &who, by.map(|(_, name)| name));
    let happened = Happened { author, ..Happened::in_chat(event, kind, row, title) };
    announce(s, unit, row.agency, Whom::These(users), happened).await
}

/// Has whoever has a chat told that its visitor wrote: in a moment, unless they have seen it by then.
pub(super) async fn visitor_wrote(s: &Services, unit: &mut Write, row: &Conversation) -> Result<()> {
    if row.state != State::Human || row.assignee.is_none() {
        return Ok(());
    }
    let now = s.clock.now();
    let job = new_job(s, row.agency, MESSAGE_JOB, row.id.to_string(), String::new());
    job::add_later(unit, &job, now.plus(GLANCE), now).await
}

/// Tells whoever has a chat that its visitor wrote, unless they have seen it. By mail only when it is unseen for longer.
pub async fn tell_of_message(s: &Services, job: &Job) -> Result<()> {
    let id: ConversationId = job.subject.parse().map_err(Error::internal)?;
    let scope = Scope::system(job.agency, "telling an operator of a message");
    let mut read = s.store.read().await?;
    let found = conversation::conversation(&mut read, &scope, id).await?;
    let held = found.and_then(|row| row.assignee.filter(|_| row.state == State::Human).map(|operator| (row, operator)));
    let Some((row, operator)) = held else {
        drop(read);
        return super::job::finish(s, job).await;
    };
    let Some((since, last)) = crate::store::ladder::unseen(&mut read, &scope, id, row.operator_read_seq).await? else {
        drop(read);
        return super::job::finish(s, job).await;
    };
    let recipients = super::notice::recipients(s, &mut read, &row.place(), Kind::VisitorMessage, &[operator]).await?;
    let who = visitor_name(&mut read, &scope, &row).await?;
    drop(read);
    let mut unit = s.store.write().await?;
    if !job::finish(&mut unit, job).await? {
        return Ok(());
    }
    let event = format!("{id}/{last}");
    let happened = Happened::in_chat(event, Kind::VisitorMessage, &row, title(Kind::VisitorMessage, &who, None));
    // What is written when it stays unseen, `notice` knows.
    let letter = |recipient: &Recipient| Letter::Told(Box::new(told_of(&happened, recipient.content)));
    let told = tell(s, &mut unit, job.agency, &happened, &recipients, letter).await?;
    if told.later.is_some() {
        super::notice::watch(s, &mut unit, &row, since).await?;
    }
    unit.commit().await
}

/// Has what was rung for a request taken back, in the unit in which it ceases to wait.
pub(super) async fn waits_no_longer(s: &Services, unit: &mut Write, row: &Conversation) -> Result<()> {
    let payload = row.assignee.map(|user| user.to_string()).unwrap_or_default();
    let job = new_job(s, row.agency, SETTLE_JOB, format!("{}/{}", row.id, row.version), payload);
    job::add(unit, &job, s.clock.now()).await?;
    unit.note(Change::Job);
    Ok(())
}

/// Takes back what was rung for a request that waits no longer: who was rung for it learns who came.
pub async fn settle(s: &Services, job: &Job) -> Result<()> {
    let id = job.subject.split('/').next().unwrap_or_default();
    let id: ConversationId = id.parse().map_err(Error::internal)?;
    let scope = Scope::system(job.agency, "a request waits no longer");
    let mut unit = s.store.write().await?;
    if !job::finish(&mut unit, job).await? {
        return Ok(());
    }
    let row = conversation::conversation(&mut unit, &scope, id).await?;
    if let Some(row) = row.filter(|row| row.state != State::Requested) {
        let claimer: Option<UserId> = job.payload.parse().ok();
        let claimer = match claimer {
            Some(user) => identity::users_of(&mut unit, &scope, &[user]).await?.pop(),
            None => None,
        };
        let who = visitor_name(&mut unit, &scope, &row).await?;
        let named = claimer.map(|user| (user.id, title(Kind::Claimed, &who, Some(&user.name))));
        let claimed = named.as_ref().map(|(user, title)| (*user, title.as_str()));
        for user in store::settle(&mut unit, &scope, id, claimed, s.clock.now()).await? {
            unit.note(Change::Notification { user, entry: None });
        }
    }
    unit.commit().await
}

/// Tells somebody what was held back while it was quiet for them: one mail, of what is news still.
pub async fn summarise(s: &Services, job: &Job) -> Result<()> {
    let user = job.subject.split('/').next().unwrap_or_default();
    let user: UserId = user.parse().map_err(Error::internal)?;
    let scope = Scope::system(job.agency, "what was held back while it was quiet");
    let now = s.clock.now();
    let mut read = s.store.read().await?;
    let held = store::waiting(&mut read, &scope, user, "HELD", None, Some(now)).await?;
    let mut lines = Vec::new();
    let (mut kept, mut dropped) = (Vec::new(), Vec::new());
    for decision in &held {
        match meanwhile::of(s, &mut read, &scope, decision).await? {
            (Ok(()), Some(entry)) => {
                kept.push(decision.id);
                lines.push((decision.at, told_by(&entry)));
            }
            (Ok(()), None) => {}
            (Err(reason), _) => dropped.push((decision.id, reason)),
        }
    }
    let to = identity::users_of(&mut read, &scope, &[user]).await?.pop();
    drop(read);
    let mut unit = s.store.write().await?;
    if !job::finish(&mut unit, job).await? {
        return Ok(());
    }
    for (id, reason) in dropped {
        store::carried_out(&mut unit, &scope, &[id], None, Some(reason)).await?;
    }
    if let (Some(to), false) = (to, lines.is_empty()) {
        let letter = Letter::Summary { lines };
        let mail: MailId = mail::post(s, &mut unit, job.agency, None, &to.email, &letter).await?;
        store::carried_out(&mut unit, &scope, &kept, Some(mail), None).await?;
    }
    unit.commit().await
}

fn told_by(entry: &Notification) -> ToldOf {
    ToldOf { title: entry.title.clone(), preview: entry.preview.clone(), link: entry.link.clone() }
}

/// Whether somebody may see what is told of a kind in a place. What is about nobody but themselves needs no permission.
pub(super) fn may_see(s: &Services, actor: &Actor, kind: Kind, place: &Place) -> bool {
    matches!(kind, Kind::DeviceGone | Kind::Test)
        || seen_with(kind).iter().any(|permission| s.policy.may(actor, *permission, place))
}

/// The permissions of which one lets somebody see what is told of a kind.
const fn seen_with(kind: Kind) -> &'static [Permission] {
    match kind {
        Kind::HandoffRequested
        | Kind::HandoffWaiting
        | Kind::HandoffMissed
        | Kind::OfflineQuery
        | Kind::OfflineReply
        | Kind::VisitorMessage
        | Kind::Claimed
        | Kind::Transferred
        | Kind::Released
        | Kind::Rated => &[Permission::LiveChatRespond, Permission::LiveChatSupervise, Permission::AgencyInboxView],
        Kind::Mentioned => &[Permission::ConversationNote],
        Kind::KeywordAlert => &[Permission::ConversationRead],
        Kind::Digest => &[
            Permission::LiveChatRespond,
            Permission::LiveChatSupervise,
            Permission::AgencyInboxView,
            Permission::AnalyticsView,
        ],
        Kind::AccessChanged => &[Permission::HomeView],
        Kind::DeliveryFailing => &[Permission::SenderManage, Permission::WebhookManage],
        Kind::DeviceGone | Kind::Test => &[],
    }
}
