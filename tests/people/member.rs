//! Members: lists, roles, limits, and what ends when somebody goes (W03).

use serde_json::{Value, json};

use super::*;
use crate::support::both;
use crate::support::socket::{DESK_EVENTS, INBOX_EVENTS};

const SET_ROLE: &str = "mutation($m: ID!, $r: ID!) { setMemberRole(membershipId: $m, roleId: $r) { role { name } } }";
const SUSPEND: &str = "mutation($m: ID!) { suspendMember(membershipId: $m) { suspended } }";
const RESUME: &str = "mutation($m: ID!) { resumeMember(membershipId: $m) { suspended } }";
const REMOVE: &str = "mutation($m: ID!) { removeMember(membershipId: $m) }";
const LIMIT: &str = "mutation($m: ID!, $on: Boolean!) { limitMemberToAiAgents(membershipId: $m, limited: $on) { allAiAgents aiAgents { id } } }";
const ADD_AGENT: &str =
    "mutation($m: ID!, $a: ID!) { addMemberAiAgent(membershipId: $m, aiAgentId: $a) { aiAgents { id } } }";
const REMOVE_AGENT: &str =
    "mutation($m: ID!, $a: ID!) { removeMemberAiAgent(membershipId: $m, aiAgentId: $a) { aiAgents { id } } }";

/// A chat that an operator has, and its conversation's id.
async fn held<'a>(app: &'a App, operator: &Client<'_>) -> (Client<'a>, String) {
    let (visitor, conversation) = app.visitor().await;
    visitor.says("hello").await;
    visitor.asks_for_human().await;
    operator.accepts(&conversation).await;
    (visitor, conversation)
}

async fn state_of(visitor: &Client<'_>) -> Value {
    visitor.ask("{ session { conversation { state } } }", json!({})).await["session"]["conversation"]["state"].clone()
}

both! {
    async fn whoever_is_removed_is_out_at_once_and_their_chats_wait_again(database) {
        let app = App::start(database).await;
        let owner = app.sign_in("owner@bluebakery.test").await;
        let bakery = organization_of(&owner).await;
        let operator = app.operator().await;
        let (visitor, conversation) = held(&app, &operator).await;
        let mut socket = operator.socket().await;
        socket.subscribe(DESK_EVENTS, json!({ "id": conversation, "after": "1.0" })).await;
        socket.event_where(|event| event["conversationEvents"]["__typename"] == "ConversationChanged").await;
        let colleague = app.colleague().await;
        let mut inbox = colleague.socket().await;
        inbox.subscribe(INBOX_EVENTS, json!({})).await;
        inbox.event_where(|event| event["inboxEvents"]["__typename"] == "InboxSynced").await;

        let id = membership(&owner, Some(&bakery), "operator1@bluebakery.test").await;
        assert_eq!(colleague.refused(REMOVE, json!({ "m": id })).await, "FORBIDDEN MISSING_PERMISSION");
        owner.ask(REMOVE, json!({ "m": id })).await;
        assert_eq!(socket.close_code().await, Some(4403));
        let refused = operator.refused("{ viewer { user { name } } }", json!({})).await;
        assert_eq!(refused, "UNAUTHENTICATED SESSION_ENDED");
        let again = app.anonymous_post(SIGN_IN, json!({ "e": "operator1@bluebakery.test", "p": "demo-demo-demo" })).await;
        assert_eq!(again.error(), "UNAUTHENTICATED NO_MEMBERSHIP");
        // The visitor is told, the queue as well, and the next one accepts.
        assert_eq!(state_of(&visitor).await, "REQUESTED");
        inbox.event_where(|event| event["inboxEvents"]["conversation"]["state"] == "REQUESTED").await;
        colleague.accepts(&conversation).await;
        let history = "query($id: ID!) { conversation(id: $id) { messages { nodes { kind } } } }";
        let data = colleague.ask(history, json!({ "id": conversation })).await;
        let kinds: Vec<&str> = data["conversation"]["messages"]["nodes"].as_array().expect("messages").iter().filter_map(|node| node["kind"].as_str()).collect();
        assert!(kinds.contains(&"RELEASED"), "{kinds:?}");
        assert_eq!(owner.refused(REMOVE, json!({ "m": id })).await, "NOT_FOUND NOT_FOUND");
        assert!(letters_to(&app, "operator1@bluebakery.test").await.contains(&"access_changed".to_owned()));
        app.close().await;
    }
}

