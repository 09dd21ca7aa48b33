//! Teams, and whose turn a request is: offered to one after the other, open to all when nobody is left.
//!
//! An offer is written while the conversation's row is held on the version that was read, and accepting looks at it under the
//! same lock. Whose turn it is is decided under the organization's lock, so that several nodes take turns as one.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::json;

use super::presence::{able, organization_of};
use super::{By, Services, doer_of, reach, setting, user_of, visitor_of};
use crate::domain::access::{Actor, Place};
use crate::domain::change::Change;
use crate::domain::conversation::{Conversation, Handoff, State};
use crate::domain::id::{AgencyId, HandoffId, OrganizationId, TeamId, UserId};
use crate::domain::permission::Permission;
use crate::domain::routing::{
    Candidate, Mode, PRESENT_FOR, Route, TEAM_NAME, TEAMS_AT_MOST, TOPIC, TOPICS_AT_MOST, Team, Transfer, estimate,
    next,
};
use crate::domain::setting::Key;
use crate::domain::tenant::User;
use crate::domain::text;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::store::{
    Creation, Reads, Write, conversation, create_once, handoff, identity, locate, people, presence, routing,
};

/// How many requests are looked at in one go.
const WAITING: i64 = 5_000;

/// From how long ago waits still say something of the next one.
const RECENT: Duration = Duration::from_secs(4 * 3600);

/// How many waits are looked at.
const WAITS: i64 = 50;

fn house(agency: AgencyId) -> Scope {
    Scope::system(agency, "which way a request goes")
}

/// What counts of a setting that is a number.
pub(super) async fn number(s: &Services, db: &mut impl Reads, place: &Place, key: Key) -> Result<i64> {
    setting::effective(s, db, place.agency, place.organization, key).await?.parse().map_err(Error::internal)
}

/// Who is offered a request at a place.
pub(super) async fn mode(s: &Services, db: &mut impl Reads, place: &Place) -> Result<Mode> {
    let word = setting::effective(s, db, place.agency, place.organization, Key::RoutingMode).await?;
    Ok(Mode::parse(&word).unwrap_or(Mode::Manual))
}

/// Who could be offered a request at a place: there, permitted, and of the team if there is one.
async fn candidates(s: &Services, db: &mut impl Reads, place: &Place, team: Option<TeamId>) -> Result<Vec<Candidate>> {
    let scope = house(place.agency);
    let now = s.clock.now();
    let mut users = presence::there(db, &scope, now.minus(PRESENT_FOR)).await?;
    if let Some(team) = team {
        let members = routing::members_of(db, &scope, &[team]).await?.remove(&team).unwrap_or_default();
        users.retain(|user| members.contains(user));
    }
    let users = able(s, db, &users, Permission::LiveChatRespond, place).await?;
    let chats = presence::chats_of(db, &scope, &users).await?;
    let offers = routing::offers_of(db, &scope, &users, now).await?;
    let turns = routing::turns(db, &scope, organization_of(place)?).await?;
    let of = |all: &HashMap<UserId, i64>, user: &UserId| all.get(user).copied().unwrap_or_default();
    Ok(users
        .iter()
        .map(|user| Candidate {
            user: *user,
            load: of(&chats, user) + of(&offers, user),
            last_at: turns.get(user).copied(),
        })
        .collect())
}

/// Where a request goes from where it is: none when it stays.
async fn onward(s: &Services, db: &mut impl Reads, place: &Place, route: &Route) -> Result<Option<Route>> {
    let mode = mode(s, db, place).await?;
    let now = s.clock.now();
    if mode == Mode::Manual {
        // Whoever was being offered it when the mode was changed is one of many now.
        return Ok(route.offered_to.map(|_| route.clone().open()));
    }
    let candidates = candidates(s, db, place, route.team).await?;
    let capacity = number(s, db, place, Key::RoutingCapacity).await?;
    if let Some(user) = route.reserved(now)
        && candidates.iter().any(|one| one.user == user && one.load <= capacity)
    {
        return Ok(None);
    }
    let seconds = number(s, db, place, Key::RoutingOfferSeconds).await?;
    let until = now.plus(Duration::from_secs(u64::try_from(seconds).unwrap_or(60)));
    Ok(match next(mode, &candidates, &route.tried, capacity) {
        Some(user) => Some(route.clone().offered(user, until)),
        None => route.offered_to.map(|_| route.clone().open()),
    })
}

