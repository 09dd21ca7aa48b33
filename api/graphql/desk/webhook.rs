//! Webhooks.

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, Result, SimpleObject};

use super::{asking, services};
use crate::domain::id::WebhookId;
use crate::domain::webhook::{Delivery, Event};
use crate::graphql::wire::{Time, connection, id, mirror, optional_id, page_by_id, requires};
use crate::service::webhook::{self, Seen, Wanted};

mirror! {
    /// What a webhook can be told of. `type` in what is sent is the name in small letters with dots.
    WebhookEvent = crate::domain::webhook::Event {
        /// `handoff.requested`: a visitor asked for a person.
        HandoffRequested,
        /// `handoff.waiting`: they still wait, at a later step of the escalation ladder.
        HandoffWaiting,
        /// `handoff.missed`: nobody came to them.
        HandoffMissed,
        /// `handoff.cancelled`: the request was withdrawn.
        HandoffCancelled,
        /// `handoff.accepted`: an operator took the request, or took over from the AI unasked.
        HandoffAccepted,
        /// `handoff.transferred`: a chat went to a colleague, or to a team.
        HandoffTransferred,
        /// `handoff.released`: a chat that somebody had went back to the queue.
        HandoffReleased,
        /// `handoff.returned`: the AI has the chat again.
        HandoffReturned,
        /// `handoff.completed`: a chat was marked as complete.
        HandoffCompleted,
        /// `visitor_message.created`: a visitor wrote, in the chat or by mail.
        VisitorMessage,
        /// `operator_message.created`: an operator wrote, in the chat or by mail.
        OperatorMessage,
        /// `offline_query.received`: a visitor left an offline query.
        OfflineQuery,
        /// `chat.rated`: a visitor rated a chat.
        Rated,
        /// `webhook.test`: somebody tries whether it arrives. Not to be chosen.
        Test,
    }
}

mirror! {
    /// In which words a webhook is told.
    WebhookFormat = crate::domain::webhook::Format {
        /// JSON with `type`, `timestamp` and `data`.
        Standard,
        /// JSON with `text`, as Slack and what is like it takes it.
        Slack,
    }
}

mirror! {
    /// What has become of a delivery.
    WebhookDeliveryState = crate::domain::webhook::DeliveryState {
        /// It waits to be sent, maybe again.
        Queued,
        /// It was answered with a number from 200 to 299.
        Delivered,
        /// It was tried for as long as the schedule goes.
        Failed,
        /// It was not sent any more: the webhook was switched off, or what it told of is gone.
        Dropped,
    }
}

mirror! {
    /// Why a webhook is switched off.
    WebhookDisabled = crate::domain::webhook::Disabled {
        /// Somebody did it.
        ByHand,
        /// It answered that it is gone for good (410).
        Gone,
        /// Nothing arrived for five days.
        Failing,
    }
}

/// An address that is told of what happens in chats. What is sent is signed as Standard Webhooks says: `webhook-id`,
/// `webhook-timestamp`, `webhook-signature`.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex, directive = requires::apply("webhook.manage".to_owned()))]
pub struct Webhook {
    /// The id: `whk_...`.
    pub id: ID,
    /// Whether it tells of all organizations of the agency.
    pub of_agency: bool,
    /// What people call it.
    pub name: String,
    /// Where to; none when that can no longer be read, because the key of the installation has changed.
    pub url: Option<String>,
    /// The host of that.
    pub host: String,
    /// In which words.
    pub format: WebhookFormat,
    /// Of what.
    pub events: Vec<WebhookEvent>,
    /// When it was made.
    pub created_at: Time,
    /// Since when it is switched off.
    pub disabled_at: Option<Time>,
    /// Why.
    pub disabled_because: Option<WebhookDisabled>,
    /// Since when nothing arrived; after five days it is switched off.
    pub failing_since: Option<Time>,
    /// When something last arrived.
    pub delivered_at: Option<Time>,
    /// What was wrong when something was last tried.
    pub trouble: Option<String>,
    #[graphql(skip)]
    key: WebhookId,
}

impl Webhook {
    fn of(seen: Seen) -> Self {
        let Seen { webhook, url } = seen;
        Self {
            id: webhook.id.to_string().into(),
            of_agency: webhook.organization.is_none(),
            name: webhook.name,
            url,
            host: webhook.host,
            format: webhook.format.into(),
            events: webhook.events.into_iter().map(Into::into).collect(),
            created_at: webhook.created_at.into(),
            disabled_at: webhook.disabled_at.map(Into::into),
            disabled_because: webhook.disabled_because.map(Into::into),
            failing_since: webhook.failing_since.map(Into::into),
            delivered_at: webhook.delivered_at.map(Into::into),
            trouble: webhook.trouble,
            key: webhook.id,
        }
    }
}

