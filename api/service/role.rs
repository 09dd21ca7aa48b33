//! Roles: those that every agency has, those that it makes for many organizations at once, and who would gain or lose what.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::json;

use super::{By, Services, agency_of, handoff, place_at, team, user_of};
use crate::domain::access::{Actor, BUILT_IN_ROLES, BuiltInRole, Membership, Person, Place};
use crate::domain::change::Change;
use crate::domain::id::{AgencyId, OrganizationId, RoleId, SessionId, UserId};
use crate::domain::key::may_have;
use crate::domain::permission::{AgencyRole, Level, Permission, PermissionSet};
use crate::domain::text;
use crate::error::{Code, Error, Result};
use crate::policy::{Policy, Scope};
use crate::store::{Creation, Reads, Write, access, create_once, identity, key as keys, locate, role as store};

fn house(agency: AgencyId) -> Scope {
    Scope::system(agency, "what a role allows")
}

/// Sees to it that the policy knows the roles that these memberships name, as they are now in the database. Called before
/// anything is decided about somebody who was just read; a role that is known already costs no more than a look at its version.
pub(crate) async fn learn(
    s: &Services,
    read: &mut impl Reads,
    agency: AgencyId,
    memberships: impl IntoIterator<Item = &Membership>,
) -> Result<()> {
    let mut named: Vec<RoleId> = memberships
        .into_iter()
        .filter(|membership| BuiltInRole::find(&membership.role_key).is_none())
        .map(|membership| membership.role)
        .collect();
    named.sort_unstable();
    named.dedup();
    if named.is_empty() {
        return Ok(());
    }
    let scope = house(agency);
    let mut newer = Vec::new();
    for (id, version) in store::versions_of(read, &scope, &named).await? {
        if s.policy.version_of(&id.to_string()).is_none_or(|known| known < version) {
            newer.push(id);
        }
    }
    if newer.is_empty() {
        return Ok(());
    }
    for role in store::roles_of(read, &scope, &newer).await? {
        s.policy.learn(role)?;
    }
    Ok(())
}

pub use crate::domain::people::RoleGiven as Role;

impl Role {
    fn own(role: &AgencyRole) -> Self {
        Self {
            id: role.id,
            key: role.id.to_string(),
            name: role.name.clone(),
            description: role.description.clone(),
            level: role.level,
            permissions: role.permissions,
            version: role.version,
            built_in: false,
            assigned_only: false,
        }
    }

    fn built_in(policy: &Policy, role: &BuiltInRole) -> Self {
        Self {
            id: access::role_id(role.key),
            key: role.key.to_owned(),
            name: role.name.to_owned(),
            description: described(role.key).to_owned(),
            level: role.level,
            permissions: policy.permissions_of(role.key).unwrap_or_default(),
            version: 1,
            built_in: true,
            assigned_only: role.assigned_only,
        }
    }

    /// What it gives at a place: an organization knows no permissions of the agency.
    pub(super) fn gives_at(&self, place: &Place) -> PermissionSet {
        match place.organization {
            Some(_) => self.permissions.intersection(PermissionSet::OF_AN_ORGANIZATION),
            None => self.permissions,
        }
    }
}

fn described(key: &str) -> &'static str {
    match key {
        "agency.owner" => "Everything in the agency",
        "agency.admin" => "Everything in the agency, except deleting organizations and viewing as a client",
        "agency.member" => "Works in the organizations assigned to them",
        "organization.owner" => "Everything in the organization",
        "organization.admin" => "Runs the organization and its team",
        "organization.supervisor" => "Leads operators and sees figures",
        "organization.operator" => "Answers live chats",
        "organization.analyst" => "Reads conversations and figures",
        "organization.viewer" => "Looks, and changes nothing",
        _ => "",
    }
}

