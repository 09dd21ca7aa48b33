//! Who asks, through which memberships, and where the thing stands that is asked for.

use std::sync::Arc;

use super::id::{
    AgencyId, AiAgentId, ApiKeyId, ConversationId, MembershipId, OrganizationId, RoleId, SessionId, UserId, VisitorId,
    WidgetId,
};
use super::permission::{Level, Permission, PermissionSet};
use super::time::Time;

/// Whoever makes a request, as the door recognised them.
#[derive(Debug, Clone)]
pub enum Actor {
    /// Nobody that we know.
    Anonymous,
    /// A user: staff, client user, or both.
    Person(Arc<Person>),
    /// A program with an API key.
    Key(Arc<KeyActor>),
    /// Somebody who chats through a widget.
    Visitor(Arc<VisitorActor>),
}

impl Actor {
    /// The signed-in user behind it, if one is.
    pub fn person(&self) -> Option<&Arc<Person>> {
        match self {
            Self::Person(person) => Some(person),
            Self::Anonymous | Self::Key(_) | Self::Visitor(_) => None,
        }
    }

    /// The program behind it, if one is.
    pub fn key(&self) -> Option<&Arc<KeyActor>> {
        match self {
            Self::Key(key) => Some(key),
            Self::Anonymous | Self::Person(_) | Self::Visitor(_) => None,
        }
    }

    /// Whose rights are to be judged, of those who have any at the desk: the person's, or the key's, as if it were one.
    pub fn judged(&self) -> Option<&Person> {
        match self {
            Self::Person(person) => Some(person),
            Self::Key(key) => Some(&key.judged),
            Self::Anonymous | Self::Visitor(_) => None,
        }
    }

    /// The visitor behind it, if one is.
    pub fn visitor(&self) -> Option<&Arc<VisitorActor>> {
        match self {
            Self::Visitor(visitor) => Some(visitor),
            Self::Anonymous | Self::Person(_) | Self::Key(_) => None,
        }
    }
}

/// A program with an API key. It is nobody: what only a person can do, it cannot, whatever its role allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyActor {
    /// The key.
    pub key: ApiKeyId,
    /// By what it is found again: the hash of its secret.
    pub secret_hash: String,
    /// From when on it does not count any more, if ever.
    pub expires_at: Option<Time>,
    /// What the policy judges: no user, with the key's one membership while its place counts.
    pub judged: Person,
}

/// A signed-in user with the memberships that count now: not suspended, in no suspended or deleted organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The user.
    pub user: UserId,
    /// The agency under which they signed in; the same address elsewhere is another account.
    pub agency: AgencyId,
    /// The session that vouches for them.
    pub session: SessionId,
    /// What people call them.
    pub name: String,
    /// What they belong to.
    pub memberships: Vec<Membership>,
    /// Set while a member of staff looks through a client's eyes. The user above stays the member of staff: whatever is
    /// done is done by them, under their name, and reaches no further than the client's one membership.
    pub viewing_as: Option<Arc<Viewing>>,
}

/// The client through whose eyes a member of staff looks (W11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewing {
    /// The client user.
    pub user: UserId,
    /// What people call them.
    pub name: String,
    /// Why, in the words of the member of staff.
    pub reason: String,
    /// When it ends by itself.
    pub expires_at: Time,
    /// What the member of staff may do there themselves: nobody sees or does more through a client than as themselves.
    pub cut: PermissionSet,
}

impl Person {
    /// Whether that is the user, or the one through whose eyes they look.
    pub fn is_or_views(&self, user: UserId) -> bool {
        self.user == user || self.viewing_as.as_ref().is_some_and(|viewing| viewing.user == user)
    }

    /// What a permission that a membership gives is cut to.
    pub fn may_at_most(&self, permission: Permission) -> bool {
        self.viewing_as.as_ref().is_none_or(|viewing| viewing.cut.contains(permission))
    }
}

