//! Teams, and the ways that requests go.

use std::collections::HashMap;

use super::{Reads, Write, fail, on, row};
use crate::domain::id::{ConversationId, HandoffId, OrganizationId, TeamId, UserId};
use crate::domain::routing::{Route, Team, Transfer};
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;

row!(Team {
    id: "id",
    agency: "agency_id",
    organization: "organization_id",
    name: "name",
    topics: "topics",
    created_at: "created_at",
});

row!(Route {
    handoff: "handoff_id",
    team: "team_id",
    offered_to: "offered_to",
    offered_until: "offered_until",
    tried: "tried" => |text: String| text.lines().filter_map(|id| id.parse().ok()).collect(),
    requeued: "requeued",
});

row!(Transfer {
    conversation: "conversation_id",
    seq: "seq",
    from: "from_user",
    to_user: "to_user",
    to_team: "to_team",
    team_name: "team_name",
    note: "note",
    at: "created_at",
});

/// The teams of an organization, by name.
pub async fn teams(db: &mut impl Reads, scope: &Scope, organization: OrganizationId) -> Result<Vec<Team>> {
    on!(db, c => sqlx::query_as(
        "select id, agency_id, organization_id, name, topics, created_at from teams \
         where agency_id = $1 and organization_id = $2 order by name, id")
        .bind(scope.agency()).bind(organization).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// Teams of the scope's agency, of the given ids.
pub async fn teams_of(db: &mut impl Reads, scope: &Scope, ids: &[TeamId]) -> Result<Vec<Team>> {
    on!(db, c => sqlx::query_as(
        "select id, agency_id, organization_id, name, topics, created_at from teams \
         where agency_id = $1 and id in (select value from json_each($2))")
        .bind(scope.agency()).bind(super::types::list(ids)).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// The team, if it is in the scope's agency; whoever asks has been allowed its place.
pub async fn team(db: &mut impl Reads, scope: &Scope, id: TeamId) -> Result<Team> {
    teams_of(db, scope, &[id]).await?.pop().ok_or_else(|| Error::not_found("team"))
}

/// Keeps a new team. Says whether its name was free in the organization.
pub async fn insert_team(db: &mut Write, scope: &Scope, new: &Team) -> Result<bool> {
    on!(db, c => sqlx::query(
        "insert into teams (id, agency_id, organization_id, name, topics, created_at) values ($1, $2, $3, $4, $5, $6) \
         on conflict do nothing")
        .bind(new.id).bind(scope.agency()).bind(new.organization).bind(&new.name).bind(&new.topics).bind(new.created_at)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Keeps name and topics of a team as they are now. Says whether the name was free.
pub async fn update_team(db: &mut Write, scope: &Scope, team: &Team) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update teams set name = $3, topics = $4 where agency_id = $1 and id = $2 \
         and not exists (select 1 from teams o where o.organization_id = $5 and o.name = $3 and o.id <> $2)")
        .bind(scope.agency()).bind(team.id).bind(&team.name).bind(&team.topics).bind(team.organization)
        .execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Removes a team. Requests that were for it are for everybody then.
pub async fn delete_team(db: &mut Write, scope: &Scope, id: TeamId) -> Result<()> {
    for statement in [
        "update handoff_routes set team_id = null where agency_id = $1 and team_id = $2",
        "delete from team_members where agency_id = $1 and team_id = $2",
        "delete from teams where agency_id = $1 and id = $2",
    ] {
        on!(db, c => sqlx::query(statement).bind(scope.agency()).bind(id).execute(&mut *c).await.map(|_| ()))
            .map_err(fail)?;
    }
    Ok(())
}

/// Puts somebody into a team, or takes them out.
pub async fn list_member(db: &mut Write, scope: &Scope, team: TeamId, user: UserId, listed: bool) -> Result<()> {
    let statement = if listed {
        "insert into team_members (agency_id, team_id, user_id) values ($1, $2, $3) on conflict (team_id, user_id) do nothing"
    } else {
        "delete from team_members where agency_id = $1 and team_id = $2 and user_id = $3"
    };
    on!(db, c => sqlx::query(statement).bind(scope.agency()).bind(team).bind(user).execute(&mut *c).await.map(|_| ()))
        .map_err(fail)
}

/// Who is in each of some teams.
pub async fn members_of(db: &mut impl Reads, scope: &Scope, teams: &[TeamId]) -> Result<HashMap<TeamId, Vec<UserId>>> {
    let found: Vec<(TeamId, UserId)> = on!(db, c => sqlx::query_as(
        "select team_id, user_id from team_members where agency_id = $1 \
         and team_id in (select value from json_each($2)) order by team_id, user_id")
        .bind(scope.agency()).bind(super::types::list(teams)).fetch_all(&mut *c).await)
    .map_err(fail)?;
    let mut members: HashMap<TeamId, Vec<UserId>> = HashMap::new();
    found.into_iter().for_each(|(team, user)| members.entry(team).or_default().push(user));
    Ok(members)
}

/// The ways of some requests; those of which nothing is known are left out.
pub async fn routes_of(db: &mut impl Reads, scope: &Scope, ids: &[HandoffId]) -> Result<Vec<Route>> {
    on!(db, c => sqlx::query_as(
        "select handoff_id, team_id, offered_to, offered_until, tried, requeued from handoff_routes \
         where agency_id = $1 and handoff_id in (select value from json_each($2))")
        .bind(scope.agency()).bind(super::types::list(ids)).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// The way of one request.
pub async fn route(db: &mut impl Reads, scope: &Scope, id: HandoffId) -> Result<Route> {
    Ok(routes_of(db, scope, &[id]).await?.pop().unwrap_or_else(|| Route::new(id)))
}

/// Keeps the way of a request as it is now. The conversation's row is held by this unit.
pub async fn put_route(db: &mut Write, scope: &Scope, route: &Route) -> Result<()> {
    let tried: Vec<String> = route.tried.iter().map(ToString::to_string).collect();
    on!(db, c => sqlx::query(
        "insert into handoff_routes (agency_id, handoff_id, team_id, offered_to, offered_until, tried, requeued) \
         values ($1, $2, $3, $4, $5, $6, $7) \
         on conflict (agency_id, handoff_id) do update set team_id = excluded.team_id, offered_to = excluded.offered_to, \
         offered_until = excluded.offered_until, tried = excluded.tried, requeued = excluded.requeued")
        .bind(scope.agency()).bind(route.handoff).bind(route.team).bind(route.offered_to).bind(route.offered_until)
        .bind(tried.join("\n")).bind(route.requeued).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// How many requests each of some users is being offered now.
pub async fn offers_of(
    db: &mut impl Reads,
    scope: &Scope,
    users: &[UserId],
    now: Time,
) -> Result<HashMap<UserId, i64>> {
    let found: Vec<(UserId, i64)> = on!(db, c => sqlx::query_as(
        "select r.offered_to, count(*) from handoff_routes r join handoffs h on h.agency_id = r.agency_id and h.id = r.handoff_id \
         where r.agency_id = $1 and r.offered_to in (select value from json_each($2)) and r.offered_until > $3 \
         and h.state = 'REQUESTED' group by r.offered_to")
        .bind(scope.agency()).bind(super::types::list(users)).bind(now).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(found.into_iter().collect())
}

/// When each last had a turn in an organization.
pub async fn turns(db: &mut impl Reads, scope: &Scope, organization: OrganizationId) -> Result<HashMap<UserId, Time>> {
    let found: Vec<(UserId, Time)> = on!(db, c => sqlx::query_as(
        "select user_id, last_at from rotations where agency_id = $1 and organization_id = $2")
        .bind(scope.agency()).bind(organization).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(found.into_iter().collect())
}

/// Notes that somebody had a turn.
pub async fn had_turn(
    db: &mut Write,
    scope: &Scope,
    organization: OrganizationId,
    user: UserId,
    now: Time,
) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into rotations (agency_id, organization_id, user_id, last_at) values ($1, $2, $3, $4) \
         on conflict (organization_id, user_id) do update set last_at = excluded.last_at")
        .bind(scope.agency()).bind(organization).bind(user).bind(now).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Keeps a transfer.
pub async fn insert_transfer(db: &mut Write, scope: &Scope, new: &Transfer) -> Result<()> {
    on!(db, c => sqlx::query(
        "insert into transfers (agency_id, conversation_id, seq, from_user, to_user, to_team, team_name, note, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(scope.agency()).bind(new.conversation).bind(new.seq).bind(new.from).bind(new.to_user).bind(new.to_team)
        .bind(&new.team_name).bind(&new.note).bind(new.at).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// The transfers of a conversation, in order.
pub async fn transfers(db: &mut impl Reads, scope: &Scope, id: ConversationId) -> Result<Vec<Transfer>> {
    on!(db, c => sqlx::query_as(
        "select conversation_id, seq, from_user, to_user, to_team, team_name, note, created_at from transfers \
         where agency_id = $1 and conversation_id = $2 order by seq")
        .bind(scope.agency()).bind(id).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// How long visitors of an organization waited until somebody accepted, since an instant: the newest of them first. What
/// somebody took unasked, what went back to the queue, and rehearsals say nothing about that.
pub async fn waits(
    db: &mut impl Reads,
    scope: &Scope,
    organization: OrganizationId,
    since: Time,
    most: i64,
) -> Result<Vec<(Time, Time)>> {
    on!(db, c => sqlx::query_as(
        "select h.requested_at, h.accepted_at from handoffs h \
         join conversations c on c.agency_id = h.agency_id and c.id = h.conversation_id \
         where h.agency_id = $1 and h.organization_id = $2 and h.accepted_at >= $3 and h.intent <> 'INTERVENTION' \
         and not c.rehearsal and not exists (select 1 from handoff_routes r \
             where r.agency_id = h.agency_id and r.handoff_id = h.id and r.requeued) \
         order by h.accepted_at desc, h.id desc limit $4")
        .bind(scope.agency()).bind(organization).bind(since).bind(most).fetch_all(&mut *c).await)
    .map_err(fail)
}
