//! Mails: written in the unit of what they tell of, sent by a job.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::json;

use super::letter::{self, Logo, Look, Reader};
use super::notification::{self, About};
use super::reply::Named;
use super::{By, Services, doer_of, setting};
use crate::domain::access::{Actor, Place};
use crate::domain::brand::BrandImageKind;
use crate::domain::change::Change;
use crate::domain::id::{AgencyId, ConversationId, MailId, OrganizationId};
use crate::domain::mail::{HeaderText, Letter, MailState, Mailbox, Message, Outcome, pause_after};
use crate::domain::mail_text::{Kind, MailText, Problem};
use crate::domain::notification::{self as news, Reason};
use crate::domain::page::{Page, Rows};
use crate::domain::permission::Permission;
use crate::domain::sender::{Fallback, Password, Route, Sender, SenderState, Server};
use crate::domain::setting::Key;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::store::job::{self, Job};
use crate::store::{Reads, Write, agency, identity, locate, mail, mail_text, sender};

pub use crate::store::mail::Mail;

/// The kind of job that sends a mail.
pub const MAIL_JOB: &str = "mail.send";

/// Why a mail was not sent whose news is none any more.
const NOT_NEEDED: &str = "Somebody had seen to it before this mail was sent.";

/// The kind of mail by which somebody tries the agency's own sender.
const SENDER_TEST: &str = "sender_test";

/// Longest name in front of an address, in characters.
const NAME: usize = 100;

/// Writes a mail: it goes out under the agency's brand once the unit is committed, and not at all otherwise.
pub async fn post(
    s: &Services,
    unit: &mut Write,
    agency: AgencyId,
    organization: Option<OrganizationId>,
    recipient: &str,
    letter: &Letter,
) -> Result<MailId> {
    let mails = written(s, unit, agency, organization, &[(recipient, letter)]).await?;
    let id = mails.first().map(|mail| mail.id);
    keep(s, unit, &mails).await?;
    id.ok_or_else(|| Error::internal("a letter without a mail"))
}

/// Writes mails to several people, as [`post`] does to one. Gives their ids in the order of the letters.
pub async fn post_all(
    s: &Services,
    unit: &mut Write,
    agency: AgencyId,
    organization: Option<OrganizationId>,
    letters: &[(&str, Letter)],
) -> Result<Vec<MailId>> {
    if letters.is_empty() {
        return Ok(Vec::new());
    }
    let letters: Vec<(&str, &Letter)> = letters.iter().map(|(recipient, letter)| (*recipient, letter)).collect();
    let mails = written(s, unit, agency, organization, &letters).await?;
    keep(s, unit, &mails).await?;
    Ok(mails.iter().map(|mail| mail.id).collect())
}

async fn written(
    s: &Services,
    read: &mut impl Reads,
    agency: AgencyId,
    organization: Option<OrganizationId>,
    letters: &[(&str, &Letter)],
) -> Result<Vec<Mail>> {
    let now = s.clock.now();
    let scope = Scope::system(agency, "writing a mail");
    let whom: Vec<(&str, Option<&Letter>)> =
        letters.iter().map(|(address, letter)| (*address, Some(*letter))).collect();
    let readers = readers(read, &scope, organization, &whom).await?;
    let mut looks: HashMap<&str, Look> = HashMap::new();
    for (_, letter) in letters {
        if !looks.contains_key(letter.kind()) {
            looks.insert(letter.kind(), look_of(s, read, &scope, letter.kind()).await?.0);
        }
    }
    let mut mails = Vec::with_capacity(letters.len());
    for ((recipient, letter), reader) in letters.iter().zip(readers) {
        let id: MailId = s.ids.next(now);
        let text = serde_json::to_string(letter).map_err(Error::internal)?;
        let subject = letter::subject(letter, &looks[letter.kind()], &reader)?;
        mails.push(Mail {
            id,
            agency,
            organization,
            recipient: (*recipient).to_owned(),
            kind: letter.kind().to_owned(),
            subject: subject.as_str().to_owned(),
            letter: s.seal.close(&purpose(id), &text)?,
            state: MailState::Queued,
            attempts: 0,
            trouble: None,
            created_at: now,
            settled_at: None,
        });
    }
    Ok(mails)
}

