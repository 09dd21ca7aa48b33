//! AI agents: create, edit, assign, and let them hand over to people.

use serde_json::json;

use super::setting::{Governing, governing};
use super::{By, Services, doer_of};
use crate::domain::access::{Actor, Place};
use crate::domain::agent::{AiAgent, Own, Position, Widget};
use crate::domain::change::Change;
use crate::domain::id::{AiAgentId, OrganizationId};
use crate::domain::page::{Page, Rows};
use crate::domain::permission::Permission;
use crate::domain::setting::Key;
use crate::domain::tenant::Closure;
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
    let scope = Scope::system(super::agency_of(actor)?, "the AI agent of a thing that may be seen");
    let mut read = s.store.read().await?;
    agent::ai_agents_of(&mut read, &scope, ids).await
}

/// An AI agent that the person has been allowed to see as it works: what the agency locked or bounded counts in place of
/// what it says itself. With the keys of what cannot be changed on it.
pub async fn at_work(s: &Services, agent: AiAgent) -> Result<(AiAgent, Vec<&'static str>)> {
    let mut read = s.store.read().await?;
    let governing = governing(&mut read, agent.agency, agent.organization).await?;
    Ok((governing.work(agent), governing.locked()))
}

/// Creates an AI agent with its widget. It begins with the settings of its organization: handoff is off (S065) unless
/// somebody said otherwise for all.
pub async fn create(
    s: &Services,
    actor: &Actor,
    client_id: &str,
    name: &str,
    organization: Option<OrganizationId>,
) -> Result<AiAgent> {
    let user = doer_of(actor)?;
    let client_id = text::client_id(client_id)?;
    let name = text::line("name", name, 80)?;
    let place = match organization {
        Some(organization) => {
            let mut read = s.store.read().await?;
            s.policy.may_somewhere(actor, Permission::AiAgentCreate)?;
            locate::organization(&mut read, organization).await?.ok_or_else(|| Error::not_found("organization"))?
        }
        None => Place::agency(super::agency_of(actor)?),
    };
    let scope = s.policy.allow(actor, Permission::AiAgentCreate, &place, "organization")?;
    let now = s.clock.now();
    let mut new = AiAgent {
        id: s.ids.next(now),
        agency: scope.agency(),
        organization,
        name,
        instructions: String::new(),
        handoff_enabled: false,
        ask_contact: false,
        button_after_messages: 0,
        own: Own::default(),
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
    let said = governing(&mut unit, scope.agency(), organization).await?;
    if organization.is_some() {
        new = said.begin(new);
    }
    agent::insert_ai_agent(&mut unit, &new).await?;
    let widget = Widget {
        id: s.ids.next(now),
        agency: new.agency,
        ai_agent: new.id,
        title: new.name.clone(),
        greeting: "Hello! How can we help you?".to_owned(),
        accent: None,
        position: Position::parse(&said.one(Key::WidgetPosition).value).unwrap_or(Position::BottomRight),
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
    edit: impl FnOnce(&mut AiAgent, &Governing) -> Result<serde_json::Value>,
) -> Result<AiAgent> {
    let user = doer_of(actor)?;
    let mut unit = s.store.write().await?;
    let mut found = agent::ai_agent(&mut unit, scope, id).await?;
    let governing = governing(&mut unit, found.agency, found.organization).await?;
    let detail = edit(&mut found, &governing)?;
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
    edit(s, actor, &scope, id, "ai_agent.edit_prompt", |agent, _| {
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
    let user = doer_of(actor)?;
    let mut unit = s.store.write().await?;
    let mut found = agent::ai_agent(&mut unit, &scope, id).await?;
    let before = found.organization;
    found.organization = organization;
    if organization.is_none() {
        found.handoff_enabled = false;
    }
    agent::update_ai_agent(&mut unit, &scope, &found).await?;
    if before != organization && before.is_some() {
        // Whatever waits or runs belongs to the organization that it leaves.
        super::handoff::close_all(s, &mut unit, &scope, None, Some(id), Closure::AiAgentUnassigned).await?;
    }
    shown_changed(&mut unit).await?;
    let ids: Vec<OrganizationId> = before.into_iter().chain(organization).collect();
    let named = agency::organizations_of(&mut unit, &scope, &ids).await?;
    // Each organization has a line of its own, which does not tell it the name of the other.
    let concerned = match (before, organization) {
        (Some(from), Some(to)) if from != to => vec![Some(from), Some(to)],
        _ => vec![before.or(organization)],
    };
    for own in concerned {
        let name = |there: Option<OrganizationId>| match there {
            None => "nobody".to_owned(),
            Some(_) if there != own => "another organization".to_owned(),
            Some(id) => named.iter().find(|row| row.id == id).map(|row| row.name.clone()).unwrap_or_default(),
        };
        let id_of = |there: Option<OrganizationId>| there.filter(|_| there == own).map(|id| id.to_string());
        let detail = json!({ "before": id_of(before), "after": id_of(organization),
                             "from": name(before), "to": name(organization) });
        let by = By { actor: &user, organization: own };
        s.note(&mut unit, &scope, &by, "ai_agent.assign", id, detail).await?;
    }
    unit.commit().await?;
    Ok(found)
}

/// Deletes an AI agent: its widget is gone from every page, what waits or runs ends, and its conversations stay with their
/// organization.
///
/// # Errors
/// INVALID with NAME_DIFFERS when the name that was typed is not its name.
pub async fn delete(s: &Services, actor: &Actor, id: AiAgentId, name: &str) -> Result<()> {
    let (scope, _) = load(s, actor, Permission::AiAgentDelete, id).await?;
    let user = doer_of(actor)?;
    let mut unit = s.store.write().await?;
    let found = agent::ai_agent(&mut unit, &scope, id).await?;
    super::organization::same_name(&found.name, name)?;
    if !agent::delete_ai_agent(&mut unit, &scope, id, s.clock.now()).await? {
        return Err(Error::not_found("AI agent"));
    }
    super::handoff::close_all(s, &mut unit, &scope, None, Some(id), Closure::AiAgentDeleted).await?;
    shown_changed(&mut unit).await?;
    let by = By { actor: &user, organization: found.organization };
    s.note(&mut unit, &scope, &by, "ai_agent.delete", id, json!({ "name": found.name })).await?;
    unit.commit().await
}

/// Turns handoff on or off: for holders of `handoff.enable` alone (S003, S192).
///
/// # Errors
/// FORBIDDEN with MISSING_PERMISSION, or with SETTING_LOCKED where the agency decides; CONFLICT with AI_AGENT_UNASSIGNED when
/// there is no organization to hand over to.
pub async fn set_handoff_enabled(s: &Services, actor: &Actor, id: AiAgentId, enabled: bool) -> Result<AiAgent> {
    let (scope, _) = load(s, actor, Permission::HandoffEnable, id).await?;
    edit(s, actor, &scope, id, "handoff.enable", |agent, governing| {
        governing.choose(Key::HandoffEnabled, enabled, "enabled")?;
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

/// What somebody wants to be otherwise about how handoff is offered; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// Whether contact details are asked for first.
    pub ask_contact: Option<bool>,
    /// How many messages before the button shows.
    pub button_after_messages: Option<i64>,
    /// What the AI agent says itself from now on: of which setting, under which name of an argument, and what.
    pub said: Vec<(Key, &'static str, String)>,
    /// Keys of settings of which it says nothing any more.
    pub inherit: Vec<String>,
}

/// Changes how handoff is offered.
///
/// # Errors
/// FORBIDDEN with SETTING_LOCKED and INVALID with OUT_OF_BOUNDS where the agency locked or bounded it; CONFLICT with
/// AI_AGENT_UNASSIGNED for the fixed popup where there is nobody to ask (S189).
pub async fn update_handoff_settings(s: &Services, actor: &Actor, id: AiAgentId, wishes: Wishes) -> Result<AiAgent> {
    let Wishes { ask_contact, button_after_messages, said, inherit } = wishes;
    if button_after_messages.is_some_and(|count| !(0..=20).contains(&count)) {
        return Err(Error::invalid("buttonAfterMessages", "OUT_OF_RANGE", "Choose a number from 0 to 20."));
    }
    let known = |name: &String| {
        let unknown = || Error::invalid("inherit", "UNKNOWN_SETTING", "AI agents have no such setting of their own.");
        Key::parse(name).filter(|key| Own::KEYS.contains(key)).ok_or_else(unknown)
    };
    let inherit = inherit.iter().map(known).collect::<Result<Vec<Key>>>()?;
    let (scope, _) = load(s, actor, Permission::HandoffEdit, id).await?;
    edit(s, actor, &scope, id, "handoff.edit", |agent, governing| {
        if let Some(ask) = ask_contact {
            governing.choose(Key::HandoffAskContact, ask, "askContact")?;
        }
        if let Some(count) = button_after_messages {
            governing.choose(Key::HandoffButtonAfterMessages, count, "buttonAfterMessages")?;
        }
        let tell = |agent: &AiAgent| {
            json!({ "askContact": agent.ask_contact, "buttonAfterMessages": agent.button_after_messages,
                    "own": agent.own.kept() })
        };
        let before = tell(agent);
        for (key, field, value) in said {
            let value = governing.choose(key, &value, field)?;
            if let (Key::HandoffFixedPopup, "true", Some(reason)) = (key, value.as_str(), agent.handoff_blocked_by()) {
                return Err(Error::conflict(
                    reason,
                    "Assign the AI agent to an organization first: there is nobody who could be asked for.",
                ));
            }
            agent.own.say(key, value);
        }
        for key in inherit {
            agent.own.forget(key);
        }
        agent.ask_contact = ask_contact.unwrap_or(agent.ask_contact);
        agent.button_after_messages = button_after_messages.unwrap_or(agent.button_after_messages);
        Ok(json!({ "before": before, "after": tell(agent) }))
    })
    .await
}
