//! The audit log as people read it, and the walk along its chain.

use std::collections::HashMap;
use std::net::IpAddr;

use serde_json::Value;

use super::Services;
use crate::domain::access::{Actor, Place};
use crate::domain::audit::{AuditCheck, AuditEntry, AuditFilter, guarded_by, sentence};
use crate::domain::id::{AuditEntryId, OrganizationId};
use crate::domain::page::{Page, Rows};
use crate::domain::permission::Permission;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::store::audit as store;

/// How many rows an export has at most.
const EXPORT: usize = 10_000;

/// How many entries are read at once along the chain, and for an export.
const BATCH: usize = 500;

/// From where something is asked, and through whose eyes.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) address: IpAddr,
    pub(super) as_whom: Option<String>,
}

tokio::task_local! {
    /// Set once, at the door, around the execution of each document: every note that is written in it says from where it
    /// came without each function having to pass that on. Work that nobody asked for has none. An execution that went on
    /// in a task of its own would lose it: none of ours writes there.
    static ASKED: Asked;
}

/// Runs what somebody asked for, so that its notes say from where.
pub async fn asked_from<F: Future>(address: IpAddr, actor: &Actor, work: F) -> F::Output {
    let viewing = actor.person().and_then(|person| person.viewing_as.as_ref());
    let as_whom = viewing.map(|viewing| viewing.user.to_string());
    ASKED.scope(Asked { address, as_whom }, work).await
}

/// From where, and through whose eyes, whatever runs now was asked for.
pub(super) fn asked() -> Option<Asked> {
    ASKED.try_with(Clone::clone).ok()
}

/// Who did something, as people know them now.
#[derive(Debug, Clone)]
pub struct Named {
    /// Id of a user, an API key or a visitor, `platform`, or `house`.
    pub id: String,
    /// The name now; a word for them when they are gone.
    pub name: String,
}

/// An entry as people read it.
#[derive(Debug, Clone)]
pub struct Told {
    /// The entry.
    pub entry: AuditEntry,
    /// Who did it.
    pub actor: Named,
    /// Through whose eyes they looked.
    pub as_whom: Option<Named>,
    /// What it was done to is called, if it has a name.
    pub object: Option<String>,
    /// One plain sentence.
    pub summary: String,
    /// What it was before, as JSON.
    pub before: Option<String>,
    /// What it is after, or what else there is to say, as JSON.
    pub after: Option<String>,
}

/// What stands in the place of what the reader may not see.
const HIDDEN: &str = "something that you may not see";

/// What a thing is called when its name is not known.
fn word_for(id: &str) -> &'static str {
    match id.split('_').next().unwrap_or_default() {
        "platform" => "The platform",
        "house" => "The system",
        "usr" | "mem" => "somebody who has left",
        "vis" => "a visitor",
        "cnv" => "a conversation",
        "hnd" => "a request",
        "ses" => "a session",
        "org" => "an organization that is gone",
        "kbe" => "a knowledge entry that is gone",
        "agt" => "an AI agent that is gone",
        "agy" => "the agency",
        "whk" => "a webhook",
        "kwa" => "a keyword alert",
        "key" => "an API key",
        _ => "something that is gone",
    }
}

