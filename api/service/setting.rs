//! Settings: what counts, who said it, and who may say otherwise.

use std::collections::HashMap;

use serde_json::json;

use super::{By, Services, doer_of, place_at};
use crate::domain::access::{Actor, Place};
use crate::domain::agent::{AiAgent, Own, Position, Widget};
use crate::domain::id::{AgencyId, OrganizationId};
use crate::domain::permission::Permission;
use crate::domain::setting::{
    self, Effective, Key, Layers, Mode, Refused, Rule, SETTING_LOCKED, resolve, resolve_default,
};
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::store::{Reads, setting as store};

fn house(agency: AgencyId) -> Scope {
    Scope::system(agency, "which setting counts")
}

/// The value that counts in an organization; without one, the agency's own default. For whoever needs the value, not for
/// whoever looks at settings.
pub async fn effective(
    _s: &Services,
    read: &mut impl Reads,
    agency: AgencyId,
    organization: Option<OrganizationId>,
    key: Key,
) -> Result<String> {
    let [value] = effective_of(read, agency, organization, [key]).await?;
    Ok(value)
}

/// The same of several, read at once.
pub async fn effective_of<const N: usize>(
    read: &mut impl Reads,
    agency: AgencyId,
    organization: Option<OrganizationId>,
    keys: [Key; N],
) -> Result<[String; N]> {
    let Some(organization) = organization else {
        let rules = store::agency_rules(read, &house(agency)).await?;
        return Ok(keys.map(|key| resolve_default(key, rules.get(&key), false).value));
    };
    let mut found = store::layers(read, &house(agency), &[organization]).await?;
    let layers = found.remove(&organization).unwrap_or_default();
    let nothing = Layers::default();
    Ok(keys.map(|key| resolve(key, layers.get(&key).unwrap_or(&nothing), false).value))
}

/// The value that counts in each of some organizations of one agency.
pub async fn effective_in(
    read: &mut impl Reads,
    agency: AgencyId,
    organizations: &[OrganizationId],
    key: Key,
) -> Result<HashMap<OrganizationId, String>> {
    let all = store::layers(read, &house(agency), organizations).await?;
    let nothing = Layers::default();
    let value = |layers: &HashMap<Key, Layers>| resolve(key, layers.get(&key).unwrap_or(&nothing), false).value;
    Ok(all.iter().map(|(organization, layers)| (*organization, value(layers))).collect())
}

/// Who may set a value at a place: in the agency itself whoever edits packages.
fn edits(key: Key, place: &Place) -> Permission {
    if place.organization.is_some() { key.definition().edited_by } else { Permission::PackageEdit }
}

async fn all_at(s: &Services, read: &mut impl Reads, actor: &Actor, place: &Place) -> Result<Vec<Effective>> {
    let scope = house(place.agency);
    let may = |key: Key| s.policy.may(actor, edits(key, place), place);
    let Some(organization) = place.organization else {
        let rules = store::agency_rules(read, &scope).await?;
        return Ok(Key::ALL.iter().map(|key| resolve_default(*key, rules.get(key), may(*key))).collect());
    };
    let mut found = store::layers(read, &scope, &[organization]).await?;
    let layers = found.remove(&organization).unwrap_or_default();
    let nothing = Layers::default();
    Ok(Key::ALL.iter().map(|key| resolve(*key, layers.get(key).unwrap_or(&nothing), may(*key))).collect())
}

/// All settings of an organization, or of the agency itself, in the order of the catalogue.
///
/// # Errors
/// NOT_FOUND for an organization out of reach.
pub async fn settings(s: &Services, actor: &Actor, organization: Option<OrganizationId>) -> Result<Vec<Effective>> {
    s.policy.may_somewhere(actor, Permission::HomeView)?;
    let mut read = s.store.read().await?;
    let place = place_at(&mut read, actor, organization).await?;
    s.policy.allow(actor, Permission::HomeView, &place, "organization")?;
    all_at(s, &mut read, actor, &place).await
}