#[ComplexObject]
impl Webhook {
    /// Until when the secret that was replaced still signs beside the new one.
    #[graphql(directive = requires::apply("webhook.manage".to_owned()))]
    async fn old_secret_until(&self, ctx: &Context<'_>) -> Result<Option<Time>> {
        let found = webhook::old_secret_until(services(ctx)?, &asking(ctx)?.actor, self.key).await?;
        Ok(found.map(Into::into))
    }

    /// What it was told, the newest first: those in one of the `states`, or all. Kept for thirty days.
    #[graphql(directive = requires::apply("webhook.manage".to_owned()))]
    async fn deliveries(
        &self,
        ctx: &Context<'_>,
        states: Option<Vec<WebhookDeliveryState>>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<WebhookDeliveryConnection> {
        let states: Option<Vec<_>> = states.map(|states| states.into_iter().map(Into::into).collect());
        let page = page_by_id(first, after.as_deref())?;
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        let found = webhook::deliveries(services, actor, self.key, states.as_deref(), &page).await?;
        let rows = found.rows.into_iter().map(|one| (one.id.to_string(), WebhookDelivery::of(one)));
        Ok(WebhookDeliveryConnection::page(rows.collect(), found.more, page.after.is_some()))
    }
}

/// One thing that a webhook was told, over all attempts.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("webhook.manage".to_owned()))]
pub struct WebhookDelivery {
    /// The id: `whd_...`; the `webhook-id` of every attempt.
    pub id: ID,
    /// What it tells of.
    pub event: WebhookEvent,
    /// What is sent; empty once the visitor wanted to be forgotten.
    pub body: String,
    /// What has become of it.
    pub state: WebhookDeliveryState,
    /// How often it was tried.
    pub attempts: i64,
    /// The number with which the last attempt was answered.
    pub status: Option<i64>,
    /// The first 2 KiB of that answer.
    pub answer: Option<String>,
    /// What was wrong with the last attempt.
    pub trouble: Option<String>,
    /// When it was written.
    pub created_at: Time,
    /// When it was last tried.
    pub attempted_at: Option<Time>,
    /// When it is tried next.
    pub next_at: Option<Time>,
}

impl WebhookDelivery {
    fn of(delivery: Delivery) -> Self {
        Self {
            id: delivery.id.to_string().into(),
            event: delivery.event.into(),
            body: delivery.body,
            state: delivery.state.into(),
            attempts: delivery.attempts,
            status: delivery.status,
            answer: delivery.answer,
            trouble: delivery.trouble,
            created_at: delivery.created_at.into(),
            attempted_at: delivery.attempted_at.map(Into::into),
            next_at: delivery.next_at.map(Into::into),
        }
    }
}

/// A webhook, and the secret that it is signed with.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("webhook.manage".to_owned()))]
pub struct WebhookWithSecret {
    /// The webhook.
    pub webhook: Webhook,
    /// The secret, `whsec_...`: shown now and never again.
    pub secret: String,
}

impl WebhookWithSecret {
    fn of((seen, secret): (Seen, String)) -> Self {
        Self { webhook: Webhook::of(seen), secret }
    }
}

connection!(WebhookConnection, WebhookEdge, Webhook, "webhooks", requires::apply("webhook.manage".to_owned()));
connection!(
    WebhookDeliveryConnection,
    WebhookDeliveryEdge,
    WebhookDelivery,
    "deliveries to a webhook",
    requires::apply("webhook.manage".to_owned())
);

/// What somebody wants a webhook to be.
#[derive(InputObject, Debug, Clone)]
pub struct WebhookInput {
    /// What people call it; its host when nothing is said.
    pub name: Option<String>,
    /// Where to: an https address at a host with a name.
    pub url: String,
    /// Of what; at least one.
    pub events: Vec<WebhookEvent>,
    /// In which words.
    #[graphql(default_with = "WebhookFormat::Standard")]
    pub format: WebhookFormat,
}

impl WebhookInput {
    fn wanted(self) -> Wanted {
        Wanted {
            name: self.name.unwrap_or_default(),
            url: self.url,
            events: self.events.into_iter().map(Event::from).collect(),
            format: self.format.into(),
        }
    }
}

/// Queries of webhooks.
#[derive(Default)]
pub struct WebhookQuery;

#[Object]
impl WebhookQuery {
    /// The webhooks of an organization; without one those that the agency has over all of its organizations. The newest first.
    #[graphql(directive = requires::apply("webhook.manage".to_owned()))]
    async fn webhooks(
        &self,
        ctx: &Context<'_>,
        organization_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<WebhookConnection> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let page = page_by_id(first, after.as_deref())?;
        let found = webhook::webhooks(services(ctx)?, &asking(ctx)?.actor, organization, &page).await?;
        let rows = found.rows.into_iter().map(|one| (one.webhook.id.to_string(), Webhook::of(one)));
        Ok(WebhookConnection::page(rows.collect(), found.more, page.after.is_some()))
    }

