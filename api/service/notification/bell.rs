//! The bell: what somebody was told of, and what of it they have not read.

use std::collections::HashMap;

use futures_util::{Stream, stream};
use tokio::sync::watch;

use super::{Happened, Recipient, may_see, tell};
use crate::domain::access::{Actor, Place};
use crate::domain::change::Change;
use crate::domain::id::{AiAgentId, NotificationId, OrganizationId, UserId};
use crate::domain::mail::{Letter, Told as ToldOf};
use crate::domain::notification::{Kind, Through, title};
use crate::domain::page::{Page, Rows};
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::live::{Heard, Listener, News, Topic};
use crate::policy::Scope;
use crate::service::{Services, identity, person_of, push};
use crate::store::notification::{self as store, Notification};
use crate::store::{Reads, agency, agent};

/// How many unread entries are counted at most.
pub const COUNTED: usize = 100;

/// An entry, and what its place is called.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The entry.
    pub kept: Notification,
    /// Name of the organization.
    pub organization: Option<String>,
    /// Name of the AI agent.
    pub ai_agent: Option<String>,
}

fn own(actor: &Actor) -> Result<(UserId, Scope)> {
    let person = person_of(actor)?;
    Ok((person.user, Scope::system(person.agency, "what somebody was told")))
}

/// Whether somebody may still see what they were told of.
fn sees(s: &Services, actor: &Actor, scope: &Scope, entry: &Notification) -> bool {
    let place = Place { agency: scope.agency(), organization: entry.organization, ai_agent: entry.ai_agent };
    may_see(s, actor, entry.kind, &place)
}

async fn named(read: &mut impl Reads, scope: &Scope, rows: Vec<Notification>) -> Result<Vec<Entry>> {
    let places: Vec<OrganizationId> = rows.iter().filter_map(|row| row.organization).collect();
    let agents: Vec<AiAgentId> = rows.iter().filter_map(|row| row.ai_agent).collect();
    let places: HashMap<OrganizationId, String> =
        agency::organizations_of(read, scope, &places).await?.into_iter().map(|place| (place.id, place.name)).collect();
    let agents: HashMap<AiAgentId, String> =
        agent::ai_agents_of(read, scope, &agents).await?.into_iter().map(|agent| (agent.id, agent.name)).collect();
    Ok(rows
        .into_iter()
        .map(|kept| Entry {
            organization: kept.organization.and_then(|id| places.get(&id).cloned()),
            ai_agent: kept.ai_agent.and_then(|id| agents.get(&id).cloned()),
            kept,
        })
        .collect())
}

/// What the person was told of, the newest first; only what they have not read, or all. What they may not see any more is left
/// out.
pub async fn entries(
    s: &Services,
    actor: &Actor,
    unread: bool,
    page: &Page<(Time, NotificationId)>,
) -> Result<Rows<Entry>> {
    let (user, scope) = own(actor)?;
    let mut read = s.store.read().await?;
    let mut found = store::entries(&mut read, &scope, user, unread, page).await?;
    found.rows.retain(|entry| sees(s, actor, &scope, entry));
    Ok(Rows { rows: named(&mut read, &scope, found.rows).await?, more: found.more })
}

/// How many entries the person has not read: [`COUNTED`] at most.
pub async fn unread(s: &Services, actor: &Actor) -> Result<usize> {
    let (user, scope) = own(actor)?;
    let page = Page { first: COUNTED, after: None };
    let found = store::entries(&mut s.store.read().await?, &scope, user, true, &page).await?;
    Ok(found.rows.iter().filter(|entry| sees(s, actor, &scope, entry)).count())
}

/// Notes that the person has read some entries, or all. Gives how many are left.
pub async fn read(s: &Services, actor: &Actor, ids: Option<&[NotificationId]>) -> Result<usize> {
    let (user, scope) = own(actor)?;
    let mut unit = s.store.write().await?;
    if store::read(&mut unit, &scope, user, ids, s.clock.now()).await? > 0 {
        unit.note(Change::Notification { user, entry: None });
    }
    unit.commit().await?;
    unread(s, actor).await
}

