//! Who is there, teams, and chats that go from hand to hand.

use async_graphql::{ComplexObject, Context, Enum, ID, Object, Result, SimpleObject};

use super::conversation::Conversation;
use super::identity::User;
use super::{asking, loaders, services};
use crate::domain::id::{TeamId, UserId};
use crate::domain::routing as domain;
use crate::error::Error;
use crate::graphql::wire::{Time, id, mirror, optional_id, requires};
use crate::live;
use crate::service::presence::{self, OnRoster};
use crate::service::routing;
use crate::service::transfer::{self, Said, To};

mirror! {
    /// Whether somebody is there to answer.
    Presence = crate::domain::routing::Presence {
        /// There, and takes chats.
        Online,
        /// There, and takes no new ones.
        Away,
        /// Not there, or does not want to be.
        Offline,
    }
}

/// Somebody who looks at a conversation now.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("conversation.read".to_owned()))]
pub struct Looker {
    /// The user's id.
    pub id: ID,
    /// The name.
    pub name: String,
}

impl Looker {
    /// Wraps one.
    pub fn of(looker: live::Looker) -> Self {
        Self { id: looker.user.to_string().into(), name: looker.name.to_string() }
    }
}

/// A chat that went to a colleague or to a team.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex, directive = requires::apply("conversation.read".to_owned()))]
pub struct Transfer {
    /// The number of the entry that told the visitor.
    pub seq: i64,
    /// When.
    pub at: Time,
    /// The name of the team it went to; null when it went to somebody.
    pub team_name: Option<String>,
    /// What was said to whoever goes on with it; never shown to the visitor, and null without `conversation.note`.
    pub note: Option<String>,
    #[graphql(skip)]
    from_user: UserId,
    #[graphql(skip)]
    to_user: Option<UserId>,
}

impl Transfer {
    /// Wraps one; `notes` says whether the viewer may read what colleagues said with it.
    pub fn of(transfer: domain::Transfer, notes: bool) -> Self {
        Self {
            seq: transfer.seq,
            at: transfer.at.into(),
            team_name: transfer.team_name,
            note: Some(transfer.note).filter(|note| notes && !note.is_empty()),
            from_user: transfer.from,
            to_user: transfer.to_user,
        }
    }
}

#[ComplexObject]
impl Transfer {
    /// Who gave it.
    #[graphql(directive = requires::apply("conversation.read".to_owned()))]
    async fn from(&self, ctx: &Context<'_>) -> Result<User> {
        Ok(User::of(loaders(ctx)?.one(self.from_user, "user").await?))
    }

    /// Who got it; null when it went to a team.
    #[graphql(directive = requires::apply("conversation.read".to_owned()))]
    async fn to(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        match self.to_user {
            Some(id) => Ok(Some(User::of(loaders(ctx)?.one(id, "user").await?))),
            None => Ok(None),
        }
    }
}

/// Some operators of an organization, and what they are the right ones for.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex, directive = requires::apply("live_chat.view_queue".to_owned()))]
pub struct Team {
    /// The id: `tem_...`.
    pub id: ID,
    /// Its name.
    pub name: String,
    /// What kinds of queries it is for: a request with one of these words in it goes to the team.
    pub topics: Vec<String>,
    #[graphql(skip)]
    of: domain::Team,
}

impl Team {
    /// Wraps one.
    pub fn of(team: domain::Team) -> Self {
        Self {
            id: team.id.to_string().into(),
            name: team.name.clone(),
            topics: team.topics.lines().map(str::to_owned).collect(),
            of: team,
        }
    }
}

#[ComplexObject]
impl Team {
    /// Who is in it, of those who may answer live chats now.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn members(&self, ctx: &Context<'_>) -> Result<Vec<User>> {
        Ok(routing::members(services(ctx)?, &self.of).await?.into_iter().map(User::of).collect())
    }
}

/// One's own presence.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("live_chat.respond".to_owned()))]
pub struct OwnPresence {
    /// What one is now.
    pub presence: Presence,
    /// What one chose to be.
    pub choice: Presence,
    /// Since when.
    pub since: Option<Time>,
    /// How many chats went back to the queue while one was gone; nought once that was seen.
    pub lost_chats: i64,
}

