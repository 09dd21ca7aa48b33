//! Why was I (not) told? What was decided for whom, and what has become of it (W02).

use std::collections::{HashMap, HashSet};

use serde_json::json;

use crate::domain::access::{Actor, Place};
use crate::domain::id::{AgencyId, ConversationId, MailId, NotificationDecisionId, OrganizationId, UserId};
use crate::domain::mail::MailState;
use crate::domain::notification::Through;
use crate::domain::page::{Page, Rows};
use crate::domain::permission::Permission;
use crate::domain::push::PushState;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::service::{By, Services, conversation, doer_of, mail, notice, person_of, push, reach};
use crate::store::notification::{self as store, Decision, DecisionFilter};
use crate::store::push::{PushMessage, messages_of};
use crate::store::{Reads, agency, conversation as conversations, identity, locate, visitor};

/// A decision, and what has become of it.
#[derive(Debug, Clone)]
pub struct Line {
    /// The decision.
    pub kept: Decision,
    /// What the person is called.
    pub user: String,
    /// What the organization is called.
    pub organization: Option<String>,
    /// What the visitor is called.
    pub visitor: Option<String>,
    /// What has become of the mail, how often it was tried, and what was wrong.
    pub mail: Option<(MailState, i64, Option<String>)>,
    /// Whether it was given up, by mail or on a device, and the person may have it sent again.
    pub again: bool,
    /// What has become of it on each device.
    pub devices: Vec<PushMessage>,
    /// All that in a sentence.
    pub explanation: String,
}

/// What was decided for the person; for somebody else, or for everybody about a conversation or in an organization, when they
/// hold `notification.edit_defaults` there. The newest first.
///
/// # Errors
/// NOT_FOUND for what is out of reach; FORBIDDEN when somebody else's is asked for without an organization or a conversation, or
/// without the permission there.
pub async fn decisions(
    s: &Services,
    actor: &Actor,
    organization: Option<OrganizationId>,
    conversation: Option<ConversationId>,
    user: Option<UserId>,
    page: &Page<NotificationDecisionId>,
) -> Result<Rows<Line>> {
    let person = person_of(actor)?;
    s.policy.may_somewhere(actor, Permission::HomeView)?;
    let own = user == Some(person.user) || (user.is_none() && conversation.is_none() && organization.is_none());
    let (scope, user) = if own {
        (Scope::system(person.agency, "what was decided for oneself"), Some(person.user))
    } else if let Some(conversation) = conversation {
        let (scope, _) = conversation::load(s, actor, Permission::NotificationEditDefaults, conversation).await?;
        (scope, user)
    } else if organization.is_some() {
        (reach(s, actor, Permission::NotificationEditDefaults, organization).await?, user)
    } else {
        let message = "Say in which organization, or about which conversation.";
        return Err(Error::invalid("organizationId", "MISSING", message));
    };
    let filter = DecisionFilter { organization, conversation, user };
    let mut read = s.store.read().await?;
    if let Some(user) = user.filter(|_| !own) {
        // Whoever is not of this place does not exist here, whether or not they do elsewhere.
        let place = match conversation {
            Some(id) => conversations::conversation(&mut read, &scope, id).await?.and_then(|row| row.organization),
            None => organization,
        };
        let near = crate::store::role::people_at(&mut read, &scope, place, None, notice::LOOKED_AT).await?;
        if !near.contains(&user) {
            return Err(Error::not_found("user"));
        }
    }
    let found = store::decisions(&mut read, &scope, &filter, page).await?;
    let house = Scope::system(person.agency, "what the lines of the delivery log name");
    let mut rows = lines(&mut read, &house, found.rows).await?;
    for line in &mut rows {
        line.again &= s.policy.may(actor, Permission::SenderManage, &place_of(&line.kept, person.agency));
    }
    Ok(Rows { rows, more: found.more })
}

fn place_of(kept: &Decision, agency: AgencyId) -> Place {
    Place { agency, organization: kept.organization, ai_agent: None }
}

/// Sends again what was decided to be sent and was given up: the mail, or what goes to each device that it could not be sent to.
/// What the visitor is called is told to nobody who may not read the log there.
///
/// # Errors
/// NOT_FOUND for what is out of reach; FORBIDDEN without `sender.manage`; CONFLICT ALREADY_SENT when nothing of it was given up.
pub async fn resend(s: &Services, actor: &Actor, id: NotificationDecisionId) -> Result<Line> {
    let by = doer_of(actor)?;
    let absent = || Error::not_found("notification decision");
    s.policy.may_somewhere(actor, Permission::SenderManage)?;
    let mut read = s.store.read().await?;
    let place = locate::notification_decision(&mut read, id).await?.ok_or_else(absent)?;
    let scope = s.policy.allow(actor, Permission::SenderManage, &place, "notification decision")?;
    let kept = store::decision(&mut read, &scope, id).await?.ok_or_else(absent)?;
    drop(read);
    if let Some(mail) = kept.mail {
        mail::resend(s, actor, mail).await?;
    } else {
        let mut unit = s.store.write().await?;
        let devices = push::resend(s, &mut unit, &scope, &kept).await?;
        if devices == 0 {
            return Err(Error::conflict("ALREADY_SENT", "Nothing of it is left to be sent again."));
        }
        let by = By { actor: &by, organization: kept.organization };
        let detail = json!({ "kind": kept.kind.as_str(), "user": kept.user, "devices": devices });
        s.note(&mut unit, &scope, &by, "push.resend", id, detail).await?;
        unit.commit().await?;
    }
    let house = Scope::system(place.agency, "what the lines of the delivery log name");
    let mut read = s.store.read().await?;
    let mut line = lines(&mut read, &house, vec![kept]).await?.pop().ok_or_else(absent)?;
    let own = person_of(actor).is_ok_and(|person| person.user == line.kept.user);
    if !own && !s.policy.may(actor, Permission::NotificationEditDefaults, &place) {
        line.visitor = None;
    }
    Ok(line)
}