/// The role of a membership that has been read with [`learn`]; a role that is gone has no name and allows nothing.
pub fn role_of(s: &Services, membership: &Membership) -> Role {
    if let Some(built_in) = BuiltInRole::find(&membership.role_key) {
        return Role::built_in(&s.policy, built_in);
    }
    match s.policy.own_role(&membership.role_key).filter(|role| role.agency == membership.agency) {
        Some(own) => Role::own(&own),
        None => Role {
            id: membership.role,
            key: membership.role_key.clone(),
            name: "Deleted role".to_owned(),
            description: String::new(),
            level: if membership.organization.is_some() { Level::Organization } else { Level::Agency },
            permissions: PermissionSet::EMPTY,
            version: 0,
            built_in: false,
            assigned_only: false,
        },
    }
}

/// The role of that id: built-in, or one that the agency has. The policy knows it afterwards.
///
/// # Errors
/// NOT_FOUND for any other.
pub(crate) async fn find(s: &Services, read: &mut impl Reads, agency: AgencyId, id: RoleId) -> Result<Role> {
    if let Some(built_in) = BUILT_IN_ROLES.iter().find(|role| access::role_id(role.key) == id) {
        return Ok(Role::built_in(&s.policy, built_in));
    }
    let found = store::roles_of(read, &house(agency), &[id]).await?.pop().filter(|role| !role.deleted);
    let found = found.ok_or_else(|| Error::not_found("role"))?;
    s.policy.learn(found.clone())?;
    Ok(Role::own(&found))
}

/// The role of that key, as memberships and invitations name it; the same as [`find`] otherwise.
///
/// # Errors
/// NOT_FOUND when there is none any more.
pub(crate) async fn find_by_key(s: &Services, read: &mut impl Reads, agency: AgencyId, key: &str) -> Result<Role> {
    match BuiltInRole::find(key) {
        Some(built_in) => Ok(Role::built_in(&s.policy, built_in)),
        None => find(s, read, agency, key.parse().map_err(|_| Error::not_found("role"))?).await,
    }
}

/// A role, and whether whoever asks may give it.
#[derive(Debug, Clone)]
pub struct Givable {
    /// The role.
    pub role: Role,
    /// Why not: CANNOT_GRANT or MISSING_PERMISSION.
    pub reason: Option<&'static str>,
}

/// Why the actor cannot give that role at a place, if they cannot: they lack the right to give roles there, or something
/// that the role allows.
pub(crate) fn cannot_give(s: &Services, actor: &Actor, role: &Role, place: &Place) -> Option<&'static str> {
    let held = s.policy.permissions_at(actor, place);
    let gives = match place.organization {
        Some(_) => held.contains(Permission::TeamSetRoles) || held.contains(Permission::TeamInvite),
        None => held.contains(Permission::StaffManage),
    };
    if !gives {
        Some("MISSING_PERMISSION")
    } else if !held.contains_all(role.gives_at(place)) {
        Some("CANNOT_GRANT")
    } else {
        None
    }
}

/// Every role of an agency, of either level: built-in ones first. The policy knows them afterwards.
pub(super) async fn all(s: &Services, read: &mut impl Reads, place: &Place) -> Result<Vec<Role>> {
    let own = store::roles(read, &house(place.agency)).await?;
    for role in &own {
        s.policy.learn(role.clone())?;
    }
    let built_in = BUILT_IN_ROLES.iter().map(|role| Role::built_in(&s.policy, role));
    Ok(built_in.chain(own.iter().map(Role::own)).collect())
}

/// The roles that can be given in an organization, or in the agency itself: built-in ones first.
pub async fn givable(s: &Services, actor: &Actor, organization: Option<OrganizationId>) -> Result<Vec<Givable>> {
    s.policy.may_somewhere(actor, Permission::TeamView)?;
    let mut read = s.store.read().await?;
    let place = place_at(&mut read, actor, organization).await?;
    s.policy.allow(actor, Permission::TeamView, &place, "organization")?;
    let level = if organization.is_some() { Level::Organization } else { Level::Agency };
    let all = all(s, &mut read, &place).await?.into_iter().filter(|role| role.level == level);
    Ok(all.map(|role| Givable { reason: cannot_give(s, actor, &role, &place), role }).collect())
}

