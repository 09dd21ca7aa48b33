//! Who is there: chosen by people, shown by signs of life, and what becomes of the chats of those who are gone.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;

use super::handoff::{Announcement, back_in_queue, change};
use super::{By, Services, coverage, hours, person_of, reach, role, routing, team};
use crate::domain::access::{Actor, Membership, Place};
use crate::domain::conversation::{EntryKind, HandoffState, Move, State};
use crate::domain::id::{AgencyId, ConversationId, OrganizationId, TeamId, UserId};
use crate::domain::permission::Permission;
use crate::domain::routing::{PRESENT_FOR, Presence, Sign};
use crate::domain::setting::{Key, Kind};
use crate::domain::tenant::User;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::store::{Reads, access, conversation, handoff, identity, locate, people, presence, routing as ways};

/// How long a noted sign of life is good for, so that many tabs and many messages are few writes.
const NOTED_FOR: Duration = Duration::from_secs(10);

/// How many people a roster names at most.
const ROSTER: i64 = 500;

/// How many silent chats are looked at in one go.
const SILENT: i64 = 200;

/// Two looks that lie further apart than this say that the server itself stood still.
const STOOD_STILL: Duration = Duration::from_secs(20);

/// When people were last noted to be there, on this node.
#[derive(Default)]
pub struct Signs(Mutex<HashMap<UserId, Time>>);

impl Signs {
    /// Whether a sign of that person should be kept now; whoever is told so keeps it.
    fn due(&self, user: UserId, now: Time) -> bool {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.get(&user).is_some_and(|at| now.since(*at) < NOTED_FOR) {
            return false;
        }
        noted.insert(user, now);
        true
    }

    /// Forgets those who have not been heard of for long.
    pub fn tidy(&self, now: Time) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.retain(|_, at| now.since(*at) < NOTED_FOR);
    }
}

/// Notes a sign of life of whoever asks. Kept in the database: any node may have to know.
pub async fn sign(s: &Services, actor: &Actor) -> Result<()> {
    let Some(person) = actor.person() else { return Ok(()) };
    let now = s.clock.now();
    if !s.signs.due(person.user, now) {
        return Ok(());
    }
    let scope = Scope::system(person.agency, "somebody is heard of");
    let mut unit = s.store.write().await?;
    presence::heard_of(&mut unit, &scope, person.user, now.minus(PRESENT_FOR), now).await?;
    unit.commit().await
}

/// The same, for whoever has something more important to do: what goes wrong is logged.
pub(super) async fn sign_quietly(s: &Services, actor: &Actor) {
    if let Err(error) = sign(s, actor).await {
        tracing::warn!(%error, cause = ?error.cause, "a sign of life was not kept");
    }
}

fn nothing_known(user: UserId) -> Sign {
    Sign { user, choice: Presence::Online, since: Time::default(), seen_at: Time::default(), lost: 0 }
}

/// One's own presence.
pub async fn own(s: &Services, actor: &Actor) -> Result<Sign> {
    let person = person_of(actor)?;
    s.policy.may_somewhere(actor, Permission::LiveChatRespond)?;
    let scope = Scope::system(person.agency, "one's own presence");
    let found = presence::signs_of(&mut s.store.read().await?, &scope, &[person.user]).await?.pop();
    Ok(found.unwrap_or_else(|| nothing_known(person.user)))
}

/// Chooses to be there, away or off. What one was being offered goes on to the next.
pub async fn choose(s: &Services, actor: &Actor, choice: Presence) -> Result<Sign> {
    let person = person_of(actor)?;
    s.policy.may_somewhere(actor, Permission::LiveChatRespond)?;
    if person.viewing_as.is_some() {
        return Err(super::viewing::refused());
    }
    let scope = Scope::system(person.agency, "one's own presence");
    let mut unit = s.store.write().await?;
    presence::choose(&mut unit, &scope, person.user, choice, s.clock.now()).await?;
    unit.commit().await?;
    own(s, actor).await
}

/// Notes that one was told of the chats that one lost while gone.
pub async fn told(s: &Services, actor: &Actor) -> Result<Sign> {
    let person = person_of(actor)?;
    s.policy.may_somewhere(actor, Permission::LiveChatRespond)?;
    let scope = Scope::system(person.agency, "one's own presence");
    let mut unit = s.store.write().await?;
    presence::told(&mut unit, &scope, person.user).await?;
    unit.commit().await?;
    own(s, actor).await
}

/// Those of some users who may do something at a place now: as their memberships are in this unit.
pub(super) async fn able(
    s: &Services,
    db: &mut impl Reads,
    users: &[UserId],
    permission: Permission,
    place: &Place,
) -> Result<Vec<UserId>> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let scope = Scope::system(place.agency, "who may answer there");
    let found = access::memberships_of_users(db, &scope, users).await?;
    role::learn(s, db, place.agency, found.iter().map(|(_, membership)| membership)).await?;
    let mut by_user: HashMap<UserId, Vec<Membership>> = HashMap::new();
    found.into_iter().for_each(|(user, membership)| by_user.entry(user).or_default().push(membership));
    // Whoever covers there now may as well.
    if let Some(organization) = place.organization {
        for (user, membership) in coverage::covering(s, db, place.agency, organization).await? {
            by_user.entry(user).or_default().push(membership);
        }
    }
    let demanded = people::demands_second_factor(db, place.agency).await?;
    let mut able = Vec::new();
    for user in users {
        let Some(memberships) = by_user.remove(user) else { continue };
        let actor = team::as_actor(place.agency, *user, memberships);
        let may = s.policy.may(&actor, permission, place);
        if may && !(demanded && identity::lacks_demanded_factor(db, place.agency, *user).await?) {
            able.push(*user);
        }
    }
    Ok(able)
}

