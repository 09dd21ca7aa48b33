//! API keys in the matrix: to every query and mutation a key gets what a person of its role gets, or hears that only a person may.

use http::StatusCode;
use livery::store::access::role_id;
use serde_json::{Value, json};

use super::ask::{Asking, Slots, fill, has_place, outcome_of};
use super::cases::{DESK_QUERIES, DESK_ROUTES, DESK_STREAMS};
use super::check::{Matrix, Outcome, Relation};
use super::schema::Schema;
use super::world::{Asker, World, text};
use super::{documents, mutations};
use crate::support::App;
use crate::support::app::client_id;
use crate::support::database::Database;

const COLUMN: &str = "organization.admin";

/// A key with the role of an asker, in their organization.
async fn key_of(asking: &Asking<'_>, asker: &Asker) -> String {
    let app = asking.world.app;
    let create = "mutation($c: String!, $o: ID, $i: ApiKeyInput!) { createApiKey(clientId: $c, organizationId: $o, input: $i) { secret } }";
    let organization = &asking.slots(asker, Relation::Own)["organization"];
    let input = json!({ "name": "Matrix", "roleId": role_id(COLUMN).to_string() });
    let made = app.owner().await.ask(create, json!({ "c": client_id(), "o": organization, "i": input })).await;
    text(&made, "/createApiKey/secret")
}

/// Each document with its ids, and the relation that it is about.
fn filled(templates: &[String], slots: impl Fn(Relation) -> Slots) -> Vec<(Relation, String)> {
    let of = |template: &String| {
        let relations = if has_place(template) { &Relation::DESK[..] } else { &[Relation::Own] };
        relations.iter().filter_map(|at| Some((*at, fill(template, &slots(*at))?))).collect::<Vec<_>>()
    };
    templates.iter().flat_map(of).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_sees_what_a_person_of_its_role_sees_and_reaches_nothing_else() {
    let database = Database::sqlite();
    let config = crate::support::app::config_with(&database, &[("LIVERY_API_KEY_REQUESTS_PER_MINUTE", "1000000")]);
    let app = App::with(database, config).await;
    let (schema, matrix) = (Schema::read(&livery::graphql::desk_sdl()), Matrix::read());
    let world = World::build(&app).await;
    let asking = Asking { world: &world, schema: &schema, matrix: &matrix };
    let asker = world.askers.iter().find(|asker| asker.column == COLUMN).expect("an admin");
    let secret = key_of(&asking, asker).await;
    let asked = async |token: &str, document: &str| {
        let reply = app.post("/graphql", Some(token), document, Value::Null).await;
        assert_eq!(reply.status, StatusCode::OK, "{document}");
        reply
    };
    let person = asker.token.as_deref().expect("signed in");
    let slots = |relation| asking.slots(asker, relation);
    let queries: Vec<String> =
        documents(&schema, DESK_ROUTES, DESK_QUERIES, DESK_STREAMS).into_iter().map(|(_, document)| document).collect();
    let (mut same, mut only_people) = (0, 0);
    for (relation, document) in filled(&queries, slots) {
        let chain = schema.chain(&document);
        let theirs = outcome_of(&asked(person, &document).await.json, &chain);
        let reply = asked(&secret, &document).await;
        asking.keeps_still(asker, &String::from_utf8_lossy(&reply.bytes), &document);
        if reply.error() == "FORBIDDEN NEEDS_A_PERSON" {
            only_people += 1;
            continue;
        }
        let own = outcome_of(&reply.json, &chain);
        // What is about whoever asks has nothing to say of a key.
        if matches!((&theirs, &own), (Outcome::Allowed, Outcome::Broken(_))) && reply.json["errors"].is_null() {
            only_people += 1;
            continue;
        }
        assert!(
            own == theirs || matches!(theirs, Outcome::Broken(_)),
            "{relation:?} {document}: {} for a person {theirs:?}",
            reply.json
        );
        same += 1;
    }
    // What changes something is tried where neither may reach: elsewhere, and with the rights of others.
    let changes: Vec<String> = mutations(&schema).into_iter().map(|(document, _)| document).collect();
    let (mut refused, elsewhere) = (0, [Relation::Sibling, Relation::Other]);
    for (relation, document) in filled(&changes, slots).into_iter().filter(|(at, _)| elsewhere.contains(at)) {
        let reply = asked(&secret, &document).await;
        let error = reply.json["errors"][0]["extensions"]["code"].as_str().unwrap_or("nothing").to_owned();
        assert!(["FORBIDDEN", "NOT_FOUND"].contains(&error.as_str()), "{relation:?} {document}: {}", reply.json);
        refused += 1;
    }
    println!(
        "a key is answered {same} times as a person, {only_people} times that only a person is, and refused {refused} changes elsewhere"
    );
    assert!(same > 1_000 && only_people > 10 && refused > 100, "{same} {only_people} {refused}");
    app.close().await;
}