/// Leads a request on: to the next operator when its offer has run out or whoever had it is not available any more, and to
/// everybody when nobody is left. Says whether it went anywhere.
pub async fn lead(s: &Services, agency: AgencyId, organization: OrganizationId, id: HandoffId) -> Result<bool> {
    let scope = house(agency);
    let mut read = s.store.read().await?;
    let Some(request) = handoff::handoffs_of(&mut read, &scope, &[id]).await?.pop() else { return Ok(false) };
    let place = Place::ai_agent(agency, Some(organization), request.ai_agent);
    let route = routing::route(&mut read, &scope, id).await?;
    if onward(s, &mut read, &place, &route).await?.is_none() {
        return Ok(false);
    }
    drop(read);
    let mut unit = s.store.write().await?;
    people::lock_team(&mut unit, &scope, Some(organization)).await?;
    let row = conversation::conversation(&mut unit, &scope, request.conversation).await?;
    let Some(row) = row.filter(|row| row.state == State::Requested && row.handoff == Some(id)) else {
        return unit.undo().await.map(|()| false);
    };
    let Some(row) = conversation::touch(&mut unit, &scope, row.id, row.version).await? else { return Ok(false) };
    let route = routing::route(&mut unit, &scope, id).await?;
    let Some(route) = onward(s, &mut unit, &place, &route).await? else {
        return unit.undo().await.map(|()| false);
    };
    routing::put_route(&mut unit, &scope, &route).await?;
    if let Some(user) = route.offered_to {
        routing::had_turn(&mut unit, &scope, organization, user, s.clock.now()).await?;
    }
    unit.note(Change::Conversation { conversation: row.into(), message: None });
    unit.commit().await?;
    Ok(true)
}

/// Leads the request of a conversation on, for whoever has kept it already: what goes wrong is logged, and tried again by
/// [`lead_all`].
pub(super) async fn lead_quietly(s: &Services, row: &Conversation) {
    let (Some(organization), Some(handoff)) = (row.organization, row.handoff) else { return };
    if let Err(error) = lead(s, row.agency, organization, handoff).await {
        tracing::warn!(%error, cause = ?error.cause, "a request was not offered to anybody");
    }
}

/// Leads all requests on that wait in organizations where somebody's turn is decided.
pub async fn lead_all(s: &Services) -> Result<()> {
    let mut read = s.store.read().await?;
    let waiting = locate::waiting(&mut read, WAITING).await?;
    let mut modes: HashMap<OrganizationId, Mode> = HashMap::new();
    for (agency, organization, _) in &waiting {
        if !modes.contains_key(organization) {
            let place = Place::organization(*agency, *organization);
            let mode = mode(s, &mut read, &place).await?;
            modes.insert(*organization, mode);
        }
    }
    drop(read);
    for (agency, organization, id) in waiting {
        if modes.get(&organization).is_some_and(|mode| *mode != Mode::Manual) {
            lead(s, agency, organization, id).await?;
        }
    }
    Ok(())
}

/// Says which team a new request is for, by the visitor's words, in the unit that makes it.
pub(super) async fn begin(unit: &mut Write, request: &Handoff, said: Option<&str>) -> Result<()> {
    let scope = house(request.agency);
    let wanted = [request.reason.as_deref(), said].into_iter().flatten().collect::<Vec<_>>().join("\n");
    let teams = routing::teams(unit, &scope, request.organization).await?;
    if let Some(team) = teams.iter().find(|team| team.fits(&wanted)) {
        let route = Route { team: Some(team.id), ..Route::new(request.id) };
        routing::put_route(unit, &scope, &route).await?;
    }
    Ok(())
}

