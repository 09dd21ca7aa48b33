//! What it costs to ask who may.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use casbin::{CoreApi, DefaultModel, Enforcer, StringAdapter};
use livery::app;
use livery::config::Config;
use livery::domain::access::{Actor, Membership, Person, Place};
use livery::domain::brand::Brand;
use livery::domain::id::{AgencyId, MembershipId, OrganizationId, RoleId, SessionId, UserId};
use livery::domain::permission::{AgencyRole, Level, Permission, PermissionSet};
use livery::domain::tenant::{Agency, Organization, User};
use livery::domain::time::Time;
use livery::policy::Policy;
use livery::service::identity::again;
use livery::store::{access, agency, identity, role};
use tokio::time::Instant;

use crate::child::Folder;
use crate::row::{Row, median, quantile};

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
        viewing_as: None,
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
    own_roles(&policy);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(person());
}

/// How large the agency is whose people are asked about.
const ORGANIZATIONS: u128 = 5_000;
const MEMBERS: u128 = 100_000;
const OWN_ROLES: u128 = 200;
/// What a check may cost, in nanoseconds, and a person who is loaded with their role, in microseconds.
const HOT: f64 = 100.0;
const COLD: f64 = 1_000.0;

/// A role of the agency: no two allow the same.
fn own_role(number: u128) -> AgencyRole {
    let all = Permission::ALL.iter().copied().filter(|permission| permission.level() == Level::Organization);
    let mut permissions: PermissionSet =
        all.cycle().skip(number as usize % 40).step_by(1 + number as usize % 3).take(RULES).collect();
    permissions = permissions.insert(Permission::HomeView);
    AgencyRole {
        id: RoleId::from_number(1_000 + number),
        agency: AGENCY,
        level: Level::Organization,
        name: format!("Role {number}"),
        description: String::new(),
        version: 1,
        permissions,
        created_at: Time::from_micros(0),
        updated_at: Time::from_micros(0),
        deleted: false,
    }
}

fn own_key(number: u128) -> String {
    RoleId::from_number(1_000 + number).to_string()
}

/// The hot check of somebody with one of 200 roles of their agency, assigned to all of its 5,000 organizations.
fn own_roles(policy: &Policy) {
    for number in 0..OWN_ROLES {
        policy.learn(own_role(number)).expect("a role");
    }
    let holder = |number: u128| {
        let Actor::Person(person) = actor(ORGANIZATIONS) else { unreachable!("a person") };
        let mut person = Person::clone(&person);
        for membership in &mut person.memberships {
            membership.role_key = own_key(number);
        }
        Actor::Person(Arc::new(person))
    };
    let people: Vec<Actor> = (0..8).map(|number| holder(number * 25)).collect();
    let mut values = Vec::new();
    for round in 0..ROUNDS {
        let person = &people[round % people.len()];
        values.push(nanoseconds(ORGANIZATIONS, |permission, organization| {
            policy.may(black_box(person), permission, &Place::organization(AGENCY, organization))
        }));
    }
    Row::lower("permission_hot_200_own_roles", median(&values), "ns", HOT, 1.0).print();
}

/// Somebody whom nobody has asked about: read from SQLite among 100,000 members of 5,000 organizations, with a role that the
/// policy does not know yet, so that Casbin is asked.
async fn person() {
    let folder = Folder::new();
    let set = [
        ("LIVERY_PUBLIC_URL", "http://127.0.0.1:8080".to_owned()),
        ("LIVERY_DATABASE_URL", format!("sqlite://{}/livery.db", folder.path().display())),
        ("LIVERY_SECRET_KEY_FILE", format!("{}/secret.key", folder.path().display())),
    ];
    let config =
        Config::load(None, set.into_iter().map(|(key, value)| (key.to_owned(), value))).expect("the configuration");
    let services = app::services(&config, app::system_clock(), app::system_ids()).await.expect("services");
    fill(&services).await;
    let (mut cold, mut again_cold) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        // Other services over the same file know nobody.
        let services = app::services(&config, app::system_clock(), app::system_ids()).await.expect("services");
        for (values, offset) in [(&mut cold, 0), (&mut again_cold, OWN_ROLES)] {
            for number in 0..OWN_ROLES {
                let asked = session(offset + number);
                let begun = Instant::now();
                black_box(again(&services, &asked).await.expect("a person"));
                values.push(begun.elapsed().as_secs_f64() * 1e6);
            }
        }
        services.store.close().await;
    }
    let worst = quantile(&mut cold.clone(), 0.99);
    Row::lower("permission_person_cold_with_role", median(&cold), "us", COLD, 1.0).with("p99", worst).print();
    Row::lower("permission_person_cold", median(&again_cold), "us", COLD, 1.0).print();
    services.store.close().await;
}

/// The session of a member, of whom nothing else is known.
fn session(number: u128) -> Actor {
    Actor::Person(Arc::new(Person {
        user: UserId::from_number(1 + number),
        agency: AGENCY,
        session: SessionId::from_number(1 + number),
        name: String::new(),
        memberships: Vec::new(),
        viewing_as: None,
    }))
}

async fn fill(s: &livery::service::Services) {
    let now = s.clock.now();
    let mut unit = s.store.write().await.expect("a unit");
    let new = Agency { id: AGENCY, name: "Large".to_owned(), brand: Brand::default() };
    agency::insert_agency(&mut unit, &new, now).await.expect("an agency");
    for number in 1..=ORGANIZATIONS {
        let id = OrganizationId::from_number(number);
        let new = Organization::new(id, AGENCY, format!("Organization {number}"), now);
        agency::insert_organization(&mut unit, &new).await.expect("an organization");
    }
    for number in 0..OWN_ROLES {
        role::insert(&mut unit, &own_role(number)).await.expect("a role");
    }
    unit.commit().await.expect("kept");
    for from in (0..MEMBERS).step_by(5_000) {
        let mut unit = s.store.write().await.expect("a unit");
        for number in from..from + 5_000 {
            let id = UserId::from_number(1 + number);
            let user = User { id, agency: AGENCY, name: "Ada".to_owned(), email: format!("{number}@example.test") };
            identity::insert_user(&mut unit, &user, "", now).await.expect("a user");
            let membership = Membership {
                id: MembershipId::from_number(1 + number),
                agency: AGENCY,
                organization: Some(OrganizationId::from_number(1 + number % ORGANIZATIONS)),
                role: RoleId::from_number(1_000 + number % OWN_ROLES),
                role_key: own_key(number % OWN_ROLES),
                organizations: None,
                ai_agents: None,
            };
            access::insert_membership(&mut unit, id, &membership, now).await.expect("a membership");
            if number < 2 * OWN_ROLES {
                let new = identity::NewSession {
                    id: SessionId::from_number(1 + number),
                    agency: AGENCY,
                    user: id,
                    refresh_hash: "",
                    now,
                    expires_at: now.plus(Duration::from_secs(3_600)),
                    browser: "",
                    address: "",
                };
                identity::insert_session(&mut unit, &new).await.expect("a session");
            }
        }
        unit.commit().await.expect("kept");
    }
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
