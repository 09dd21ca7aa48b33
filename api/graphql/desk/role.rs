//! Roles, packages, and the switches that they are made of.

use async_graphql::{ComplexObject, Context, Enum, ID, Object, Result, SimpleObject};

use super::agency::Organization;
use super::identity::User;
use super::{asking, loaders, services};
use crate::domain::access::Membership;
use crate::domain::id::{OrganizationId, UserId};
use crate::domain::permission::{self as catalogue, Level, PermissionSet};
use crate::graphql::wire::{Time, id, mirror, optional_id, owner_only, requires};
use crate::service::role;

mirror! {
    /// Where a role can be given.
    RoleLevel = crate::domain::permission::Level {
        /// In the agency itself.
        Agency,
        /// In one organization.
        Organization,
    }
}

/// A named set of permissions.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = owner_only::apply())]
pub struct Role {
    /// The id: `rol_...`.
    pub id: ID,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Where it can be given.
    pub level: RoleLevel,
    /// Whether every agency has it.
    pub built_in: bool,
    /// Whether the agency made it, for as many organizations as it likes.
    pub package: bool,
    /// Raised by every change; 1 for built-in roles, 0 for one that is gone.
    pub version: i64,
    /// What it allows, as `object.action`.
    pub permissions: Vec<String>,
}

impl Role {
    /// Wraps one.
    pub fn of(role: role::Role) -> Self {
        Self {
            id: role.id.to_string().into(),
            name: role.name,
            description: role.description,
            level: role.level.into(),
            built_in: role.built_in,
            package: !role.built_in,
            version: role.version,
            permissions: names(role.permissions),
        }
    }

    /// The role of a membership of somebody who was loaded for this request.
    pub fn of_membership(ctx: &Context<'_>, membership: &Membership) -> Result<Self> {
        Ok(Self::of(role::role_of(services(ctx)?, membership)))
    }
}

pub(super) fn names(permissions: PermissionSet) -> Vec<String> {
    permissions.iter().map(|permission| permission.as_str().to_owned()).collect()
}

/// One thing that a role can allow.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("home.view".to_owned()))]
pub struct Permission {
    /// `object.action`.
    pub name: String,
    /// What it lets somebody do.
    pub description: String,
}

/// Permissions that are turned on and off together, under the name that people know.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("home.view".to_owned()))]
pub struct PermissionSwitch {
    /// Its name.
    pub name: String,
    /// Where its permissions can be held.
    pub level: RoleLevel,
    /// What it lets somebody do.
    pub description: String,
    /// What it carries.
    pub permissions: Vec<Permission>,
}

/// All switches, in the order in which they are shown.
pub(super) fn switches(level: Option<Level>) -> Vec<PermissionSwitch> {
    let all = catalogue::switches().into_iter().filter(|switch| level.is_none_or(|level| switch.level == level));
    all.map(|switch| {
        let permissions: Vec<Permission> = switch
            .permissions
            .iter()
            .map(|one| Permission { name: one.as_str().to_owned(), description: one.description().to_owned() })
            .collect();
        let each: Vec<&str> = permissions.iter().map(|one| one.description.as_str()).collect();
        PermissionSwitch {
            name: switch.name.to_owned(),
            level: switch.level.into(),
            description: each.join("; "),
            permissions,
        }
    })
    .collect()
}

/// A role, and whether the viewer may give it.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("team.view".to_owned()))]
pub struct GivableRole {
    /// The role.
    pub role: Role,
    /// Whether the viewer may give it there.
    pub givable: bool,
    /// Why not: CANNOT_GRANT (it allows something that the viewer lacks) or MISSING_PERMISSION.
    pub reason: Option<String>,
}

/// A role that the agency made, with how much it is used.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("package.edit".to_owned()))]
pub struct Package {
    /// The id: `rol_...`.
    pub id: ID,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Where it can be given.
    pub level: RoleLevel,
    /// What it allows, as `object.action`.
    pub permissions: Vec<String>,
    /// Raised by every change; named when it is changed.
    pub version: i64,
    /// How many people have it.
    pub member_count: i64,
    /// In how many organizations.
    pub organization_count: i64,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

impl Package {
    fn of(package: role::Package) -> Self {
        let role = package.role;
        Self {
            id: role.id.to_string().into(),
            name: role.name,
            description: role.description,
            level: role.level.into(),
            permissions: names(role.permissions),
            version: role.version,
            member_count: package.members,
            organization_count: package.organizations,
            created_at: role.created_at.into(),
            updated_at: role.updated_at.into(),
        }
    }
}

/// What a change of a package would do.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("package.edit".to_owned()))]
pub struct PackageChange {
    /// The version that this was worked out for: name it when the change is made.
    pub version: i64,
    /// What the package would allow besides.
    pub gains: Vec<String>,
    /// What it would not allow any more.
    pub loses: Vec<String>,
    /// How many people would notice.
    pub people_count: i64,
    /// Who would notice, place by place; at most 200.
    pub people: Vec<PersonChange>,
}

/// How one person's rights would change in one place, net of everything else that they hold.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex, directive = requires::apply("package.edit".to_owned()))]
pub struct PersonChange {
    /// What they could do besides.
    pub gains: Vec<String>,
    /// What they could not do any more.
    pub loses: Vec<String>,
    #[graphql(skip)]
    of: (UserId, Option<OrganizationId>),
}

#[ComplexObject]
impl PersonChange {
    /// Who.
    #[graphql(directive = requires::apply("package.edit".to_owned()))]
    async fn user(&self, ctx: &Context<'_>) -> Result<User> {
        Ok(User::of(loaders(ctx)?.one(self.of.0, "user").await?))
    }