/// Refuses somebody a request that is being offered to somebody else. The conversation's row is held by this unit.
///
/// # Errors
/// CONFLICT with OFFERED_TO_OTHER, naming them.
pub(super) async fn not_reserved(s: &Services, unit: &mut Write, asker: &Actor, row: &Conversation) -> Result<()> {
    let Some(id) = row.handoff else { return Ok(()) };
    let scope = house(row.agency);
    let Some(route) = routing::routes_of(unit, &scope, &[id]).await?.pop() else { return Ok(()) };
    let Some(user) = route.reserved(s.clock.now()) else { return Ok(()) };
    if user == user_of(asker)? || s.policy.may(asker, Permission::LiveChatReassign, &row.place()) {
        return Ok(());
    }
    let name = identity::users_of(unit, &scope, &[user]).await?.pop().map(|user| user.name).unwrap_or_default();
    let message = format!("This request is being offered to {name}. It is yours to accept when they do not take it.");
    Err(Error::conflict("OFFERED_TO_OTHER", message).held_by(name))
}

/// Refuses a chat to somebody who has as many as one may have there. Their row is held by this unit, so that it is exact.
///
/// # Errors
/// CONFLICT with AT_CAPACITY, naming them.
pub(super) async fn has_room(s: &Services, unit: &mut Write, place: &Place, user: UserId, own: bool) -> Result<()> {
    let scope = house(place.agency);
    let capacity = number(s, unit, place, Key::RoutingCapacity).await?;
    let chats = presence::chats_of(unit, &scope, &[user]).await?.remove(&user).unwrap_or_default();
    if chats < capacity {
        return Ok(());
    }
    let name = identity::users_of(unit, &scope, &[user]).await?.pop().map(|user| user.name).unwrap_or_default();
    let message = if own {
        format!("You have {chats} of {capacity} chats. Complete one, or give one to somebody else first.")
    } else {
        format!("{name} has {chats} of {capacity} chats already.")
    };
    Err(Error::conflict("AT_CAPACITY", message).held_by(name))
}

/// Notes that somebody got a chat: nobody is offered it any more, and their next turn comes after everybody else's.
pub(super) async fn taken(unit: &mut Write, row: &Conversation, user: UserId, s: &Services) -> Result<()> {
    let (Some(organization), Some(id)) = (row.organization, row.handoff) else { return Ok(()) };
    let scope = house(row.agency);
    let route = routing::routes_of(unit, &scope, &[id]).await?.pop();
    if let Some(route) = route.filter(|route| route.offered_to.is_some()) {
        routing::put_route(unit, &scope, &route.open()).await?;
    }
    if mode(s, unit, &row.place()).await? != Mode::Manual {
        routing::had_turn(unit, &scope, organization, user, s.clock.now()).await?;
    }
    Ok(())
}

/// In how long somebody will probably join the visitor; none when it cannot be known.
pub async fn estimated_wait(s: &Services, actor: &Actor, row: &Conversation) -> Result<Option<Duration>> {
    let visitor = visitor_of(actor)?;
    let (State::Requested, Some(id), Some(organization)) = (row.state, row.handoff, row.organization) else {
        return Ok(None);
    };
    let scope = Scope::system(visitor.agency, "how long a visitor will wait");
    let now = s.clock.now();
    let mut read = s.store.read().await?;
    let Some(waiting) = handoff::handoffs_of(&mut read, &scope, &[id]).await?.pop() else { return Ok(None) };
    let waits = routing::waits(&mut read, &scope, organization, now.minus(RECENT), WAITS).await?;
    let waits: Vec<Duration> = waits.into_iter().map(|(asked, accepted)| accepted.since(asked)).collect();
    let position = handoff::ahead_of(&mut read, &scope, &waiting).await? + 1;
    let capacity = number(s, &mut read, &row.place(), Key::RoutingCapacity).await?;
    let users = presence::there(&mut read, &scope, now.minus(PRESENT_FOR)).await?;
    let users = able(s, &mut read, &users, Permission::LiveChatRespond, &row.place()).await?;
    let chats = presence::chats_of(&mut read, &scope, &users).await?;
    let room = users.iter().map(|user| (capacity - chats.get(user).copied().unwrap_or_default()).max(0)).sum();
    Ok(estimate(&waits, now.since(waiting.requested_at), position, room))
}

/// The ways of requests that may be seen.
pub async fn routes_of(s: &Services, actor: &Actor, ids: &[HandoffId]) -> Result<Vec<Route>> {
    let scope = Scope::system(super::agency_of(actor)?, "the way of a request that may be seen");
    routing::routes_of(&mut s.store.read().await?, &scope, ids).await
}