/// Somebody who may answer at a place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ready {
    /// Who.
    pub user: UserId,
    /// Whether they are online.
    pub there: bool,
    /// Whether they have fewer chats than one may have.
    pub room: bool,
}

/// Everybody who may answer at a place, with whether they are there and have room.
pub(super) async fn ready(s: &Services, read: &mut impl Reads, place: &Place) -> Result<Vec<Ready>> {
    let Some(organization) = place.organization else { return Ok(Vec::new()) };
    let scope = Scope::system(place.agency, "who could answer there");
    let now = s.clock.now();
    let around = presence::around(read, &scope, organization, ROSTER).await?;
    let able = able(s, read, &around, Permission::LiveChatRespond, place).await?;
    let signs = presence::signs_of(read, &scope, &able).await?;
    let chats = presence::chats_of(read, &scope, &able).await?;
    let capacity = routing::number(s, read, place, Key::RoutingCapacity).await?;
    let there = |user: &UserId| signs.iter().any(|sign| sign.user == *user && sign.presence(now) == Presence::Online);
    let ready = able.iter().map(|user| Ready {
        user: *user,
        there: there(user),
        room: chats.get(user).copied().unwrap_or_default() < capacity,
    });
    Ok(ready.collect())
}

/// One line of a roster.
#[derive(Debug, Clone)]
pub struct OnRoster {
    /// Who.
    pub user: User,
    /// What they are now.
    pub presence: Presence,
    /// Since when; none when nothing was ever heard of them.
    pub since: Option<Time>,
    /// How many chats they have, wherever.
    pub chats: i64,
    /// The teams of the organization that they are in.
    pub teams: Vec<TeamId>,
}

/// Who could answer in an organization.
#[derive(Debug, Clone)]
pub struct Roster {
    /// Everybody who may, those who are there first.
    pub entries: Vec<OnRoster>,
    /// How many chats one of them has at a time.
    pub capacity: i64,
    /// Whether visitors are served now; none when no business hours are known.
    pub open: Option<bool>,
}

impl Roster {
    /// Whether nobody is there while somebody should be (A05).
    pub fn nobody_there(&self) -> bool {
        self.open != Some(false) && self.entries.iter().all(|one| one.presence != Presence::Online)
    }
}

/// Who is on, away and off in an organization, with how many chats of how many.
pub async fn roster(s: &Services, actor: &Actor, organization: OrganizationId) -> Result<Roster> {
    let scope = reach(s, actor, Permission::LiveChatViewQueue, Some(organization)).await?;
    let now = s.clock.now();
    let place = Place::organization(scope.agency(), organization);
    let mut read = s.store.read().await?;
    let around = presence::around(&mut read, &scope, organization, ROSTER).await?;
    let able = able(s, &mut read, &around, Permission::LiveChatRespond, &place).await?;
    let signs = presence::signs_of(&mut read, &scope, &able).await?;
    let chats = presence::chats_of(&mut read, &scope, &able).await?;
    let teams: Vec<TeamId> = ways::teams(&mut read, &scope, organization).await?.iter().map(|team| team.id).collect();
    let members = ways::members_of(&mut read, &scope, &teams).await?;
    let users = identity::users_of(&mut read, &scope, &able).await?;
    let capacity = routing::number(s, &mut read, &place, Key::RoutingCapacity).await?;
    let open = hours::open_at(&mut read, scope.agency(), organization, now).await?;
    let mut entries: Vec<OnRoster> = users
        .into_iter()
        .map(|user| {
            let sign = signs.iter().find(|sign| sign.user == user.id);
            OnRoster {
                presence: sign.map_or(Presence::Offline, |sign| sign.presence(now)),
                since: sign.map(|sign| sign.since(now)).filter(|at| *at > Time::default()),
                chats: chats.get(&user.id).copied().unwrap_or_default(),
                teams: teams
                    .iter()
                    .filter(|id| members.get(id).is_some_and(|all| all.contains(&user.id)))
                    .copied()
                    .collect(),
                user,
            }
        })
        .collect();
    entries.sort_by(|a, b| (a.presence, &a.user.name, a.user.id).cmp(&(b.presence, &b.user.name, b.user.id)));
    Ok(Roster { entries, capacity, open })
}

/// Since when this node has been looking without a break: nobody is taken for gone for a silence that may be its own.
#[derive(Debug, Clone, Copy)]
pub struct Watch {
    since: Time,
    last: Time,
}

