//! Errors on the wire: a message for people, and `extensions` for programs.

use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, ServerError};

use crate::error::Error;

/// One of our errors as the library's. The cause of an INTERNAL one is not in it.
pub fn server_error(error: &Error) -> ServerError {
    let mut wire = ServerError::new(error.message.clone(), None);
    mark(&mut wire, error);
    wire
}

/// If a resolver failed with an error of ours: puts its code, reason and details on the wire, and gives it for the log.
pub fn details(wire: &mut ServerError) -> Option<&Error> {
    let source = wire.source.clone()?;
    let own = source.downcast_ref::<Error>().or_else(|| source.downcast_ref::<Arc<Error>>().map(AsRef::as_ref))?;
    wire.message.clone_from(&own.message);
    mark(wire, own);
    wire.source::<Error>().or_else(|| wire.source::<Arc<Error>>().map(AsRef::as_ref))
}

fn mark(wire: &mut ServerError, error: &Error) {
    let extensions = wire.extensions.get_or_insert_with(ErrorExtensionValues::default);
    extensions.set("code", error.code.as_str());
    extensions.set("reason", error.reason);
    let details = [
        ("field", error.field),
        ("holder", error.holder.as_deref()),
        ("permission", error.permission),
        ("opensAt", error.opens_at.as_deref()),
    ];
    for (key, value) in details {
        if let Some(value) = value {
            extensions.set(key, value);
        }
    }
    if let Some(seconds) = error.retry_after {
        extensions.set("retryAfter", seconds);
    }
}
