//! Notifications: the bell, and what people choose.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject, Union};

use super::{asking, services};
use crate::domain::notification::Choices;
use crate::error::Error;
use crate::graphql::wire::{
    Time, connection, id, mirror, optional_id, optional_ids, owner_only, page_by_time, public, requires, time_cursor,
};
use crate::service::notification::bell::{self, BellEvent, Entry};
use crate::service::notification::choice::{self, Preference};
use crate::service::notification::unsubscribe;

mirror! {
    /// What somebody is told of.
    NotificationKind = crate::domain::notification::Kind {
        /// A visitor asked for a person.
        HandoffRequested,
        /// They still wait: a later step of the escalation ladder.
        HandoffWaiting,
        /// Nobody came to them.
        HandoffMissed,
        /// They left an offline query.
        OfflineQuery,
        /// They answered one by mail.
        OfflineReply,
        /// They wrote in the chat that somebody has.
        VisitorMessage,
        /// A colleague took the request that rang.
        Claimed,
        /// A chat was transferred to somebody.
        Transferred,
        /// A chat that somebody had went back to the queue.
        Released,
        /// Somebody was named in a note.
        Mentioned,
        /// A visitor rated a chat.
        Rated,
        /// A visitor said what somebody watches for.
        KeywordAlert,
        /// Settings, permissions or an assignment were changed.
        AccessChanged,
        /// Messages cannot be delivered.
        DeliveryFailing,
        /// A browser has given its subscription up, and gets no push any more.
        DeviceGone,
        /// Somebody tries whether they are told.
        Test,
        /// A day or a week is over, and somebody wants to read what happened.
        Digest,
    }
}

mirror! {
    /// How often somebody wants to read by mail what happened.
    NotificationDigest = crate::domain::digest::Rhythm {
        /// Not at all.
        Never,
        /// Every morning at eight, of the day before.
        Daily,
        /// Every Monday morning at eight, of the week before.
        Weekly,
    }
}

mirror! {
    /// By which way somebody is told.
    NotificationWay = crate::domain::notification::Through {
        /// The bell in the dashboard.
        Bell,
        /// Email.
        Email,
        /// A push notification of the browser.
        Push,
    }
}

mirror! {
    /// Of what visitors do somebody wants to be told.
    NotificationEvents = crate::domain::notification::Events {
        /// Of everything.
        All,
        /// Of requests for a person, and what is left when nobody came.
        Requests,
        /// Of nothing.
        None,
    }
}

mirror! {
    /// Who has chosen what counts for somebody.
    NotificationOrigin = crate::domain::notification::Origin {
        /// They themselves.
        Own,
        /// The organization, for its people.
        Organization,
        /// Nobody.
        Platform,
    }
}

/// An entry of the viewer's bell. The same kind of thing about the same is one entry until it is read.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = owner_only::apply())]
pub struct Notification {
    /// The id: `ntf_...`.
    pub id: ID,
    /// What has happened.
    pub kind: NotificationKind,
    /// The same in words.
    pub title: String,
    /// The visitor's words; null for whoever may not read them.
    pub preview: Option<String>,
    /// In which organization.
    pub organization_id: Option<ID>,
    /// What it is called.
    pub organization_name: Option<String>,
    /// With which AI agent: its name.
    pub ai_agent_name: Option<String>,
    /// In which conversation.
    pub conversation_id: Option<ID>,
    /// Where it leads: a path of the dashboard.
    pub link: String,
    /// How often it has happened since it was last read.
    pub count: i64,
    /// When it happened last.
    pub happened_at: Time,
    /// When it was read.
    pub read_at: Option<Time>,
}

impl Notification {
    fn of(entry: Entry) -> Self {
        let Entry { kept, organization, ai_agent } = entry;
        Self {
            id: kept.id.to_string().into(),
            kind: kept.kind.into(),
            title: kept.title,
            preview: kept.preview,
            organization_id: kept.organization.map(|id| id.to_string().into()),
            organization_name: organization,
            ai_agent_name: ai_agent,
            conversation_id: kept.conversation.map(|id| id.to_string().into()),
            link: kept.link,
            count: kept.count,
            happened_at: kept.happened_at.into(),
            read_at: kept.read_at.map(Into::into),
        }
    }
}

connection!(NotificationConnection, NotificationEdge, Notification, "notifications", owner_only::apply());

/// An AI agent that can be muted.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = owner_only::apply())]
pub struct MutableAiAgent {
    /// The id: `agt_...`.
    pub id: ID,
    /// What it is called.
    pub name: String,
}