/// A role of the agency with how much it is used.
#[derive(Debug, Clone)]
pub struct Package {
    /// The role.
    pub role: AgencyRole,
    /// How many people have it.
    pub members: i64,
    /// In how many organizations.
    pub organizations: i64,
}

fn own_agency(s: &Services, actor: &Actor) -> Result<(Place, Scope)> {
    let place = Place::agency(agency_of(actor)?);
    let scope = s.policy.allow(actor, Permission::PackageEdit, &place, "package")?;
    Ok((place, scope))
}

async fn with_uses(read: &mut impl Reads, scope: &Scope, roles: Vec<AgencyRole>) -> Result<Vec<Package>> {
    let keys: Vec<String> = roles.iter().map(|role| role.id.to_string()).collect();
    let uses = store::uses(read, scope, &keys).await?;
    let with = |role: AgencyRole| {
        let (members, organizations) = uses.get(&role.id.to_string()).copied().unwrap_or_default();
        Package { role, members, organizations }
    };
    Ok(roles.into_iter().map(with).collect())
}

/// The roles that the agency made, oldest first.
pub async fn packages(s: &Services, actor: &Actor) -> Result<Vec<Package>> {
    let (_, scope) = own_agency(s, actor)?;
    let mut read = s.store.read().await?;
    let roles = store::roles(&mut read, &scope).await?;
    with_uses(&mut read, &scope, roles).await
}

async fn load(s: &Services, read: &mut impl Reads, actor: &Actor, id: RoleId) -> Result<(Place, Scope, AgencyRole)> {
    s.policy.may_somewhere(actor, Permission::PackageEdit)?;
    let place = locate::role(read, id).await?.ok_or_else(|| Error::not_found("package"))?;
    let scope = s.policy.allow(actor, Permission::PackageEdit, &place, "package")?;
    let found = store::roles_of(read, &scope, &[id]).await?.pop().filter(|role| !role.deleted);
    Ok((place, scope, found.ok_or_else(|| Error::not_found("package"))?))
}

/// One role that the agency made.
///
/// # Errors
/// NOT_FOUND for any other.
pub async fn package(s: &Services, actor: &Actor, id: RoleId) -> Result<Package> {
    let mut read = s.store.read().await?;
    let (_, scope, found) = load(s, &mut read, actor, id).await?;
    let found = with_uses(&mut read, &scope, vec![found]).await?.pop();
    found.ok_or_else(|| Error::not_found("package"))
}

/// The permissions of these names, which a role of that level can have.
fn permissions(names: &[String], level: Level) -> Result<PermissionSet> {
    let mut set = PermissionSet::EMPTY;
    for name in names {
        let permission: Permission = name.parse().map_err(|_| {
            Error::invalid("permissions", "UNKNOWN_PERMISSION", format!("There is no permission “{}”.", clip(name)))
        })?;
        set = set.insert(permission);
    }
    let beyond = set.without(PermissionSet::OF_AN_ORGANIZATION);
    if level == Level::Organization && !beyond.is_empty() {
        let switches: Vec<_> = beyond.iter().map(Permission::switch).collect();
        let message = format!("“{}” can only be had in the agency itself.", switches.join("”, “"));
        return Err(Error::invalid("permissions", "WRONG_LEVEL", message));
    }
    if set.is_empty() {
        return Err(Error::invalid("permissions", "EMPTY", "Choose at least one permission."));
    }
    Ok(set)
}

fn clip(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}

/// Nobody grants what they do not hold themselves.
fn may_grant(s: &Services, actor: &Actor, place: &Place, given: PermissionSet) -> Result<()> {
    let lacking = given.without(s.policy.permissions_at(actor, place));
    let Some(first) = lacking.iter().next() else { return Ok(()) };
    let message = format!("Nobody grants what they lack, and you lack “{}” ({first}).", first.switch());
    Err(Error { permission: Some(first.as_str()), ..Error::new(Code::Forbidden, "CANNOT_GRANT", message) })
}

