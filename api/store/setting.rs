//! What agencies and organizations say of settings. What of it counts is the domain's to say.

use std::collections::HashMap;

use super::{Reads, Write, fail, on};
use crate::domain::id::OrganizationId;
use crate::domain::setting::{Key, Layers, Mode, Rule};
use crate::error::{Error, Result};
use crate::policy::Scope;

type Said = (String, Option<String>, Option<String>, Option<i64>, Option<i64>, Option<String>);

/// The key and the rule of a row; a key or a mode that this version does not know says nothing.
fn rule((key, mode, value, minimum, maximum, choices): Said) -> Option<(Key, Option<Rule>)> {
    let key = Key::parse(&key)?;
    let Some(mode) = mode else { return Some((key, None)) };
    let choices = choices.and_then(|choices| serde_json::from_str(&choices).ok());
    Some((key, Some(Rule { mode: Mode::parse(&mode)?, value, minimum, maximum, choices })))
}

/// What the scope's agency says for all of its organizations.
pub async fn agency_rules(db: &mut impl Reads, scope: &Scope) -> Result<HashMap<Key, Rule>> {
    let rows: Vec<Said> = on!(db, c => sqlx::query_as(
        "select key, mode, value, minimum, maximum, choices from agency_settings where agency_id = $1")
        .bind(scope.agency()).fetch_all(&mut *c).await)
    .map_err(fail)?;
    Ok(rows.into_iter().filter_map(rule).filter_map(|(key, rule)| Some((key, rule?))).collect())
}

type SaidThere =
    (OrganizationId, String, Option<String>, Option<String>, Option<i64>, Option<i64>, Option<String>, Option<String>);

/// All that is said of settings in some organizations of the scope's agency; every organization that is named has an entry.
pub async fn layers(
    db: &mut impl Reads,
    scope: &Scope,
    organizations: &[OrganizationId],
) -> Result<HashMap<OrganizationId, HashMap<Key, Layers>>> {
    let agency = agency_rules(db, scope).await?;
    let base: HashMap<Key, Layers> =
        agency.into_iter().map(|(key, rule)| (key, Layers { agency: Some(rule), ..Layers::default() })).collect();
    let mut found: HashMap<OrganizationId, HashMap<Key, Layers>> =
        organizations.iter().map(|organization| (*organization, base.clone())).collect();
    if organizations.is_empty() {
        return Ok(found);
    }
    let rows: Vec<SaidThere> = on!(db, c => sqlx::query_as(
        "select organization_id, key, mode, value, minimum, maximum, choices, own_value from organization_settings \
         where agency_id = $1 and organization_id in (select value from json_each($2))")
        .bind(scope.agency()).bind(super::types::list(organizations)).fetch_all(&mut *c).await)
    .map_err(fail)?;
    for (organization, key, mode, value, minimum, maximum, choices, own) in rows {
        let Some((key, here)) = rule((key, mode, value, minimum, maximum, choices)) else { continue };
        if let Some(layers) = found.get_mut(&organization) {
            let layers = layers.entry(key).or_default();
            layers.here = here;
            layers.own = own;
        }
    }
    Ok(found)
}

fn texts(choices: Option<&Vec<String>>) -> Result<Option<String>> {
    choices.map(serde_json::to_string).transpose().map_err(Error::internal)
}

/// Keeps what the agency says for all of its organizations.
pub async fn put_agency_rule(db: &mut Write, scope: &Scope, key: Key, rule: &Rule) -> Result<()> {
    let choices = texts(rule.choices.as_ref())?;
    on!(db, c => sqlx::query(
        "insert into agency_settings (agency_id, key, mode, value, minimum, maximum, choices) values ($1, $2, $3, $4, $5, $6, $7) \
         on conflict (agency_id, key) do update set mode = excluded.mode, value = excluded.value, \
         minimum = excluded.minimum, maximum = excluded.maximum, choices = excluded.choices")
        .bind(scope.agency()).bind(key.as_str()).bind(rule.mode.as_str()).bind(&rule.value)
        .bind(rule.minimum).bind(rule.maximum).bind(&choices).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}

/// Keeps what is said in one organization: by the agency about it alone, and by itself.
pub async fn put_layers(
    db: &mut Write,
    scope: &Scope,
    organization: OrganizationId,
    key: Key,
    layers: &Layers,
) -> Result<()> {
    let here = layers.here.as_ref();
    let choices = texts(here.and_then(|rule| rule.choices.as_ref()))?;
    on!(db, c => sqlx::query(
        "insert into organization_settings (agency_id, organization_id, key, mode, value, minimum, maximum, choices, own_value) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         on conflict (organization_id, key) do update set mode = excluded.mode, value = excluded.value, \
         minimum = excluded.minimum, maximum = excluded.maximum, choices = excluded.choices, own_value = excluded.own_value")
        .bind(scope.agency()).bind(organization).bind(key.as_str()).bind(here.map(|rule| rule.mode.as_str()))
        .bind(here.and_then(|rule| rule.value.as_deref())).bind(here.and_then(|rule| rule.minimum))
        .bind(here.and_then(|rule| rule.maximum)).bind(&choices).bind(&layers.own)
        .execute(&mut *c).await.map(|_| ()))
    .map_err(fail)
}
