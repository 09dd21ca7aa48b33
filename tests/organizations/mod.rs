//! Agencies run their organizations: states and the bin, one inbox over all of them, the audit log, viewing as a client,
//! and the platform above.

mod audit;
mod bin;
mod inbox;
mod lists;
mod platform;
mod raw;
mod states;
mod storms;
mod viewing;

use livery::domain::access::Membership;
use livery::domain::id::OrganizationId;
use livery::domain::tenant::User;
use livery::service::setup::DEMO_PASSWORD;
use livery::store::{access, identity, locate};
use serde_json::{Value, json};

use crate::support::App;
use crate::support::app::Client;

/// The text at a path of an answer.
pub fn text(value: &Value, path: &str) -> String {
    value.pointer(path).and_then(Value::as_str).unwrap_or_else(|| panic!("no {path} in {value}")).to_owned()
}

/// The bakery and the dental practice, by id.
pub async fn organizations(app: &App) -> (String, String) {
    let data = app.owner().await.ask("{ organizations { nodes { id name } } }", json!({})).await;
    assert_eq!(text(&data, "/organizations/nodes/0/name"), "Blue Bakery");
    (text(&data, "/organizations/nodes/0/id"), text(&data, "/organizations/nodes/1/id"))
}

/// The widget of an organization's first AI agent, and that AI agent.
pub async fn widget_of(app: &App, organization: &str) -> (String, String) {
    let document = "query($id: ID!) { organization(id: $id) { aiAgents { nodes { id widget { id } } } } }";
    let data = app.owner().await.ask(document, json!({ "id": organization })).await;
    let node = "/organization/aiAgents/nodes/0";
    (text(&data, &format!("{node}/widget/id")), text(&data, &format!("{node}/id")))
}

/// A new visitor of a widget, and the id of their conversation.
pub async fn visitor_of<'a>(app: &'a App, widget: &str) -> (Client<'a>, String) {
    let document = "mutation($widget: ID!) { session(widgetId: $widget) { token conversation { id } } }";
    let reply = app.post("/widget/graphql", None, document, json!({ "widget": widget })).await;
    let token = text(&reply.json, "/data/session/token");
    (Client { app, path: "/widget/graphql", token: Some(token) }, text(&reply.json, "/data/session/conversation/id"))
}

/// Somebody new in Northlight: staff with these organizations, or a client user of one. Gives the membership's id.
pub async fn hire(app: &App, email: &str, role: &str, organization: Option<&str>, only: Option<&[&str]>) -> Membership {
    let s = &app.services;
    let (bakery, _) = organizations(app).await;
    let bakery: OrganizationId = bakery.parse().expect("an id");
    let hash = s.passwords.hash(DEMO_PASSWORD).await.expect("a hash");
    let now = s.clock.now();
    let mut unit = s.store.write().await.expect("a unit");
    let agency = locate::organization(&mut unit, bakery).await.expect("a look").expect("the bakery").agency;
    let user = User { id: s.ids.next(now), agency, name: email.to_owned(), email: email.to_owned() };
    identity::insert_user(&mut unit, &user, &hash, now).await.expect("a user");
    let membership = Membership {
        id: s.ids.next(now),
        agency,
        organization: organization.map(|id| id.parse().expect("an id")),
        role: access::role_id(role),
        role_key: role.to_owned(),
        organizations: only.map(|only| only.iter().map(|id| id.parse().expect("an id")).collect()),
        ai_agents: None,
    };
    access::insert_membership(&mut unit, user.id, &membership, now).await.expect("a membership");
    unit.commit().await.expect("kept");
    membership
}

/// What a mutation of an organization does.
pub async fn act(client: &Client<'_>, call: &str, id: &str) -> Value {
    client.ask(&format!("mutation($id: ID!) {{ it: {call} {{ id name state }} }}"), json!({ "id": id })).await["it"]
        .clone()
}

pub const SUSPEND: &str = "suspendOrganization(organizationId: $id, reason: \"The bill is open\")";
pub const RESUME: &str = "resumeOrganization(organizationId: $id)";
pub const DELETE: &str = "deleteOrganization(organizationId: $id, name: \"Blue Bakery\")";
pub const RESTORE: &str = "restoreOrganization(organizationId: $id)";
