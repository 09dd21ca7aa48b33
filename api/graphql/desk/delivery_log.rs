//! The delivery log: why somebody was, or was not, told (W02).

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};

use super::notification::{NotificationKind, NotificationWay};
use super::push::PushDelivery;
use super::sender::MailState;
use super::{asking, services};
use crate::domain::notification::Verdict;
use crate::graphql::wire::{Time, connection, id, optional_id, page_by_id, requires};
use crate::service::notification::log::{self, Line};

/// What was decided for one person and one way.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotificationVerdict {
    /// It is sent at once.
    Now,
    /// It is sent later, if it is worth it then.
    Later,
    /// It is held back while it is quiet for them, and comes with a summary then.
    Held,
    /// It is not sent.
    Withheld,
}

impl NotificationVerdict {
    fn of(word: &str) -> Self {
        let now = crate::domain::time::Time::from_micros(0);
        let known = [(Verdict::Now, Self::Now), (Verdict::Later(now), Self::Later), (Verdict::Held(now), Self::Held)];
        known.into_iter().find(|(verdict, _)| verdict.word() == word).map_or(Self::Withheld, |(_, shown)| shown)
    }
}

/// A line of the delivery log: what was decided for one person and one way when something had happened, and what came of it.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("home.view".to_owned()))]
pub struct NotificationDecision {
    /// The id: `ndc_...`.
    pub id: ID,
    /// What had happened.
    pub kind: NotificationKind,
    /// For whom it was decided.
    pub user_id: ID,
    /// What they are called.
    pub user_name: String,
    /// For which way.
    pub way: NotificationWay,
    /// What was decided.
    pub verdict: NotificationVerdict,
    /// Why nothing is, or was, sent: a code such as NOT_WANTED.
    pub reason: Option<String>,
    /// All that in a sentence.
    pub explanation: String,
    /// In which organization it happened: its name.
    pub organization_name: Option<String>,
    /// In which conversation.
    pub conversation_id: Option<ID>,
    /// With which visitor: their name.
    pub visitor_name: Option<String>,
    /// When it was decided.
    pub at: Time,
    /// When it is sent, if it is.
    pub due_at: Time,
    /// What has become of the mail, where one was written.
    pub mail_state: Option<MailState>,
    /// How often it was tried.
    pub attempts: i64,
    /// What was wrong when it was last tried.
    pub trouble: Option<String>,
    /// Whether it was given up, by mail or on a device, and the viewer may have it sent again with resendNotification.
    pub can_resend: bool,
    /// What has become of it on each device, where it went by push.
    pub devices: Vec<PushDelivery>,
}

impl NotificationDecision {
    fn of(line: Line) -> Self {
        let Line { kept, user, organization, visitor, mail, again, devices, explanation } = line;
        let (mail_state, attempts, trouble) = match mail {
            Some((state, attempts, trouble)) => (Some(state.into()), attempts, trouble),
            None => (None, 0, None),
        };
        Self {
            id: kept.id.to_string().into(),
            kind: kept.kind.into(),
            user_id: kept.user.to_string().into(),
            user_name: user,
            way: kept.through.into(),
            verdict: NotificationVerdict::of(&kept.verdict),
            reason: kept.reason.map(|reason| reason.as_str().to_owned()),
            explanation,
            organization_name: organization,
            conversation_id: kept.conversation.map(|id| id.to_string().into()),
            visitor_name: visitor,
            at: kept.at.into(),
            due_at: kept.due_at.into(),
            mail_state,
            attempts,
            trouble,
            can_resend: again,
            devices: devices.into_iter().map(PushDelivery::of).collect(),
        }
    }
}

connection!(
    NotificationDecisionConnection,
    NotificationDecisionEdge,
    NotificationDecision,
    "lines of the delivery log",
    requires::apply("home.view".to_owned())
);

/// What is asked of the delivery log.
#[derive(Default)]
pub struct DeliveryLogQuery;

#[Object]
impl DeliveryLogQuery {
    /// Why was I (not) told? What was decided for the viewer, the newest first; for somebody else, or for everybody in a
    /// conversation or an organization, whoever holds notification.edit_defaults there may ask.
    #[graphql(directive = requires::apply("home.view".to_owned()))]
    async fn notification_decisions(
        &self,
        ctx: &Context<'_>,
        organization_id: Option<ID>,
        conversation_id: Option<ID>,
        user_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<NotificationDecisionConnection> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let conversation = optional_id("conversationId", conversation_id.as_ref())?;
        let user = optional_id("userId", user_id.as_ref())?;
        let page = page_by_id(first, after.as_deref())?;
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        let found = log::decisions(services, actor, organization, conversation, user, &page).await?;
        let rows = found.rows.into_iter().map(|row| (row.kept.id.to_string(), NotificationDecision::of(row)));
        Ok(NotificationDecisionConnection::page(rows.collect(), found.more, page.after.is_some()))
    }
}

/// Changes by the delivery log.
#[derive(Default)]
pub struct DeliveryLogMutation;

#[Object]
impl DeliveryLogMutation {
    /// Sends again what was given up: the mail, or what goes to the devices that it could not be sent to. What nobody needs any
    /// more is dropped even then. CONFLICT with ALREADY_SENT.
    #[graphql(directive = requires::apply("sender.manage".to_owned()))]
    async fn resend_notification(&self, ctx: &Context<'_>, decision_id: ID) -> Result<NotificationDecision> {
        let decision = id("decisionId", &decision_id)?;
        Ok(NotificationDecision::of(log::resend(services(ctx)?, &asking(ctx)?.actor, decision).await?))
    }
}
