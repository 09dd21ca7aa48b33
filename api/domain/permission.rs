//! The catalogue of permissions: `object.action`, and the switch under which people know each.

use std::fmt;
use std::str::FromStr;

use super::id::{AgencyId, RoleId};
use super::time::Time;

/// Where a permission can be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Only by staff, in the agency.
    Agency,
    /// In an organization: by client users there, and by staff.
    Organization,
}

impl Level {
    /// As it is kept and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agency => "AGENCY",
            Self::Organization => "ORGANIZATION",
        }
    }

    /// The level of that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Agency, Self::Organization].into_iter().find(|level| level.as_str() == word)
    }
}

macro_rules! catalogue {
    ($($level:ident $variant:ident $name:literal $switch:literal;)*) => {
        /// One thing that a role can allow. The closed list; a new one needs a line in `policies/` as well.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Permission {$(
            #[doc = concat!("`", $name, "`, under the switch “", $switch, "”.")]
            $variant,
        )*}

        impl Permission {
            /// All of them, in the order of the catalogue.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// As it stands in policies and on the wire: `live_chat.respond`.
            pub const fn as_str(self) -> &'static str {
                match self {$(Self::$variant => $name,)*}
            }

            /// The switch that people turn to give it: `Settings`.
            pub const fn switch(self) -> &'static str {
                match self {$(Self::$variant => $switch,)*}
            }

            /// Where it can be held.
            pub const fn level(self) -> Level {
                match self {$(Self::$variant => Level::$level,)*}
            }
        }
    };
}

catalogue! {
    Organization HomeView "home.view" "Home";
    Organization LiveChatViewQueue "live_chat.view_queue" "Respond to Live Chats";
    Organization LiveChatRespond "live_chat.respond" "Respond to Live Chats";
    Organization LiveChatComplete "live_chat.complete" "Respond to Live Chats";
    Organization LiveChatReturnToAi "live_chat.return_to_ai" "Respond to Live Chats";
    Organization LiveChatTransfer "live_chat.transfer" "Respond to Live Chats";
    Organization LiveChatIntervene "live_chat.intervene" "Intervene";
    Organization LiveChatSupervise "live_chat.supervise" "Supervise";
    Organization LiveChatReassign "live_chat.reassign" "Supervise";
    Organization LiveChatRelease "live_chat.release" "Supervise";
    Organization ConversationRead "conversation.read" "Conversations";
    Organization ConversationNote "conversation.note" "Conversations";
    Organization ConversationExport "conversation.export" "Export Conversations";
    Organization ConversationDelete "conversation.delete" "Delete Conversations";
    Organization VisitorReadContact "visitor.read_contact" "Visitor contact data";
    Organization AnalyticsView "analytics.view" "Analytics";
    Organization RatingView "rating.view" "Analytics";
    Organization KnowledgeRead "knowledge.read" "Knowledge Base";
    Organization KnowledgeEdit "knowledge.edit" "Knowledge Base";
    Organization AiAgentEditPrompt "ai_agent.edit_prompt" "Prompt";
    Organization AiAgentEditModel "ai_agent.edit_model" "Prompt";
    Organization WidgetEditAppearance "widget.edit_appearance" "Widget";
    Organization WidgetEditOrigins "widget.edit_origins" "Widget";
    Organization HandoffRead "handoff.read" "Settings";
    Organization HandoffEnable "handoff.enable" "Settings";
    Organization HandoffEdit "handoff.edit" "Settings";
    Organization HandoffPublishFlow "handoff.publish_flow" "Settings";
    Organization BusinessHoursEdit "business_hours.edit" "Settings";
    Organization RoutingEdit "routing.edit" "Settings";
    Organization CannedReplyEdit "canned_reply.edit" "Settings";
    Organization KeywordAlertEdit "keyword_alert.edit" "Settings";
    Organization NotificationEditDefaults "notification.edit_defaults" "Settings";
    Organization TeamView "team.view" "Manage Team";
    Organization TeamInvite "team.invite" "Manage Team";
    Organization TeamRemove "team.remove" "Manage Team";
    Organization TeamSetRoles "team.set_roles" "Manage Team";
    Organization OrganizationEdit "organization.edit" "Org Admin";
    Organization AuditView "audit.view" "Org Admin";
    Organization ApiKeyManage "api_key.manage" "Integrations";
    Organization WebhookManage "webhook.manage" "Integrations";
    Agency OrganizationCreate "organization.create" "Create Organizations";
    Agency OrganizationSuspend "organization.suspend" "Suspend Organizations";
    Agency OrganizationDelete "organization.delete" "Delete Organizations";
    Agency AiAgentCreate "ai_agent.create" "Create AI Agents";
    Agency AiAgentAssign "ai_agent.assign" "Assign AI Agents";
    Agency AiAgentDelete "ai_agent.delete" "Delete AI Agents";
    Agency RoleEdit "role.edit" "Roles";
    Agency PackageEdit "package.edit" "Packages";
    Agency BrandingEdit "branding.edit" "Branding";
    Agency DomainManage "domain.manage" "Domains";
    Agency SenderManage "sender.manage" "Sender";
    Agency StaffManage "staff.manage" "Staff";
    Agency Impersonate "impersonate" "View as Client";
    Agency CoverageManage "coverage.manage" "Coverage";
    Agency AgencyInboxView "agency_inbox.view" "Agency Inbox";
}

