//! AI agents and widgets.

use super::{Reads, Write, fail, on, row};
use crate::domain::agent::{AiAgent, Own, Widget};
use crate::domain::id::{AiAgentId, OrganizationId, WidgetId};
use crate::domain::page::{Page, Rows};
use crate::domain::tenant::{OrganizationState, Unavailable};
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::policy::Scope;

row!(AiAgent {
    id: "id",
    agency: "agency_id",
    organization: "organization_id",
    name: "name",
    instructions: "instructions",
    handoff_enabled: "handoff_enabled",
    ask_contact: "ask_contact",
    button_after_messages: "button_after_messages",
    own: "handoff_own" => |text: String| Own::of(serde_json::from_str(&text).unwrap_or_default()),
    created_at: "created_at",
});

row!(Widget {
    id: "id",
    agency: "agency_id",
    ai_agent: "ai_agent_id",
    title: "title",
    greeting: "greeting",
    accent: "accent",
    position: "position",
    allowed_origins: "allowed_origins" => |text: String| serde_json::from_str(&text).unwrap_or_default(),
    rev: "rev",
});

/// AI agents of the scope, of the given ids; those that were deleted too, whose names stand in what they said.
pub async fn ai_agents_of(db: &mut impl Reads, scope: &Scope, ids: &[AiAgentId]) -> Result<Vec<AiAgent>> {
    let ids = super::types::list(ids);
    on!(db, c => sqlx::query_as(
        "select id, agency_id, organization_id, name, instructions, handoff_enabled, ask_contact, button_after_messages, handoff_own, created_at \
         from ai_agents where agency_id = $1 and id in (select value from json_each($2))")
        .bind(scope.agency()).bind(&ids).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// The AI agent, if it is in the scope.
pub async fn ai_agent(db: &mut impl Reads, scope: &Scope, id: AiAgentId) -> Result<AiAgent> {
    let found: Option<AiAgent> = on!(db, c => sqlx::query_as(
        "select id, agency_id, organization_id, name, instructions, handoff_enabled, ask_contact, button_after_messages, handoff_own, created_at \
         from ai_agents where agency_id = $1 and id = $2 and deleted_at is null")
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    found.ok_or_else(|| Error::not_found("AI agent"))
}

/// AI agents within the scope, oldest first; of one organization, if one is given.
pub async fn ai_agents(
    db: &mut impl Reads,
    scope: &Scope,
    organization: Option<OrganizationId>,
    page: &Page<AiAgentId>,
) -> Result<Rows<AiAgent>> {
    let reach = super::types::reach(scope);
    let rows = on!(db, c => sqlx::query_as(
        "select id, agency_id, organization_id, name, instructions, handoff_enabled, ask_contact, button_after_messages, handoff_own, created_at \
         from ai_agents where agency_id = $1 and deleted_at is null \
         and (organization_id is null or organization_id not in \
             (select id from organizations where agency_id = $1 and state = 'DELETED')) \
         and ($2 is null or organization_id in (select value from json_each($2)) or id in (select value from json_each($2)) \
             or organization_id || '/' || id in (select value from json_each($2))) \
         and ($3 is null or organization_id = $3) and ($4 is null or id > $4) \
         order by id limit $5")
        .bind(scope.agency()).bind(&reach).bind(organization).bind(page.after).bind(page.first as i64 + 1)
        .fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(Rows::cut(rows, page.first))
}

/// Keeps a new AI agent.
pub async fn insert_ai_agent(db: &mut Write, agent: &AiAgent) -> Result<()> {
    let own = &serde_json::to_string(&agent.own.kept()).map_err(Error::internal)?;
    on!(db, c => sqlx::query(
        "insert into ai_agents (id, agency_id, organization_id, name, instructions, handoff_enabled, ask_contact, button_after_messages, created_at, \
         handoff_own) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(agent.id).bind(agent.agency).bind(agent.organization).bind(&agent.name).bind(&agent.instructions)
        .bind(agent.handoff_enabled).bind(agent.ask_contact).bind(agent.button_after_messages).bind(agent.created_at).bind(own)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Keeps the AI agent as it is now, and raises its widget's revision, which shows some of it.
pub async fn update_ai_agent(db: &mut Write, scope: &Scope, agent: &AiAgent) -> Result<()> {
    let own = &serde_json::to_string(&agent.own.kept()).map_err(Error::internal)?;
    on!(db, c => sqlx::query(
        "update ai_agents set organization_id = $3, name = $4, instructions = $5, handoff_enabled = $6, ask_contact = $7, \
         button_after_messages = $8, handoff_own = $9 where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(agent.id).bind(agent.organization).bind(&agent.name).bind(&agent.instructions)
        .bind(agent.handoff_enabled).bind(agent.ask_contact).bind(agent.button_after_messages).bind(own)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    on!(db, c => sqlx::query("update widgets set rev = rev + 1 where agency_id = $1 and ai_agent_id = $2")
        .bind(scope.agency()).bind(agent.id).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Deletes an AI agent: it and its widget answer nobody any more, and what was said through it stays. Says whether there
/// was one.
pub async fn delete_ai_agent(db: &mut Write, scope: &Scope, id: AiAgentId, now: Time) -> Result<bool> {
    on!(db, c => sqlx::query(
        "update ai_agents set deleted_at = $3, handoff_enabled = false where agency_id = $1 and id = $2 and deleted_at is null")
        .bind(scope.agency()).bind(id).bind(now).execute(&mut *c).await.map(|done| done.rows_affected() == 1))
    .map_err(fail)
}

/// Why nobody is behind that AI agent's widget, as far as its organization and agency are the reason.
pub async fn unavailable(db: &mut impl Reads, agent: &AiAgent) -> Result<Option<Unavailable>> {
    let found: Option<(Option<Time>, Option<OrganizationState>)> = on!(db, c => sqlx::query_as(
        "select g.suspended_at, o.state from agencies g left join organizations o on o.agency_id = g.id and o.id = $2 where g.id = $1")
        .bind(agent.agency).bind(agent.organization).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    Ok(match found {
        Some((Some(_), _)) => Some(Unavailable::AgencySuspended),
        _ if agent.organization.is_none() => Some(Unavailable::AiAgentUnassigned),
        Some((None, Some(OrganizationState::Active))) => None,
        _ => Some(Unavailable::OrganizationSuspended),
    })
}

/// The widget of that id, with its AI agent: what any page that names it is shown.
pub async fn public_widget(db: &mut impl Reads, id: WidgetId) -> Result<Option<(Widget, AiAgent)>> {
    let widget: Option<Widget> = on!(db, c => sqlx::query_as(
        "select id, agency_id, ai_agent_id, title, greeting, accent, position, allowed_origins, rev from widgets where id = $1")
        .bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    let Some(widget) = widget else { return Ok(None) };
    let agent: Option<AiAgent> = on!(db, c => sqlx::query_as(
        "select id, agency_id, organization_id, name, instructions, handoff_enabled, ask_contact, button_after_messages, handoff_own, created_at \
         from ai_agents where agency_id = $1 and id = $2 and deleted_at is null")
        .bind(widget.agency).bind(widget.ai_agent).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    Ok(agent.map(|agent| (widget, agent)))
}

/// Widgets of the scope, of the given AI agents.
pub async fn widgets_of(db: &mut impl Reads, scope: &Scope, ai_agents: &[AiAgentId]) -> Result<Vec<Widget>> {
    let ids = super::types::list(ai_agents);
    on!(db, c => sqlx::query_as(
        "select id, agency_id, ai_agent_id, title, greeting, accent, position, allowed_origins, rev \
         from widgets where agency_id = $1 and ai_agent_id in (select value from json_each($2))")
        .bind(scope.agency()).bind(&ids).fetch_all(&mut *c).await)
    .map_err(fail)
}

/// The widget, if it is in the scope's agency; whoever asks has been allowed its place.
pub async fn widget(db: &mut impl Reads, scope: &Scope, id: WidgetId) -> Result<Widget> {
    let found: Option<Widget> = on!(db, c => sqlx::query_as(
        "select id, agency_id, ai_agent_id, title, greeting, accent, position, allowed_origins, rev \
         from widgets where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(id).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    found.ok_or_else(|| Error::not_found("widget"))
}

/// Keeps a new widget.
pub async fn insert_widget(db: &mut Write, widget: &Widget, now: Time) -> Result<()> {
    let origins = serde_json::to_string(&widget.allowed_origins).map_err(Error::internal)?;
    on!(db, c => sqlx::query(
        "insert into widgets (id, agency_id, ai_agent_id, title, greeting, accent, position, allowed_origins, rev, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(widget.id).bind(widget.agency).bind(widget.ai_agent).bind(&widget.title).bind(&widget.greeting)
        .bind(&widget.accent).bind(widget.position).bind(&origins).bind(widget.rev).bind(now)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Keeps the widget as it is now, and raises its revision.
pub async fn update_widget(db: &mut Write, scope: &Scope, widget: &Widget) -> Result<()> {
    let origins = serde_json::to_string(&widget.allowed_origins).map_err(Error::internal)?;
    on!(db, c => sqlx::query(
        "update widgets set title = $3, greeting = $4, accent = $5, position = $6, allowed_origins = $7, rev = rev + 1 \
         where agency_id = $1 and id = $2")
        .bind(scope.agency()).bind(widget.id).bind(&widget.title).bind(&widget.greeting).bind(&widget.accent)
        .bind(widget.position).bind(&origins).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}