/// Roles of the agency's own staff need one permission more than packages.
fn may_make(s: &Services, actor: &Actor, place: &Place, level: Level) -> Result<()> {
    if level == Level::Agency {
        s.policy.allow(actor, Permission::RoleEdit, place, "package")?;
    }
    Ok(())
}

/// Two roles of one name cannot be told apart by whoever gives them.
async fn name_is_free(read: &mut impl Reads, scope: &Scope, name: &str, but: Option<RoleId>) -> Result<()> {
    let wanted = text::searchable(name);
    let taken = BUILT_IN_ROLES.iter().any(|role| text::searchable(role.name) == wanted)
        || store::roles(read, scope)
            .await?
            .iter()
            .any(|role| Some(role.id) != but && text::searchable(&role.name) == wanted);
    if taken {
        return Err(Error { field: Some("name"), ..Error::conflict("NAME_TAKEN", "Another role has this name.") });
    }
    Ok(())
}

fn told(role: &AgencyRole) -> serde_json::Value {
    let permissions: Vec<_> = role.permissions.iter().map(Permission::as_str).collect();
    json!({ "name": role.name, "description": role.description, "level": role.level.as_str(), "permissions": permissions })
}

/// What a new role is made of.
#[derive(Debug, Clone)]
pub struct New<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it is for.
    pub description: Option<&'a str>,
    /// Where it can be given.
    pub level: Level,
    /// What it allows, by name.
    pub permissions: &'a [String],
}

/// Makes a role of the agency.
///
/// # Errors
/// FORBIDDEN with CANNOT_GRANT for permissions that whoever asks lacks, and without `role.edit` for a role of the agency's own
/// staff; INVALID with UNKNOWN_PERMISSION, WRONG_LEVEL or EMPTY; CONFLICT with NAME_TAKEN.
pub async fn create(s: &Services, actor: &Actor, client_id: &str, new: New<'_>) -> Result<Package> {
    let user = user_of(actor)?.to_string();
    let (place, scope) = own_agency(s, actor)?;
    may_make(s, actor, &place, new.level)?;
    let client_id = text::client_id(client_id)?;
    let name = text::line("name", new.name, 60)?;
    let description = text::optional_block("description", new.description.unwrap_or_default(), 300)?;
    let permissions = permissions(new.permissions, new.level)?;
    may_grant(s, actor, &place, permissions)?;
    let now = s.clock.now();
    let role = AgencyRole {
        id: s.ids.next(now),
        agency: place.agency,
        level: new.level,
        name,
        description,
        version: 1,
        permissions,
        created_at: now,
        updated_at: now,
        deleted: false,
    };
    let mut unit = s.store.write().await?;
    let creation = Creation {
        actor: &user,
        client_id: &client_id,
        agency: place.agency,
        fingerprint: &format!("createPackage {}", told(&role)),
        result: &role.id.to_string(),
        now,
    };
    if let Some(first) = create_once(&mut unit, &creation).await? {
        let first: RoleId = first.parse().map_err(Error::internal)?;
        unit.undo().await?;
        return package(s, actor, first).await;
    }
    name_is_free(&mut unit, &scope, &role.name, None).await?;
    store::insert(&mut unit, &role).await?;
    let by = By { actor: &user, organization: None };
    s.note(&mut unit, &scope, &by, "package.create", role.id, told(&role)).await?;
    unit.commit().await?;
    s.policy.learn(role.clone())?;
    Ok(Package { role, members: 0, organizations: 0 })
}

fn changed_meanwhile() -> Error {
    Error::conflict("CHANGED_MEANWHILE", "Somebody else changed this meanwhile. Please look again.")
}

/// What is changed about a role; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct Edit<'a> {
    /// Its name.
    pub name: Option<&'a str>,
    /// What it is for.
    pub description: Option<&'a str>,
    /// What it allows, by name.
    pub permissions: Option<&'a [String]>,
}

