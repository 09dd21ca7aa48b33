//! Everybody who asks, and everything that can be asked for, in each relation to them.

use std::collections::BTreeMap;

use livery::domain::access::{BUILT_IN_ROLES, Membership};
use livery::domain::id::{AgencyId, OrganizationId};
use livery::domain::permission::Level;
use livery::domain::tenant::{Organization, User};
use livery::service::setup::DEMO_PASSWORD;
use livery::store::{access, agency, identity};
use serde_json::{Value, json};

use super::check::Relation;
use crate::support::App;
use crate::support::app::{Client, client_id};

/// The things of one relation, by the names that documents give them.
pub struct Things {
    pub slots: BTreeMap<&'static str, String>,
    /// What must not be seen by whoever does not hold the permission there.
    pub marks: Vec<(&'static str, String)>,
    /// The token of the visitor whose conversation it is.
    pub visitor: String,
}

/// Somebody who asks at the desk: a role, a visitor or nobody.
pub struct Asker {
    pub column: &'static str,
    pub email: String,
    pub token: Option<String>,
}

pub struct World<'a> {
    pub app: &'a App,
    pub askers: Vec<Asker>,
    pub things: BTreeMap<Relation, Things>,
}

/// The text at a path of an answer.
pub fn text(value: &Value, path: &str) -> String {
    value.pointer(path).and_then(Value::as_str).unwrap_or_else(|| panic!("no {path} in {value}")).to_owned()
}

/// One person for each role, in Northlight or in its bakery. Gives their addresses.
async fn add_people(app: &App, northlight: AgencyId, bakery: OrganizationId) -> Vec<(&'static str, String)> {
    let s = &app.services;
    let hash = s.passwords.hash(DEMO_PASSWORD).await.expect("a hash");
    let now = s.clock.now();
    let mut unit = s.store.write().await.expect("a unit");
    let mut people = Vec::new();
    for role in BUILT_IN_ROLES {
        let email = format!("{}@matrix.test", role.key);
        let user = User { id: s.ids.next(now), agency: northlight, name: role.key.to_owned(), email: email.clone() };
        identity::insert_user(&mut unit, &user, &hash, now).await.expect("a user");
        let membership = Membership {
            id: s.ids.next(now),
            agency: northlight,
            organization: (role.level == Level::Organization).then_some(bakery),
            role: access::role_id(role.key),
            role_key: role.key.to_owned(),
            organizations: role.assigned_only.then(|| vec![bakery]),
            ai_agents: None,
        };
        access::insert_membership(&mut unit, user.id, &membership, now).await.expect("a membership");
        people.push((role.key, email));
    }
    unit.commit().await.expect("kept");
    people
}

async fn add_organization(app: &App, agency: AgencyId) -> OrganizationId {
    let s = &app.services;
    let now = s.clock.now();
    let new = Organization { id: s.ids.next(now), agency, name: "Left Bank".to_owned(), created_at: now };
    let mut unit = s.store.write().await.expect("a unit");
    agency::insert_organization(&mut unit, &new).await.expect("an organization");
    unit.commit().await.expect("kept");
    new.id
}

/// A new visitor of a widget, and the id of their conversation.
pub async fn visitor_of<'a>(app: &'a App, widget: &str) -> (Client<'a>, String) {
    let document = "mutation($widget: ID!) { session(widgetId: $widget) { token conversation { id } } }";
    let reply = app.post("/widget/graphql", None, document, json!({ "widget": widget })).await;
    let token = text(&reply.json, "/data/session/token");
    let client = Client { app, path: "/widget/graphql", token: Some(token) };
    (client, text(&reply.json, "/data/session/conversation/id"))
}

async fn create_agent(boss: &Client<'_>, organization: Option<&str>) -> String {
    let document =
        "mutation($c: String!, $o: ID) { createAiAgent(clientId: $c, name: \"Bot\", organizationId: $o) { id } }";
    let data = boss.ask(document, json!({ "c": client_id(), "o": organization })).await;
    text(&data, "/createAiAgent/id")
}

