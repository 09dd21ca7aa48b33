//! Requests for a human, and take-overs.

use async_graphql::{ComplexObject, Context, ID, Object, Result, SimpleObject};

use super::conversation::Conversation;
use super::identity::User;
use super::ladder::HandoffStep;
use super::routing::Team;
use super::{asking, loaders, services};
use crate::domain::access::Place;
use crate::domain::conversation as domain;
use crate::domain::ending::Rating;
use crate::domain::id::{ConversationId, HandoffId, OrganizationId, UserId};
use crate::domain::permission::Permission;
use crate::domain::routing::Route;
use crate::graphql::loaders::{EndingOf, FirstResponseOf, RatingOf, RouteOf, StepsOf};
use crate::graphql::wire::{
    HandoffClosure, HandoffState, Intent, Resolution, Time, connection, id, optional_id, page_by_time, requires,
    time_cursor,
};
use crate::service::handoff::Closing;
use crate::service::{conversation, ending, handoff, transcript, user_of};

/// One request for a human, or one take-over.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex, directive = requires::apply("live_chat.view_queue".to_owned()))]
pub struct Handoff {
    /// The id: `hnd_...`.
    pub id: ID,
    /// What became of it.
    pub state: HandoffState,
    /// The visitor's words on why; null when somebody else has the chat.
    pub reason: Option<String>,
    /// When it was asked for.
    pub requested_at: Time,
    /// When somebody took it.
    pub accepted_at: Option<Time>,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// Why, when the house itself ended it; null otherwise.
    pub closed_because: Option<HandoffClosure>,
    /// When a person first answered in it.
    pub first_response_at: Option<Time>,
    #[graphql(skip)]
    organization: OrganizationId,
    /// What made it.
    pub intent: Intent,
    #[graphql(skip)]
    key: (HandoffId, Place),
    #[graphql(skip)]
    hidden: bool,
    #[graphql(skip)]
    accepted_by: Option<UserId>,
    #[graphql(skip)]
    conversation: ConversationId,
    #[graphql(skip)]
    of: HandoffId,
}

impl Handoff {
    /// Wraps one as the viewer may see it.
    pub fn of(ctx: &Context<'_>, handoff: domain::Handoff) -> crate::error::Result<Self> {
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        let own = |by| actor.person().is_some_and(|person| person.user == by);
        let foreign = handoff.state == domain::HandoffState::Accepted && !handoff.accepted_by.is_some_and(own);
        let place = Place::ai_agent(handoff.agency, Some(handoff.organization), handoff.ai_agent);
        let hidden = foreign && !services.policy.may(actor, Permission::LiveChatSupervise, &place);
        Ok(Self {
            id: handoff.id.to_string().into(),
            state: handoff.state.into(),
            reason: handoff.reason.filter(|_| !hidden),
            requested_at: handoff.requested_at.into(),
            accepted_at: handoff.accepted_at.map(Into::into),
            ended_at: handoff.ended_at.map(Into::into),
            closed_because: handoff.closed_because.map(Into::into),
            first_response_at: handoff.first_response_at.map(Into::into),
            organization: handoff.organization,
            intent: handoff.intent.into(),
            key: (handoff.id, place),
            hidden,
            accepted_by: handoff.accepted_by,
            conversation: handoff.conversation,
            of: handoff.id,
        })
    }
}

impl Handoff {
    async fn route(&self, ctx: &Context<'_>) -> Result<Option<Route>> {
        Ok(loaders(ctx)?.maybe(RouteOf(self.of)).await?)
    }

    /// Who is offered it, as long as it waits.
    async fn reserved(&self, ctx: &Context<'_>) -> Result<Option<(UserId, Time)>> {
        if self.state != HandoffState::Requested {
            return Ok(None);
        }
        let now = services(ctx)?.clock.now();
        let route = self.route(ctx).await?;
        Ok(route.and_then(|route| Some((route.reserved(now)?, route.offered_until?.into()))))
    }

