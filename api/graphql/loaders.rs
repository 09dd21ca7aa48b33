//! Loaders: what several rows of one answer need is read at once. New for each request, so that nothing is shared across
//! people; within one subscription they batch without keeping anything.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::{DataLoader, Loader, NoCache};

use crate::domain::access::Actor;
use crate::domain::agent::{AiAgent, Visitor, Widget};
use crate::domain::conversation::{Conversation, Handoff};
use crate::domain::ending::{Ending, Rating};
use crate::domain::id::{AiAgentId, ConversationId, HandoffId, OrganizationId, TeamId, UserId, VisitorId};
use crate::domain::routing::{Route, Team};
use crate::domain::tenant::{Organization, User};
use crate::error::Error;
use crate::service::ladder::Taken;
use crate::service::organization::Counts;
use crate::service::{
    Services, access, agency, agent, conversation, ending, handoff, image as pictures, ladder, organization, routing,
    visitor, widget, words,
};

/// Reads things of the asker's agency by id. Whoever uses one has been allowed to see the thing that names the id.
pub struct Batch {
    services: Services,
    actor: Actor,
}

macro_rules! loads {
    ($key:ty => $value:ty, $function:path, $id:expr) => {
        impl Loader<$key> for Batch {
            type Value = $value;
            type Error = Arc<Error>;

            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, $value>, Arc<Error>> {
                let found = $function(&self.services, &self.actor, keys).await?;
                Ok(found.into_iter().map(|value| ($id(&value), value)).collect())
            }
        }
    };
}

loads!(UserId => User, access::users_of, |user: &User| user.id);
loads!(OrganizationId => Organization, agency::organizations_of, |organization: &Organization| organization.id);
loads!(VisitorId => Visitor, visitor::visitors_of, |visitor: &Visitor| visitor.id);
loads!(HandoffId => Handoff, handoff::handoffs_of, |handoff: &Handoff| handoff.id);
loads!(ConversationId => Arc<Conversation>, conversation::conversations_of, |row: &Arc<Conversation>| row.id);
loads!(AiAgentId => AiAgent, agent::ai_agents_of, |agent: &AiAgent| agent.id);

loads!(TeamId => Team, routing::teams_of, |team: &Team| team.id);

/// The way of a request, asked for by its handoff; none while nothing is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RouteOf(pub HandoffId);

impl Loader<RouteOf> for Batch {
    type Value = Route;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[RouteOf]) -> Result<HashMap<RouteOf, Route>, Arc<Error>> {
        let ids: Vec<HandoffId> = keys.iter().map(|key| key.0).collect();
        let found = routing::routes_of(&self.services, &self.actor, &ids).await?;
        Ok(found.into_iter().map(|route| (RouteOf(route.handoff), route)).collect())
    }
}

/// A widget is asked for by its AI agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WidgetOf(pub AiAgentId);

impl Loader<WidgetOf> for Batch {
    type Value = Widget;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[WidgetOf]) -> Result<HashMap<WidgetOf, Widget>, Arc<Error>> {
        let ids: Vec<AiAgentId> = keys.iter().map(|key| key.0).collect();
        let found = widget::widgets_of(&self.services, &self.actor, &ids).await?;
        Ok(found.into_iter().map(|widget| (WidgetOf(widget.ai_agent), widget)).collect())
    }
}

/// What the steps of a handoff's ladder came to, asked for by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StepsOf(pub HandoffId);

impl Loader<StepsOf> for Batch {
    type Value = Vec<Taken>;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[StepsOf]) -> Result<HashMap<StepsOf, Vec<Taken>>, Arc<Error>> {
        let ids: Vec<HandoffId> = keys.iter().map(|key| key.0).collect();
        let mut found: HashMap<StepsOf, Vec<Taken>> = HashMap::new();
        for taken in ladder::steps_of(&self.services, &self.actor, &ids).await? {
            found.entry(StepsOf(taken.handoff)).or_default().push(taken);
        }
        Ok(found)
    }
}

/// How full an organization is, asked for by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CountsOf(pub OrganizationId);

impl Loader<CountsOf> for Batch {
    type Value = Counts;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[CountsOf]) -> Result<HashMap<CountsOf, Counts>, Arc<Error>> {
        let ids: Vec<OrganizationId> = keys.iter().map(|key| key.0).collect();
        let found = organization::counts_of(&self.services, &self.actor, &ids).await?;
        Ok(found.into_iter().map(|(id, counts)| (CountsOf(id), counts)).collect())
    }
}