/// Fills a relation: the AI agent's prompt, knowledge, a conversation that waits, and one that `holder` has.
async fn fill(
    app: &App,
    boss: &Client<'_>,
    holder: &Client<'_>,
    mark: &str,
    agent: String,
    organization: Option<String>,
) -> Things {
    let document = "mutation($a: ID!, $i: String) { updateAiAgent(aiAgentId: $a, instructions: $i) { widget { id } } }";
    let secret = format!("{mark}prompt");
    let data = boss.ask(document, json!({ "a": agent, "i": secret })).await;
    let widget = text(&data, "/updateAiAgent/widget/id");
    let enable = "mutation($a: ID!, $on: Boolean!) { setHandoffEnabled(aiAgentId: $a, enabled: $on) { id } }";
    boss.ask(enable, json!({ "a": agent, "on": organization.is_some() })).await;
    let document = "mutation($c: String!, $a: ID!, $t: String!) { createKnowledgeEntry(clientId: $c, aiAgentId: $a, title: $t, body: $t) { id } }";
    let known = format!("{mark}knowledge");
    let data = boss.ask(document, json!({ "c": client_id(), "a": agent, "t": known })).await;
    let entry = text(&data, "/createKnowledgeEntry/id");

    let (visitor, conversation) = visitor_of(app, &widget).await;
    let said = format!("{mark}words");
    visitor.says(&said).await;
    let who = holder.ask("{ viewer { user { id } session { id } } }", json!({})).await;
    let on = organization.is_some().to_string();
    let mut marks = vec![
        ("home.view", agent.clone()),
        ("home.view", widget.clone()),
        ("conversation.read", conversation.clone()),
        ("conversation.read", said),
        ("knowledge.read", known),
        ("knowledge.read", entry.clone()),
        ("ai_agent.edit_prompt", secret),
    ];
    let mut slots = BTreeMap::from([
        ("agent", agent),
        ("widget", widget.clone()),
        ("conversation", conversation.clone()),
        ("entry", entry),
        ("user", text(&who, "/viewer/user/id")),
        ("session", text(&who, "/viewer/session/id")),
        ("on", on),
    ]);
    if let Some(organization) = organization {
        visitor.asks_for_human().await;
        let handoff = boss.handoff_of(&conversation).await;
        let (other, held) = visitor_of(app, &widget).await;
        other.says("hello").await;
        other.asks_for_human().await;
        holder.accepts(&held).await;
        marks.push(("home.view", organization.clone()));
        marks.push(("live_chat.view_queue", handoff.clone()));
        marks.push(("conversation.read", held.clone()));
        slots.extend([("organization", organization), ("handoff", handoff), ("held", held)]);
    }
    Things { slots, marks, visitor: visitor.token.clone().expect("a token") }
}

impl<'a> World<'a> {
    pub async fn build(app: &'a App) -> Self {
        let (boss, southpaw) = (app.owner().await, app.sign_in("owner@southpaw.test").await);
        let overview = "{ viewer { agency { id } } organizations { nodes { id name aiAgents { nodes { id } } } } }";
        let (ours, theirs) = (boss.ask(overview, json!({})).await, southpaw.ask(overview, json!({})).await);
        let agency = |data: &Value| -> AgencyId { text(data, "/viewer/agency/id").parse().expect("an agency's id") };
        let organization = |at: usize| text(&ours, &format!("/organizations/nodes/{at}/id"));
        let agent = |at: usize| text(&ours, &format!("/organizations/nodes/{at}/aiAgents/nodes/0/id"));
        let left_bank = add_organization(app, agency(&theirs)).await.to_string();
        let left_bot = create_agent(&southpaw, Some(&left_bank)).await;
        let idle = create_agent(&boss, None).await;
        let bakery = organization(0).parse().expect("an organization's id");
        let people = add_people(app, agency(&ours), bakery).await;

        let (operator, stranger) = (app.operator().await, app.stranger().await);
        let own = fill(app, &boss, &operator, "amberfox", agent(0), Some(organization(0))).await;
        let sibling = fill(app, &boss, &stranger, "quartzowl", agent(1), Some(organization(1))).await;
        let other = fill(app, &southpaw, &southpaw, "cobaltelk", left_bot, Some(left_bank)).await;
        let unassigned = fill(app, &boss, &boss, "silverbee", idle, None).await;
        let mut askers = Vec::new();
        for (column, email) in people {
            let token = app.sign_in(&email).await.token;
            askers.push(Asker { column, email, token });
        }
        let email = "operator1@bluebakery.test".to_owned();
        askers.push(Asker { column: "visitor", email: email.clone(), token: Some(own.visitor.clone()) });
        askers.push(Asker { column: "anonymous", email, token: None });
        let things = BTreeMap::from([
            (Relation::Own, own),
            (Relation::Sibling, sibling),
            (Relation::Other, other),
            (Relation::Unassigned, unassigned),
        ]);
        Self { app, askers, things }
    }

    pub fn client(&self, asker: &Asker) -> Client<'a> {
        Client { app: self.app, path: "/graphql", token: asker.token.clone() }
    }
}