impl OwnPresence {
    fn of(ctx: &Context<'_>, sign: domain::Sign) -> Result<Self> {
        let now = services(ctx)?.clock.now();
        Ok(Self {
            presence: sign.presence(now).into(),
            choice: sign.choice.into(),
            since: Some(sign.since(now)).filter(|at| *at > crate::domain::time::Time::default()).map(Into::into),
            lost_chats: sign.lost,
        })
    }
}

/// Somebody who may answer live chats.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
pub struct RosterEntry {
    /// Who.
    pub user: User,
    /// Whether they are there.
    pub presence: Presence,
    /// Since when; null when nothing was ever heard of them.
    pub since: Option<Time>,
    /// How many chats they have.
    pub chats: i64,
    /// Ids of the teams that they are in.
    pub team_ids: Vec<ID>,
}

impl RosterEntry {
    fn of(entry: OnRoster) -> Self {
        Self {
            user: User::of(entry.user),
            presence: entry.presence.into(),
            since: entry.since.map(Into::into),
            chats: entry.chats,
            team_ids: entry.teams.iter().map(|team: &TeamId| team.to_string().into()).collect(),
        }
    }
}

/// Who could answer in an organization now.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
pub struct Roster {
    /// Everybody who may, those who are there first.
    pub entries: Vec<RosterEntry>,
    /// How many chats one of them has at a time.
    pub capacity: i64,
    /// Whether it is open by its business hours; null when it has none.
    pub open: Option<bool>,
    /// Whether nobody is there although somebody should be.
    pub nobody_there: bool,
}

/// Queries of presence and teams.
#[derive(Default)]
pub struct RoutingQuery;

#[Object]
impl RoutingQuery {
    /// The viewer's own presence.
    #[graphql(directive = requires::apply("live_chat.respond".to_owned()))]
    async fn presence(&self, ctx: &Context<'_>) -> Result<OwnPresence> {
        OwnPresence::of(ctx, presence::own(services(ctx)?, &asking(ctx)?.actor).await?)
    }

    /// Who is on, away and off in an organization, and how many chats each has.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn roster(&self, ctx: &Context<'_>, organization_id: ID) -> Result<Roster> {
        let organization = id("organizationId", &organization_id)?;
        let found = presence::roster(services(ctx)?, &asking(ctx)?.actor, organization).await?;
        Ok(Roster {
            capacity: found.capacity,
            open: found.open,
            nobody_there: found.nobody_there(),
            entries: found.entries.into_iter().map(RosterEntry::of).collect(),
        })
    }

    /// The teams of an organization, by name.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn teams(&self, ctx: &Context<'_>, organization_id: ID) -> Result<Vec<Team>> {
        let organization = id("organizationId", &organization_id)?;
        let found = routing::teams(services(ctx)?, &asking(ctx)?.actor, organization).await?;
        Ok(found.into_iter().map(Team::of).collect())
    }
}

/// Choosing to be there, and looking after teams.
#[derive(Default)]
pub struct RoutingMutation;

#[Object]
impl RoutingMutation {
    /// Chooses to be there, away or off. Whoever gives no sign of life for a minute is off, whatever they chose.
    #[graphql(directive = requires::apply("live_chat.respond".to_owned()))]
    async fn set_presence(&self, ctx: &Context<'_>, presence: Presence) -> Result<OwnPresence> {
        OwnPresence::of(ctx, presence::choose(services(ctx)?, &asking(ctx)?.actor, presence.into()).await?)
    }

    /// Says that the viewer has seen how many chats went back to the queue while they were gone.
    #[graphql(directive = requires::apply("live_chat.respond".to_owned()))]
    async fn acknowledge_lost_chats(&self, ctx: &Context<'_>) -> Result<OwnPresence> {
        OwnPresence::of(ctx, presence::told(services(ctx)?, &asking(ctx)?.actor).await?)
    }

    /// Makes a team. CONFLICT with NAME_TAKEN or TOO_MANY.
    #[graphql(directive = requires::apply("routing.edit".to_owned()))]
    async fn create_team(
        &self,
        ctx: &Context<'_>,
        client_id: String,
        organization_id: ID,
        name: String,
        topics: Option<Vec<String>>,
    ) -> Result<Team> {
        let organization = id("organizationId", &organization_id)?;
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        let topics = topics.unwrap_or_default();
        Ok(Team::of(routing::create_team(services, actor, &client_id, organization, &name, &topics).await?))
    }