/// Changes a role for everybody who has it, at once: streams ask again, and chats that somebody may not answer any more go
/// back to the queue in the same unit.
///
/// # Errors
/// CONFLICT with CHANGED_MEANWHILE when it has another version by now; otherwise as [`create`].
pub async fn update(s: &Services, actor: &Actor, id: RoleId, version: i64, edit: Edit<'_>) -> Result<Package> {
    let user = user_of(actor)?.to_string();
    let mut read = s.store.read().await?;
    let (place, scope, before) = load(s, &mut read, actor, id).await?;
    drop(read);
    may_make(s, actor, &place, before.level)?;
    let name = edit.name.map(|name| text::line("name", name, 60)).transpose()?;
    let description = edit.description.map(|text| text::optional_block("description", text, 300)).transpose()?;
    let permissions = edit.permissions.map(|names| permissions(names, before.level)).transpose()?;
    let now = s.clock.now();
    if before.version != version {
        return Err(changed_meanwhile());
    }
    let after = AgencyRole {
        name: name.unwrap_or(before.name.clone()),
        description: description.unwrap_or(before.description.clone()),
        permissions: permissions.unwrap_or(before.permissions),
        updated_at: now,
        ..before.clone()
    };
    may_grant(s, actor, &place, after.permissions.without(before.permissions))?;
    let keeps = |role: &AgencyRole| role.permissions.contains(Permission::LiveChatRespond);
    let mut unit = s.store.write().await?;
    if after.name != before.name {
        name_is_free(&mut unit, &scope, &after.name, Some(id)).await?;
    }
    // Read before anything is written: what the policy learns from it has to be kept already.
    let loses = keeps(&before) && !keeps(&after);
    let busy = match loses {
        true => busy(s, &mut unit, &scope, &id.to_string()).await?,
        false => Vec::new(),
    };
    if !store::update(&mut unit, &scope, &after).await? {
        return Err(changed_meanwhile());
    }
    let after = AgencyRole { version: version + 1, ..after };
    if !busy.is_empty() {
        release(s, &mut unit, &scope, &s.policy.supposing(after.clone())?, busy).await?;
    }
    rights_changed(&mut unit).await?;
    let by = By { actor: &user, organization: None };
    let detail = json!({ "before": told(&before), "after": told(&after) });
    s.note(&mut unit, &scope, &by, "package.update", id, detail).await?;
    unit.commit().await?;
    s.policy.learn(after)?;
    if loses {
        sweep(s, &scope, &id.to_string()).await?;
    }
    package(s, actor, id).await
}

/// Whoever relies on anybody's rights asks again.
async fn rights_changed(unit: &mut Write) -> Result<()> {
    access::raise_authority(unit).await?;
    unit.note(Change::Authority { user: None });
    Ok(())
}

/// Those of the people with a role who have a chat.
async fn busy(s: &Services, unit: &mut Write, scope: &Scope, key: &str) -> Result<Vec<Person>> {
    let users = store::busy_with(unit, scope, key).await?;
    people(s, unit, scope, &users).await
}

/// Gives back what these people cannot answer any more under that policy.
async fn release(s: &Services, unit: &mut Write, scope: &Scope, policy: &Policy, people: Vec<Person>) -> Result<()> {
    for person in people {
        let actor = Actor::Person(Arc::new(person));
        let Some(user) = actor.person().map(|person| person.user) else { continue };
        let still = |place: &Place| policy.may(&actor, Permission::LiveChatRespond, place);
        handoff::release_claims(s, unit, scope, user, still).await?;
    }
    Ok(())
}

/// Gives back, once the change of a role is kept, what people with that role took meanwhile: whoever was let in under the old
/// one and was kept before this is found here, and whoever is kept later looks once more (see `handoff`).
async fn sweep(s: &Services, scope: &Scope, key: &str) -> Result<()> {
    let users = store::busy_with(&mut s.store.read().await?, scope, key).await?;
    for user in users {
        // A unit for each: whoever takes a chat holds themselves and then the chat, and so does this.
        let mut unit = s.store.write().await?;
        identity::lock_user(&mut unit, scope, user).await?;
        team::release_claims(s, &mut unit, scope, user).await?;
        unit.commit().await?;
    }
    Ok(())
}

