//! Agencies, organizations, and the people in them.

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

/// One client company of an agency.
#[derive(Debug, Clone)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// The agency it belongs to.
    pub agency: AgencyId,
    /// Its name.
    pub name: String,
    /// When it was created.
    pub created_at: Time,
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
