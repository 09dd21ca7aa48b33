//! Who may. Given who asks, what for and where it stands, this room answers with a [`Scope`] or a refusal.
//! It may know the domain and the error, and nothing of where memberships are kept or how requests arrive.
//! Its invariant: no scope without a decision of [`Policy`], no decision without a line of the policy that Casbin
//! found, and what an asker cannot reach does not exist for them.
//! Begin with [`Policy::allow`], then `explain.rs` for the decision itself, and `policies/roles.csv` for the rules.

mod casbin;
mod explain;
mod scope;

#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, PoisonError, RwLock};

pub use self::explain::{Explanation, Reason};
pub use self::scope::{Rows, Scope};

use self::explain::{KEPT_UNDER_A_LIMIT, assigned, decide, held_at, judge, refuse, tell};
use self::scope::{Grant, Places};
use crate::domain::access::{Actor, BUILT_IN_ROLES, BuiltInRole, Membership, Person, Place};
use crate::domain::id::{AgencyId, OrganizationId};
use crate::domain::permission::{AgencyRole, Level, Permission, PermissionSet};
use crate::error::{Code, Error, Result};

/// What each role may do, as Casbin answered when it was loaded: a bit set for each role.
///
/// One for the house. The built-in roles never change; those that agencies made are learnt when somebody who has one is
/// loaded, each at its newest version. Its size depends on roles alone, never on users or organizations.
#[derive(Debug, Clone)]
pub struct Policy {
    roles: HashMap<String, Role, BuildHasherDefault<KeyHash>>,
    /// Shared by all clones: what one of them learns all know.
    own: Arc<RwLock<OwnRoles>>,
}

type OwnRoles = HashMap<String, Own, BuildHasherDefault<KeyHash>>;

/// A role that an agency made, as Casbin answered for one version of it.
#[derive(Debug, Clone)]
struct Own {
    agency: AgencyId,
    role: Role,
    kept: Arc<AgencyRole>,
}

/// Hashes keys of roles, which are ours and few: nobody can choose them so that they collide, and every check needs one.
#[derive(Debug, Default)]
struct KeyHash(u64);

impl Hasher for KeyHash {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0u8; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 = (self.0.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(0x517c_c1b7_2722_0a95);
        }
    }

    fn finish(&self) -> u64 {
        // The map looks at the highest bits and at the lowest.
        self.0 ^ (self.0 >> 32)
    }
}

/// What a role gives, by where the membership is that has it.
#[derive(Debug, Clone, Copy)]
struct Role {
    in_agency: PermissionSet,
    in_organization: PermissionSet,
}

impl Role {
    fn new(key: &str, held: PermissionSet) -> Self {
        // A role of the agency in an organization's membership is a mistake of ours: it counts for nothing. A role that
        // an agency made may mix both levels: in an organization only that level's permissions count.
        let in_organization = match BuiltInRole::find(key) {
            Some(role) if role.level == Level::Agency => PermissionSet::EMPTY,
            _ => held.intersection(PermissionSet::OF_AN_ORGANIZATION),
        };
        Self { in_agency: held, in_organization }
    }
}

impl Policy {
    /// The policy with the built-in roles, loaded from `policies/`.
    pub fn built_in() -> Result<Self> {
        let mut roles = HashMap::default();
        for role in BUILT_IN_ROLES {
            let held = casbin::ask(role.key, &casbin::rules_of(role.key))?;
            roles.insert(role.key.to_owned(), Role::new(role.key, held));
        }
        Ok(Self { roles, own: Arc::default() })
    }

    /// This policy with the roles of an agency on top: each with its key, the text of its id, and what it may do.
    ///
    /// A key that is taken, or that could be read as anything but one word of a rule, is INTERNAL: keys are ours.
    pub fn with_roles(&self, extra: Vec<(String, Vec<Permission>)>) -> Result<Self> {
        let mut roles = self.roles.clone();
        for (key, permissions) in extra {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            if key.is_empty() || !key.chars().all(plain) {
                return Err(Error::internal(format!("not a key for a role: {key:?}")));
            }
            let rules: Vec<_> = permissions.iter().map(|permission| casbin::rule(&key, *permission)).collect();
            let held = casbin::ask(&key, &rules.join("\n"))?;
            if roles.insert(key.clone(), Role::new(&key, held)).is_some() {
                return Err(Error::internal(format!("two roles with the key {key}")));
            }
        }
        Ok(Self { roles, own: Arc::default() })
    }