/// People with all that they belong to that counts, and every role of it known to the policy. They are asked about, and never ask.
pub(super) async fn people(
    s: &Services,
    read: &mut impl Reads,
    scope: &Scope,
    users: &[UserId],
) -> Result<Vec<Person>> {
    let found = access::memberships_of_users(read, scope, users).await?;
    learn(s, read, scope.agency(), found.iter().map(|(_, membership)| membership)).await?;
    let mut held: HashMap<UserId, Vec<Membership>> = HashMap::new();
    for (user, membership) in found {
        held.entry(user).or_default().push(membership);
    }
    let session = SessionId::from_number(0);
    let person = |user: &UserId| {
        let memberships = held.remove(user)?;
        Some(Person {
            user: *user,
            agency: scope.agency(),
            session,
            name: String::new(),
            memberships,
            viewing_as: None,
        })
    };
    Ok(users.iter().filter_map(person).collect())
}

/// Deletes a role. Whoever has it gets the replacement in the same unit.
///
/// # Errors
/// CONFLICT with IN_USE when somebody has it and there is no replacement; INVALID with WRONG_LEVEL for a replacement that can be
/// given elsewhere only; FORBIDDEN with CANNOT_GRANT for one that whoever asks may not give.
pub async fn delete(s: &Services, actor: &Actor, id: RoleId, replacement: Option<RoleId>) -> Result<()> {
    let user = user_of(actor)?.to_string();
    let mut read = s.store.read().await?;
    let (place, scope, before) = load(s, &mut read, actor, id).await?;
    may_make(s, actor, &place, before.level)?;
    let replacement = match replacement {
        Some(wanted) => {
            let found = find(s, &mut read, place.agency, wanted).await?;
            if found.level != before.level || wanted == id {
                let message = "The replacement has to be another role of the same kind.";
                return Err(Error::invalid("replacementRoleId", "WRONG_LEVEL", message));
            }
            may_grant(s, actor, &place, found.permissions)?;
            Some(found)
        }
        None => None,
    };
    drop(read);
    let key = id.to_string();
    let after =
        AgencyRole { deleted: true, updated_at: s.clock.now(), permissions: PermissionSet::EMPTY, ..before.clone() };
    let mut unit = s.store.write().await?;
    let used = store::uses(&mut unit, &scope, std::slice::from_ref(&key)).await?.contains_key(&key)
        || keys::has_role(&mut unit, &scope, &key, after.updated_at).await?;
    if used && replacement.is_none() {
        return Err(Error::conflict("IN_USE", "People or API keys have this role. Choose another one for them first."));
    }
    let mut busy = busy(s, &mut unit, &scope, &key).await?;
    if !store::update(&mut unit, &scope, &after).await? {
        return Err(changed_meanwhile());
    }
    if let Some(replacement) = &replacement {
        store::replace(&mut unit, &scope, &key, &replacement.key).await?;
        // A key that cannot have the replacement keeps a role that is gone, and may do nothing.
        if may_have(&replacement.key, replacement.assigned_only).is_ok() {
            keys::replace_role(&mut unit, &scope, &key, &replacement.key).await?;
        }
        for membership in busy.iter_mut().flat_map(|person| &mut person.memberships) {
            if membership.role_key == key {
                membership.role = replacement.id;
                membership.role_key.clone_from(&replacement.key);
            }
        }
        release(s, &mut unit, &scope, &s.policy, busy).await?;
    }
    rights_changed(&mut unit).await?;
    let by = By { actor: &user, organization: None };
    let loses = |after: &&Role| {
        let answers = |held: PermissionSet| held.contains(Permission::LiveChatRespond);
        answers(before.permissions) && !answers(after.permissions)
    };
    let lesser = replacement.as_ref().filter(loses).map(|role| role.key.clone());
    let detail = json!({ "before": told(&before), "replacement": replacement.map(|role| role.name) });
    s.note(&mut unit, &scope, &by, "package.delete", id, detail).await?;
    unit.commit().await?;
    s.policy.learn(AgencyRole { version: before.version + 1, ..after })?;
    match lesser {
        Some(key) => sweep(s, &scope, &key).await,
        None => Ok(()),
    }
}

