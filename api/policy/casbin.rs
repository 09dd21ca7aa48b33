//! Casbin, asked once for each role and permission; its answers are kept as bits.
//!
//! casbin-rs walks its rules one by one, so one enforcer holds the rules of one role: a start then costs the sum of the
//! roles, not their square, and the roles that an agency adds never slow down the built-in ones.

use ::casbin::{CoreApi, DefaultModel, Enforcer, StringAdapter};
use futures_util::FutureExt;

use crate::domain::permission::{Permission, PermissionSet};
use crate::error::{Error, Result};

/// How a request meets a rule.
const MODEL: &str = include_str!("../../policies/model.conf");
/// The rules of the built-in roles.
pub(super) const ROLES: &str = include_str!("../../policies/roles.csv");

/// The line that lets a role do something.
pub(super) fn rule(role_key: &str, permission: Permission) -> String {
    format!("p, {role_key}, {}, {}", permission.object(), permission.action())
}

/// The rules of one built-in role, cut out of the policy.
pub(super) fn rules_of(role_key: &str) -> String {
    let opening = format!("p, {role_key}, ");
    ROLES.lines().filter(|line| line.starts_with(&opening)).collect::<Vec<_>>().join("\n")
}

/// Asks Casbin about every permission for the role, under `rules`, one `p, role, object, action` each line.
pub(super) fn ask(role_key: &str, rules: &str) -> Result<PermissionSet> {
    // A role without rules holds nothing. Casbin would evaluate its matcher against empty texts.
    if rules.is_empty() {
        return Ok(PermissionSet::EMPTY);
    }
    let enforcer = load(rules)?;
    let mut held = PermissionSet::EMPTY;
    for permission in Permission::ALL {
        let request = (role_key, permission.object(), permission.action());
        if enforcer.enforce(request).map_err(Error::internal)? {
            held = held.insert(*permission);
        }
    }
    Ok(held)
}

fn load(rules: &str) -> Result<Enforcer> {
    let loading = async {
        let model = DefaultModel::from_str(MODEL).await?;
        Enforcer::new(model, StringAdapter::new(rules)).await
    };
    // Nothing is read from outside, so the future has nothing to wait for.
    match loading.now_or_never() {
        Some(loaded) => loaded.map_err(Error::internal),
        None => Err(Error::internal("the policy did not load at once")),
    }
}