    /// Learns a role that an agency made, as Casbin judges its rules. An older version than the one that is known is
    /// forgotten at once: whoever read it was slower than whoever changed it.
    pub fn learn(&self, kept: AgencyRole) -> Result<()> {
        let key = kept.id.to_string();
        // The same version with other words is what was read of a unit that was never kept: the one that was kept replaces it.
        let newer = |known: &Own, kept: &AgencyRole| match known.kept.version.cmp(&kept.version) {
            Ordering::Less => true,
            Ordering::Equal => *known.kept != *kept,
            Ordering::Greater => false,
        };
        let known = |own: &RwLock<OwnRoles>| {
            let own = own.read().unwrap_or_else(PoisonError::into_inner);
            own.get(&key).is_some_and(|known| !newer(known, &kept))
        };
        if known(&self.own) {
            return Ok(());
        }
        let own = judged(&key, kept)?;
        let mut known = self.own.write().unwrap_or_else(PoisonError::into_inner);
        if known.get(&key).is_none_or(|known| newer(known, &own.kept)) {
            known.insert(key, own);
        }
        Ok(())
    }

    /// The version of an agency's role that is known here.
    pub fn version_of(&self, role_key: &str) -> Option<i64> {
        self.own.read().unwrap_or_else(PoisonError::into_inner).get(role_key).map(|own| own.kept.version)
    }

    /// A role that an agency made, by its key, as far as it is known here and not gone.
    pub fn own_role(&self, role_key: &str) -> Option<Arc<AgencyRole>> {
        let known = self.own.read().unwrap_or_else(PoisonError::into_inner);
        known.get(role_key).map(|own| own.kept.clone()).filter(|kept| !kept.deleted)
    }

    /// This policy as it would be if a role were another, and apart from it: for telling beforehand who gains and who loses.
    pub fn supposing(&self, kept: AgencyRole) -> Result<Self> {
        let key = kept.id.to_string();
        let own = judged(&key, kept)?;
        let mut known = self.own.read().unwrap_or_else(PoisonError::into_inner).clone();
        known.insert(key, own);
        Ok(Self { roles: self.roles.clone(), own: Arc::new(RwLock::new(known)) })
    }

    /// What a role may do, wherever it is held; none for a role that is not in this policy.
    pub fn permissions_of(&self, role_key: &str) -> Option<PermissionSet> {
        let built_in = self.roles.get(role_key).map(|role| role.in_agency);
        built_in.or_else(|| self.own_role(role_key).map(|kept| kept.permissions))
    }

    /// What people call a role.
    fn name_of(&self, role_key: &str) -> Option<String> {
        let built_in = BuiltInRole::find(role_key).map(|role| role.name.to_owned());
        built_in.or_else(|| self.own_role(role_key).map(|kept| kept.name.clone()))
    }

    /// Lets the actor do something to a `noun` that stands at `place`, and gives what may be touched for it: there,
    /// in that organization, as far as the memberships that allow it reach.
    ///
    /// UNAUTHENTICATED for whoever is not signed in, visitors included: these permissions are those of the desk.
    /// NOT_FOUND when no membership reaches the place. FORBIDDEN, naming the switch, when one does and lacks it.
    pub fn allow(&self, actor: &Actor, permission: Permission, place: &Place, noun: &'static str) -> Result<Scope> {
        let person = signed_in(actor)?;
        let decision = decide(self, person, permission, place);
        if decision.reason != Reason::GrantedByRole {
            return Err(refuse(decision.reason, permission, place, noun));
        }
        let granting = person
            .memberships
            .iter()
            .filter(|membership| judge(self, membership, permission, place) == Reason::GrantedByRole);
        if let Some(organization) = place.organization
            && granting.clone().any(|membership| membership.ai_agents.is_none())
        {
            return Ok(Scope::of_organization(place.agency, person.user, organization));
        }
        Ok(Scope::of_grants(place.agency, person.user, granting.map(|membership| open_at(membership, place))))
    }

    /// Whether [`Self::allow`] would. For what is shown, never for what is done.
    pub fn may(&self, actor: &Actor, permission: Permission, place: &Place) -> bool {
        actor.judged().is_some_and(|person| decide(self, person, permission, place).reason == Reason::GrantedByRole)
    }

    /// Refuses whoever holds the permission nowhere. The question of the door, asked for each field before anything is
    /// looked up: what it lets pass is not allowed yet.
    pub fn may_somewhere(&self, actor: &Actor, permission: Permission) -> Result<()> {
        let person = signed_in(actor)?;
        if self.holding(person, permission).next().is_some() { Ok(()) } else { Err(lacks_everywhere(permission)) }
    }

    /// Everything that the actor may do it to, for lists; in one organization when `only` names one.
    ///
    /// NOT_FOUND when `only` is out of reach, FORBIDDEN when it is in reach without the permission, or when the actor
    /// holds the permission nowhere. An `only` that does not exist in the agency is not noticed for staff who reach
    /// all of it: the scope then holds an organization without rows.
    pub fn reach(&self, actor: &Actor, permission: Permission, only: Option<OrganizationId>) -> Result<Scope> {
        let person = signed_in(actor)?;
        if let Some(organization) = only {
            let place = Place::organization(person.agency, organization);
            return self.allow(actor, permission, &place, "organization");
        }
        let mut holding = self.holding(person, permission).peekable();
        if holding.peek().is_none() {
            return Err(lacks_everywhere(permission));
        }
        let grants = holding.map(|membership| open_all(membership, permission));
        Ok(Scope::of_grants(person.agency, person.user, grants))
    }

