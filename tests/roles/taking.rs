//! A role loses the right to answer while somebody takes a chat by it: whoever was first, nobody is left with a chat that they
//! may not answer.

use std::time::Duration;

use serde_json::{Value, json};

use super::{UPDATE, package, person, places};
use crate::support::{App, both};

const RACES: u64 = 300;
const ALL: [&str; 4] = ["home.view", "conversation.read", "live_chat.view_queue", "live_chat.respond"];
const LESS: [&str; 3] = ["home.view", "conversation.read", "live_chat.view_queue"];

both! {
    async fn nobody_keeps_a_chat_that_they_may_not_answer(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let (_, bakery, _) = places(&app).await;
        let mut desk = package(&owner, "Night desk", "ORGANIZATION", &ALL).await;
        person(&app, "ann@bakery.test", Some(bakery), &desk).await;
        let ann = app.sign_in("ann@bakery.test").await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("hello").await;
        visitor.asks_for_human().await;
        let handoff = owner.handoff_of(&conversation).await;
        let accept = "mutation($id: ID!) { acceptHandoff(handoffId: $id) { state } }";
        let delete = "mutation($id: ID!, $r: ID) { deletePackage(packageId: $id, replacementRoleId: $r) }";
        let state = "query($id: ID!) { conversation(id: $id) { state assignee { name } } }";
        let (mut version, mut taken, mut refused) = (1, 0, 0);
        for race in 0..RACES {
            // Every tenth time the role is deleted, and another one comes in its place.
            let replacement = match race % 10 == 9 {
                true => Some(package(&owner, &format!("Desk {race}"), "ORGANIZATION", &LESS).await),
                false => None,
            };
            let (early, late) = (Duration::from_micros(race % 3 * 500), Duration::from_micros(race % 16 * 400));
            let changing = async {
                tokio::time::sleep(late).await;
                match &replacement {
                    Some(other) => owner.ask(delete, json!({ "id": desk, "r": other })).await,
                    None => owner.ask(UPDATE, json!({ "id": desk, "v": version, "p": LESS })).await,
                }
            };
            let taking = async {
                tokio::time::sleep(early).await;
                ann.post(accept, json!({ "id": handoff })).await
            };
            let (_, reply) = tokio::join!(changing, taking);
            match reply.json["errors"].is_null() {
                true => taken += 1,
                false => {
                    // Between the old role and the other one somebody may be nobody for a moment.
                    let nobody = replacement.is_some() && reply.error() == "NOT_FOUND NOT_FOUND";
                    assert!(nobody || reply.error() == "FORBIDDEN MISSING_PERMISSION", "race {race}: {}", reply.json);
                    refused += 1;
                }
            }
            let data = owner.ask(state, json!({ "id": conversation })).await;
            assert_eq!(data["conversation"], json!({ "state": "REQUESTED", "assignee": Value::Null }), "race {race}");
            match replacement {
                Some(other) => (desk, version) = (other, 1),
                None => version += 1,
            }
            owner.ask(UPDATE, json!({ "id": desk, "v": version, "p": ALL })).await;
            version += 1;
        }
        println!("{taken} were let in first, {refused} were too late");
        app.close().await;
    }
}
