//! Push: the devices on which somebody wants to be told.

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};

use super::{asking, services};
use crate::graphql::wire::{Time, id, mirror, owner_only, requires};
use crate::service::push::{self, Device, PushMessage, Registration};

mirror! {
    /// What has become of something that goes to a device.
    PushState = crate::domain::push::PushState {
        /// It waits to be sent, maybe again.
        Queued,
        /// A push service has taken it.
        Sent,
        /// The device is gone: its browser has given the subscription up.
        Gone,
        /// It could not be sent, and nobody tries any more.
        Failed,
        /// It was not sent, because nobody needed it any more.
        Dropped,
    }
}

/// A device on which the viewer is told by push.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = owner_only::apply())]
pub struct PushSubscription {
    /// The id: `psh_...`.
    pub id: ID,
    /// What it is, in a few words: `Firefox on Linux`.
    pub browser: String,
    /// Whether it is the one that asks.
    pub here: bool,
    /// When it was registered.
    pub created_at: Time,
    /// When the page was last there.
    pub seen_at: Time,
    /// When a push service last took something for it.
    pub sent_at: Option<Time>,
    /// What was wrong when something was last sent to it.
    pub trouble: Option<String>,
}

impl PushSubscription {
    fn of(ctx: &Context<'_>, device: Device) -> crate::error::Result<Self> {
        Ok(Self {
            here: push::is_here(&asking(ctx)?.actor, &device),
            id: device.id.to_string().into(),
            browser: device.browser,
            created_at: device.created_at.into(),
            seen_at: device.seen_at.into(),
            sent_at: device.sent_at.map(Into::into),
            trouble: device.trouble,
        })
    }
}

/// What has become of something on one device.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("home.view".to_owned()))]
pub struct PushDelivery {
    /// What the device is.
    pub browser: String,
    /// What has become of it.
    pub state: PushState,
    /// How often it was tried.
    pub attempts: i64,
    /// What was wrong when it was last tried.
    pub trouble: Option<String>,
}

impl PushDelivery {
    /// Wraps one.
    pub fn of(message: PushMessage) -> Self {
        Self {
            browser: message.browser,
            state: message.state.into(),
            attempts: message.attempts,
            trouble: message.trouble,
        }
    }
}

/// Queries around push.
#[derive(Default)]
pub struct PushQuery;

#[Object]
impl PushQuery {
    /// The key to which a browser subscribes: `applicationServerKey`, in base64url. It never changes.
    #[graphql(directive = owner_only::apply())]
    async fn push_key(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(push::public_key(services(ctx)?, &asking(ctx)?.actor).await?)
    }

    /// The devices on which the viewer is told by push: those on which they are signed in, the one that was seen last first.
    #[graphql(directive = owner_only::apply())]
    async fn push_subscriptions(&self, ctx: &Context<'_>) -> Result<Vec<PushSubscription>> {
        let found = push::devices(services(ctx)?, &asking(ctx)?.actor).await?;
        Ok(found.into_iter().map(|device| PushSubscription::of(ctx, device)).collect::<crate::error::Result<_>>()?)
    }
}

/// Changes around push.
#[derive(Default)]
pub struct PushMutation;

#[Object]
impl PushMutation {
    /// Registers the browser that asks, with what its `PushSubscription` says. A browser has one endpoint, so that doing it again
    /// changes nothing but whose it is. INVALID with NOT_AN_ADDRESS, NOT_HTTPS, UNKNOWN_PUSH_SERVICE, NOT_A_KEY or NOT_A_SECRET, and
    /// others of the address; FORBIDDEN with VIEWING_AS.
    #[graphql(directive = owner_only::apply())]
    async fn register_push_subscription(
        &self,
        ctx: &Context<'_>,
        endpoint: String,
        #[graphql(name = "p256dh")] p256dh: String,
        auth: String,
    ) -> Result<PushSubscription> {
        let asking = asking(ctx)?;
        let browser = asking.origin.browser.clone();
        let asked = Registration { endpoint, p256dh, auth, browser };
        let kept = push::register(services(ctx)?, &asking.actor, asked).await?;
        Ok(PushSubscription::of(ctx, kept)?)
    }

    /// Forgets a device of the viewer: nothing is sent to it any more.
    #[graphql(directive = owner_only::apply())]
    async fn remove_push_subscription(&self, ctx: &Context<'_>, push_subscription_id: ID) -> Result<bool> {
        let id = id("pushSubscriptionId", &push_subscription_id)?;
        push::remove(services(ctx)?, &asking(ctx)?.actor, id).await?;
        Ok(true)
    }
}