async fn keep(s: &Services, unit: &mut Write, mails: &[Mail]) -> Result<()> {
    mail::insert(unit, mails).await?;
    queue(s, unit, mails).await
}

async fn queue(s: &Services, unit: &mut Write, mails: &[Mail]) -> Result<()> {
    let now = s.clock.now();
    let jobs: Vec<Job> = mails.iter().map(|mail| Job::new(s.ids.next(now), mail.agency, MAIL_JOB, mail.id)).collect();
    job::add_all(unit, &jobs, now).await?;
    unit.note(Change::Job);
    Ok(())
}

fn purpose(id: MailId) -> String {
    format!("mails.letter {id}")
}

/// What a mail says.
fn opened(s: &Services, mail: &Mail) -> Result<Letter> {
    let text = s.seal.open(&purpose(mail.id), &mail.letter)?;
    serde_json::from_str(&text).map_err(Error::internal)
}

/// How mails of an agency look.
pub(super) async fn look(s: &Services, read: &mut impl Reads, scope: &Scope) -> Result<Look> {
    let agency = agency::agency(read, scope.agency()).await?.ok_or_else(|| Error::not_found("agency"))?;
    let base = super::agency::address(s, read, scope.agency()).await?;
    let logo = agency.brand.picture(BrandImageKind::Logo).map(|picture| Logo::new(picture, &base));
    Ok(Look { brand: agency.brand, base, logo, own: None })
}

/// How a kind of mail of an agency looks, with the agency's own words where it has chosen some.
async fn look_of(s: &Services, read: &mut impl Reads, scope: &Scope, kind: &str) -> Result<(Look, Option<MailText>)> {
    let text = match Kind::of(kind) {
        Some(kind) => mail_text::one(read, scope, kind.kind, letter::LANGUAGE).await?,
        None => None,
    };
    let own = text.as_ref().map(MailText::words);
    Ok((Look { own, ..look(s, read, scope).await? }, text))
}

/// What counts for readers who have chosen nothing: as their organization says, else as the agency's brand does.
async fn usual(
    read: &mut impl Reads,
    scope: &Scope,
    organization: Option<OrganizationId>,
) -> Result<(String, Option<String>)> {
    if organization.is_some() {
        let keys = [Key::OrganizationLanguage, Key::OrganizationTimeZone];
        let [language, zone] = setting::effective_of(read, scope.agency(), organization, keys).await?;
        return Ok((language, Some(zone)));
    }
    let agency = agency::agency(read, scope.agency()).await?.ok_or_else(|| Error::not_found("agency"))?;
    Ok((agency.brand.language, None))
}

/// What is known of those who read letters: what the account with that address says, then what the letter knows of its chat, then
/// what is usual there. An address that is still to become somebody's is read by whoever has the old one. In the order of the
/// letters.
async fn readers(
    read: &mut impl Reads,
    scope: &Scope,
    organization: Option<OrganizationId>,
    letters: &[(&str, Option<&Letter>)],
) -> Result<Vec<Reader>> {
    let addresses: Vec<&str> =
        letters.iter().flat_map(|(address, letter)| [Some(*address), letter.and_then(old_address)]).flatten().collect();
    let known = identity::preferences_at(read, scope, &addresses).await?;
    let (usual_language, usual_zone) = usual(read, scope, organization).await?;
    let reader = |(address, letter): &(&str, Option<&Letter>)| {
        let theirs = known.get(*address).or_else(|| known.get(letter.and_then(old_address)?));
        let (own, zone) = theirs.cloned().unwrap_or_default();
        let of_chat = letter.and_then(Letter::language);
        let language = letter::spoken([own.as_deref(), of_chat, Some(usual_language.as_str())]).map(str::to_owned);
        let zone = zone.as_deref().or(letter.and_then(Letter::zone)).or(usual_zone.as_deref()).map(str::to_owned);
        Reader { address: (*address).to_owned(), zone, language, unsubscribe: None }
    };
    Ok(letters.iter().map(reader).collect())
}

/// The same of the one who reads a mail.
async fn reader(read: &mut impl Reads, scope: &Scope, mail: &Mail, letter: Option<&Letter>) -> Result<Reader> {
    let mut found = readers(read, scope, mail.organization, &[(mail.recipient.as_str(), letter)]).await?;
    found.pop().ok_or_else(|| Error::internal("a letter without a reader"))
}

