//! Who a visitor is by the word of the client's site, and how an anonymous one becomes somebody who is known.
//!
//! Whoever is known is always another visitor than the anonymous one before: what somebody else may hold of the anonymous
//! one, such as a token that was planted in the browser, opens nothing of the known one.

use std::collections::BTreeMap;

use serde_json::json;

use super::signed::{self, Signed};
use super::{Arrival, Opened, new_conversation, new_visitor, opened};
use crate::domain::access::{Actor, VisitorActor};
use crate::domain::agent::Visitor;
use crate::domain::change::Change;
use crate::domain::conversation::{Conversation, State};
use crate::domain::id::{VisitorId, WidgetId};
use crate::domain::permission::Permission;
use crate::domain::text;
use crate::domain::time::Time;
use crate::error::{Code, Error, Result};
use crate::policy::Scope;
use crate::service::widget::{self, Shown};
use crate::service::{By, Services, doer_of, seal, visitor_of};
use crate::store::secret::{self, Secret};
use crate::store::{Write, conversation, visitor};

/// What is known of a widget's key; the key itself is shown once.
#[derive(Debug, Clone)]
pub struct KeyState {
    /// The last characters of the newest one, by which people tell it from others; none while there is none.
    pub hint: Option<String>,
    /// When that was made.
    pub created_at: Option<Time>,
    /// Until when the one before it still counts.
    pub previous_until: Option<Time>,
    /// The key itself, for whoever has just made it.
    pub secret: Option<String>,
}

impl KeyState {
    fn of(keys: &[Secret], secret: Option<String>) -> Self {
        let newest = keys.first();
        Self {
            hint: newest.map(|key| key.hint.clone()),
            created_at: newest.map(|key| key.created_at),
            previous_until: keys.iter().filter_map(|key| key.retires_at).max(),
            secret,
        }
    }
}

/// How long the key before a new one counts at most, in hours.
const OVERLAP: i64 = 168;

fn purpose(widget: WidgetId, number: i64) -> String {
    format!("widget secret {widget} {number}")
}

/// What is known of the key of a widget.
///
/// # Errors
/// NOT_FOUND outside the person's reach; FORBIDDEN without `widget.edit_origins`.
pub async fn key_state(s: &Services, actor: &Actor, id: WidgetId) -> Result<KeyState> {
    let (scope, _) = widget::allowed(s, actor, Permission::WidgetEditOrigins, id).await?;
    let mut read = s.store.read().await?;
    Ok(KeyState::of(&secret::secrets(&mut read, &scope, id, s.clock.now()).await?, None))
}

/// Makes a new key for a widget, and shows it this once. The one before counts for so many hours more, 24 when nothing is
/// said: as long as it takes to put the new one into place. Nought ends it at once.
///
/// # Errors
/// CONFLICT with CHANGED_MEANWHILE when somebody made another one at the same time.
pub async fn rotate_key(s: &Services, actor: &Actor, id: WidgetId, keep_hours: Option<i64>) -> Result<KeyState> {
    let user = doer_of(actor)?;
    let keep = keep_hours.unwrap_or(24);
    if !(0..=OVERLAP).contains(&keep) {
        return Err(Error::invalid("keepHours", "OUT_OF_RANGE", format!("Choose a number from 0 to {OVERLAP}.")));
    }
    let (scope, place) = widget::allowed(s, actor, Permission::WidgetEditOrigins, id).await?;
    let now = s.clock.now();
    let key = seal::secret(&s.ids);
    let mut unit = s.store.write().await?;
    let number = secret::next_number(&mut unit, &scope, id).await?;
    let new = Secret {
        number,
        sealed: s.seal.close(&purpose(id, number), &key)?,
        hint: key.chars().skip(key.len() - 4).collect(),
        created_at: now,
        retires_at: None,
    };
    if !secret::insert(&mut unit, &scope, id, &new).await? {
        return Err(Error::conflict("CHANGED_MEANWHILE", "Somebody else made a new secret just now."));
    }
    let ends = now.plus(std::time::Duration::from_secs(keep.unsigned_abs() * 3_600));
    secret::retire(&mut unit, &scope, id, number, ends).await?;
    let keys = secret::secrets(&mut unit, &scope, id, now).await?;
    let by = By { actor: &user, organization: place.organization };
    let detail = json!({ "number": number, "hint": new.hint, "keepHours": keep });
    s.note(&mut unit, &scope, &by, "widget.rotate_secret", id, detail).await?;
    unit.commit().await?;
    Ok(KeyState::of(&keys, Some(key)))
}