    /// The rating, for whoever may know it: holders of `rating.view`, and the operator whose work it was.
    async fn rated(&self, ctx: &Context<'_>) -> Result<Option<Rating>> {
        let actor = &asking(ctx)?.actor;
        let found = loaders(ctx)?.maybe(RatingOf(self.key.0)).await?;
        let may = services(ctx)?.policy.may(actor, Permission::RatingView, &self.key.1);
        let own = |operator| actor.person().is_some_and(|person| person.user == operator);
        Ok(found.filter(|rating| may || rating.operator.is_some_and(own)))
    }
}

#[ComplexObject]
impl Handoff {
    /// The conversation; a stub when somebody else has it.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn conversation(&self, ctx: &Context<'_>) -> Result<Conversation> {
        let row = loaders(ctx)?.one(self.conversation, "conversation").await?;
        Ok(Conversation::of(conversation::seen(services(ctx)?, &asking(ctx)?.actor, row)))
    }

    /// By when a person should first have answered (A01); null when one has, or when it has ended.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn respond_by(&self, ctx: &Context<'_>) -> Result<Option<Time>> {
        if self.first_response_at.is_some() || self.ended_at.is_some() {
            return Ok(None);
        }
        let seconds = loaders(ctx)?.one(FirstResponseOf(self.organization), "setting").await?;
        Ok(Some(self.requested_at.0.plus(std::time::Duration::from_secs(seconds)).into()))
    }

    /// The team it is for; null when it is for everybody.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn team(&self, ctx: &Context<'_>) -> Result<Option<Team>> {
        match self.route(ctx).await?.and_then(|route| route.team) {
            Some(id) => Ok(loaders(ctx)?.maybe(id).await?.map(Team::of)),
            None => Ok(None),
        }
    }

    /// How it was resolved, as whoever completed it said; null when nobody has.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn resolution(&self, ctx: &Context<'_>) -> Result<Option<Resolution>> {
        let ending = loaders(ctx)?.maybe(EndingOf(self.key.0)).await?;
        Ok(ending.and_then(|ending| ending.resolution).map(Into::into))
    }

    /// What whoever completed it noted for colleagues; null when nothing, or when somebody else has the chat.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn ending_note(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let ending = loaders(ctx)?.maybe(EndingOf(self.key.0)).await?;
        Ok(ending.and_then(|ending| ending.note).filter(|_| !self.hidden))
    }

    /// Who completed it; null when it was not completed, or was by itself because nothing happened any more.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn completed_by(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        match loaders(ctx)?.maybe(EndingOf(self.key.0)).await?.and_then(|ending| ending.completed_by) {
            Some(id) => Ok(Some(User::of(loaders(ctx)?.one(id, "user").await?))),
            None => Ok(None),
        }
    }

    /// Who alone is offered it now; null when whoever may accept requests may accept it.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn offered_to(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        match self.reserved(ctx).await? {
            Some((id, _)) => Ok(Some(User::of(loaders(ctx)?.one(id, "user").await?))),
            None => Ok(None),
        }
    }

    /// Until when they are offered it.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn offered_until(&self, ctx: &Context<'_>) -> Result<Option<Time>> {
        Ok(self.reserved(ctx).await?.map(|(_, until)| until))
    }

    /// How many stars of five the visitor gave; null without a rating, and for whoever has neither `rating.view` nor had the
    /// chat.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn rating(&self, ctx: &Context<'_>) -> Result<Option<i64>> {
        Ok(self.rated(ctx).await?.map(|rating| rating.rating))
    }

    /// What the visitor said with it; null likewise.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn rating_text(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.rated(ctx).await?.and_then(|rating| rating.text))
    }

    /// Who was told that the visitor waits, when, and what came of it: the steps of the escalation ladder, in order.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn steps(&self, ctx: &Context<'_>) -> Result<Vec<HandoffStep>> {
        let steps = loaders(ctx)?.maybe(StepsOf(self.of)).await?.unwrap_or_default();
        Ok(steps.into_iter().map(HandoffStep::of).collect())
    }

    /// Who took it.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn accepted_by(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        match self.accepted_by {
            Some(id) => Ok(Some(User::of(loaders(ctx)?.one(id, "user").await?))),
            None => Ok(None),
        }
    }
}

connection!(HandoffConnection, HandoffEdge, Handoff, "handoffs", requires::apply("live_chat.view_queue".to_owned()));

/// Queries of handoffs.
#[derive(Default)]
pub struct HandoffQuery;