/// What counts for the viewer in an organization, or, without one, wherever they have chosen nothing else.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = owner_only::apply())]
pub struct NotificationPreference {
    /// The organization; null for all in which nothing else was chosen, which staff of the agency alone have.
    pub organization_id: Option<ID>,
    /// What it is called.
    pub organization_name: Option<String>,
    /// Whether they are told by email.
    pub email: bool,
    /// Whether they are told by push.
    pub push: bool,
    /// Of what they are told.
    pub events: NotificationEvents,
    /// From which minute of the day nothing leaves the house for them; null without quiet hours.
    pub quiet_from: Option<i32>,
    /// Until which minute of the day.
    pub quiet_until: Option<i32>,
    /// In which IANA zone those are meant.
    pub time_zone: String,
    /// Whether the whole organization is muted.
    pub muted: bool,
    /// AI agents that are.
    pub muted_ai_agents: Vec<ID>,
    /// Those that can be: a hundred at most.
    pub ai_agents: Vec<MutableAiAgent>,
    /// How often they read by mail what happened.
    pub digest: NotificationDigest,
    /// Who has chosen it.
    pub origin: NotificationOrigin,
}

fn minutes(quiet: Option<(u16, u16)>) -> (Option<i32>, Option<i32>) {
    quiet.map(|(from, until)| (i32::from(from), i32::from(until))).unzip()
}

impl NotificationPreference {
    fn of(preference: Preference) -> Self {
        let Preference { organization, choices, origin, zone, ai_agents } = preference;
        let (quiet_from, quiet_until) = minutes(choices.quiet);
        let (organization_id, organization_name) = organization.map(|(id, name)| (id.to_string().into(), name)).unzip();
        Self {
            organization_id,
            organization_name,
            email: choices.email,
            push: choices.push,
            events: choices.events.into(),
            quiet_from,
            quiet_until,
            time_zone: zone,
            muted: choices.muted,
            muted_ai_agents: choices.muted_ai_agents.iter().map(|id| id.to_string().into()).collect(),
            ai_agents: ai_agents
                .into_iter()
                .map(|(id, name)| MutableAiAgent { id: id.to_string().into(), name })
                .collect(),
            digest: choices.digest.into(),
            origin: origin.into(),
        }
    }
}

/// What somebody chooses to be told of, and by which ways.
#[derive(InputObject, Debug, Clone)]
pub struct NotificationPreferenceInput {
    /// Whether they are told by email.
    pub email: bool,
    /// Whether they are told by push.
    pub push: bool,
    /// Of what they are told.
    pub events: NotificationEvents,
    /// From which minute of the day, 0 to 1439, nothing leaves the house for them.
    pub quiet_from: Option<i32>,
    /// Until which minute of the day; over midnight when it comes before the other.
    pub quiet_until: Option<i32>,
    /// Whether the whole organization is muted.
    pub muted: bool,
    /// AI agents that are.
    pub muted_ai_agent_ids: Vec<ID>,
    /// How often they want to read by mail what happened; not at all when it is left out.
    pub digest: Option<NotificationDigest>,
}

fn quiet(from: Option<i32>, until: Option<i32>) -> crate::error::Result<Option<(u16, u16)>> {
    let minute = |field, minute: i32| {
        u16::try_from(minute).map_err(|_| Error::invalid(field, "OUT_OF_RANGE", "A day has the minutes 0 to 1439."))
    };
    match (from, until) {
        (None, None) => Ok(None),
        (Some(from), Some(until)) => Ok(Some((minute("quietFrom", from)?, minute("quietUntil", until)?))),
        (None, _) => Err(Error::invalid("quietFrom", "MISSING", "Say when the quiet hours begin.")),
        (_, None) => Err(Error::invalid("quietUntil", "MISSING", "Say when the quiet hours end.")),
    }
}

impl NotificationPreferenceInput {
    fn choices(self) -> crate::error::Result<Choices> {
        let muted = optional_ids("mutedAiAgentIds", Some(&self.muted_ai_agent_ids))?.unwrap_or_default();
        Ok(Choices {
            email: self.email,
            push: self.push,
            events: self.events.into(),
            quiet: quiet(self.quiet_from, self.quiet_until)?,
            muted: self.muted,
            muted_ai_agents: muted,
            digest: self.digest.map(Into::into).unwrap_or_default(),
        })
    }
}

