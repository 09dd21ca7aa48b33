//! AI agents: create, edit, assign, and let them hand over to people.

use serde_json::json;

use super::{By, Services, user_of};
use crate::domain::access::{Actor, Place};
use crate::domain::agent::{AiAgent, Position, Widget};
use crate::domain::change::Change;
use crate::domain::id::{AiAgentId, OrganizationId};
use crate::domain::page::{Page, Rows};
use crate::domain::permission::Permission;
use crate::domain::text;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::store::{Creation, Write, access, agency, agent, create_once, locate};

/// An AI agent within the person's reach.
pub async fn ai_agent(s: &Services, actor: &Actor, id: AiAgentId) -> Result<AiAgent> {
    Ok(load(s, actor, Permission::HomeView, id).await?.1)
}

async fn load(s: &Services, actor: &Actor, permission: Permission, id: AiAgentId) -> Result<(Scope, AiAgent)> {
    s.policy.may_somewhere(actor, permission)?;
    let mut read = s.store.read().await?;
    let place = locate::ai_agent(&mut read, id).await?.ok_or_else(|| Error::not_found("AI agent"))?;
    let scope = s.policy.allow(actor, permission, &place, "AI agent")?;
    let found = agent::ai_agent(&mut read, &scope, id).await?;
    Ok((scope, found))
}

/// AI agents within the person's reach, oldest first.
pub async fn ai_agents(
    s: &Services,
    actor: &Actor,
    organization: Option<OrganizationId>,
    page: &Page<AiAgentId>,
) -> Result<Rows<AiAgent>> {
    let scope = super::reach(s, actor, Permission::HomeView, organization).await?;
    let mut read = s.store.read().await?;
    agent::ai_agents(&mut read, &scope, organization, page).await
}

/// AI agents by id, for things that the person has been allowed to see.
pub async fn ai_agents_of(s: &Services, actor: &Actor, ids: &[AiAgentId]) -> Result<Vec<AiAgent>> {
    let scope = Scope::system(super::person_of(actor)?.agency, "the AI agent of a thing that may be seen");
    let mut read = s.store.read().await?;
    agent::ai_agents_of(&mut read, &scope, ids).await
}

/// Creates an AI agent with its widget; handoff is off (S065).
pub async fn create(
    s: &Services,
    actor: &Actor,
    client_id: &str,
    name: &str,
    organization: Option<OrganizationId>,
) -> Result<AiAgent> {
    let user = user_of(actor)?;
    let client_id = text::client_id(client_id)?;
    let name = text::line("name", name, 80)?;
    let place = match organization {
        Some(organization) => {
            let mut read = s.store.read().await?;
            s.policy.may_somewhere(actor, Permission::AiAgentCreate)?;
            locate::organization(&mut read, organization).await?.ok_or_else(|| Error::not_found("organization"))?
        }
        None => Place::agency(super::person_of(actor)?.agency),
    };
    let scope = s.policy.allow(actor, Permission::AiAgentCreate, &place, "organization")?;
    let now = s.clock.now();
    let new = AiAgent {
        id: s.ids.next(now),
        agency: scope.agency(),
        organization,
        name,
        instructions: String::new(),
        handoff_enabled: false,
        ask_contact: false,
        button_after_messages: 0,
        created_at: now,
    };
    let user = user.to_string();
    let mut unit = s.store.write().await?;
    let creation = Creation {
        actor: &user,
        client_id: &client_id,
        agency: scope.agency(),
        fingerprint: &format!("createAiAgent {:?} {organization:?}", new.name),
        result: &new.id.to_string(),
        now,
    };
    if let Some(first) = create_once(&mut unit, &creation).await? {
        let first = first.parse().map_err(Error::internal)?;
        let first = agent::ai_agent(&mut unit, &scope, first).await?;
        unit.undo().await?;
        return Ok(first);
    }
    agent::insert_ai_agent(&mut unit, &new).await?;
    let widget = Widget {
        id: s.ids.next(now),
        agency: new.agency,
        ai_agent: new.id,
        title: new.name.clone(),
        greeting: "Hello! How can we help you?".to_owned(),
        accent: None,
        position: Position::BottomRight,
        allowed_origins: Vec::new(),
        rev: 1,
    };
    agent::insert_widget(&mut unit, &widget, now).await?;
    let by = By { actor: &user, organization };
    s.note(&mut unit, &scope, &by, "ai_agent.create", new.id, json!({ "name": new.name })).await?;
    unit.commit().await?;
    Ok(new)
}