/// One belonging of a user: in the agency itself, or in one of its organizations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Its id.
    pub id: MembershipId,
    /// The agency, in either case.
    pub agency: AgencyId,
    /// The organization; none for staff of the agency itself.
    pub organization: Option<OrganizationId>,
    /// The role's id.
    pub role: RoleId,
    /// The role as Casbin knows it: the key of a built-in role, or the text of the id of an agency's own.
    pub role_key: String,
    /// For staff: only these organizations. None means all, except for roles that are `assigned_only`.
    pub organizations: Option<Vec<OrganizationId>>,
    /// Only these AI agents (S191). None means all.
    pub ai_agents: Option<Vec<AiAgentId>>,
}

/// A visitor in one conversation of one widget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitorActor {
    /// The visitor.
    pub visitor: VisitorId,
    /// The widget they came through.
    pub widget: WidgetId,
    /// The AI agent whose face that widget is.
    pub ai_agent: AiAgentId,
    /// The agency it belongs to.
    pub agency: AgencyId,
    /// The organization it is assigned to, if it is.
    pub organization: Option<OrganizationId>,
    /// The only conversation they reach.
    pub conversation: ConversationId,
    /// Whether the client's site has just signed for them.
    pub identified: bool,
}

/// Where a thing stands: in an agency, maybe in one of its organizations, maybe at one AI agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// The agency it belongs to.
    pub agency: AgencyId,
    /// The organization it belongs to; none for things of the agency itself and AI agents not yet assigned.
    pub organization: Option<OrganizationId>,
    /// The AI agent it belongs to: conversations, widgets, knowledge; none for things of an organization as a whole.
    pub ai_agent: Option<AiAgentId>,
}

impl Place {
    /// The agency itself: brand, domains, staff.
    pub const fn agency(agency: AgencyId) -> Self {
        Self { agency, organization: None, ai_agent: None }
    }

    /// An organization as a whole: team, hours, settings.
    pub const fn organization(agency: AgencyId, organization: OrganizationId) -> Self {
        Self { agency, organization: Some(organization), ai_agent: None }
    }

    /// An AI agent and what hangs on it, assigned to an organization or not yet.
    pub const fn ai_agent(agency: AgencyId, organization: Option<OrganizationId>, ai_agent: AiAgentId) -> Self {
        Self { agency, organization, ai_agent: Some(ai_agent) }
    }
}

/// A role that every agency has from the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltInRole {
    /// Its key in `policies/`.
    pub key: &'static str,
    /// Its English name.
    pub name: &'static str,
    /// Where it can be given.
    pub level: Level,
    /// Whether it reaches organizations only by assignment, so that no list means none of them.
    pub assigned_only: bool,
}

/// The built-in roles, most powerful first on each level.
pub const BUILT_IN_ROLES: &[BuiltInRole] = &[
    BuiltInRole { key: "agency.owner", name: "Owner", level: Level::Agency, assigned_only: false },
    BuiltInRole { key: "agency.admin", name: "Admin", level: Level::Agency, assigned_only: false },
    BuiltInRole { key: "agency.member", name: "Member", level: Level::Agency, assigned_only: true },
    BuiltInRole { key: "organization.owner", name: "Owner", level: Level::Organization, assigned_only: false },
    BuiltInRole { key: "organization.admin", name: "Admin", level: Level::Organization, assigned_only: false },
    BuiltInRole {
        key: "organization.supervisor",
        name: "Supervisor",
        level: Level::Organization,
        assigned_only: false,
    },
    BuiltInRole { key: "organization.operator", name: "Operator", level: Level::Organization, assigned_only: false },
    BuiltInRole { key: "organization.analyst", name: "Analyst", level: Level::Organization, assigned_only: false },
    BuiltInRole { key: "organization.viewer", name: "Viewer", level: Level::Organization, assigned_only: false },
];

impl BuiltInRole {
    /// The built-in role of that key.
    pub fn find(key: &str) -> Option<&'static Self> {
        BUILT_IN_ROLES.iter().find(|role| role.key == key)
    }
}