/// Language and time zone of an organization, asked for by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LocaleOf(pub OrganizationId);

impl Loader<LocaleOf> for Batch {
    type Value = (String, String);
    type Error = Arc<Error>;

    async fn load(&self, keys: &[LocaleOf]) -> Result<HashMap<LocaleOf, (String, String)>, Arc<Error>> {
        let ids: Vec<OrganizationId> = keys.iter().map(|key| key.0).collect();
        let found = organization::locales_of(&self.services, &self.actor, &ids).await?;
        Ok(found.into_iter().map(|(id, locale)| (LocaleOf(id), locale)).collect())
    }
}

/// The path of an organization's logo, asked for by its id; none when it has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LogoOf(pub OrganizationId);

impl Loader<LogoOf> for Batch {
    type Value = Option<String>;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[LogoOf]) -> Result<HashMap<LogoOf, Option<String>>, Arc<Error>> {
        let ids: Vec<OrganizationId> = keys.iter().map(|key| key.0).collect();
        let mut found = pictures::logos_of(&self.services, &self.actor, &ids).await?;
        Ok(keys.iter().map(|key| (*key, found.remove(&key.0))).collect())
    }
}

/// Within how many seconds people should first answer, asked for by the organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FirstResponseOf(pub OrganizationId);

impl Loader<FirstResponseOf> for Batch {
    type Value = u64;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[FirstResponseOf]) -> Result<HashMap<FirstResponseOf, u64>, Arc<Error>> {
        let ids: Vec<OrganizationId> = keys.iter().map(|key| key.0).collect();
        let found = words::first_response_seconds(&self.services, &self.actor, &ids).await?;
        Ok(found.into_iter().map(|(id, seconds)| (FirstResponseOf(id), seconds)).collect())
    }
}

/// How a handoff was completed, asked for by its id; none while it was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EndingOf(pub HandoffId);

impl Loader<EndingOf> for Batch {
    type Value = Ending;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[EndingOf]) -> Result<HashMap<EndingOf, Ending>, Arc<Error>> {
        let ids: Vec<HandoffId> = keys.iter().map(|key| key.0).collect();
        let found = ending::endings_of(&self.services, &self.actor, &ids).await?;
        Ok(found.into_iter().map(|ending| (EndingOf(ending.handoff), ending)).collect())
    }
}

/// How a visitor found a handoff, asked for by its id; none while nobody has said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RatingOf(pub HandoffId);

impl Loader<RatingOf> for Batch {
    type Value = Rating;
    type Error = Arc<Error>;

    async fn load(&self, keys: &[RatingOf]) -> Result<HashMap<RatingOf, Rating>, Arc<Error>> {
        let ids: Vec<HandoffId> = keys.iter().map(|key| key.0).collect();
        let found = ending::ratings_of(&self.services, &self.actor, &ids).await?;
        Ok(found.into_iter().map(|rating| (RatingOf(rating.handoff), rating)).collect())
    }
}

/// The loader of one request.
pub struct Loaders(DataLoader<Batch, NoCache>);

impl Loaders {
    /// For one request of that actor.
    pub fn new(services: &Services, actor: &Actor) -> Self {
        let batch = Batch { services: services.clone(), actor: actor.clone() };
        Self(DataLoader::new(batch, tokio::spawn))
    }

    /// The thing of that id.
    ///
    /// # Errors
    /// NOT_FOUND if there is none, which a foreign key rules out.
    pub async fn one<K>(&self, key: K, noun: &'static str) -> Result<<Batch as Loader<K>>::Value, Arc<Error>>
    where
        K: Send + Sync + std::hash::Hash + Eq + Clone + 'static,
        Batch: Loader<K, Error = Arc<Error>>,
    {
        self.0.load_one(key).await?.ok_or_else(|| Arc::new(Error::not_found(noun)))
    }

    /// The thing of that id, if there is one: for what no foreign key holds.
    pub async fn maybe<K>(&self, key: K) -> Result<Option<<Batch as Loader<K>>::Value>, Arc<Error>>
    where
        K: Send + Sync + std::hash::Hash + Eq + Clone + 'static,
        Batch: Loader<K, Error = Arc<Error>>,
    {
        self.0.load_one(key).await
    }
}