    /// Where; null for the agency itself.
    #[graphql(directive = requires::apply("package.edit".to_owned()))]
    async fn organization(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        match self.of.1 {
            Some(id) => Ok(Some(Organization::of(loaders(ctx)?.one(id, "organization").await?))),
            None => Ok(None),
        }
    }
}

/// Queries of roles and packages.
#[derive(Default)]
pub struct RoleQuery;

#[Object]
impl RoleQuery {
    /// All switches with the permissions that they carry.
    #[graphql(directive = requires::apply("home.view".to_owned()))]
    async fn permission_switches(&self) -> Vec<PermissionSwitch> {
        switches(None)
    }

    /// The roles that can be given in an organization, or in the agency itself, each with whether the viewer may give it:
    /// built-in ones first. NOT_FOUND for an organization out of reach.
    #[graphql(directive = requires::apply("team.view".to_owned()))]
    async fn roles(&self, ctx: &Context<'_>, organization_id: Option<ID>) -> Result<Vec<GivableRole>> {
        let organization = optional_id("organizationId", organization_id.as_ref())?;
        let found = role::givable(services(ctx)?, &asking(ctx)?.actor, organization).await?;
        Ok(found
            .into_iter()
            .map(|one| GivableRole {
                role: Role::of(one.role),
                givable: one.reason.is_none(),
                reason: one.reason.map(str::to_owned),
            })
            .collect())
    }

    /// The roles that the agency made, oldest first.
    #[graphql(directive = requires::apply("package.edit".to_owned()))]
    async fn packages(&self, ctx: &Context<'_>) -> Result<Vec<Package>> {
        let found = role::packages(services(ctx)?, &asking(ctx)?.actor).await?;
        Ok(found.into_iter().map(Package::of).collect())
    }

    /// One of them. NOT_FOUND for any other.
    #[graphql(directive = requires::apply("package.edit".to_owned()))]
    async fn package(&self, ctx: &Context<'_>, #[graphql(name = "id")] package_id: ID) -> Result<Package> {
        let id = id("id", &package_id)?;
        Ok(Package::of(role::package(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }

    /// What would happen if a package allowed these permissions: who gains and who loses what, net of their other
    /// memberships. Changes nothing.
    #[graphql(directive = requires::apply("package.edit".to_owned()))]
    async fn package_change(
        &self,
        ctx: &Context<'_>,
        package_id: ID,
        permissions: Vec<String>,
    ) -> Result<PackageChange> {
        let id = id("packageId", &package_id)?;
        let change = role::package_change(services(ctx)?, &asking(ctx)?.actor, id, &permissions).await?;
        let person = |one: role::PersonChange| PersonChange {
            gains: names(one.gains),
            loses: names(one.loses),
            of: (one.user, one.organization),
        };
        Ok(PackageChange {
            version: change.version,
            gains: names(change.gains),
            loses: names(change.loses),
            people_count: i64::try_from(change.people_count).unwrap_or(i64::MAX),
            people: change.people.into_iter().map(person).collect(),
        })
    }
}

/// Changes of packages.
#[derive(Default)]
pub struct RoleMutation;

#[Object]
impl RoleMutation {
    /// Makes a role of the agency: for organizations, or for its own staff, which needs role.edit as well. FORBIDDEN with
    /// CANNOT_GRANT for permissions that the viewer lacks; INVALID with UNKNOWN_PERMISSION, WRONG_LEVEL (a role of
    /// organizations takes only their permissions) or EMPTY; CONFLICT with NAME_TAKEN.
    #[graphql(directive = requires::apply("package.edit".to_owned()))]
    async fn create_package(
        &self,
        ctx: &Context<'_>,
        client_id: String,
        name: String,
        description: Option<String>,
        level: RoleLevel,
        permissions: Vec<String>,
    ) -> Result<Package> {
        let new = role::New {
            name: &name,
            description: description.as_deref(),
            level: level.into(),
            permissions: &permissions,
        };
        Ok(Package::of(role::create(services(ctx)?, &asking(ctx)?.actor, &client_id, new).await?))
    }

    /// Changes a package for everybody who has it, at once; what is left out stays. Chats of people who may not answer any
    /// more go back to the queue. CONFLICT with CHANGED_MEANWHILE when it has another version by now; FORBIDDEN with
    /// CANNOT_GRANT for permissions that are added and that the viewer lacks.
    #[graphql(directive = requires::apply("package.edit".to_owned()))]
    async fn update_package(
        &self,
        ctx: &Context<'_>,
        package_id: ID,
        version: i64,
        name: Option<String>,
        description: Option<String>,
        permissions: Option<Vec<String>>,
    ) -> Result<Package> {
        let id = id("packageId", &package_id)?;
        let edit = role::Edit {
            name: name.as_deref(),
            description: description.as_deref(),
            permissions: permissions.as_deref(),
        };
        Ok(Package::of(role::update(services(ctx)?, &asking(ctx)?.actor, id, version, edit).await?))
    }

    /// Deletes a package; whoever has it gets the replacement, a role of the same level. CONFLICT with IN_USE when somebody
    /// has it and no replacement is named.
    #[graphql(directive = requires::apply("package.edit".to_owned()))]
    async fn delete_package(&self, ctx: &Context<'_>, package_id: ID, replacement_role_id: Option<ID>) -> Result<bool> {
        let id = id("packageId", &package_id)?;
        let replacement = optional_id("replacementRoleId", replacement_role_id.as_ref())?;
        role::delete(services(ctx)?, &asking(ctx)?.actor, id, replacement).await?;
        Ok(true)
    }
}