fn old_address(letter: &Letter) -> Option<&str> {
    match letter {
        Letter::AddressChange { old, .. } => Some(old),
        _ => None,
    }
}

/// A mail that is to be handed over.
pub struct Outgoing {
    /// The mail.
    pub mail: Mail,
    /// Through which server.
    pub route: Route,
    /// What goes over the line.
    pub message: Message,
    /// The version of the sender that it goes through, when that is the agency's own.
    sender: Option<i64>,
}

impl Outgoing {
    /// Where it goes: what fails there says nothing about other places.
    pub fn destination(&self) -> String {
        match &self.route {
            Route::Platform => "platform".to_owned(),
            Route::Own(server) => format!("{} {}:{}", self.mail.agency, server.host, server.port),
        }
    }

    fn is_test(&self) -> bool {
        self.mail.kind == SENDER_TEST
    }
}

/// What to do with a mail now.
enum Way {
    Own,
    Neutral,
    Nowhere,
}

/// Nothing goes out from a sender that is not proved; but whoever sets it up may write to themselves through it.
fn way(sender: Option<&Sender>, letter: &Letter) -> Way {
    let Some(sender) = sender else { return Way::Neutral };
    match (sender.state(), sender.fallback) {
        _ if matches!(letter, Letter::SenderTest { .. }) => Way::Own,
        (SenderState::Proved, _) => Way::Own,
        (SenderState::None, _) | (_, Fallback::Neutral) => Way::Neutral,
        (_, Fallback::Refuse) => Way::Nowhere,
    }
}

/// Why mails of an agency do not go out, in a sentence; none when they do.
pub(super) async fn standstill(s: &Services, read: &mut impl Reads, agency: AgencyId) -> Result<Option<String>> {
    let scope = Scope::system(agency, "whether mails go out");
    let sender = sender::sender(read, &scope).await?;
    Ok(match sender.map(|sender| (sender.state(), sender.fallback)) {
        Some((state, Fallback::Refuse)) if !matches!(state, SenderState::Proved | SenderState::None) => Some(
            "The agency's sender is not proved, and mails wait for it: nobody is told of requests by mail.".to_owned(),
        ),
        Some((SenderState::Proved, _)) => None,
        _ if s.addresses.mail_server => None,
        _ => Some("No mail server is set up: nobody is told of requests by mail.".to_owned()),
    })
}

fn message(
    s: &Services,
    mail: &Mail,
    letter: &Letter,
    look: &Look,
    reader: &Reader,
    own: Option<&Sender>,
    thread: Option<ConversationId>,
) -> Result<(Message, Option<Problem>)> {
    let rendered = letter::render(letter, look, reader)?;
    let named = own.map(|sender| sender.from_name.as_str()).filter(|name| !name.is_empty());
    let address = own.map_or(&s.addresses.mail_from, |sender| &sender.from_address).clone();
    let support = || look.brand.support_email.clone();
    let back = match letter {
        Letter::OfflineAnswer { reply: Some(reply), .. } => s.replies.address(reply),
        _ => None,
    };
    let host = crate::domain::sender::domain_of(&address);
    // Of the platform's own mails alone: an agency's server sends for the agency's domain, and what it promises of that (SPF) is
    // promised of the sender on the envelope.
    let reports = match own {
        None => s.replies.address(&s.replies.local_part(mail.agency, Named::Report(mail.id))),
        Some(_) => None,
    };
    let message = Message {
        id: format!("{}@{host}", mail.id),
        envelope: reports.unwrap_or_else(|| address.clone()),
        thread: thread.map(|conversation| format!("{conversation}@{host}")),
        unsubscribe: reader.unsubscribe.as_ref().map(|path| format!("{}{path}", look.base)),
        from: Mailbox { name: HeaderText::tamed(named.unwrap_or(&look.brand.name), NAME), address },
        reply_to: back.or_else(|| own.and_then(|sender| sender.reply_to.clone())).or_else(support),
        to: mail.recipient.clone(),
        subject: rendered.subject,
        html: rendered.html,
        text: rendered.text,
        at: mail.created_at,
    };
    Ok((message, rendered.trouble))
}