fn refusal(refused: Refused, effective: &Effective, field: &'static str) -> Error {
    let name = effective.key.definition().name;
    match refused {
        Refused::Locked => Error::new(
            Code::Forbidden,
            SETTING_LOCKED,
            format!("“{name}” is locked by the agency and cannot be changed here."),
        ),
        Refused::NotAValue => Error::invalid(field, "NOT_A_VALUE", format!("“{name}” cannot have this value.")),
        Refused::OutOfBounds => Error::invalid(
            field,
            "OUT_OF_BOUNDS",
            match effective.bounds() {
                Some((least, most)) => format!("The agency allows “{name}” from {least} to {most}."),
                None => format!("The agency allows “{name}” to be one of: {}.", effective.choices().join(", ")),
            },
        ),
    }
}

/// Says what a setting is in an organization, or in the agency by default; without a value, what lies below counts again.
///
/// # Errors
/// FORBIDDEN with SETTING_LOCKED when the agency locked it, with MISSING_PERMISSION for whoever may not; INVALID with
/// OUT_OF_BOUNDS, NOT_A_VALUE or UNKNOWN_SETTING.
pub async fn set(
    s: &Services,
    actor: &Actor,
    key: &str,
    organization: Option<OrganizationId>,
    value: Option<&str>,
) -> Result<Effective> {
    let user = doer_of(actor)?;
    let mut read = s.store.read().await?;
    let place = place_at(&mut read, actor, organization).await?;
    drop(read);
    // The place before the key: what is out of reach is not found, whatever is asked of it.
    s.policy.allow(actor, Permission::HomeView, &place, "organization")?;
    let key = known(key)?;
    let scope = s.policy.allow(actor, edits(key, &place), &place, "organization")?;
    let mut unit = s.store.write().await?;
    let (before, after) = match organization {
        None => {
            let rule = store::agency_rules(&mut unit, &scope).await?.remove(&key);
            let before = resolve_default(key, rule.as_ref(), true);
            let mut rule = rule.unwrap_or(Rule::NONE);
            // The agency's own lock does not bind it; its bounds do.
            let wanted = Rule { value: value.map(str::to_owned), ..rule.clone() };
            rule.value = setting::rule(key, wanted).map_err(invalid)?.value;
            store::put_agency_rule(&mut unit, &scope, key, &rule).await?;
            (before, resolve_default(key, Some(&rule), true))
        }
        Some(organization) => {
            let mut found = store::layers(&mut unit, &scope, &[organization]).await?;
            let mut layers = found.remove(&organization).and_then(|mut layers| layers.remove(&key)).unwrap_or_default();
            let before = resolve(key, &layers, true);
            if before.locked() {
                return Err(refusal(Refused::Locked, &before, "value"));
            }
            layers.own = match value {
                Some(value) => Some(before.choose(value).map_err(|refused| refusal(refused, &before, "value"))?),
                None => None,
            };
            store::put_layers(&mut unit, &scope, organization, key, &layers).await?;
            (before, resolve(key, &layers, true))
        }
    };
    super::agent::shown_changed(&mut unit).await?;
    if key == Key::HoursClosingRule {
        super::hours::look_again(s, &mut unit, place.agency, organization, None).await?;
    }
    let by = By { actor: &user, organization };
    let detail = json!({ "key": key.as_str(), "before": told(&before), "after": told(&after) });
    s.note(&mut unit, &scope, &by, "setting.set", object(&place), detail).await?;
    unit.commit().await?;
    Ok(after)
}

fn object(place: &Place) -> String {
    place.organization.map_or_else(|| place.agency.to_string(), |organization| organization.to_string())
}

fn told(effective: &Effective) -> serde_json::Value {
    let rule = &effective.rule;
    json!({ "value": effective.value, "origin": effective.origin.as_str(), "mode": rule.mode.as_str(),
            "minimum": rule.minimum, "maximum": rule.maximum, "choices": rule.choices })
}

fn known(key: &str) -> Result<Key> {
    Key::parse(key).ok_or_else(|| Error::invalid("key", "UNKNOWN_SETTING", "There is no such setting."))
}