async fn lines(read: &mut impl Reads, scope: &Scope, rows: Vec<Decision>) -> Result<Vec<Line>> {
    let users: Vec<UserId> = rows.iter().map(|row| row.user).collect();
    let users: HashMap<UserId, String> =
        identity::users_of(read, scope, &users).await?.into_iter().map(|user| (user.id, user.name)).collect();
    let places: Vec<OrganizationId> = rows.iter().filter_map(|row| row.organization).collect();
    let places: HashMap<OrganizationId, String> =
        agency::organizations_of(read, scope, &places).await?.into_iter().map(|place| (place.id, place.name)).collect();
    let chats: Vec<ConversationId> = rows.iter().filter_map(|row| row.conversation).collect();
    let chats = conversations::conversations_of(read, scope, &chats).await?;
    let visitors: Vec<_> = chats.iter().map(|chat| chat.visitor).collect();
    let visitors: HashMap<_, _> = visitor::visitors_of(read, scope, &visitors)
        .await?
        .into_iter()
        .map(|visitor| (visitor.id, visitor.name.unwrap_or_else(|| "A visitor".to_owned())))
        .collect();
    let chats: HashMap<ConversationId, Option<String>> =
        chats.iter().map(|chat| (chat.id, visitors.get(&chat.visitor).cloned())).collect();
    let mails: Vec<MailId> = rows.iter().filter_map(|row| row.mail).collect();
    let mails = store::mails(read, scope, &mails).await?;
    let kept: HashSet<MailId> = mails.iter().filter(|(.., kept)| *kept).map(|(id, ..)| *id).collect();
    let mails: HashMap<MailId, (MailState, i64, Option<String>)> =
        mails.into_iter().map(|(id, state, attempts, trouble, _)| (id, (state, attempts, trouble))).collect();
    let given_up = |id: &MailId| kept.contains(id) && mails.get(id).is_some_and(|(state, ..)| state.is_given_up());
    let pushed: Vec<NotificationDecisionId> =
        rows.iter().filter(|row| row.through == Through::Push).map(|row| row.id).collect();
    let mut devices: HashMap<NotificationDecisionId, Vec<PushMessage>> = HashMap::new();
    for message in messages_of(read, scope, &pushed).await? {
        devices.entry(message.decision).or_default().push(message);
    }
    Ok(rows
        .into_iter()
        .map(|kept| {
            let devices = devices.remove(&kept.id).unwrap_or_default();
            let mail = kept.mail.and_then(|id| mails.get(&id).cloned());
            Line {
                user: users.get(&kept.user).cloned().unwrap_or_default(),
                organization: kept.organization.and_then(|id| places.get(&id).cloned()),
                visitor: kept.conversation.and_then(|id| chats.get(&id).cloned()).flatten(),
                explanation: explained(&kept, mail.as_ref(), &devices),
                again: kept.mail.as_ref().is_some_and(given_up)
                    || devices.iter().any(|device| device.state == PushState::Failed),
                mail,
                devices,
                kept,
            }
        })
        .collect())
}

fn explained(kept: &Decision, mail: Option<&(MailState, i64, Option<String>)>, devices: &[PushMessage]) -> String {
    let on = |state: PushState| devices.iter().filter(|device| device.state == state).count();
    if let Some(reason) = kept.reason.filter(|_| on(PushState::Sent) == 0) {
        return reason.sentence().to_owned();
    }
    if !devices.is_empty() {
        return match (on(PushState::Sent), on(PushState::Queued)) {
            (0, 0) => "It reached no device.".to_owned(),
            (0, _) => "On its way.".to_owned(),
            (1, _) => "Sent to a device.".to_owned(),
            (sent, _) => format!("Sent to {sent} devices."),
        };
    }
    let sentence = match (kept.through, mail.map(|(state, ..)| *state), kept.verdict.as_str()) {
        (Through::Bell, ..) => "Shown at the bell.",
        (_, Some(MailState::Queued), _) => "On its way.",
        (_, Some(MailState::Sent), _) => "Sent.",
        (_, Some(MailState::Failed), _) => "It could not be sent.",
        (_, Some(MailState::Bounced), _) => "It came back.",
        (_, Some(MailState::Refused), _) => "Not sent: the agency's sender is not proved.",
        (_, Some(MailState::Dropped), _) => "Not sent: it was no longer needed.",
        (_, None, "LATER") => "Sent later, if it is unseen then.",
        (_, None, "HELD") => "Held back until their quiet hours are over.",
        (_, None, _) => "Sent.",
    };
    sentence.to_owned()
}