fn server(s: &Services, sender: &Sender) -> Result<Server> {
    let password = match &sender.password {
        Some(sealed) => s.seal.open(&super::sender::purpose(sender.agency), sealed)?,
        None => String::new(),
    };
    Ok(Server {
        host: sender.host.clone(),
        port: u16::try_from(sender.port).map_err(Error::internal)?,
        security: sender.security,
        username: sender.username.clone(),
        password: Password::new(password),
    })
}

/// The mail of a job, ready to be handed over. None when there is nothing to hand over any more: it is gone, it was left
/// in the mailbox, or it is refused; the job is finished then.
pub async fn outgoing(s: &Services, job: &Job, has_platform: bool) -> Result<Option<Outgoing>> {
    let scope = Scope::system(job.agency, "sending a mail");
    let id: MailId = job.subject.parse().map_err(Error::internal)?;
    let mut read = s.store.read().await?;
    let found = mail::mail(&mut read, &scope, id).await?.filter(|mail| mail.state == MailState::Queued);
    let Some(mail) = found else {
        drop(read);
        super::job::finish(s, job).await?;
        return Ok(None);
    };
    let sender = sender::sender(&mut read, &scope).await?;
    let letter = opened(s, &mail);
    let (look, text) = look_of(s, &mut read, &scope, &mail.kind).await?;
    let mut reader = reader(&mut read, &scope, &mail, letter.as_ref().ok()).await?;
    let decisions = notification::decisions_of(&mut read, &scope, id).await?;
    reader.unsubscribe = notification::unsubscribe::path(s, &scope, &decisions);
    let unneeded = match &letter {
        Ok(letter) => notification::still(s, &mut read, &scope, &decisions, letter).await?,
        Err(_) => None,
    };
    drop(read);
    if let Some(reason) = unneeded {
        drop_unneeded(s, job, &mail, reason).await?;
        return Ok(None);
    }
    let Ok(letter) = letter else {
        let trouble = "What it said can no longer be read: the key of this installation has changed.";
        settle(s, job, &mail, MailState::Failed, mail.attempts, Some(trouble)).await?;
        return Ok(None);
    };
    let own = match way(sender.as_ref(), &letter) {
        Way::Nowhere => {
            let trouble = "The sender is not proved, and the agency wants nothing to be sent otherwise.";
            settle(s, job, &mail, MailState::Refused, mail.attempts, Some(trouble)).await?;
            return Ok(None);
        }
        Way::Neutral if !has_platform => {
            settle(s, job, &mail, MailState::Sent, mail.attempts + 1, None).await?;
            return Ok(None);
        }
        Way::Neutral => None,
        Way::Own => sender.as_ref(),
    };
    let route = own.map(|sender| server(s, sender).map(Route::Own)).transpose()?.unwrap_or(Route::Platform);
    let thread = notification::thread_of(&decisions);
    let (message, problem) = message(s, &mail, &letter, &look, &reader, own, thread)?;
    if let (Some(text), Some(problem)) = (&text, &problem) {
        super::mail_text::could_not_be_used(s, &scope, text, problem).await?;
    }
    Ok(Some(Outgoing { mail, route, message, sender: own.map(|sender| sender.version) }))
}

/// Drops a mail whose news is none any more, and says so where it was decided.
async fn drop_unneeded(s: &Services, job: &Job, mail: &Mail, reason: Reason) -> Result<()> {
    let scope = Scope::system(job.agency, "sending a mail");
    let mut unit = s.store.write().await?;
    if !job::finish(&mut unit, job).await? {
        return Ok(());
    }
    let (now, why) = (s.clock.now(), Some(NOT_NEEDED));
    mail::settle(&mut unit, &scope, mail.id, MailState::Dropped, mail.attempts, why, now).await?;
    notification::dropped(&mut unit, &scope, mail.id, reason).await?;
    unit.commit().await
}

/// Says what has become of a mail and finishes its job, if that is still ours.
async fn settle(
    s: &Services,
    job: &Job,
    mail: &Mail,
    state: MailState,
    attempts: i64,
    trouble: Option<&str>,
) -> Result<()> {
    let scope = Scope::system(job.agency, "sending a mail");
    let mut unit = s.store.write().await?;
    if !job::finish(&mut unit, job).await? {
        return Ok(());
    }
    mail::settle(&mut unit, &scope, mail.id, state, attempts, trouble, s.clock.now()).await?;
    unit.commit().await
}