// One bit each.
const _: () = assert!(Permission::ALL.len() <= 128);

impl Permission {
    /// What it is about, as Casbin sees it: `live_chat`.
    pub fn object(self) -> &'static str {
        self.parts().0
    }

    /// What may be done to that, as Casbin sees it: `respond`.
    pub fn action(self) -> &'static str {
        self.parts().1
    }

    /// What it lets somebody do, in a few words: `respond to live chats`.
    pub fn description(self) -> &'static str {
        match self {
            Self::HomeView => "See that the organization, its AI agents and widgets are there",
            Self::LiveChatViewQueue => "See who is waiting for a person",
            Self::LiveChatRespond => "Accept requests and answer visitors",
            Self::LiveChatComplete => "Mark a chat as complete",
            Self::LiveChatReturnToAi => "Pass a chat to the AI",
            Self::LiveChatTransfer => "Hand a chat to a colleague",
            Self::LiveChatIntervene => "Take over from the AI unasked",
            Self::LiveChatSupervise => "Read chats that colleagues have",
            Self::LiveChatReassign => "Give a colleague's chat to somebody else",
            Self::LiveChatRelease => "Put a colleague's chat back into the queue",
            Self::ConversationRead => "Read conversations",
            Self::ConversationNote => "Write notes in conversations",
            Self::ConversationExport => "Download conversations",
            Self::ConversationDelete => "Delete conversations",
            Self::VisitorReadContact => "See addresses and telephone numbers of visitors",
            Self::AnalyticsView => "See figures",
            Self::RatingView => "See what visitors said of chats",
            Self::KnowledgeRead => "Read what an AI agent knows",
            Self::KnowledgeEdit => "Change what an AI agent knows",
            Self::AiAgentEditPrompt => "Change name and instructions of an AI agent",
            Self::AiAgentEditModel => "Choose an AI agent's model",
            Self::WidgetEditAppearance => "Change how a widget looks",
            Self::WidgetEditOrigins => "Say which pages may show a widget",
            Self::HandoffRead => "See how handoff is set up",
            Self::HandoffEnable => "Turn handoff on and off",
            Self::HandoffEdit => "Change how handoff is offered",
            Self::HandoffPublishFlow => "Publish what is asked before a handoff",
            Self::BusinessHoursEdit => "Set business hours",
            Self::RoutingEdit => "Choose who is offered a request",
            Self::CannedReplyEdit => "Write canned replies for all",
            Self::KeywordAlertEdit => "Set keyword alerts",
            Self::NotificationEditDefaults => "Set who is told of what by default",
            Self::TeamView => "See the team and what everybody may do",
            Self::TeamInvite => "Invite people",
            Self::TeamRemove => "Suspend and remove people",
            Self::TeamSetRoles => "Give roles, and limit people to AI agents",
            Self::OrganizationEdit => "Change name, language and time zone of the organization",
            Self::AuditView => "Read the audit log",
            Self::ApiKeyManage => "Make and revoke API keys",
            Self::WebhookManage => "Set webhooks",
            Self::OrganizationCreate => "Create organizations",
            Self::OrganizationSuspend => "Suspend and resume organizations",
            Self::OrganizationDelete => "Delete and restore organizations",
            Self::AiAgentCreate => "Create AI agents",
            Self::AiAgentAssign => "Assign AI agents to organizations",
            Self::AiAgentDelete => "Delete AI agents",
            Self::RoleEdit => "Make and change roles of the agency's own staff",
            Self::PackageEdit => "Make and change packages, and lock settings",
            Self::BrandingEdit => "Change the brand",
            Self::DomainManage => "Add and release domains",
            Self::SenderManage => "Set up how mail is sent",
            Self::StaffManage => "Invite, limit and remove staff",
            Self::Impersonate => "View as a client",
            Self::CoverageManage => "Agree on who covers which hours",
            Self::AgencyInboxView => "See the inbox over all organizations",
        }
    }

    fn parts(self) -> (&'static str, &'static str) {
        // `impersonate` alone has no object in its name: what it is done to is a user.
        self.as_str().split_once('.').unwrap_or(("user", self.as_str()))
    }
}

/// There is no permission of that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such permission")]
pub struct NoSuchPermission;

impl FromStr for Permission {
    type Err = NoSuchPermission;