    /// What the actor may do at a place: for `viewerCan`, and for the rule that nobody grants what they do not hold.
    pub fn permissions_at(&self, actor: &Actor, place: &Place) -> PermissionSet {
        let Some(person) = actor.judged().filter(|person| person.agency == place.agency) else {
            return PermissionSet::EMPTY;
        };
        let held = person.memberships.iter().map(|membership| held_at(self, membership, place));
        let held = held.fold(PermissionSet::EMPTY, PermissionSet::union);
        person.viewing_as.as_ref().map_or(held, |viewing| held.intersection(viewing.cut))
    }

    /// Why a person may or may not (W01): by the very decision that [`Self::allow`] takes. The caller made sure that
    /// whoever asks may look at both the person and the place. `holders`: names of people who can change the answer.
    pub fn explain(&self, person: &Person, permission: Permission, place: &Place, holders: &[String]) -> Explanation {
        tell(self, decide(self, person, permission, place), person, permission, place, holders)
    }

    /// What the role of a membership gives to that membership; nothing when there is no such role any more.
    fn held(&self, membership: &Membership) -> PermissionSet {
        match (self.role(membership), membership.organization) {
            (None, _) => PermissionSet::EMPTY,
            (Some(role), None) => role.in_agency,
            (Some(role), Some(_)) => role.in_organization,
        }
    }

    fn role(&self, membership: &Membership) -> Option<Role> {
        // Keys of built-in roles have a dot in them, those of agencies begin with the prefix of their id.
        if membership.role_key.starts_with(OWN) {
            let known = self.own.read().unwrap_or_else(PoisonError::into_inner);
            // Another agency's role is none here, whatever a row says.
            if let Some(own) = known.get(&membership.role_key).filter(|own| own.agency == membership.agency) {
                return Some(own.role);
            }
        }
        self.roles.get(&membership.role_key).copied()
    }

    /// The memberships of a person that hold the permission at any place at all.
    fn holding<'a>(&'a self, person: &'a Person, permission: Permission) -> impl Iterator<Item = &'a Membership> {
        person
            .memberships
            .iter()
            .filter(move |membership| membership.agency == person.agency && self.held(membership).contains(permission))
            .filter(move |_| person.may_at_most(permission))
    }
}

/// How the keys of agencies' own roles begin.
const OWN: &str = "rol_";

/// A role that an agency made, as Casbin judges its rules.
fn judged(key: &str, kept: AgencyRole) -> Result<Own> {
    let rules: Vec<_> = kept.permissions.iter().map(|permission| casbin::rule(key, permission)).collect();
    let held = if kept.deleted { PermissionSet::EMPTY } else { casbin::ask(key, &rules.join("\n"))? };
    let role = match kept.level {
        // As with the built-in ones: a role of the agency in an organization's membership counts for nothing.
        Level::Agency => Role { in_agency: held, in_organization: PermissionSet::EMPTY },
        Level::Organization => Role::new(key, held.intersection(PermissionSet::OF_AN_ORGANIZATION)),
    };
    Ok(Own { agency: kept.agency, role, kept: Arc::new(kept) })
}

/// What a membership opens at a place where it grants.
fn open_at<'a>(membership: &'a Membership, place: &'a Place) -> Grant<'a> {
    let ai_agents = membership.ai_agents.as_deref();
    let places = match &place.organization {
        Some(organization) => {
            Places::Listed { organizations: std::slice::from_ref(organization), agency_itself: false }
        }
        None if assigned(membership).is_some() => Places::Listed { organizations: &[], agency_itself: true },
        None => Places::Agency,
    };
    Grant { places, ai_agents }
}

/// What a membership that holds the permission opens anywhere.
fn open_all(membership: &Membership, permission: Permission) -> Grant<'_> {
    let places = match (&membership.organization, assigned(membership)) {
        (Some(organization), _) => {
            Places::Listed { organizations: std::slice::from_ref(organization), agency_itself: false }
        }
        (None, Some(organizations)) => {
            Places::Listed { organizations, agency_itself: KEPT_UNDER_A_LIMIT.contains(permission) }
        }
        (None, None) => Places::Agency,
    };
    Grant { places, ai_agents: membership.ai_agents.as_deref() }
}

fn signed_in(actor: &Actor) -> Result<&Person> {
    actor.judged().ok_or_else(|| Error::unauthenticated("NOT_SIGNED_IN", "Sign in first."))
}

fn lacks_everywhere(permission: Permission) -> Error {
    let message = format!("You need “{}”, which none of your roles has.", permission.switch());
    Error {
        permission: Some(permission.as_str()),
        ..Error::new(Code::Forbidden, Reason::MissingPermission.as_str(), message)
    }
}