/// Reads who a site says that this is.
///
/// # Errors
/// FORBIDDEN with IDENTITY_NOT_SET_UP, IDENTITY_OTHER_ORIGIN, or as [`signed::read`] says.
pub(super) async fn verify(s: &Services, shown: &Shown, token: &str, page: Option<&str>) -> Result<Signed> {
    let scope = Scope::system(shown.agency.id, "who a visitor is by the word of the site");
    let now = s.clock.now();
    let mut read = s.store.read().await?;
    let keys = secret::secrets(&mut read, &scope, shown.widget.id, now).await?;
    drop(read);
    if keys.is_empty() {
        return Err(Error::new(Code::Forbidden, "IDENTITY_NOT_SET_UP", "This widget has no secret to sign with."));
    }
    let open = |key: &Secret| s.seal.open(&purpose(shown.widget.id, key.number), &key.sealed);
    let keys = keys.iter().map(open).collect::<Result<Vec<_>>>()?;
    let signed = signed::read(token, shown.widget.id, &keys, now)?;
    let page = page.and_then(origin_of);
    let at_home = match (&signed.origin, &page) {
        (Some(wanted), Some(page)) => wanted == page,
        (Some(_), None) => false,
        (None, _) => true,
    };
    // Where the widget may only be on some pages, nobody is signed in from another.
    let allowed = &shown.widget.allowed_origins;
    let listed = allowed.is_empty() || page.is_none_or(|page| allowed.contains(&page));
    if !at_home || !listed {
        return Err(Error::new(Code::Forbidden, "IDENTITY_OTHER_ORIGIN", "This signature is not for this page."));
    }
    Ok(signed)
}

/// The origin of a page, as browsers write it.
fn origin_of(page: &str) -> Option<String> {
    let end = page.find("://")? + 3;
    let rest = page.get(end..)?;
    let host = rest.split(['/', '?', '#']).next()?;
    text::origin("pageUrl", &format!("{}{host}", page.get(..end)?)).ok()
}

/// The visitor who asks is somebody whom the site signs for.
pub async fn identify(s: &Services, actor: &Actor, token: &str) -> Result<Opened> {
    let who = visitor_of(actor)?;
    let shown = widget::reachable(s, who.widget).await?;
    let scope = Scope::of_visitor(who);
    let mut read = s.store.read().await?;
    let known = visitor::visitors_of(&mut read, &scope, &[who.visitor]).await?.pop();
    drop(read);
    let known = known.ok_or_else(super::gone)?;
    let signed = verify(s, &shown, token, known.page_url.as_deref()).await?;
    join(s, &shown, &signed, Some(who), &Arrival::of(&known)).await
}

/// Opens the session of somebody whom the site signs for: their own, with what they did before as somebody anonymous.
pub(super) async fn join(
    s: &Services,
    shown: &Shown,
    signed: &Signed,
    before: Option<&VisitorActor>,
    opening: &Arrival,
) -> Result<Opened> {
    // Another was faster to be the same person: once more, and they are known.
    for _ in 0..3 {
        if let Some(opened) = try_join(s, shown, signed, before, opening).await? {
            return Ok(opened);
        }
    }
    Err(Error::unavailable("TRY_AGAIN", "This could not be kept. Please try again."))
}