fn invalid((field, reason): (&'static str, &'static str)) -> Error {
    let message = match reason {
        "NOT_A_VALUE" => "This setting cannot have this value.",
        "CANNOT_BE_BOUNDED" => "This is either on or off: leave it free, or lock it.",
        "OUT_OF_BOUNDS" => "The value lies outside of the bounds.",
        _ => "Choose bounds that leave something to choose.",
    };
    Error::invalid(field, reason, message)
}

/// What an agency says of a setting: as the wire brings it.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// How far organizations may depart from it.
    pub mode: Mode,
    /// The value; left out, what it is now in the agency, and what the agency says in an organization.
    pub value: Option<String>,
    /// The least number.
    pub minimum: Option<i64>,
    /// The greatest number.
    pub maximum: Option<i64>,
    /// What may be chosen.
    pub choices: Option<Vec<String>>,
}

/// Leaves a setting free, bounds it or locks it, for all organizations or for one. What is said of one organization and is
/// no different from what is said of all is forgotten. Gives all settings of that place.
///
/// # Errors
/// INVALID for values and bounds that the setting cannot have.
pub async fn set_mode(
    s: &Services,
    actor: &Actor,
    key: &str,
    organization: Option<OrganizationId>,
    wanted: Wanted,
) -> Result<Vec<Effective>> {
    let user = doer_of(actor)?;
    s.policy.may_somewhere(actor, Permission::PackageEdit)?;
    let mut read = s.store.read().await?;
    let place = place_at(&mut read, actor, organization).await?;
    let scope = s.policy.allow(actor, Permission::PackageEdit, &place, "organization")?;
    drop(read);
    let key = known(key)?;
    let Wanted { mode, value, minimum, maximum, choices } = wanted;
    let mut rule = Rule { mode, value, minimum, maximum, choices };
    let mut unit = s.store.write().await?;
    let all = store::agency_rules(&mut unit, &scope).await?.remove(&key);
    let (before, after) = match organization {
        None => {
            rule.value = rule.value.or_else(|| all.as_ref().and_then(|all| all.value.clone()));
            let rule = setting::rule(key, rule).map_err(invalid)?;
            store::put_agency_rule(&mut unit, &scope, key, &rule).await?;
            (resolve_default(key, all.as_ref(), true), resolve_default(key, Some(&rule), true))
        }
        Some(organization) => {
            let rule = setting::rule(key, rule).map_err(invalid)?;
            let mut found = store::layers(&mut unit, &scope, &[organization]).await?;
            let mut layers = found.remove(&organization).and_then(|mut layers| layers.remove(&key)).unwrap_or_default();
            let before = resolve(key, &layers, true);
            let common = all.unwrap_or(Rule::NONE);
            let inherits = rule == Rule { value: rule.value.clone(), ..common.clone() }
                && rule.value.as_ref().is_none_or(|value| Some(value) == common.value.as_ref());
            layers.here = (!inherits).then_some(rule);
            store::put_layers(&mut unit, &scope, organization, key, &layers).await?;
            (before, resolve(key, &layers, true))
        }
    };
    super::agent::shown_changed(&mut unit).await?;
    if key == Key::HoursClosingRule {
        super::hours::look_again(s, &mut unit, place.agency, organization, None).await?;
    }
    let by = By { actor: &user, organization };
    let detail = json!({ "key": key.as_str(), "before": told(&before), "after": told(&after) });
    s.note(&mut unit, &scope, &by, "setting.set_mode", object(&place), detail).await?;
    unit.commit().await?;
    let mut read = s.store.read().await?;
    all_at(s, &mut read, actor, &place).await
}

/// What the agency leaves to the AI agents of an organization.
pub(crate) struct Governing(HashMap<Key, Layers>);

/// What is said where an AI agent stands; nothing is, where it stands nowhere.
pub(crate) async fn governing(
    read: &mut impl Reads,
    agency: AgencyId,
    organization: Option<OrganizationId>,
) -> Result<Governing> {
    let Some(organization) = organization else { return Ok(Governing(HashMap::new())) };
    let mut found = store::layers(read, &house(agency), &[organization]).await?;
    Ok(Governing(found.remove(&organization).unwrap_or_default()))
}

