//! Viewing as a client (W11).

use async_graphql::{Context, ID, Object, Result, SimpleObject};

use super::identity::{SignIn, User};
use super::{asking, services};
use crate::domain::access::Person;
use crate::graphql::wire::{Time, id, owner_only, requires};
use crate::service::viewing;

/// A member of staff who views as the client whose pages these are.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = owner_only::apply())]
pub struct ViewingAs {
    /// The member of staff: what is done, is done in their name.
    pub by: User,
    /// Why.
    pub reason: String,
    /// When it ends by itself.
    pub expires_at: Time,
}

impl ViewingAs {
    /// Of whoever is signed in, if they view as somebody.
    pub fn of(person: &Person) -> Option<Self> {
        let look = person.viewing_as.as_ref()?;
        let by = User { id: person.user.to_string().into(), name: person.name.clone(), email: None };
        Some(Self { by, reason: look.reason.clone(), expires_at: look.expires_at.into() })
    }
}

/// Viewing as a client.
#[derive(Default)]
pub struct ViewingMutation;

#[Object]
impl ViewingMutation {
    /// Views as a client user for thirty minutes, which cannot be renewed. The reason stands in the audit log of the agency
    /// and of the organization. Gives a token and no cookie: the page keeps it beside its own. CONFLICT with
    /// CANNOT_VIEW_STAFF; FORBIDDEN with VIEWING_AS from within a view.
    #[graphql(directive = requires::apply("impersonate".to_owned()))]
    async fn view_as_client(&self, ctx: &Context<'_>, membership_id: ID, reason: String) -> Result<SignIn> {
        let asking = asking(ctx)?;
        let membership = id("membershipId", &membership_id)?;
        let begun = viewing::begin(services(ctx)?, &asking.actor, &asking.origin, membership, &reason).await?;
        Ok(SignIn::beside(begun))
    }

    /// Ends the view that asks; its streams close. False when it is none.
    #[graphql(directive = owner_only::apply())]
    async fn end_view_as_client(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(viewing::end(services(ctx)?, &asking(ctx)?.actor).await?)
    }
}