#[Object]
impl HandoffQuery {
    /// Handoffs within the viewer's reach, the oldest first: those in one of the `states`, or all; with `mine` only those
    /// that the viewer accepted.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn handoffs(
        &self,
        ctx: &Context<'_>,
        organization_id: Option<ID>,
        states: Option<Vec<HandoffState>>,
        mine: Option<bool>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<HandoffConnection> {
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        let filter = crate::domain::page::HandoffFilter {
            organization: optional_id("organizationId", organization_id.as_ref())?,
            states: states.map(|states| states.into_iter().map(Into::into).collect()),
            accepted_by: if mine == Some(true) { Some(user_of(actor)?) } else { None },
        };
        let page = page_by_time(first, after.as_deref())?;
        let found = handoff::handoffs(services, actor, &filter, &page).await?;
        let rows = found
            .rows
            .into_iter()
            .map(|row| Ok((time_cursor(row.requested_at, row.id), Handoff::of(ctx, row)?)))
            .collect::<Result<Vec<_>>>()?;
        Ok(HandoffConnection::page(rows, found.more, page.after.is_some()))
    }
}

/// Taking chats over, and giving them back.
#[derive(Default)]
pub struct HandoffMutation;

#[Object]
impl HandoffMutation {
    /// Accepts a request; exactly one person can. CONFLICT with ALREADY_ACCEPTED names the one who was first in
    /// `extensions.holder`.
    #[graphql(directive = requires::apply("live_chat.respond".to_owned()))]
    async fn accept_handoff(&self, ctx: &Context<'_>, handoff_id: ID) -> Result<Conversation> {
        let id = id("handoffId", &handoff_id)?;
        Ok(Conversation::of(handoff::accept(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }

    /// Takes a live chat over from the AI without a request. CONFLICT with NOT_LIVE when the visitor is not there.
    #[graphql(directive = requires::apply("live_chat.intervene".to_owned()))]
    async fn intervene(&self, ctx: &Context<'_>, conversation_id: ID) -> Result<Conversation> {
        let id = id("conversationId", &conversation_id)?;
        Ok(Conversation::of(handoff::intervene(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }

    /// Marks a chat that is the viewer's as complete; the visitor sees "Conversation ended", or what the organization says
    /// then. INVALID with MISSING where it wants a resolution.
    #[graphql(directive = requires::apply("live_chat.complete".to_owned()))]
    async fn complete_conversation(
        &self,
        ctx: &Context<'_>,
        conversation_id: ID,
        resolution: Option<Resolution>,
        note: Option<String>,
    ) -> Result<Conversation> {
        let id = id("conversationId", &conversation_id)?;
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        let closing = Closing { resolution: resolution.map(Into::into), note: ending::note(note.as_deref())? };
        Ok(Conversation::of(handoff::complete_with(services, actor, id, &closing).await?))
    }

    /// Sends what was said in a chat, as the visitor saw it, to an address. CONFLICT with NOTHING_SAID; FORBIDDEN with
    /// CLAIMED_BY_OTHER for a stub.
    #[graphql(directive = requires::apply("conversation.export".to_owned()))]
    async fn email_transcript(&self, ctx: &Context<'_>, conversation_id: ID, email: String) -> Result<bool> {
        let id = id("conversationId", &conversation_id)?;
        transcript::of_desk(services(ctx)?, &asking(ctx)?.actor, id, &email).await?;
        Ok(true)
    }

    /// Passes a chat that is the viewer's back to the AI; the visitor is told.
    #[graphql(directive = requires::apply("live_chat.return_to_ai".to_owned()))]
    async fn return_to_ai(&self, ctx: &Context<'_>, conversation_id: ID) -> Result<Conversation> {
        let id = id("conversationId", &conversation_id)?;
        Ok(Conversation::of(handoff::return_to_ai(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }

    /// Gives a chat that is the viewer's back to the queue.
    #[graphql(directive = requires::apply("live_chat.respond".to_owned()))]
    async fn release_conversation(&self, ctx: &Context<'_>, conversation_id: ID) -> Result<Conversation> {
        let id = id("conversationId", &conversation_id)?;
        Ok(Conversation::of(handoff::release(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }
}