/// Changes an AI agent by `edit`, keeps it with a line in the audit log, and lets everybody who shows it know.
async fn edit(
    s: &Services,
    actor: &Actor,
    scope: &Scope,
    id: AiAgentId,
    action: &'static str,
    edit: impl FnOnce(&mut AiAgent) -> Result<serde_json::Value>,
) -> Result<AiAgent> {
    let user = user_of(actor)?.to_string();
    let mut unit = s.store.write().await?;
    let mut found = agent::ai_agent(&mut unit, scope, id).await?;
    let detail = edit(&mut found)?;
    agent::update_ai_agent(&mut unit, scope, &found).await?;
    shown_changed(&mut unit).await?;
    let by = By { actor: &user, organization: found.organization };
    s.note(&mut unit, scope, &by, action, id, detail).await?;
    unit.commit().await?;
    Ok(found)
}

/// What widgets show is held in memory under the authority's generation: raised, all nodes read it anew.
pub(super) async fn shown_changed(unit: &mut Write) -> Result<()> {
    access::raise_authority(unit).await?;
    unit.note(Change::Authority { user: None });
    Ok(())
}

/// Changes name and instructions.
pub async fn update(
    s: &Services,
    actor: &Actor,
    id: AiAgentId,
    name: Option<&str>,
    instructions: Option<&str>,
) -> Result<AiAgent> {
    let name = name.map(|name| text::line("name", name, 80)).transpose()?;
    let instructions = instructions.map(|text| text::optional_block("instructions", text, 8_000)).transpose()?;
    let (scope, _) = load(s, actor, Permission::AiAgentEditPrompt, id).await?;
    edit(s, actor, &scope, id, "ai_agent.edit_prompt", |agent| {
        let before = json!({ "name": agent.name, "instructions": agent.instructions });
        agent.name = name.unwrap_or(agent.name.clone());
        agent.instructions = instructions.unwrap_or(agent.instructions.clone());
        Ok(json!({ "before": before, "after": { "name": agent.name, "instructions": agent.instructions } }))
    })
    .await
}

/// Assigns an AI agent to an organization, or to none. Unassigned, it hands over to nobody (S190).
pub async fn assign(
    s: &Services,
    actor: &Actor,
    id: AiAgentId,
    organization: Option<OrganizationId>,
) -> Result<AiAgent> {
    let (scope, _) = load(s, actor, Permission::AiAgentAssign, id).await?;
    if let Some(organization) = organization {
        let mut read = s.store.read().await?;
        let place =
            locate::organization(&mut read, organization).await?.ok_or_else(|| Error::not_found("organization"))?;
        let target = s.policy.allow(actor, Permission::AiAgentAssign, &place, "organization")?;
        agency::organizations_of(&mut read, &target, &[organization])
            .await?
            .pop()
            .ok_or_else(|| Error::not_found("organization"))?;
    }
    edit(s, actor, &scope, id, "ai_agent.assign", |agent| {
        let before = agent.organization.map(|id| id.to_string());
        agent.organization = organization;
        if organization.is_none() {
            agent.handoff_enabled = false;
        }
        Ok(json!({ "before": before, "after": organization.map(|id| id.to_string()) }))
    })
    .await
}

/// Turns handoff on or off: for holders of `handoff.enable` alone (S003, S192).
///
/// # Errors
/// FORBIDDEN with MISSING_PERMISSION; CONFLICT with AI_AGENT_UNASSIGNED when there is no organization to hand over to.
pub async fn set_handoff_enabled(s: &Services, actor: &Actor, id: AiAgentId, enabled: bool) -> Result<AiAgent> {
    let (scope, _) = load(s, actor, Permission::HandoffEnable, id).await?;
    edit(s, actor, &scope, id, "handoff.enable", |agent| {
        if let (true, Some(reason)) = (enabled, agent.handoff_blocked_by()) {
            return Err(Error::conflict(
                reason,
                "Assign the AI agent to an organization first: there is nobody to hand over to.",
            ));
        }
        let before = agent.handoff_enabled;
        agent.handoff_enabled = enabled;
        Ok(json!({ "before": before, "after": enabled }))
    })
    .await
}

/// Changes how handoff is offered.
pub async fn update_handoff_settings(
    s: &Services,
    actor: &Actor,
    id: AiAgentId,
    ask_contact: Option<bool>,
    button_after_messages: Option<i64>,
) -> Result<AiAgent> {
    if button_after_messages.is_some_and(|count| !(0..=100).contains(&count)) {
        return Err(Error::invalid("buttonAfterMessages", "OUT_OF_RANGE", "Choose a number from 0 to 100."));
    }
    let (scope, _) = load(s, actor, Permission::HandoffEdit, id).await?;
    edit(s, actor, &scope, id, "handoff.edit", |agent| {
        let before = json!({ "askContact": agent.ask_contact, "buttonAfterMessages": agent.button_after_messages });
        agent.ask_contact = ask_contact.unwrap_or(agent.ask_contact);
        agent.button_after_messages = button_after_messages.unwrap_or(agent.button_after_messages);
        let after = json!({ "askContact": agent.ask_contact, "buttonAfterMessages": agent.button_after_messages });
        Ok(json!({ "before": before, "after": after }))
    })
    .await
}
