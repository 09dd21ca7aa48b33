//! Who is there, whose turn a request is, and chats that go from hand to hand.

mod gone;
mod hands;
mod offers;
mod presence;
mod races;
mod teams;

use serde_json::{Value, json};

use crate::support::App;
use crate::support::app::{Client, client_id};

/// The id of the organization that somebody works for.
pub async fn organization_of(client: &Client<'_>) -> String {
    let data = client.ask("{ viewer { memberships { organization { id } } } }", json!({})).await;
    data["viewer"]["memberships"][0]["organization"]["id"].as_str().expect("an organization").to_owned()
}

/// One's own id.
pub async fn user_of(client: &Client<'_>) -> String {
    let data = client.ask("{ viewer { user { id } } }", json!({})).await;
    data["viewer"]["user"]["id"].as_str().expect("a user").to_owned()
}

/// Sets a setting of the bakery.
pub async fn set(app: &App, key: &str, value: &str) {
    let owner = app.sign_in("owner@bluebakery.test").await;
    let organization = organization_of(&owner).await;
    let document =
        "mutation($k: String!, $o: ID!, $v: String!) { setSetting(key: $k, organizationId: $o, value: $v) { value } }";
    owner.ask(document, json!({ "k": key, "o": organization, "v": value })).await;
}

/// Somebody says what they are.
pub async fn is(client: &Client<'_>, presence: &str) {
    let document = "mutation($p: Presence!) { setPresence(presence: $p) { presence } }";
    let data = client.ask(document, json!({ "p": presence })).await;
    assert_eq!(data["setPresence"]["presence"], presence);
}

/// A new visitor who asks for a human about something.
pub async fn request<'a>(app: &'a App, about: &str) -> (Client<'a>, String) {
    let (visitor, conversation) = app.visitor().await;
    visitor.says(about).await;
    visitor.asks_for_human().await;
    (visitor, conversation)
}

/// How a conversation stands, as somebody of the desk sees it.
pub async fn stands(client: &Client<'_>, conversation: &str) -> Value {
    let document = "query($id: ID!) { conversation(id: $id) { state contentVisible assignee { name } \
        handoff { id state team { name } offeredTo { name } offeredUntil acceptedBy { name } } } }";
    client.ask(document, json!({ "id": conversation })).await["conversation"].clone()
}

/// To whom a request is offered.
pub async fn offered_to(client: &Client<'_>, conversation: &str) -> Value {
    stands(client, conversation).await["handoff"]["offeredTo"]["name"].clone()
}

/// Accepts, and gives `CODE REASON` and the holder of the refusal; nothing when it went well.
pub async fn try_accept(client: &Client<'_>, conversation: &str) -> Option<(String, Value)> {
    let handoff = client.handoff_of(conversation).await;
    let reply =
        client.post("mutation($id: ID!) { acceptHandoff(handoffId: $id) { state } }", json!({ "id": handoff })).await;
    if reply.json["errors"].is_null() {
        return None;
    }
    Some((reply.error(), reply.json["errors"][0]["extensions"]["holder"].clone()))
}

/// Makes a team of some people, for some topics.
pub async fn team(app: &App, name: &str, topics: &[&str], members: &[&str]) -> String {
    let owner = app.sign_in("owner@bluebakery.test").await;
    let organization = organization_of(&owner).await;
    let document = "mutation($c: String!, $o: ID!, $n: String!, $t: [String!]) {
        createTeam(clientId: $c, organizationId: $o, name: $n, topics: $t) { id } }";
    let data = owner.ask(document, json!({ "c": client_id(), "o": organization, "n": name, "t": topics })).await;
    let id = data["createTeam"]["id"].as_str().expect("a team").to_owned();
    for user in members {
        let add = "mutation($t: ID!, $u: ID!) { addTeamMember(teamId: $t, userId: $u) { id } }";
        owner.ask(add, json!({ "t": id, "u": user })).await;
    }
    id
}