/// Says an entry; without `all`, nothing of what it was done to.
fn tell(mut entry: AuditEntry, names: &HashMap<String, String>, all: bool) -> Told {
    let detail = if all { entry.details() } else { Value::Null };
    let named = |id: &str| {
        let name = names.get(id).cloned().unwrap_or_else(|| {
            let word = word_for(id);
            // A sentence begins with it.
            word[..1].to_uppercase() + &word[1..]
        });
        Named { id: id.to_owned(), name }
    };
    let mut actor = named(&entry.actor);
    if names.contains_key(&entry.actor) && entry.actor.starts_with("key_") {
        // Nobody takes a program for a person of that name.
        actor.name = format!("API key “{}”", actor.name);
    }
    let as_whom = entry.as_actor.as_deref().map(named);
    let said = ["name", "title"].iter().find_map(|key| {
        let places = [&detail[*key], &detail["after"][*key], &detail["before"][*key]];
        places.into_iter().find_map(Value::as_str).map(str::to_owned)
    });
    let object = names.get(&entry.object).filter(|_| all).cloned().or(said);
    let shown = object.as_deref().unwrap_or(if all { word_for(&entry.object) } else { HIDDEN });
    let mut who = actor.name.clone();
    if let Some(whom) = &as_whom {
        who.push_str(&format!(" (viewing as {})", whom.name));
    }
    let summary = sentence(&entry.action, &who, shown, &detail);
    let json = |value: &Value| Some(value).filter(|value| !value.is_null()).map(Value::to_string);
    let (before, after) = match detail.get("before").is_some() || detail.get("after").is_some() {
        true => (json(&detail["before"]), json(&detail["after"])),
        false => (None, json(&detail).filter(|text| text != "{}")),
    };
    if !all {
        entry.object = HIDDEN.to_owned();
    }
    Told { actor, as_whom, object, summary, before, after, entry }
}

async fn tell_all(s: &Services, actor: &Actor, scope: &Scope, entries: Vec<AuditEntry>) -> Result<Vec<Told>> {
    let mut ids: Vec<String> = Vec::new();
    for entry in &entries {
        ids.push(entry.actor.clone());
        ids.push(entry.object.clone());
        ids.extend(entry.as_actor.clone());
    }
    ids.sort_unstable();
    ids.dedup();
    let names = store::names(&mut s.store.read().await?, scope, &ids).await?.into_iter().collect();
    let all = |entry: &AuditEntry| {
        let place = entry.organization.map_or(Place::agency(entry.agency), |id| Place::organization(entry.agency, id));
        guarded_by(&entry.action).is_none_or(|permission| s.policy.may(actor, permission, &place))
    };
    Ok(entries
        .into_iter()
        .map(|entry| {
            let all = all(&entry);
            tell(entry, &names, all)
        })
        .collect())
}

/// What happened, the newest first: in an organization, or in everything within the person's reach. Whoever looks after the
/// agency itself sees all of it; an organization sees what was done in it, by whomever.
pub async fn entries(
    s: &Services,
    actor: &Actor,
    organization: Option<OrganizationId>,
    filter: &AuditFilter,
    page: &Page<AuditEntryId>,
) -> Result<Rows<Told>> {
    let scope = super::reach(s, actor, Permission::AuditView, organization).await?;
    let mut read = s.store.read().await?;
    let found = store::entries(&mut read, &scope, filter, page).await?;
    drop(read);
    Ok(Rows { more: found.more, rows: tell_all(s, actor, &scope, found.rows).await? })
}

/// The same as CSV (RFC 4180), at most 10,000 rows. A cell that a spreadsheet would take for a formula is led by an
/// apostrophe.
pub async fn csv(
    s: &Services,
    actor: &Actor,
    organization: Option<OrganizationId>,
    filter: &AuditFilter,
) -> Result<String> {
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let header = [
        "at",
        "actor",
        "actor name",
        "as",
        "as name",
        "action",
        "summary",
        "object",
        "object name",
        "organization",
        "before",
        "after",
        "address",
        "hash",
    ];
    out.write_record(header).map_err(Error::internal)?;
    let (mut after, mut rows) = (None, 0);
    loop {
        let page = Page { first: BATCH.min(EXPORT - rows), after };
        let found = entries(s, actor, organization, filter, &page).await?;
        after = found.rows.last().map(|told| told.entry.id);
        rows += found.rows.len();
        for told in found.rows {
            let (id, whom) = told.as_whom.map(|whom| (whom.id, whom.name)).unzip();
            let cells = [
                told.entry.created_at.to_string(),
                told.actor.id,
                told.actor.name,
                id.unwrap_or_default(),
                whom.unwrap_or_default(),
                told.entry.action,
                told.summary,
                told.entry.object,
                told.object.unwrap_or_default(),
                told.entry.organization.map(|id| id.to_string()).unwrap_or_default(),
                told.before.unwrap_or_default(),
                told.after.unwrap_or_default(),
                told.entry.address,
                told.entry.hash.unwrap_or_default(),
            ];
            out.write_record(cells.iter().map(|cell| tame(cell))).map_err(Error::internal)?;
        }
        if !found.more || rows >= EXPORT {
            break;
        }
    }
    let bytes = out.into_inner().map_err(|error| Error::internal(error.to_string()))?;
    String::from_utf8(bytes).map_err(Error::internal)
}