/// Keeps what became of an attempt: the mail is done, given up, or tried again later.
pub async fn attempted(s: &Services, job: &Job, outgoing: &Outgoing, outcome: &Outcome) -> Result<()> {
    let mail = &outgoing.mail;
    let scope = Scope::system(job.agency, "sending a mail");
    let (attempts, now) = (mail.attempts + 1, s.clock.now());
    let (problem, again) = match outcome {
        Outcome::Taken => return taken(s, job, outgoing).await,
        // Whoever tests wants to know now.
        Outcome::Refused(problem) | Outcome::Bounced(problem) => (problem, None),
        Outcome::Denied(problem) if outgoing.is_test() || outgoing.sender.is_none() => (problem, None),
        // At once again: by then the sender is failing, and the mail goes as the agency chose for that.
        Outcome::Denied(problem) => (problem, Some(Duration::ZERO)),
        Outcome::Later(problem) | Outcome::Unreachable(problem) | Outcome::Unknown(problem) => {
            (problem, pause_after(attempts, s.ids.bits()).filter(|_| !outgoing.is_test()))
        }
    };
    let Some(pause) = again else {
        let state = if matches!(outcome, Outcome::Bounced(_)) { MailState::Bounced } else { MailState::Failed };
        return give_up(s, job, outgoing, state, attempts, problem).await;
    };
    let mut unit = s.store.write().await?;
    if let (Outcome::Denied(problem), Some(version)) = (outcome, outgoing.sender) {
        sender::set_trouble(&mut unit, &scope, version, Some(problem)).await?;
    }
    mail::settle(&mut unit, &scope, mail.id, MailState::Queued, attempts, Some(problem), now).await?;
    job::put_off(&mut unit, job, Some(now.plus(pause)), problem, now).await?;
    unit.note(Change::Job);
    unit.commit_at_once().await
}

/// Gives a mail up, and tells those who look after the sender: once, until they have looked.
async fn give_up(
    s: &Services,
    job: &Job,
    outgoing: &Outgoing,
    state: MailState,
    attempts: i64,
    problem: &str,
) -> Result<()> {
    let mail = &outgoing.mail;
    let scope = Scope::system(job.agency, "sending a mail");
    let mut unit = s.store.write().await?;
    if !job::finish(&mut unit, job).await? {
        return Ok(());
    }
    mail::settle(&mut unit, &scope, mail.id, state, attempts, Some(problem), s.clock.now()).await?;
    tell_of_trouble(s, &mut unit, mail, &format!("{}/{attempts}", mail.id), problem).await?;
    unit.commit_at_once().await
}

/// Tells those who look after the sender that a mail did not arrive. Whoever tests looks for themselves.
async fn tell_of_trouble(s: &Services, unit: &mut Write, mail: &Mail, event: &str, problem: &str) -> Result<()> {
    if mail.kind == SENDER_TEST {
        return Ok(());
    }
    let about = About {
        author: None,
        title: "Mails cannot be delivered".to_owned(),
        preview: Some(format!("To {}: {problem}", mail.recipient)),
        link: "/sender",
        subject: "mail",
    };
    let place = Place::agency(mail.agency);
    notification::announce_of_place(s, unit, &place, news::Kind::DeliveryFailing, event.to_owned(), about).await
}

/// Keeps a mail server's report that a mail did not arrive after all (RFC 3464), and tells those who look after the sender.
/// Says whether that was new.
///
/// # Errors
/// UNAVAILABLE with TRY_AGAIN while it is not kept yet that a server took the mail: the report was faster.
pub(super) async fn came_back(s: &Services, mail: &Mail, said: &str) -> Result<bool> {
    if mail.state == MailState::Queued {
        return Err(Error::unavailable("TRY_AGAIN", "This mail is still on its way."));
    }
    let scope = Scope::system(mail.agency, "a report on a mail");
    let problem = format!("A mail server reported later: {said}");
    let mut unit = s.store.write().await?;
    if !mail::came_back(&mut unit, &scope, mail.id, &problem, s.clock.now()).await? {
        return Ok(false);
    }
    tell_of_trouble(s, &mut unit, mail, &format!("{}/back", mail.id), &problem).await?;
    unit.commit().await?;
    Ok(true)
}