/// Teams by id, of requests that may be seen.
pub async fn teams_of(s: &Services, actor: &Actor, ids: &[TeamId]) -> Result<Vec<Team>> {
    let scope = Scope::system(super::agency_of(actor)?, "the team of a request that may be seen");
    routing::teams_of(&mut s.store.read().await?, &scope, ids).await
}

/// How a conversation went from hand to hand, for whoever may see what is said in it.
pub async fn transfers(s: &Services, seen: &super::conversation::Seen) -> Result<Vec<Transfer>> {
    if !seen.content {
        return Ok(Vec::new());
    }
    let row = &seen.conversation;
    let scope = Scope::system(row.agency, "the transfers of a conversation that may be seen");
    routing::transfers(&mut s.store.read().await?, &scope, row.id).await
}

/// The teams of an organization, by name.
pub async fn teams(s: &Services, actor: &Actor, organization: OrganizationId) -> Result<Vec<Team>> {
    let scope = reach(s, actor, Permission::LiveChatViewQueue, Some(organization)).await?;
    routing::teams(&mut s.store.read().await?, &scope, organization).await
}

/// Who is in a team that may be seen: those who may answer there, each with whether they are there.
pub async fn members(s: &Services, team: &Team) -> Result<Vec<User>> {
    let scope = house(team.agency);
    let mut read = s.store.read().await?;
    let members = routing::members_of(&mut read, &scope, &[team.id]).await?.remove(&team.id).unwrap_or_default();
    let place = Place::organization(team.agency, team.organization);
    let members = able(s, &mut read, &members, Permission::LiveChatRespond, &place).await?;
    let mut users = identity::users_of(&mut read, &scope, &members).await?;
    users.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    Ok(users)
}

fn checked(name: &str, topics: &[String]) -> Result<(String, String)> {
    let name = text::line("name", name, TEAM_NAME)?;
    if topics.len() > TOPICS_AT_MOST {
        return Err(Error::invalid("topics", "TOO_MANY", format!("At most {TOPICS_AT_MOST} topics.")));
    }
    let mut kept: Vec<String> = Vec::new();
    for topic in topics {
        let topic = text::line("topics", topic, TOPIC)?;
        if !kept.contains(&topic) {
            kept.push(topic);
        }
    }
    Ok((name, kept.join("\n")))
}

fn name_taken() -> Error {
    Error::conflict("NAME_TAKEN", "Another team of this organization has this name.")
}

/// Makes a team.
///
/// # Errors
/// CONFLICT with NAME_TAKEN or TOO_MANY.
pub async fn create_team(
    s: &Services,
    actor: &Actor,
    client_id: &str,
    organization: OrganizationId,
    name: &str,
    topics: &[String],
) -> Result<Team> {
    let user = doer_of(actor)?;
    let client_id = text::client_id(client_id)?;
    let scope = reach(s, actor, Permission::RoutingEdit, Some(organization)).await?;
    let (name, topics) = checked(name, topics)?;
    let now = s.clock.now();
    let team = Team { id: s.ids.next(now), agency: scope.agency(), organization, name, topics, created_at: now };
    let mut unit = s.store.write().await?;
    let creation = Creation {
        actor: &user,
        client_id: &client_id,
        agency: scope.agency(),
        fingerprint: &format!("createTeam {organization} {:?} {:?}", team.name, team.topics),
        result: &team.id.to_string(),
        now,
    };
    if let Some(first) = create_once(&mut unit, &creation).await? {
        let first = routing::team(&mut unit, &scope, first.parse().map_err(Error::internal)?).await?;
        unit.undo().await?;
        return Ok(first);
    }
    people::lock_team(&mut unit, &scope, Some(organization)).await?;
    if routing::teams(&mut unit, &scope, organization).await?.len() >= TEAMS_AT_MOST {
        return Err(Error::conflict("TOO_MANY", format!("An organization has at most {TEAMS_AT_MOST} teams.")));
    }
    if !routing::insert_team(&mut unit, &scope, &team).await? {
        return Err(name_taken());
    }
    let by = By { actor: &user, organization: Some(organization) };
    let detail = json!({ "name": team.name, "topics": team.topics });
    s.note(&mut unit, &scope, &by, "routing.create_team", team.id, detail).await?;
    unit.commit().await?;
    Ok(team)
}