impl Watch {
    /// A watch that begins now.
    pub fn new(now: Time) -> Self {
        Self { since: now, last: now }
    }

    /// A watch that has been kept since then, and last a moment ago.
    pub fn kept(since: Time, last: Time) -> Self {
        Self { since, last }
    }
}

/// Looks for chats whose operator has given no sign of life for too long, and puts them back into the queue. After a start, a
/// standstill or a look that failed everybody has a whole period again.
///
/// # Errors
/// UNAVAILABLE when the database cannot be asked.
pub async fn look(s: &Services, watch: &mut Watch) -> Result<usize> {
    let now = s.clock.now();
    if now.since(watch.last) > STOOD_STILL {
        watch.since = now;
    }
    watch.last = now;
    let looked = put_back(s, watch.since, now).await;
    if looked.is_err() {
        watch.since = now;
    }
    looked
}

async fn put_back(s: &Services, watched_since: Time, now: Time) -> Result<usize> {
    let Kind::Integer(least, _) = Key::RoutingGoneSeconds.definition().kind else { return Ok(0) };
    let least = Duration::from_secs(u64::try_from(least).unwrap_or(0));
    if now.since(watched_since) < least {
        return Ok(0);
    }
    let mut read = s.store.read().await?;
    let silent = locate::held_in_silence(&mut read, now.minus(least), SILENT).await?;
    let mut periods: HashMap<Option<OrganizationId>, Duration> = HashMap::new();
    let mut due = Vec::new();
    for (agency, organization, id, user) in silent {
        let period = match periods.get(&organization) {
            Some(period) => *period,
            None => {
                let place = Place { agency, organization, ai_agent: None };
                let seconds = routing::number(s, &mut read, &place, Key::RoutingGoneSeconds).await?;
                let period = Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX));
                periods.insert(organization, period);
                period
            }
        };
        if now.since(watched_since) >= period {
            due.push((agency, id, user, period));
        }
    }
    drop(read);
    let mut gone = 0;
    for (agency, id, user, period) in due {
        gone += usize::from(put_back_one(s, agency, id, user, now.minus(period), now).await?);
    }
    Ok(gone)
}

/// Puts one chat back, unless its operator has been heard of or it has changed hands meanwhile.
async fn put_back_one(
    s: &Services,
    agency: AgencyId,
    id: ConversationId,
    user: UserId,
    silent_since: Time,
    now: Time,
) -> Result<bool> {
    let scope = Scope::system(agency, "an operator is gone");
    let mut unit = s.store.write().await?;
    identity::lock_user(&mut unit, &scope, user).await?;
    let sign = presence::signs_of(&mut unit, &scope, &[user]).await?.pop();
    if sign.is_some_and(|sign| sign.seen_at > silent_since) {
        return unit.undo().await.map(|()| false);
    }
    let row = conversation::conversation(&mut unit, &scope, id).await?;
    let Some(row) = row.filter(|row| row.state == State::Human && row.assignee == Some(user)) else {
        return unit.undo().await.map(|()| false);
    };
    let words = "The connection to our colleague was lost. You are back in the queue; somebody else will join soon.";
    let words = Announcement::of(EntryKind::Released, words);
    match change(s, &mut unit, &scope, &row, Move::Requeue, None, words, now).await {
        Ok(_) => {}
        Err(error) if error.reason == "CHANGED_MEANWHILE" => return Ok(false),
        Err(error) => return Err(error),
    }
    if let Some(handoff) = row.handoff {
        handoff::settle(&mut unit, &scope, handoff, HandoffState::Requested, None, now).await?;
        back_in_queue(&mut unit, &scope, handoff, Some(user)).await?;
    }
    presence::lost_one(&mut unit, &scope, user).await?;
    let by = By { actor: "house", organization: row.organization };
    let from = super::transfer::name_of(&mut unit, &scope, Some(user)).await?;
    let detail = json!({ "from": from, "because": "GONE" });
    s.note(&mut unit, &scope, &by, "conversation.requeued", id, detail).await?;
    unit.commit().await?;
    routing::lead_quietly(s, &row).await;
    Ok(true)
}

/// People by id, of a roster or a team that may be seen.
pub async fn signs_of(s: &Services, agency: AgencyId, users: &[UserId]) -> Result<Vec<Sign>> {
    let scope = Scope::system(agency, "the presence of people who may be seen");
    presence::signs_of(&mut s.store.read().await?, &scope, users).await
}

/// Whether somebody is there now, as it is in this unit.
pub(super) async fn presence_of(s: &Services, db: &mut impl Reads, scope: &Scope, user: UserId) -> Result<Presence> {
    let found = presence::signs_of(db, scope, &[user]).await?.pop();
    Ok(found.map_or(Presence::Offline, |sign| sign.presence(s.clock.now())))
}

/// The organization of a place.
///
/// # Errors
/// CONFLICT when there is none.
pub(super) fn organization_of(place: &Place) -> Result<OrganizationId> {
    place
        .organization
        .ok_or_else(|| Error::conflict("AI_AGENT_UNASSIGNED", "The AI agent is not assigned to an organization."))
}
