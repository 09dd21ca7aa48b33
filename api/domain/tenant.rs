//! Agencies, organizations, and the people in them.

use std::time::Duration;

use super::access::Place;
use super::conversation::words;
use super::id::{AgencyId, OrganizationId, SessionId, UserId};
use super::time::Time;

/// An agency: the tenant, and the brand that everything of it wears.
#[derive(Debug, Clone)]
pub struct Agency {
    /// Its id.
    pub id: AgencyId,
    /// Its name.
    pub name: String,
    /// What its pages look like.
    pub brand: super::brand::Brand,
}

words! {
    /// Whether an organization is at work.
    OrganizationState {
        /// At work.
        Active "ACTIVE",
        /// Asleep: its widgets are not available, and nobody can use it.
        Suspended "SUSPENDED",
        /// In the bin, from which it can be taken again for [`BIN`].
        Deleted "DELETED",
    }
}

words! {
    /// By what a list of organizations is ordered.
    OrganizationSort {
        /// By name, from A to Z.
        Name "NAME",
        /// The newest first.
        Created "CREATED",
        /// The one in which something happened last comes first.
        Activity "ACTIVITY",
    }
}

words! {
    /// Why a widget is not available.
    Unavailable {
        /// Its AI agent is assigned to no organization.
        AiAgentUnassigned "AI_AGENT_UNASSIGNED",
        /// Its organization is suspended, or in the bin.
        OrganizationSuspended "ORGANIZATION_SUSPENDED",
        /// Its agency is suspended.
        AgencySuspended "AGENCY_SUSPENDED",
    }
}

words! {
    /// Why the house itself ended a request for a human, or a chat with one.
    Closure {
        /// The organization was suspended.
        OrganizationSuspended "ORGANIZATION_SUSPENDED",
        /// The organization was deleted.
        OrganizationDeleted "ORGANIZATION_DELETED",
        /// The AI agent was taken from the organization.
        AiAgentUnassigned "AI_AGENT_UNASSIGNED",
        /// The AI agent was deleted.
        AiAgentDeleted "AI_AGENT_DELETED",
        /// The visitor wants to be forgotten.
        VisitorForgotten "VISITOR_FORGOTTEN",
    }
}

/// How long a deleted organization can be taken out of the bin again.
pub const BIN: Duration = Duration::from_secs(30 * 24 * 3600);

/// One client company of an agency.
#[derive(Debug, Clone)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// The agency it belongs to.
    pub agency: AgencyId,
    /// Its name.
    pub name: String,
    /// Whether it is at work.
    pub state: OrganizationState,
    /// The language it was created with; what counts is asked of `service::organization::locale`.
    pub language: String,
    /// The IANA time zone it was created with; as with the language.
    pub time_zone: String,
    /// Since when it is suspended.
    pub suspended_at: Option<Time>,
    /// Why, in the words of whoever suspended it.
    pub suspension_reason: Option<String>,
    /// When it went into the bin.
    pub deleted_at: Option<Time>,
    /// When it is taken away for good.
    pub purge_at: Option<Time>,
    /// When it was created.
    pub created_at: Time,
    /// When something last happened in one of its conversations.
    pub last_activity_at: Option<Time>,
}

impl Organization {
    /// A new one, at work.
    pub fn new(id: OrganizationId, agency: AgencyId, name: String, now: Time) -> Self {
        Self {
            id,
            agency,
            name,
            state: OrganizationState::Active,
            language: "en".to_owned(),
            time_zone: "UTC".to_owned(),
            suspended_at: None,
            suspension_reason: None,
            deleted_at: None,
            purge_at: None,
            created_at: now,
            last_activity_at: None,
        }
    }

    /// Where it stands, for the policy.
    pub fn place(&self) -> Place {
        Place::organization(self.agency, self.id)
    }
}

/// A person with a login under one agency.
#[derive(Debug, Clone)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The agency whose login it is.
    pub agency: AgencyId,
    /// The name that others see.
    pub name: String,
    /// The address, normalised.
    pub email: String,
}

/// One place where a user is signed in.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// When it began.
    pub created_at: Time,
    /// When its tokens were last renewed.
    pub last_used_at: Time,
    /// What the browser said of itself, shortened for people.
    pub browser: String,
    /// The network address it was last used from.
    pub address: String,
}