/// What counts in an organization for whoever has chosen nothing there.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("notification.edit_defaults".to_owned()))]
pub struct NotificationDefaults {
    /// The organization.
    pub organization_id: ID,
    /// Whether its people are told by email.
    pub email: bool,
    /// Whether they are told by push.
    pub push: bool,
    /// Of what they are told.
    pub events: NotificationEvents,
    /// From which minute of the day nothing leaves the house for them, in the zone of each; null without quiet hours.
    pub quiet_from: Option<i32>,
    /// Until which minute of the day.
    pub quiet_until: Option<i32>,
    /// How often they read by mail what happened.
    pub digest: NotificationDigest,
    /// Who has chosen it.
    pub origin: NotificationOrigin,
}

/// What an organization has for its people.
#[derive(InputObject, Debug, Clone)]
pub struct NotificationDefaultsInput {
    /// Whether they are told by email.
    pub email: bool,
    /// Whether they are told by push.
    pub push: bool,
    /// Of what they are told.
    pub events: NotificationEvents,
    /// From which minute of the day, 0 to 1439, nothing leaves the house for them.
    pub quiet_from: Option<i32>,
    /// Until which minute of the day; over midnight when it comes before the other.
    pub quiet_until: Option<i32>,
    /// How often they read by mail what happened; not at all when it is left out.
    pub digest: Option<NotificationDigest>,
}

impl NotificationDefaultsInput {
    fn choices(self) -> crate::error::Result<Choices> {
        Ok(Choices {
            email: self.email,
            push: self.push,
            events: self.events.into(),
            quiet: quiet(self.quiet_from, self.quiet_until)?,
            digest: self.digest.map(Into::into).unwrap_or_default(),
            ..Choices::default()
        })
    }
}

/// There is a new entry at the bell, or one that was there has happened again.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = owner_only::apply())]
pub struct NotificationArrived {
    /// The entry.
    pub notification: Notification,
    /// How many are unread: 100 at most.
    pub unread: i32,
}

/// How many entries are unread: first of all, and when some were read, here or in another page.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = owner_only::apply())]
pub struct NotificationsChanged {
    /// How many are unread: 100 at most.
    pub unread: i32,
}

/// Something that happens at the viewer's bell.
#[derive(Union, Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "most of them are the large one, and none is kept")]
pub enum NotificationEvent {
    /// A new entry.
    NotificationArrived(NotificationArrived),
    /// How many are unread.
    NotificationsChanged(NotificationsChanged),
}

fn counted(unread: usize) -> i32 {
    i32::try_from(unread).unwrap_or(i32::MAX)
}

impl NotificationEvent {
    /// Wraps one.
    pub fn of(event: BellEvent) -> Self {
        match event {
            BellEvent::Arrived { entry, unread } => Self::NotificationArrived(NotificationArrived {
                notification: Notification::of(*entry),
                unread: counted(unread),
            }),
            BellEvent::Changed { unread } => {
                Self::NotificationsChanged(NotificationsChanged { unread: counted(unread) })
            }
        }
    }
}

/// Queries around notifications.
#[derive(Default)]
pub struct NotificationQuery;

#[Object]
impl NotificationQuery {
    /// What the viewer was told of at the bell, the newest first; with `unread` only what they have not read.
    #[graphql(directive = owner_only::apply())]
    async fn notifications(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        unread: Option<bool>,
    ) -> Result<NotificationConnection> {
        let page = page_by_time(first, after.as_deref())?;
        let found = bell::entries(services(ctx)?, &asking(ctx)?.actor, unread.unwrap_or_default(), &page).await?;
        let rows = found.rows.into_iter();
        let rows = rows.map(|row| (time_cursor(row.kept.happened_at, row.kept.id), Notification::of(row)));
        Ok(NotificationConnection::page(rows.collect(), found.more, page.after.is_some()))
    }

    /// How many of them the viewer has not read: 100 at most.
    #[graphql(directive = owner_only::apply())]
    async fn unread_notifications(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(counted(bell::unread(services(ctx)?, &asking(ctx)?.actor).await?))
    }

    /// What the viewer has chosen, or what counts for them, in each of their organizations; for staff, first what counts
    /// wherever they have chosen nothing else.
    #[graphql(directive = owner_only::apply())]
    async fn notification_preferences(&self, ctx: &Context<'_>) -> Result<Vec<NotificationPreference>> {
        let found = choice::preferences(services(ctx)?, &asking(ctx)?.actor).await?;
        Ok(found.into_iter().map(NotificationPreference::of).collect())
    }