/// Widgets as they are shown, of these AI agents of one agency.
pub(crate) async fn show_all(
    read: &mut impl Reads,
    mut widgets: Vec<Widget>,
    behind: &[AiAgent],
) -> Result<Vec<Widget>> {
    let Some(agency) = behind.first().map(|agent| agent.agency) else { return Ok(widgets) };
    let mut organizations: Vec<OrganizationId> = behind.iter().filter_map(|agent| agent.organization).collect();
    organizations.sort_unstable();
    organizations.dedup();
    let said = store::layers(read, &house(agency), &organizations).await?;
    for widget in &mut widgets {
        let agent = behind.iter().find(|agent| agent.id == widget.ai_agent);
        if let Some(layers) = agent.and_then(|agent| agent.organization).and_then(|there| said.get(&there)) {
            let layers = layers.get(&Key::WidgetPosition).cloned().unwrap_or_default();
            let place = resolve(Key::WidgetPosition, &layers, true).over(widget.position.as_str());
            widget.position = Position::parse(&place).unwrap_or(widget.position);
        }
    }
    Ok(widgets)
}

/// What AI agents have of their own, which a lock or a bound overrules.
const OF_AI_AGENTS: [Key; 3] = [Key::HandoffEnabled, Key::HandoffAskContact, Key::HandoffButtonAfterMessages];

impl Governing {
    /// What counts of one setting here.
    pub(crate) fn one(&self, key: Key) -> Effective {
        resolve(key, self.0.get(&key).unwrap_or(&Layers::default()), true)
    }

    /// The AI agent as it works: with what counts in place of what it says itself.
    pub(crate) fn work(&self, mut agent: AiAgent) -> AiAgent {
        let over = |key: Key, own: String| self.one(key).over(&own);
        agent.handoff_enabled = over(Key::HandoffEnabled, agent.handoff_enabled.to_string()) == "true";
        agent.ask_contact = over(Key::HandoffAskContact, agent.ask_contact.to_string()) == "true";
        let count = over(Key::HandoffButtonAfterMessages, agent.button_after_messages.to_string());
        agent.button_after_messages = count.parse().unwrap_or(agent.button_after_messages);
        for key in Own::KEYS {
            let counts = self.one(key);
            let value = agent.own.get(key).map_or_else(|| counts.value.clone(), |own| counts.over(own));
            agent.own.say(key, value);
        }
        agent
    }

    /// The widget as it is shown.
    pub(crate) fn show(&self, mut widget: Widget) -> Widget {
        let place = self.one(Key::WidgetPosition).over(widget.position.as_str());
        widget.position = Position::parse(&place).unwrap_or(widget.position);
        widget
    }

    /// A new AI agent, which begins with what counts here.
    pub(crate) fn begin(&self, mut agent: AiAgent) -> AiAgent {
        agent.handoff_enabled = self.one(Key::HandoffEnabled).value == "true";
        agent.ask_contact = self.one(Key::HandoffAskContact).value == "true";
        agent.button_after_messages = self.one(Key::HandoffButtonAfterMessages).value.parse().unwrap_or_default();
        agent
    }

    /// Lets an AI agent say something of its own, and gives it as it is kept.
    ///
    /// # Errors
    /// FORBIDDEN with SETTING_LOCKED; INVALID with OUT_OF_BOUNDS.
    pub(crate) fn choose(&self, key: Key, value: impl ToString, field: &'static str) -> Result<String> {
        let counts = self.one(key);
        counts.choose(&value.to_string()).map_err(|refused| refusal(refused, &counts, field))
    }

    /// The keys of AI agents that cannot be changed here.
    pub(crate) fn locked(&self) -> Vec<&'static str> {
        OF_AI_AGENTS.into_iter().chain(Own::KEYS).filter(|key| self.one(*key).locked()).map(Key::as_str).collect()
    }
}
