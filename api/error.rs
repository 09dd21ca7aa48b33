//! The one error of the house: a closed code, a reason a program can match, a sentence a person can read.

use std::fmt;

/// The closed list of `extensions.code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// Nobody is signed in, or the credentials are spent.
    Unauthenticated,
    /// Somebody is, and may not.
    Forbidden,
    /// There is no such thing, as far as the asker may know.
    NotFound,
    /// The request itself is wrong; `field` says where.
    Invalid,
    /// Somebody else was first, or the thing is in another state.
    Conflict,
    /// Too many; try again later.
    RateLimited,
    /// Not now; a retry with the same client id is safe.
    Unavailable,
    /// Our fault; logged under the request id.
    Internal,
}

impl Code {
    /// As it stands on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::Invalid => "INVALID",
            Self::Conflict => "CONFLICT",
            Self::RateLimited => "RATE_LIMITED",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }
}

/// What went wrong, fit to be shown; the cause of an INTERNAL one stays inside.
#[derive(Debug)]
pub struct Error {
    /// One of the closed list.
    pub code: Code,
    /// Finer than the code, stable, in capitals: `ALREADY_ACCEPTED`.
    pub reason: &'static str,
    /// One sentence for a person.
    pub message: String,
    /// The argument at fault, when one is.
    pub field: Option<&'static str>,
    /// The name of whoever holds what was wanted, on conflicts.
    pub holder: Option<String>,
    /// The permission that is missing, on refusals.
    pub permission: Option<&'static str>,
    /// When it will be possible, for what is closed now: an instant as it is written.
    pub opens_at: Option<String>,
    /// After how many seconds it may work, when there were too many.
    pub retry_after: Option<u64>,
    /// For the log alone.
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The result of nearly everything here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of that code and reason.
    pub fn new(code: Code, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            reason,
            message: message.into(),
            field: None,
            holder: None,
            permission: None,
            opens_at: None,
            retry_after: None,
            cause: None,
        }
    }

    /// Nobody is signed in.
    pub fn unauthenticated(reason: &'static str, message: impl Into<String>) -> Self {
        Self::new(Code::Unauthenticated, reason, message)
    }

    /// No such thing for whoever asks. Says the same for another tenant's thing as for none.
    pub fn not_found(noun: &'static str) -> Self {
        Self::new(Code::NotFound, "NOT_FOUND", format!("There is no such {noun}."))
    }

    /// A bad argument.
    pub fn invalid(field: &'static str, reason: &'static str, message: impl Into<String>) -> Self {
        Self { field: Some(field), ..Self::new(Code::Invalid, reason, message) }
    }

    /// The thing is not in the state that this needs.
    pub fn conflict(reason: &'static str, message: impl Into<String>) -> Self {
        Self::new(Code::Conflict, reason, message)
    }

    /// Cannot be done now; safe to retry.
    pub fn unavailable(reason: &'static str, message: impl Into<String>) -> Self {
        Self::new(Code::Unavailable, reason, message)
    }

    /// Our own fault. `cause` goes to the log, never to the client.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { cause: Some(cause.into()), ..Self::new(Code::Internal, "INTERNAL", "Something went wrong on our side.") }
    }

    /// The same error, saying when it will be possible.
    pub fn until(mut self, opens_at: Option<impl ToString>) -> Self {
        self.opens_at = opens_at.map(|at| at.to_string());
        self
    }

    /// The same error, naming who holds what was wanted.
    pub fn held_by(mut self, name: impl Into<String>) -> Self {
        self.holder = Some(name.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.code.as_str(), self.reason, self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}