async fn try_join(
    s: &Services,
    shown: &Shown,
    signed: &Signed,
    before: Option<&VisitorActor>,
    opening: &Arrival,
) -> Result<Option<Opened>> {
    let scope = Scope::system(shown.agency.id, "a visitor whom the site signs for");
    let (now, widget) = (s.clock.now(), shown.widget.id);
    let place = match shown.agent.organization {
        Some(organization) => organization.to_string(),
        None => shown.agent.id.to_string(),
    };
    let mut unit = s.store.write().await?;
    let name = &signed.external_id;
    let id = match visitor::known_as(&mut unit, &scope, widget, &place, name, now).await? {
        Some(id) => id,
        None => {
            let new = new_visitor(s, opening, now);
            visitor::insert(&mut unit, &scope, widget, &new).await?;
            if !visitor::name_as(&mut unit, &scope, widget, &place, name, new.id, now).await? {
                unit.undo().await?;
                return Ok(None);
            }
            new.id
        }
    };
    let absent = || Error::not_found("visitor");
    let mut known = visitor::visitors_of(&mut unit, &scope, &[id]).await?.pop().ok_or_else(absent)?;
    let changed = take_over(&mut unit, &scope, shown, before, &mut known, now).await?;
    vouch(&mut unit, &scope, &mut known, signed, opening).await?;
    let row = go_on(s, &mut unit, &scope, shown, id, changed, now).await?;
    unit.commit().await?;
    let actor = VisitorActor {
        visitor: id,
        widget,
        ai_agent: shown.agent.id,
        agency: shown.agency.id,
        organization: shown.agent.organization,
        conversation: row.id,
        identified: true,
    };
    opened(s, actor, row).map(Some)
}

/// Makes an anonymous visitor of the same organization the known one. Says whether there was one.
async fn take_over(
    unit: &mut Write,
    scope: &Scope,
    shown: &Shown,
    before: Option<&VisitorActor>,
    known: &mut Visitor,
    now: Time,
) -> Result<bool> {
    let Some(before) = before.filter(|before| before.visitor != known.id && before.widget == shown.widget.id) else {
        return Ok(false);
    };
    let standing = visitor::standing(unit, scope, before.visitor, before.conversation, None).await?;
    // Somebody else whom the site signed for stays who they are: two people use one browser. So does whoever is kept out.
    if standing.is_none_or(|standing| standing.gone || standing.blocked)
        || visitor::is_named(unit, scope, before.visitor).await?
    {
        return Ok(false);
    }
    let theirs = conversation::all_of_visitor(unit, scope, before.visitor).await?;
    // Never across organizations: what was said to another one stays with it, and with whom it was said by.
    if theirs.iter().any(|row| row.organization != shown.agent.organization) {
        return Ok(false);
    }
    if !visitor::merge(unit, scope, before.visitor, known.id, now).await? {
        return Ok(false);
    }
    if let Some(anonymous) = visitor::visitors_of(unit, scope, &[before.visitor]).await?.pop() {
        known.name = known.name.take().or(anonymous.name);
        known.email = known.email.take().or(anonymous.email);
        known.phone = known.phone.take().or(anonymous.phone);
        known.first_seen_at = known.first_seen_at.min(anonymous.first_seen_at);
        known.attributes = json!(merged(&anonymous.attributes, &read_attributes(&known.attributes))).to_string();
    }
    for row in theirs {
        if let Some(row) = conversation::conversation(unit, scope, row.id).await? {
            unit.note(Change::Left(row.id));
            unit.note(Change::Conversation { conversation: row.into(), message: None });
        }
    }
    Ok(true)
}

/// Keeps what the site says of the known one. What it has not said, others may have said, and that does not count as signed.
async fn vouch(unit: &mut Write, scope: &Scope, known: &mut Visitor, signed: &Signed, opening: &Arrival) -> Result<()> {
    let mut words = vec!["id"];
    for (word, field, said) in [
        ("name", &mut known.name, &signed.name),
        ("email", &mut known.email, &signed.email),
        ("phone", &mut known.phone, &signed.phone),
    ] {
        if let Some(said) = said {
            *field = Some(said.clone());
            words.push(word);
        }
    }
    known.external_id = Some(signed.external_id.clone());
    known.verified = words.join(" ");
    known.attributes = json!(merged(&known.attributes, &signed.attributes)).to_string();
    opening.update(known);
    visitor::vouch(unit, scope, known, &json!(signed.attributes).to_string()).await
}