    /// Changes name and topics of a team. CONFLICT with NAME_TAKEN.
    #[graphql(directive = requires::apply("routing.edit".to_owned()))]
    async fn update_team(&self, ctx: &Context<'_>, team_id: ID, name: String, topics: Vec<String>) -> Result<Team> {
        let id = id("teamId", &team_id)?;
        Ok(Team::of(routing::update_team(services(ctx)?, &asking(ctx)?.actor, id, &name, &topics).await?))
    }

    /// Removes a team. What waits for it waits for everybody then.
    #[graphql(directive = requires::apply("routing.edit".to_owned()))]
    async fn delete_team(&self, ctx: &Context<'_>, team_id: ID) -> Result<bool> {
        let id = id("teamId", &team_id)?;
        routing::delete_team(services(ctx)?, &asking(ctx)?.actor, id).await?;
        Ok(true)
    }

    /// Puts somebody into a team. CONFLICT with CANNOT_ANSWER when they may not answer live chats there.
    #[graphql(directive = requires::apply("routing.edit".to_owned()))]
    async fn add_team_member(&self, ctx: &Context<'_>, team_id: ID, user_id: ID) -> Result<Team> {
        let (team, user) = (id("teamId", &team_id)?, id("userId", &user_id)?);
        Ok(Team::of(routing::list_member(services(ctx)?, &asking(ctx)?.actor, team, user, true).await?))
    }

    /// Takes somebody out of a team.
    #[graphql(directive = requires::apply("routing.edit".to_owned()))]
    async fn remove_team_member(&self, ctx: &Context<'_>, team_id: ID, user_id: ID) -> Result<Team> {
        let (team, user) = (id("teamId", &team_id)?, id("userId", &user_id)?);
        Ok(Team::of(routing::list_member(services(ctx)?, &asking(ctx)?.actor, team, user, false).await?))
    }
}

/// Chats that go from hand to hand.
#[derive(Default)]
pub struct TransferMutation;

#[Object]
impl TransferMutation {
    /// Gives a chat that is the viewer's to a colleague or to a team, with a note that the visitor never sees. CONFLICT with
    /// NOT_YOURS, CANNOT_ANSWER or AT_CAPACITY; with NOT_THERE or NOBODY_THERE unless it is wanted `anyway`.
    #[graphql(directive = requires::apply("live_chat.transfer".to_owned()))]
    async fn transfer_conversation(
        &self,
        ctx: &Context<'_>,
        conversation_id: ID,
        user_id: Option<ID>,
        team_id: Option<ID>,
        note: Option<String>,
        anyway: Option<bool>,
    ) -> Result<Conversation> {
        let id = id("conversationId", &conversation_id)?;
        let user = optional_id("userId", user_id.as_ref())?;
        let team = optional_id("teamId", team_id.as_ref())?;
        let to = match (user, team) {
            (Some(user), None) => To::Operator(user),
            (None, Some(team)) => To::Team(team),
            _ => return Err(Error::invalid("userId", "ONE_OF", "Choose a colleague or a team.").into()),
        };
        let said = Said { note: note.unwrap_or_default(), anyway: anyway.unwrap_or_default() };
        Ok(Conversation::of(transfer::transfer(services(ctx)?, &asking(ctx)?.actor, id, to, said).await?))
    }

    /// Gives a chat that somebody has, or a request that waits, to somebody. Refused as a transfer is.
    #[graphql(directive = requires::apply("live_chat.reassign".to_owned()))]
    async fn reassign_conversation(
        &self,
        ctx: &Context<'_>,
        conversation_id: ID,
        user_id: ID,
        note: Option<String>,
        anyway: Option<bool>,
    ) -> Result<Conversation> {
        let (id, user) = (id("conversationId", &conversation_id)?, id("userId", &user_id)?);
        let said = Said { note: note.unwrap_or_default(), anyway: anyway.unwrap_or_default() };
        Ok(Conversation::of(transfer::reassign(services(ctx)?, &asking(ctx)?.actor, id, user, said).await?))
    }

    /// Puts a chat that somebody has back into the queue.
    #[graphql(directive = requires::apply("live_chat.release".to_owned()))]
    async fn requeue_conversation(&self, ctx: &Context<'_>, conversation_id: ID) -> Result<Conversation> {
        let id = id("conversationId", &conversation_id)?;
        Ok(Conversation::of(transfer::requeue(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }
}