both! {
    async fn suspending_a_role_without_chats_and_a_limit_give_claims_back_as_well(database) {
        let app = App::start(database).await;
        let owner = app.sign_in("owner@bluebakery.test").await;
        let bakery = organization_of(&owner).await;
        let agent = owner.ask("{ aiAgents { nodes { id } } }", json!({})).await["aiAgents"]["nodes"][0]["id"].clone();
        let id = membership(&owner, Some(&bakery), "operator1@bluebakery.test").await;
        let operator = app.operator().await;
        let (visitor, conversation) = held(&app, &operator).await;
        owner.ask(SET_ROLE, json!({ "m": id, "r": role("organization.supervisor") })).await;
        assert_eq!(state_of(&visitor).await, "HUMAN", "who may still respond keeps the chat");
        let data = owner.ask(SET_ROLE, json!({ "m": id, "r": role("organization.viewer") })).await;
        assert_eq!(data["setMemberRole"]["role"]["name"], "Viewer");
        assert_eq!(state_of(&visitor).await, "REQUESTED");
        owner.ask(SET_ROLE, json!({ "m": id, "r": role("organization.operator") })).await;
        operator.accepts(&conversation).await;
        owner.ask(LIMIT, json!({ "m": id, "on": true })).await;
        assert_eq!(state_of(&visitor).await, "REQUESTED");
        let accept = "mutation($id: ID!) { acceptHandoff(handoffId: $id) { state } }";
        let handoff = owner.handoff_of(&conversation).await;
        assert_eq!(operator.refused(accept, json!({ "id": handoff })).await, "NOT_FOUND NOT_FOUND");
        let data = owner.ask(ADD_AGENT, json!({ "m": id, "a": agent })).await;
        assert_eq!(data["addMemberAiAgent"]["aiAgents"], json!([{ "id": agent }]));
        operator.accepts(&conversation).await;
        owner.ask(REMOVE_AGENT, json!({ "m": id, "a": agent })).await;
        assert_eq!(state_of(&visitor).await, "REQUESTED");
        let data = owner.ask(LIMIT, json!({ "m": id, "on": false })).await;
        assert_eq!(data["limitMemberToAiAgents"], json!({ "allAiAgents": true, "aiAgents": [] }));
        operator.accepts(&conversation).await;

        let mut socket = operator.socket().await;
        socket.subscribe(INBOX_EVENTS, json!({})).await;
        socket.event_where(|event| event["inboxEvents"]["__typename"] == "InboxSynced").await;
        assert_eq!(owner.ask(SUSPEND, json!({ "m": id })).await["suspendMember"]["suspended"], true);
        assert_eq!(state_of(&visitor).await, "REQUESTED");
        assert_eq!(socket.close_code().await, Some(4403));
        let again = app.anonymous_post(SIGN_IN, json!({ "e": "operator1@bluebakery.test", "p": "demo-demo-demo" })).await;
        assert_eq!(again.error(), "UNAUTHENTICATED NO_MEMBERSHIP");
        owner.ask(RESUME, json!({ "m": id })).await;
        app.operator().await.accepts(&conversation).await;
        app.close().await;
    }
}

both! {
    async fn whoever_belongs_elsewhere_too_stays_signed_in_there(database) {
        let app = App::start(database).await;
        let agency = app.owner().await;
        let owner = app.sign_in("owner@bluebakery.test").await;
        let bakery = organization_of(&owner).await;
        let data = agency.ask("{ organizations { nodes { id } } }", json!({})).await;
        let dental = data["organizations"]["nodes"][1]["id"].as_str().expect("an id").to_owned();
        let email = "operator1@bluebakery.test";
        let (_, token) = invite(&agency, Some(&dental), email, "organization.operator").await;
        let reply = app.anonymous_post(ACCEPT, json!({ "t": token, "p": "demo-demo-demo" })).await;
        let both = client_of(&app, &reply, "acceptInvitation");
        let (visitor, conversation) = held(&app, &both).await;
        let mut socket = both.socket().await;
        socket.subscribe(DESK_EVENTS, json!({ "id": conversation, "after": "1.0" })).await;
        socket.event_where(|event| event["conversationEvents"]["__typename"] == "ConversationChanged").await;
        let id = membership(&owner, Some(&bakery), email).await;
        owner.ask(REMOVE, json!({ "m": id })).await;
        // The stream of what is out of reach ends, the session does not.
        loop {
            let message = socket.receive().await.expect("the socket stays");
            if message["type"] == "error" || !message["payload"]["errors"].is_null() {
                break;
            }
        }
        assert_eq!(state_of(&visitor).await, "REQUESTED");
        assert_eq!(organization_of(&both).await, dental);
        app.close().await;
    }
}