/// The one conversation in which the visitor goes on, of those that came together: one with a person in it or waited for,
/// else the one in which something happened last. The others are left, and stay as they are.
async fn go_on(
    s: &Services,
    unit: &mut Write,
    scope: &Scope,
    shown: &Shown,
    id: VisitorId,
    changed: bool,
    now: Time,
) -> Result<Conversation> {
    let mut open = conversation::open_of_visitor(unit, scope, id).await?;
    open.retain(|row| row.organization == shown.agent.organization);
    let waits = |row: &Conversation| matches!(row.state, State::Requested | State::Human | State::Collecting);
    // Where they wrote last: an answer of the AI that comes late elsewhere takes them nowhere.
    open.sort_by_key(|row| {
        (waits(row), row.started_at.is_some(), row.last_visitor_message_at, row.last_activity_at, row.id)
    });
    let Some(current) = open.pop() else {
        let row = new_conversation(s, shown, id, now);
        conversation::insert(unit, scope, &row).await?;
        return Ok(row);
    };
    for left in &open {
        if conversation::leave(unit, scope, left.id, now).await? {
            unit.note(Change::Left(left.id));
        }
    }
    if (changed || !open.is_empty())
        && current.started_at.is_some()
        && let Some(row) = conversation::show_anew(unit, scope, current.id).await?
    {
        unit.note(Change::Conversation { conversation: row.clone().into(), message: None });
        return Ok(row);
    }
    Ok(current)
}

fn read_attributes(text: &str) -> BTreeMap<String, String> {
    serde_json::from_str(text).unwrap_or_default()
}

/// Attributes with others over them; not more than may be.
fn merged(below: &str, over: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut all = over.clone();
    for (key, value) in read_attributes(below) {
        if all.len() < signed::ATTRIBUTES {
            all.entry(key).or_insert(value);
        }
    }
    all
}

/// What the page says of the visitor: texts, never who they are, and nothing over what the site has signed for.
///
/// # Errors
/// INVALID with TOO_MANY, TOO_LONG or EMPTY.
pub async fn set_attributes(s: &Services, actor: &Actor, given: Vec<(String, String)>) -> Result<()> {
    let who = visitor_of(actor)?;
    let given = signed::attributes(given)?;
    let scope = Scope::of_visitor(who);
    let mut unit = s.store.write().await?;
    let signed = read_attributes(&visitor::signed_attributes(&mut unit, &scope, who.visitor).await?);
    let known = visitor::visitors_of(&mut unit, &scope, &[who.visitor]).await?.pop();
    let mut known = known.ok_or_else(super::gone)?;
    let attributes = json!(merged(&json!(given).to_string(), &signed)).to_string();
    if attributes == known.attributes {
        return unit.undo().await;
    }
    known.attributes = attributes;
    visitor::update(&mut unit, &scope, &known).await?;
    super::block::show_again(&mut unit, &scope, who.visitor).await?;
    unit.commit().await
}

/// The visitor is on another page now.
pub async fn visit_page(s: &Services, actor: &Actor, page_url: &str) -> Result<()> {
    let who = visitor_of(actor)?;
    let Some(page_url) = super::page(Some(page_url))? else {
        return Err(Error::invalid("pageUrl", "NOT_A_PAGE", "A page begins with https:// or http://."));
    };
    let scope = Scope::of_visitor(who);
    let mut unit = s.store.write().await?;
    let known = visitor::visitors_of(&mut unit, &scope, &[who.visitor]).await?.pop();
    let mut known = known.ok_or_else(super::gone)?;
    if known.page_url.as_ref() == Some(&page_url) {
        return unit.undo().await;
    }
    known.page_url = Some(page_url);
    visitor::update(&mut unit, &scope, &known).await?;
    super::block::show_again(&mut unit, &scope, who.visitor).await?;
    unit.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_an_origin() {
        fn check(page: &str, expected: Option<&str>) {
            assert_eq!(origin_of(page).as_deref(), expected, "{page}");
        }
        check("https://Shop.example/a/b?c#d", Some("https://shop.example"));
        check("https://shop.example:8443", Some("https://shop.example:8443"));
        check("http://127.0.0.1:8080/demo", Some("http://127.0.0.1:8080"));
        check("https://shop.example@evil.test/", None);
        check("javascript:alert(1)", None);
        check("shop.example", None);
    }

    #[test]
    fn what_is_signed_lies_over_what_is_said() {
        let over = BTreeMap::from([("plan".to_owned(), "gold".to_owned())]);
        let all = merged(r#"{"plan":"free","city":"Ulm"}"#, &over);
        assert_eq!(all["plan"], "gold");
        assert_eq!(all["city"], "Ulm");
        let many: BTreeMap<String, String> = (0..30).map(|at| (format!("k{at}"), String::new())).collect();
        assert_eq!(merged(&json!(many).to_string(), &over).len(), signed::ATTRIBUTES);
    }
}