    /// A webhook within the viewer's reach. NOT_FOUND for any other, whether or not it exists.
    #[graphql(directive = requires::apply("webhook.manage".to_owned()))]
    async fn webhook(&self, ctx: &Context<'_>, #[graphql(name = "id")] webhook_id: ID) -> Result<Webhook> {
        let id = id("id", &webhook_id)?;
        Ok(Webhook::of(webhook::webhook(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }
}

/// Changes of webhooks.
#[derive(Default)]
pub struct WebhookMutation;

#[Object]
impl WebhookMutation {
    /// Makes a webhook for an organization; without one for the agency, over all of its organizations. Gives the secret that it
    /// is signed with: this once. INVALID with NOT_AN_ADDRESS, NOT_HTTPS, NOT_A_NAME, PORT, USERINFO or NONE; CONFLICT with
    /// TOO_MANY.
    #[graphql(directive = requires::apply("webhook.manage".to_owned()))]
    async fn create_webhook(
        &self,
        ctx: &Context<'_>,
        client_id: String,
        organization_id: Option<ID>,
        input: WebhookInput,
    ) -> Result<WebhookWithSecret> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        Ok(WebhookWithSecret::of(webhook::create(services, actor, &client_id, organization, input.wanted()).await?))
    }

    /// Changes a webhook. What waits for it goes to the new address.
    #[graphql(directive = requires::apply("webhook.manage".to_owned()))]
    async fn update_webhook(&self, ctx: &Context<'_>, webhook_id: ID, input: WebhookInput) -> Result<Webhook> {
        let id = id("webhookId", &webhook_id)?;
        Ok(Webhook::of(webhook::update(services(ctx)?, &asking(ctx)?.actor, id, input.wanted()).await?))
    }

    /// Deletes a webhook, and what it was told.
    #[graphql(directive = requires::apply("webhook.manage".to_owned()))]
    async fn delete_webhook(&self, ctx: &Context<'_>, webhook_id: ID) -> Result<bool> {
        webhook::delete(services(ctx)?, &asking(ctx)?.actor, id("webhookId", &webhook_id)?).await?;
        Ok(true)
    }

    /// Makes a new secret and gives it: this once. For 24 hours what is sent carries two signatures, so that the other side can
    /// change over in peace.
    #[graphql(directive = requires::apply("webhook.manage".to_owned()))]
    async fn rotate_webhook_secret(&self, ctx: &Context<'_>, webhook_id: ID) -> Result<WebhookWithSecret> {
        let id = id("webhookId", &webhook_id)?;
        Ok(WebhookWithSecret::of(webhook::rotate_secret(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }

    /// Switches a webhook on or off. What happens while it is off is not told later.
    #[graphql(directive = requires::apply("webhook.manage".to_owned()))]
    async fn set_webhook_enabled(&self, ctx: &Context<'_>, webhook_id: ID, enabled: bool) -> Result<Webhook> {
        let id = id("webhookId", &webhook_id)?;
        Ok(Webhook::of(webhook::set_enabled(services(ctx)?, &asking(ctx)?.actor, id, enabled).await?))
    }

    /// Sends something of no meaning, to try whether it arrives. CONFLICT with SWITCHED_OFF.
    #[graphql(directive = requires::apply("webhook.manage".to_owned()))]
    async fn test_webhook(&self, ctx: &Context<'_>, webhook_id: ID) -> Result<WebhookDelivery> {
        let id = id("webhookId", &webhook_id)?;
        Ok(WebhookDelivery::of(webhook::test(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }

    /// Makes a delivery once more, under the id that it has. CONFLICT with SWITCHED_OFF, WAITING or REMOVED.
    #[graphql(directive = requires::apply("webhook.manage".to_owned()))]
    async fn replay_webhook_delivery(&self, ctx: &Context<'_>, webhook_delivery_id: ID) -> Result<WebhookDelivery> {
        let id = id("webhookDeliveryId", &webhook_delivery_id)?;
        Ok(WebhookDelivery::of(webhook::replay(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }

    /// Makes what did not arrive since an instant once more, each under the id that it has, the oldest first and at most 500 at
    /// once; with `delivered` also what did. Gives how many. CONFLICT with SWITCHED_OFF.
    #[graphql(directive = requires::apply("webhook.manage".to_owned()))]
    async fn replay_webhook_deliveries(
        &self,
        ctx: &Context<'_>,
        webhook_id: ID,
        since: Time,
        delivered: Option<bool>,
    ) -> Result<i64> {
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        let id = id("webhookId", &webhook_id)?;
        Ok(webhook::replay_since(services, actor, id, since.0, delivered.unwrap_or_default()).await?)
    }
}