    /// What counts in an organization for whoever has chosen nothing there.
    #[graphql(directive = requires::apply("notification.edit_defaults".to_owned()))]
    async fn notification_defaults(&self, ctx: &Context<'_>, organization_id: ID) -> Result<NotificationDefaults> {
        let organization = id("organizationId", &organization_id)?;
        let found = choice::defaults(services(ctx)?, &asking(ctx)?.actor, organization).await?;
        Ok(defaults_of(organization_id, found))
    }
}

fn defaults_of(
    organization_id: ID,
    (choices, origin): (Choices, crate::domain::notification::Origin),
) -> NotificationDefaults {
    let (quiet_from, quiet_until) = minutes(choices.quiet);
    NotificationDefaults {
        organization_id,
        email: choices.email,
        push: choices.push,
        events: choices.events.into(),
        quiet_from,
        quiet_until,
        digest: choices.digest.into(),
        origin: origin.into(),
    }
}

/// Where somebody is told by mail no more.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = public::apply())]
pub struct Unsubscribed {
    /// What the organization is called; null when it is everywhere.
    pub organization_name: Option<String>,
}

/// Changes around notifications.
#[derive(Default)]
pub struct NotificationMutation;

#[Object]
impl NotificationMutation {
    /// Has whoever got a mail told by mail no more, where the link in it says: in its organization, or everywhere. What came by the
    /// bell and by push goes on. Once more changes nothing. NOT_FOUND with UNSUBSCRIBE_UNKNOWN.
    #[graphql(directive = public::apply())]
    async fn unsubscribe(&self, ctx: &Context<'_>, token: String) -> Result<Unsubscribed> {
        let stopped = unsubscribe::stop(services(ctx)?, &asking(ctx)?.origin.host, &token).await?;
        Ok(Unsubscribed { organization_name: stopped.organization })
    }

    /// Notes that the viewer has read some entries of their bell, or all. Gives how many are unread now. Ids that name none of
    /// theirs change nothing.
    #[graphql(directive = owner_only::apply())]
    async fn mark_notifications_read(&self, ctx: &Context<'_>, notification_ids: Option<Vec<ID>>) -> Result<i32> {
        let ids = optional_ids("notificationIds", notification_ids.as_deref())?;
        Ok(counted(bell::read(services(ctx)?, &asking(ctx)?.actor, ids.as_deref()).await?))
    }

    /// Keeps what the viewer chooses for an organization, or, without one, for all in which they choose nothing else, which
    /// staff of the agency alone can. Without a preference, what the organization has for its people counts again. INVALID with
    /// OUT_OF_RANGE, NO_HOURS, MISSING, TOO_MANY or NOT_STAFF.
    #[graphql(directive = owner_only::apply())]
    async fn update_notification_preferences(
        &self,
        ctx: &Context<'_>,
        organization_id: Option<ID>,
        preference: Option<NotificationPreferenceInput>,
    ) -> Result<Vec<NotificationPreference>> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let choices = preference.map(NotificationPreferenceInput::choices).transpose()?;
        let found = choice::choose(services(ctx)?, &asking(ctx)?.actor, organization, choices).await?;
        Ok(found.into_iter().map(NotificationPreference::of).collect())
    }

    /// Keeps what an organization has for those of its people who choose nothing; without defaults, the platform's count again.
    /// INVALID with OUT_OF_RANGE, NO_HOURS or MISSING.
    #[graphql(directive = requires::apply("notification.edit_defaults".to_owned()))]
    async fn set_notification_defaults(
        &self,
        ctx: &Context<'_>,
        organization_id: ID,
        defaults: Option<NotificationDefaultsInput>,
    ) -> Result<NotificationDefaults> {
        let organization = id("organizationId", &organization_id)?;
        let choices = defaults.map(NotificationDefaultsInput::choices).transpose()?;
        let kept = choice::set_defaults(services(ctx)?, &asking(ctx)?.actor, organization, choices).await?;
        Ok(defaults_of(organization_id, kept))
    }

    /// Tells the viewer something of no meaning by one way, to try whether it arrives. RATE_LIMITED with TOO_MANY_TESTS after ten in
    /// a quarter of an hour.
    #[graphql(directive = owner_only::apply())]
    async fn send_test_notification(&self, ctx: &Context<'_>, way: NotificationWay) -> Result<bool> {
        bell::try_out(services(ctx)?, &asking(ctx)?.actor, way.into()).await?;
        Ok(true)
    }
}