both! {
    async fn the_last_owner_stays(database) {
        let app = App::start(database).await;
        let (agency, owner) = (app.owner().await, app.sign_in("owner@bluebakery.test").await);
        let bakery = organization_of(&owner).await;
        let id = membership(&owner, Some(&bakery), "owner@bluebakery.test").await;
        assert_eq!(member(&owner, Some(&bakery), "owner@bluebakery.test").await["isLastOwner"], true);
        for by in [&agency, &owner] {
            assert_eq!(by.refused(REMOVE, json!({ "m": id })).await, "CONFLICT LAST_OWNER");
            assert_eq!(by.refused(SUSPEND, json!({ "m": id })).await, "CONFLICT LAST_OWNER");
            assert_eq!(by.refused(SET_ROLE, json!({ "m": id, "r": role("organization.admin") })).await, "CONFLICT LAST_OWNER");
        }
        let boss = membership(&agency, None, "owner@northlight.test").await;
        assert_eq!(agency.refused(REMOVE, json!({ "m": boss })).await, "CONFLICT LAST_OWNER");
        // Two owners who remove each other at once leave one.
        for round in 0..20 {
            // Whoever is removed is invited again, and how often somebody is written is limited.
            app.later(std::time::Duration::from_secs(200));
            let agency = app.owner().await;
            let email = format!("owner{round}@person.test");
            let (_, token) = invite(&agency, Some(&bakery), &email, "organization.owner").await;
            let reply = app.anonymous_post(ACCEPT, json!({ "t": token, "n": "Second", "p": "a fine password" })).await;
            assert!(reply.json["errors"].is_null(), "{}", reply.json);
            let second = membership(&agency, Some(&bakery), &email).await;
            assert_eq!(member(&agency, Some(&bakery), &email).await["isLastOwner"], false);
            let first = membership(&agency, Some(&bakery), "owner@bluebakery.test").await;
            let verbs = [REMOVE, SUSPEND, SET_ROLE];
            let verb = |at: usize, id: &str| {
                let mut variables = json!({ "m": id });
                if verbs[at % 3] == SET_ROLE {
                    variables["r"] = json!(role("organization.admin"));
                }
                (verbs[at % 3], variables)
            };
            let ((one, ones), (two, twos)) = (verb(round, &second), verb(round / 3, &first));
            let (a, b) = tokio::join!(agency.post(one, ones), agency.post(two, twos));
            let errors: Vec<String> = [a, b].iter().filter(|reply| !reply.json["errors"].is_null()).map(Reply::error).collect();
            assert_eq!(errors, ["CONFLICT LAST_OWNER"], "round {round}");
            // Whoever is left gets things back into the order that the next round begins with.
            let data = agency.ask(MEMBERS, json!({ "o": bakery })).await;
            let nodes = data["members"]["nodes"].as_array().expect("members").clone();
            assert_eq!(nodes.iter().filter(|node| node["isLastOwner"] == true).count(), 1);
            let first = nodes.iter().find(|node| node["email"] == "owner@bluebakery.test");
            match first {
                Some(first) => {
                    agency.ask(RESUME, json!({ "m": first["id"] })).await;
                    agency.ask(SET_ROLE, json!({ "m": first["id"], "r": role("organization.owner") })).await;
                }
                None => {
                    let (_, token) = invite(&agency, Some(&bakery), "owner@bluebakery.test", "organization.owner").await;
                    app.anonymous_post(ACCEPT, json!({ "t": token, "p": "demo-demo-demo" })).await;
                }
            }
            if nodes.iter().any(|node| node["id"] == json!(second)) {
                agency.ask(REMOVE, json!({ "m": second })).await;
            }
        }
        app.close().await;
    }
}