/// A cell that no spreadsheet takes for a formula.
pub fn tame(cell: &str) -> String {
    match cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '|', '%']) {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    }
}

/// Walks the chain of the person's agency from its beginning to its head. An organization is told of its own entries; the
/// chain is the agency's, and one that is broken anywhere is not whole for anybody.
pub async fn check(s: &Services, actor: &Actor, organization: Option<OrganizationId>) -> Result<AuditCheck> {
    let reach = super::reach(s, actor, Permission::AuditView, organization).await?;
    let scope = Scope::system(reach.agency(), "walking the chain of the audit log");
    let mut read = s.store.read().await?;
    let (length, head) = store::head(&mut read, &scope).await?;
    let own = reach.organizations();
    let shown = |entry: &AuditEntry| {
        own.is_none_or(|own| entry.organization.is_some_and(|organization| own.contains(&organization)))
    };
    let mut walk = Walk { seq: 0, hash: String::new(), last: None, entries: 0 };
    let mut broken: Option<AuditEntry> = None;
    'walk: while walk.seq < length {
        let batch = store::in_order(&mut read, &scope, walk.seq, BATCH).await?;
        if batch.is_empty() {
            break;
        }
        for entry in batch {
            if walk.seq == length && entry.seq != Some(length) {
                break 'walk;
            }
            if shown(&entry) {
                walk.entries += 1;
            }
            if !walk.step(&entry) {
                broken = Some(entry);
                break 'walk;
            }
        }
    }
    if broken.is_none() && (walk.seq != length || walk.hash != head) {
        // The end is missing, or is not what the head says.
        broken.clone_from(&walk.last);
    }
    let strays = store::strays(&mut read, &scope).await?;
    let whole = broken.is_none() && strays.is_empty() && walk.seq == length && walk.hash == head;
    let broken_at = match broken {
        Some(entry) => Some(entry).filter(shown).map(|entry| entry.id),
        None => strays.first().copied().filter(|_| own.is_none()),
    };
    Ok(AuditCheck { entries: walk.entries, whole, broken_at, head })
}

/// Where the walk is.
struct Walk {
    seq: i64,
    hash: String,
    last: Option<AuditEntry>,
    entries: i64,
}

impl Walk {
    /// Takes the next entry, if it is what should follow.
    fn step(&mut self, entry: &AuditEntry) -> bool {
        let seq = self.seq + 1;
        let hash = entry.hash_after(&self.hash, seq);
        if entry.seq != Some(seq) || entry.hash.as_deref() != Some(hash.as_str()) {
            return false;
        }
        (self.seq, self.hash, self.last) = (seq, hash, Some(entry.clone()));
        true
    }
}

/// Puts the entries from before there was a chain into it, agency by agency: done once, when the server starts.
pub async fn adopt(s: &Services) -> Result<()> {
    let bare = store::without_chain(&mut s.store.read().await?).await?;
    for agency in bare {
        let scope = Scope::system(agency, "entries from before the chain");
        let mut unit = s.store.write().await?;
        store::adopt(&mut unit, &scope).await?;
        unit.commit().await?;
        super::organization::fill(s, &scope).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::tame;

    #[test]
    fn cells_are_no_formulas() {
        fn check(cell: &str, expected: &str) {
            assert_eq!(tame(cell), expected);
        }
        check("=1+1", "'=1+1");
        check("@x", "'@x");
        check("-2", "'-2");
        check("\t=1", "'\t=1");
        check("plain", "plain");
        check("", "");
    }
}