/// Tells the person something of no meaning by one way, to try whether it arrives.
///
/// # Errors
/// CONFLICT with NO_DEVICE where no device is registered for push; RATE_LIMITED.
pub async fn try_out(s: &Services, actor: &Actor, through: Through) -> Result<()> {
    let person = person_of(actor)?;
    s.limits.test_notification(person.user)?;
    let scope = Scope::system(person.agency, "a test notification");
    let now = s.clock.now();
    let id: NotificationId = s.ids.next(now);
    let happened = Happened {
        preview: Some("It reached you, so others will.".to_owned()),
        link: "/notifications".to_owned(),
        asked: Some(vec![through]),
        ..Happened::of_house(id.to_string(), Kind::Test, title(Kind::Test, "", None))
    };
    if through == Through::Push && push::devices(s, actor).await?.is_empty() {
        let message = "No device is registered: switch push on where you want to have it.";
        return Err(Error::conflict("NO_DEVICE", message));
    }
    let mut unit = s.store.write().await?;
    let user = crate::store::identity::users_of(&mut unit, &scope, &[person.user]).await?.pop();
    let user = user.ok_or_else(|| Error::not_found("user"))?;
    let recipient = Recipient {
        user: Some(person.user),
        address: user.email,
        contact: true,
        content: true,
        admin: false,
        concerned: true,
    };
    let letter = |_: &Recipient| {
        Letter::Told(Box::new(ToldOf {
            title: happened.title.clone(),
            preview: happened.preview.clone(),
            link: happened.link.clone(),
        }))
    };
    tell(s, &mut unit, person.agency, &happened, &[recipient], letter).await?;
    unit.commit().await
}

/// What happens at somebody's bell.
#[derive(Debug, Clone)]
pub enum BellEvent {
    /// There is a new entry, or one that was there has happened again.
    Arrived {
        /// The entry.
        entry: Box<Entry>,
        /// How many are unread.
        unread: usize,
    },
    /// How many are unread now: when one begins to listen, and when some were read.
    Changed {
        /// How many.
        unread: usize,
    },
}

struct Listening {
    s: Services,
    actor: Actor,
    listener: Listener,
    authority: watch::Receiver<u64>,
    waiting: Option<BellEvent>,
    over: bool,
}

impl Listening {
    async fn next(&mut self) -> Option<Result<BellEvent>> {
        loop {
            if let Some(event) = self.waiting.take() {
                return Some(Ok(event));
            }
            if self.over {
                return None;
            }
            let stepped = tokio::select! {
                biased;
                changed = self.authority.changed() => match changed {
                    Ok(()) => Box::pin(self.ask_again()).await,
                    Err(_) => { self.over = true; Ok(()) }
                },
                heard = self.listener.hear() => match heard {
                    Heard::News(News::Notified(Some(id))) => Box::pin(self.arrived(id)).await,
                    Heard::Missed | Heard::News(_) => Box::pin(self.changed()).await,
                },
            };
            if let Err(error) = stepped {
                self.over = true;
                return Some(Err(error));
            }
        }
    }

    async fn ask_again(&mut self) -> Result<()> {
        self.actor = identity::again(&self.s, &self.actor).await?;
        self.changed().await
    }

    async fn changed(&mut self) -> Result<()> {
        self.waiting = Some(BellEvent::Changed { unread: unread(&self.s, &self.actor).await? });
        Ok(())
    }

    async fn arrived(&mut self, id: NotificationId) -> Result<()> {
        let (user, scope) = own(&self.actor)?;
        let mut read = self.s.store.read().await?;
        let found = store::entry(&mut read, &scope, user, id).await?;
        let found = found.filter(|entry| sees(&self.s, &self.actor, &scope, entry));
        let entry = named(&mut read, &scope, found.into_iter().collect()).await?.pop();
        drop(read);
        let unread = unread(&self.s, &self.actor).await?;
        self.waiting = Some(match entry {
            Some(entry) => BellEvent::Arrived { entry: Box::new(entry), unread },
            None => BellEvent::Changed { unread },
        });
        Ok(())
    }
}

/// Follows the person's bell: first how many entries are unread, then what arrives and what is read, here or elsewhere.
pub async fn events(s: &Services, actor: &Actor) -> Result<impl Stream<Item = Result<BellEvent>> + Send + use<>> {
    let mut authority = s.hub.authority();
    authority.mark_unchanged();
    let actor = identity::again(s, actor).await?;
    let user = person_of(&actor)?.user;
    let listener = s.hub.listen(Topic::User(user), false);
    let mut listening = Listening { s: s.clone(), actor, listener, authority, waiting: None, over: false };
    listening.changed().await?;
    Ok(stream::unfold(listening, |mut listening| async move {
        let event = listening.next().await?;
        Some((event, listening))
    }))
}