/// Who would gain and lose what.
#[derive(Debug, Clone)]
pub struct PackageChange {
    /// The version that this was worked out for.
    pub version: i64,
    /// What the role would allow besides.
    pub gains: PermissionSet,
    /// What it would not allow any more.
    pub loses: PermissionSet,
    /// How many people would notice.
    pub people_count: usize,
    /// Some of them, at most [`SHOWN`].
    pub people: Vec<PersonChange>,
}

/// How one person's rights would change in one place, net of everything else that they hold.
#[derive(Debug, Clone)]
pub struct PersonChange {
    /// Who.
    pub user: UserId,
    /// Where; none for the agency itself.
    pub organization: Option<OrganizationId>,
    /// What they could do besides.
    pub gains: PermissionSet,
    /// What they could not do any more.
    pub loses: PermissionSet,
}

/// How many people a dry run names.
pub const SHOWN: usize = 200;
/// How many people are looked at together.
const AT_ONCE: i64 = 500;

/// Works out what a change of a role would do, and changes nothing.
///
/// # Errors
/// As [`update`].
pub async fn package_change(s: &Services, actor: &Actor, id: RoleId, names: &[String]) -> Result<PackageChange> {
    let mut read = s.store.read().await?;
    let (_, scope, before) = load(s, &mut read, actor, id).await?;
    let after = AgencyRole { permissions: permissions(names, before.level)?, ..before.clone() };
    let key = id.to_string();
    // Both sides are asked of a policy, and by the very rules that will decide.
    s.policy.learn(before.clone())?;
    let mut change = PackageChange {
        version: before.version,
        gains: after.permissions.without(before.permissions),
        loses: before.permissions.without(after.permissions),
        people_count: 0,
        people: Vec::new(),
    };
    if change.gains.is_empty() && change.loses.is_empty() {
        return Ok(change);
    }
    let mut last = None;
    loop {
        let users = store::people_with(&mut read, &scope, &key, last, AT_ONCE).await?;
        let Some(newest) = users.last() else { break };
        last = Some(*newest);
        let people = people(s, &mut read, &scope, &users).await?;
        // After these people's other roles are known, which both sides need.
        let later = s.policy.supposing(after.clone())?;
        for person in people {
            let changes = changes_of(&s.policy, &later, person, &key);
            change.people_count += usize::from(!changes.is_empty());
            let room = SHOWN - change.people.len();
            change.people.extend(changes.into_iter().take(room));
        }
    }
    Ok(change)
}

/// What one person would notice, in each place where they have the role.
fn changes_of(now: &Policy, later: &Policy, person: Person, key: &str) -> Vec<PersonChange> {
    let actor = Actor::Person(Arc::new(person));
    let Some(person) = actor.person() else { return Vec::new() };
    let mut changes = Vec::new();
    for membership in person.memberships.iter().filter(|membership| membership.role_key == key) {
        // Staff who are limited to some organizations notice it there, and not in the agency itself.
        let assigned = membership.organizations.iter().flatten().take(50);
        let mut places: Vec<Place> = assigned.map(|there| Place::organization(membership.agency, *there)).collect();
        places.push(match membership.organization {
            Some(there) => Place::organization(membership.agency, there),
            None => Place::agency(membership.agency),
        });
        let (mut gains, mut loses) = (PermissionSet::EMPTY, PermissionSet::EMPTY);
        for place in &places {
            let (before, after) = (now.permissions_at(&actor, place), later.permissions_at(&actor, place));
            gains = gains.union(after.without(before));
            loses = loses.union(before.without(after));
        }
        if !gains.is_empty() || !loses.is_empty() {
            changes.push(PersonChange { user: person.user, organization: membership.organization, gains, loses });
        }
    }
    changes
}