both! {
    async fn staff_is_limited_to_organizations_one_by_one(database) {
        let app = App::start(database).await;
        let agency = app.owner().await;
        let data = agency.ask("{ organizations { nodes { id name } } }", json!({})).await;
        let (bakery, dental) = (data["organizations"]["nodes"][0]["id"].clone(), data["organizations"]["nodes"][1]["id"].clone());
        let (_, token) = invite(&agency, None, "staff@northlight.test", "agency.member").await;
        let reply = app.anonymous_post(ACCEPT, json!({ "t": token, "n": "Staff", "p": "a fine password" })).await;
        let staff = client_of(&app, &reply, "acceptInvitation");
        let seen = async || {
            let data = staff.ask("{ organizations { nodes { id } } }", json!({})).await;
            data["organizations"]["nodes"].as_array().expect("a list").iter().map(|node| node["id"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(seen().await, Vec::<Value>::new());
        let id = membership(&agency, None, "staff@northlight.test").await;
        let add = "mutation($m: ID!, $o: ID!) { addMemberOrganization(membershipId: $m, organizationId: $o) { organizations { id } allOrganizations } }";
        let remove = "mutation($m: ID!, $o: ID!) { removeMemberOrganization(membershipId: $m, organizationId: $o) { organizations { id } } }";
        let limit = "mutation($m: ID!, $on: Boolean!) { limitMemberToOrganizations(membershipId: $m, limited: $on) { allOrganizations } }";
        agency.ask(add, json!({ "m": id, "o": bakery })).await;
        let data = agency.ask(add, json!({ "m": id, "o": dental })).await;
        assert_eq!(data["addMemberOrganization"]["organizations"].as_array().map(Vec::len), Some(2));
        assert_eq!(seen().await, [bakery.clone(), dental.clone()]);
        agency.ask(remove, json!({ "m": id, "o": bakery })).await;
        assert_eq!(seen().await, std::slice::from_ref(&dental));
        assert_eq!(agency.refused(limit, json!({ "m": id, "on": false })).await, "CONFLICT ROLE_IS_LIMITED");
        agency.ask(SET_ROLE, json!({ "m": id, "r": role("agency.admin") })).await;
        assert_eq!(seen().await, [dental], "a role changes no limit");
        agency.ask(limit, json!({ "m": id, "on": false })).await;
        assert_eq!(seen().await.len(), 2);
        let southpaw = app.sign_in("owner@southpaw.test").await;
        assert_eq!(southpaw.refused(add, json!({ "m": id, "o": bakery })).await, "NOT_FOUND NOT_FOUND");
        let operator = membership(&agency, bakery.as_str(), "operator1@bluebakery.test").await;
        assert_eq!(agency.refused(limit, json!({ "m": operator, "on": true })).await, "CONFLICT NOT_STAFF");
        app.close().await;
    }
}

both! {
    async fn two_thousand_members_are_paged_and_searched(database) {
        let app = App::start(database).await;
        let owner = app.sign_in("owner@bluebakery.test").await;
        let bakery = organization_of(&owner).await;
        let name = |n| if n == 1_234 { "Zoë Müller".to_owned() } else { format!("Person {n:04}") };
        crowd(&app, &bakery, "organization.viewer", 2_000, name).await;
        let started = std::time::Instant::now();
        let (mut after, mut names, mut pages) = (Value::Null, Vec::new(), 0);
        loop {
            let data = owner.ask(MEMBERS, json!({ "o": bakery, "f": 100, "a": after })).await["members"].clone();
            names.extend(data["nodes"].as_array().expect("nodes").iter().map(|node| node["user"]["name"].as_str().expect("a name").to_owned()));
            pages += 1;
            if data["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = data["pageInfo"]["endCursor"].clone();
        }
        println!("{pages} pages of 100 of 2,004 members: {:?} each", started.elapsed() / pages);
        assert_eq!(names.len(), 2_004);
        let mut sorted: Vec<String> = names.iter().map(|name| livery::domain::text::searchable(name)).collect();
        let listed = sorted.clone();
        sorted.sort();
        assert_eq!(listed, sorted);
        for (search, found) in [("zoe mull", 1), ("P1999@many", 1), ("person 00", 100), ("100%", 0), ("bluebakery", 4)] {
            let data = owner.ask(MEMBERS, json!({ "o": bakery, "s": search, "f": 100 })).await;
            assert_eq!(data["members"]["nodes"].as_array().map(Vec::len), Some(found), "{search}");
        }
        assert_eq!(owner.refused(MEMBERS, json!({ "o": bakery, "a": "nonsense" })).await, "INVALID NOT_A_CURSOR");
        app.close().await;
    }
}