async fn at(s: &Services, actor: &Actor, id: TeamId) -> Result<(Scope, Place)> {
    s.policy.may_somewhere(actor, Permission::RoutingEdit)?;
    let mut read = s.store.read().await?;
    let place = locate::team(&mut read, id).await?.ok_or_else(|| Error::not_found("team"))?;
    Ok((s.policy.allow(actor, Permission::RoutingEdit, &place, "team")?, place))
}

/// Changes name and topics of a team.
///
/// # Errors
/// CONFLICT with NAME_TAKEN.
pub async fn update_team(s: &Services, actor: &Actor, id: TeamId, name: &str, topics: &[String]) -> Result<Team> {
    let user = doer_of(actor)?;
    let (scope, place) = at(s, actor, id).await?;
    let (name, topics) = checked(name, topics)?;
    let mut unit = s.store.write().await?;
    people::lock_team(&mut unit, &scope, place.organization).await?;
    let before = routing::team(&mut unit, &scope, id).await?;
    let after = Team { name, topics, ..before.clone() };
    if !routing::update_team(&mut unit, &scope, &after).await? {
        return Err(name_taken());
    }
    let by = By { actor: &user, organization: place.organization };
    let detail = json!({ "before": { "name": before.name, "topics": before.topics }, "after": { "name": after.name, "topics": after.topics } });
    s.note(&mut unit, &scope, &by, "routing.update_team", id, detail).await?;
    unit.commit().await?;
    Ok(after)
}

/// Removes a team. What waits for it waits for everybody then.
pub async fn delete_team(s: &Services, actor: &Actor, id: TeamId) -> Result<()> {
    let user = doer_of(actor)?;
    let (scope, place) = at(s, actor, id).await?;
    let mut unit = s.store.write().await?;
    people::lock_team(&mut unit, &scope, place.organization).await?;
    let before = routing::team(&mut unit, &scope, id).await?;
    routing::delete_team(&mut unit, &scope, id).await?;
    let by = By { actor: &user, organization: place.organization };
    let detail = json!({ "name": before.name, "topics": before.topics });
    s.note(&mut unit, &scope, &by, "routing.delete_team", id, detail).await?;
    unit.commit().await
}

/// Puts somebody who may answer there into a team, or takes somebody out.
///
/// # Errors
/// NOT_FOUND for somebody who is not of the organization; CONFLICT with CANNOT_ANSWER for one who may not answer live chats.
pub async fn list_member(s: &Services, actor: &Actor, id: TeamId, user: UserId, listed: bool) -> Result<Team> {
    let by = doer_of(actor)?;
    let (scope, place) = at(s, actor, id).await?;
    let mut unit = s.store.write().await?;
    people::lock_team(&mut unit, &scope, place.organization).await?;
    let team = routing::team(&mut unit, &scope, id).await?;
    if listed {
        super::transfer::can_answer(s, &mut unit, &place, user).await?;
    } else if !routing::members_of(&mut unit, &scope, &[id]).await?.get(&id).is_some_and(|all| all.contains(&user)) {
        return Err(Error::not_found("user"));
    }
    routing::list_member(&mut unit, &scope, id, user, listed).await?;
    let noted = By { actor: &by, organization: place.organization };
    let action = if listed { "routing.add_team_member" } else { "routing.remove_team_member" };
    let name = super::transfer::name_of(&mut unit, &house(place.agency), Some(user)).await?;
    s.note(&mut unit, &scope, &noted, action, id, json!({ "user": name, "userId": user.to_string() })).await?;
    unit.commit().await?;
    Ok(team)
}

/// Whether somebody of a team is there and has room.
pub(super) async fn somebody_there(s: &Services, db: &mut impl Reads, place: &Place, team: TeamId) -> Result<bool> {
    let capacity = number(s, db, place, Key::RoutingCapacity).await?;
    Ok(candidates(s, db, place, Some(team)).await?.iter().any(|one| one.load < capacity))
}
