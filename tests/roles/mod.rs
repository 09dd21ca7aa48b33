//! The roles that agencies make, the settings that they lock, and who may do what.

mod access;
mod packages;
mod settings;
mod taking;

use livery::domain::access::Membership;
use livery::domain::change::Change;
use livery::domain::id::{AgencyId, OrganizationId, RoleId, UserId};
use livery::domain::tenant::User;
use livery::service::setup::DEMO_PASSWORD;
use livery::store::{access as memberships, identity};
use serde_json::{Value, json};

use crate::support::App;
use crate::support::app::{Client, client_id};

const CREATE: &str = "mutation($c: String!, $n: String!, $l: RoleLevel!, $p: [String!]!) {
    createPackage(clientId: $c, name: $n, level: $l, permissions: $p) {
        id name level version permissions memberCount organizationCount } }";
const UPDATE: &str = "mutation($id: ID!, $v: Int!, $n: String, $p: [String!]) {
    updatePackage(packageId: $id, version: $v, name: $n, permissions: $p) { id version permissions memberCount } }";

/// Makes a role of the agency, and gives its id.
pub async fn package(owner: &Client<'_>, name: &str, level: &str, permissions: &[&str]) -> String {
    let variables = json!({ "c": client_id(), "n": name, "l": level, "p": permissions });
    owner.ask(CREATE, variables).await["createPackage"]["id"].as_str().expect("an id").to_owned()
}

/// The agency of Northlight, and the ids of its organizations: the bakery and the dental practice.
async fn places(app: &App) -> (AgencyId, OrganizationId, OrganizationId) {
    let data = app.owner().await.ask("{ viewer { agency { id } } organizations { nodes { id } } }", json!({})).await;
    let id = |value: &Value| value.as_str().expect("an id").to_owned();
    let nodes = &data["organizations"]["nodes"];
    (
        id(&data["viewer"]["agency"]["id"]).parse().expect("an agency"),
        id(&nodes[0]["id"]).parse().expect("an organization"),
        id(&nodes[1]["id"]).parse().expect("an organization"),
    )
}

/// A new person with a role of the agency there, who can sign in under that address.
pub async fn person(app: &App, email: &str, organization: Option<OrganizationId>, role: &str) -> UserId {
    let s = &app.services;
    let (agency, ..) = places(app).await;
    let hash = s.passwords.hash(DEMO_PASSWORD).await.expect("a hash");
    let now = s.clock.now();
    let name = email.split('@').next().unwrap_or_default().to_owned();
    let user = User { id: s.ids.next(now), agency, name, email: email.to_owned() };
    let mut unit = s.store.write().await.expect("a unit");
    identity::insert_user(&mut unit, &user, &hash, now).await.expect("a user");
    unit.commit().await.expect("kept");
    belongs(app, user.id, organization, role).await;
    user.id
}

/// One membership more.
async fn belongs(app: &App, user: UserId, organization: Option<OrganizationId>, role: &str) {
    let s = &app.services;
    let (agency, ..) = places(app).await;
    let membership = Membership {
        id: s.ids.next(s.clock.now()),
        agency,
        organization,
        role: role.parse::<RoleId>().unwrap_or_else(|_| memberships::role_id(role)),
        role_key: role.to_owned(),
        organizations: None,
        ai_agents: None,
    };
    let mut unit = s.store.write().await.expect("a unit");
    unit.note(Change::Authority { user: Some(user) });
    memberships::insert_membership(&mut unit, user, &membership, s.clock.now()).await.expect("a membership");
    unit.commit().await.expect("kept");
}