    fn from_str(name: &str) -> Result<Self, NoSuchPermission> {
        Self::ALL.iter().copied().find(|permission| permission.as_str() == name).ok_or(NoSuchPermission)
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A role that an agency made: a package, for many organizations at once, or a role of its own staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgencyRole {
    /// Its id; as text it is the key under which memberships and the policy know it.
    pub id: RoleId,
    /// Whose it is.
    pub agency: AgencyId,
    /// Where it can be given.
    pub level: Level,
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Raised by every change, so that of two memories of it the newer one is known.
    pub version: i64,
    /// What it allows.
    pub permissions: PermissionSet,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// Whether it is gone: it then allows nothing, and can be given to nobody.
    pub deleted: bool,
}

/// Some of the permissions, one bit each, so that a check is a bit test.
///
/// Lives in memory only: the bits move when the catalogue grows, so names are what is kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct PermissionSet(u128);

/// One switch: the permissions that people turn on and off together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switch {
    /// Its name.
    pub name: &'static str,
    /// Where its permissions can be held.
    pub level: Level,
    /// What it carries, in the order of the catalogue.
    pub permissions: Vec<Permission>,
}

/// All switches, in the order of the catalogue.
pub fn switches() -> Vec<Switch> {
    let mut switches: Vec<Switch> = Vec::new();
    for permission in Permission::ALL.iter().copied() {
        match switches.iter_mut().find(|switch| switch.name == permission.switch()) {
            Some(switch) => switch.permissions.push(permission),
            None => {
                let (name, level) = (permission.switch(), permission.level());
                switches.push(Switch { name, level, permissions: vec![permission] });
            }
        }
    }
    switches
}

impl PermissionSet {
    /// None.
    pub const EMPTY: Self = Self(0);
    /// All of the catalogue.
    pub const ALL: Self = Self::of(Permission::ALL);
    /// Those that can be held in an organization.
    pub const OF_AN_ORGANIZATION: Self = {
        let mut set = Self::EMPTY;
        let mut at = 0;
        while at < Permission::ALL.len() {
            if matches!(Permission::ALL[at].level(), Level::Organization) {
                set = set.insert(Permission::ALL[at]);
            }
            at += 1;
        }
        set
    };

    /// Exactly these.
    pub const fn of(permissions: &[Permission]) -> Self {
        let mut set = Self::EMPTY;
        let mut at = 0;
        while at < permissions.len() {
            set = set.insert(permissions[at]);
            at += 1;
        }
        set
    }

    /// These and one more.
    #[must_use]
    pub const fn insert(self, permission: Permission) -> Self {
        Self(self.0 | 1 << permission as u8)
    }

    /// Whether it is among them.
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 >> permission as u8 & 1 == 1
    }

    /// Whether all of `others` are among them: nobody grants what they do not hold.
    pub const fn contains_all(self, others: Self) -> bool {
        others.0 & !self.0 == 0
    }

    /// These and those.
    #[must_use]
    pub const fn union(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// What is in both.
    #[must_use]
    pub const fn intersection(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }

    /// These without those; for telling who loses what.
    #[must_use]
    pub const fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// How many.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Them, in the order of the catalogue.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.contains(*permission))
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        permissions.into_iter().fold(Self::EMPTY, Self::insert)
    }
}

impl fmt::Debug for PermissionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Permission::as_str)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_and_permissions_are_the_same_thing() {
        for permission in Permission::ALL {
            assert_eq!(permission.as_str().parse(), Ok(*permission));
        }
        assert_eq!("live_chat.Respond".parse::<Permission>(), Err(NoSuchPermission));
        assert_eq!("".parse::<Permission>(), Err(NoSuchPermission));
        assert_eq!("*".parse::<Permission>(), Err(NoSuchPermission));
    }

    #[test]
    fn no_two_look_alike_to_casbin() {
        let pairs: BTreeSet<_> = Permission::ALL.iter().map(|p| (p.object(), p.action())).collect();
        assert_eq!(pairs.len(), Permission::ALL.len());
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        let set = PermissionSet::EMPTY.insert(Permission::HomeView).insert(Permission::AgencyInboxView);
        assert_eq!(set.iter().collect::<Vec<_>>(), [Permission::HomeView, Permission::AgencyInboxView]);
        assert!(!set.contains(Permission::HandoffEdit));
        assert!(PermissionSet::ALL.contains_all(set) && !set.contains_all(PermissionSet::ALL));
        assert_eq!(
            set.without(PermissionSet::OF_AN_ORGANIZATION).iter().collect::<Vec<_>>(),
            [Permission::AgencyInboxView]
        );
        assert_eq!(PermissionSet::ALL.len(), Permission::ALL.len());
    }

    #[test]
    fn the_settings_switch_carries_the_handoff() {
        let settings: Vec<_> =
            Permission::ALL.iter().filter(|p| p.switch() == "Settings").map(|p| p.as_str()).collect();
        assert_eq!(
            settings,
            [
                "handoff.read",
                "handoff.enable",
                "handoff.edit",
                "handoff.publish_flow",
                "business_hours.edit",
                "routing.edit",
                "canned_reply.edit",
                "keyword_alert.edit",
                "notification.edit_defaults"
            ]
        );
    }
}