async fn taken(s: &Services, job: &Job, outgoing: &Outgoing) -> Result<()> {
    let scope = Scope::system(job.agency, "sending a mail");
    let mail = &outgoing.mail;
    let mut unit = s.store.write().await?;
    mail::settle(&mut unit, &scope, mail.id, MailState::Sent, mail.attempts + 1, None, s.clock.now()).await?;
    // Whoever it was for has it; a link that lies here could only be stolen.
    mail::forget_letter(&mut unit, &scope, mail.id).await?;
    if let Some(version) = outgoing.sender {
        sender::set_trouble(&mut unit, &scope, version, None).await?;
    }
    job::finish(&mut unit, job).await?;
    unit.commit_at_once().await
}

/// Mails of the person's agency, newest first.
pub async fn mails(s: &Services, actor: &Actor, state: Option<MailState>, page: &Page<MailId>) -> Result<Rows<Mail>> {
    let scope = super::sender::allowed(s, actor)?;
    mail::mails(&mut s.store.read().await?, &scope, state, page).await
}

/// Sends a mail again that could not be sent, or at once one that waits.
pub async fn resend(s: &Services, actor: &Actor, id: MailId) -> Result<Mail> {
    let user = doer_of(actor)?;
    let absent = || Error::not_found("mail");
    s.policy.may_somewhere(actor, Permission::SenderManage)?;
    let place = locate::mail(&mut s.store.read().await?, id).await?.ok_or_else(absent)?;
    let scope = s.policy.allow(actor, Permission::SenderManage, &place, "mail")?;
    let mut unit = s.store.write().await?;
    let before = mail::mail(&mut unit, &scope, id).await?.ok_or_else(absent)?;
    if before.state == MailState::Queued {
        job::hurry(&mut unit, MAIL_JOB, &id.to_string(), s.clock.now()).await?;
        unit.note(Change::Job);
    } else if mail::requeue(&mut unit, &scope, id).await? {
        queue(s, &mut unit, std::slice::from_ref(&before)).await?;
    } else {
        return Err(Error::conflict("ALREADY_SENT", "This mail has been sent. What it said is not kept."));
    }
    let by = By { actor: &user, organization: before.organization };
    let detail = json!({ "kind": before.kind, "recipient": before.recipient, "state": before.state.as_str() });
    s.note(&mut unit, &scope, &by, "mail.resend", id, detail).await?;
    let after = mail::mail(&mut unit, &scope, id).await?.ok_or_else(absent)?;
    unit.commit().await?;
    Ok(after)
}

/// The newest mails whose words are still here, and what they say: the mailbox of demo mode, and of tests.
pub async fn mailbox(s: &Services, most: usize) -> Result<Vec<(Mail, Letter)>> {
    let mails = mail::newest(&mut s.store.read().await?, most).await?;
    let kept = mails.into_iter().filter(|mail| !mail.letter.is_empty());
    kept.map(|mail| opened(s, &mail).map(|letter| (mail, letter))).collect()
}

/// The same as they are read, newest first; only those to an address, when one is given. Demo mode alone shows it.
pub async fn shown_mailbox(s: &Services, most: usize, to: Option<&str>) -> Result<Vec<(Mail, Message)>> {
    let mut shown = Vec::new();
    for (mail, letter) in mailbox(s, most).await? {
        if to.is_some_and(|to| !to.eq_ignore_ascii_case(&mail.recipient)) {
            continue;
        }
        let scope = Scope::system(mail.agency, "showing the mailbox of demo mode");
        let mut read = s.store.read().await?;
        let (look, _) = look_of(s, &mut read, &scope, &mail.kind).await?;
        let mut reader = reader(&mut read, &scope, &mail, Some(&letter)).await?;
        let decisions = notification::decisions_of(&mut read, &scope, mail.id).await?;
        drop(read);
        reader.unsubscribe = notification::unsubscribe::path(s, &scope, &decisions);
        let (message, _) = message(s, &mail, &letter, &look, &reader, None, notification::thread_of(&decisions))?;
        shown.push((mail, message));
    }
    Ok(shown)
}
