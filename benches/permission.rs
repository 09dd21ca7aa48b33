//! What it costs to ask who may.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;

use casbin::{CoreApi, DefaultModel, Enforcer, StringAdapter};
use livery::domain::access::{Actor, Membership, Person, Place};
use livery::domain::id::{AgencyId, MembershipId, OrganizationId, RoleId, SessionId, UserId};
use livery::domain::permission::{Permission, PermissionSet};
use livery::policy::Policy;
use tokio::time::Instant;

use crate::row::{Row, median};

/// Alternations of value and reference.
const ROUNDS: usize = 7;
/// How often the fast question is asked in a round.
const ASKED: u128 = 1_000_000;
/// Rules of the bare Casbin, and of the role that is loaded.
const RULES: usize = 20;

const AGENCY: AgencyId = AgencyId::from_number(1);

/// Somebody of the agency who is assigned to so many organizations, and belongs to one of them besides.
fn actor(organizations: u128) -> Actor {
    let assigned = Membership {
        id: MembershipId::from_number(1),
        agency: AGENCY,
        organization: None,
        role: RoleId::from_number(1),
        role_key: "agency.member".to_owned(),
        organizations: Some((1..=organizations).map(OrganizationId::from_number).collect()),
        ai_agents: None,
    };
    let own = Membership {
        id: MembershipId::from_number(2),
        organization: Some(OrganizationId::from_number(1)),
        role_key: "organization.operator".to_owned(),
        organizations: None,
        ..assigned.clone()
    };
    Actor::Person(Arc::new(Person {
        user: UserId::from_number(1),
        agency: AGENCY,
        session: SessionId::from_number(1),
        name: "Ada".to_owned(),
        memberships: vec![own, assigned],
    }))
}

/// Nanoseconds for each question: about every permission in turn, in one organization after the other.
fn nanoseconds(organizations: u128, mut ask: impl FnMut(Permission, OrganizationId) -> bool) -> f64 {
    let begun = Instant::now();
    let mut yes = 0u32;
    for number in 0..ASKED {
        let permission = Permission::ALL[number as usize % Permission::ALL.len()];
        let organization = OrganizationId::from_number(1 + number * 7 % organizations);
        yes += u32::from(ask(black_box(permission), black_box(organization)));
    }
    black_box(yes);
    begun.elapsed().as_nanos() as f64 / ASKED as f64
}

fn rules(role: &str) -> String {
    let rule = |permission: &Permission| format!("p, {role}, {}, {}", permission.object(), permission.action());
    Permission::ALL.iter().take(RULES).map(rule).collect::<Vec<_>>().join("\n")
}

/// Prints the rows.
pub fn run() {
    let policy = Policy::built_in().expect("the built-in policy");
    hot(&policy);
    cold(&policy);
}

fn hot(policy: &Policy) {
    let (few, many) = (10, 5_000);
    let (person, busy) = (actor(few), actor(many));
    // By hand: a set of bits for each organization, and a look at one of them.
    let held = policy.permissions_of("agency.member").unwrap_or(PermissionSet::EMPTY);
    let bits: HashMap<OrganizationId, PermissionSet> =
        (1..=few).map(|number| (OrganizationId::from_number(number), held)).collect();
    let (mut values, mut limits, mut grown) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let may = |actor: &Actor, permission, organization| {
            policy.may(black_box(actor), permission, &Place::organization(AGENCY, organization))
        };
        values.push(nanoseconds(few, |permission, organization| may(&person, permission, organization)));
        limits.push(nanoseconds(few, |permission, organization| {
            bits.get(&organization).is_some_and(|held| held.contains(permission))
        }));
        grown.push(nanoseconds(many, |permission, organization| may(&busy, permission, organization)));
    }
    let value = median(&values);
    Row::lower("permission_hot", value, "ns", median(&limits), 10.0).print();
    Row::lower("permission_hot_5000_organizations", median(&grown), "ns", value, 1.5).print();
}

fn cold(policy: &Policy) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let enforcer = runtime.block_on(async {
        let model = DefaultModel::from_str(include_str!("../policies/model.conf")).await.expect("the model");
        Enforcer::new(model, StringAdapter::new(rules("role"))).await.expect("an enforcer")
    });
    let permissions: Vec<Permission> = Permission::ALL.iter().copied().take(RULES).collect();
    let questions = Permission::ALL.len() as f64;
    let (mut values, mut limits) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        for _ in 0..10 {
            let roles = vec![("role".to_owned(), permissions.clone())];
            black_box(policy.with_roles(roles).expect("a policy with one role more"));
        }
        values.push(begun.elapsed().as_secs_f64() * 1e6 / 10.0 / questions);
        let begun = Instant::now();
        for _ in 0..10 {
            for permission in Permission::ALL {
                let request = ("role", permission.object(), permission.action());
                black_box(enforcer.enforce(request).expect("an answer"));
            }
        }
        limits.push(begun.elapsed().as_secs_f64() * 1e6 / 10.0 / questions);
    }
    Row::lower("permission_cold", median(&values), "us", median(&limits), 3.0).print();
}
