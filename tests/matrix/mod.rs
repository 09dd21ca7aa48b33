//! Every field of both schemas, for every built-in role and three that the agency made, in {own organization, sibling
//! organization, other agency, visitor, anonymous, suspended, revoked in mid-session}: only what policies/decisions.csv and
//! the lists of the three allow, and all of what they allow.

mod ask;
mod cases;
mod check;
mod hands;
mod keys;
mod prepare;
mod schema;
mod visitors;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use livery::graphql::desk_sdl;
use serde_json::{Value, json};

use ask::{Asking, fill, has_place, selection};
use cases::*;
use check::{Holder, Matrix, Outcome, Relation, Seen, is_gone, judge};
use schema::Schema;
pub use world::create_package;
use world::{Asker, World};

use crate::support::socket::Socket;
use crate::support::{App, both};

/// The documents that ask for one field each, and whether only for what has an organization.
fn documents(
    schema: &Schema,
    routes: &[(&str, &[&str])],
    roots: &[(&str, &str)],
    streams: &[(&str, &str)],
) -> Vec<(bool, String)> {
    let mut documents = Vec::new();
    for (name, fields) in &schema.types {
        match name.as_str() {
            "Mutation" | "Subscription" => continue,
            "Query" => {
                for field in fields.keys() {
                    let (_, call) = roots
                        .iter()
                        .find(|(root, _)| root == field)
                        .unwrap_or_else(|| panic!("no case for Query.{field}"));
                    let below =
                        if schema.has_fields(&schema.field(name, field).gives) { " { __typename }" } else { "" };
                    documents.push((false, format!("{{ {call}{below} }}")));
                }
            }
            _ if streams.iter().any(|(of, _)| of == name) => {}
            _ => {
                let (_, routes) =
                    routes.iter().find(|(of, _)| of == name).unwrap_or_else(|| panic!("no case for {name}"));
                for field in fields.keys() {
                    for route in *routes {
                        let assigned = route.starts_with('+');
                        let route = route.trim_start_matches('+').replace('@', &selection(schema, name, field));
                        let (operation, route) = match route.strip_prefix("mutation ") {
                            Some(route) => ("mutation ", route.to_owned()),
                            None => ("", route),
                        };
                        documents.push((assigned, format!("{operation}{{ {route} }}")));
                    }
                }
            }
        }
    }
    documents
}

/// Mutations with a selection.
fn mutations(schema: &Schema) -> Vec<(String, Prepare)> {
    let cases = DESK_MUTATIONS.iter().map(|(name, call, prepare)| {
        let selects = !call.contains('{') && schema.has_fields(&schema.field("Mutation", name).gives);
        let below = if selects { " { __typename }" } else { "" };
        (format!("mutation {{ {call}{below} }}"), *prepare)
    });
    cases.collect()
}

/// Subscriptions, each with the type whose event is waited for.
fn streams(schema: &Schema, streams: &[(&str, &'static str)], roots: &[(&str, &str)]) -> Vec<(Option<String>, String)> {
    let mut documents: Vec<_> = roots.iter().map(|(_, call)| (None, format!("subscription {{ {call} }}"))).collect();
    for (name, route) in streams {
        for field in schema.types[*name].keys() {
            let route = route.replace('@', &selection(schema, name, field));
            documents.push((Some((*name).to_owned()), format!("subscription {{ {route} }}")));
        }
    }
    documents
}

async fn queries(asking: &Asking<'_>, asker: &Asker) -> Vec<Seen> {
    let mut seen = Vec::new();
    for (assigned, template) in documents(asking.schema, DESK_ROUTES, DESK_QUERIES, DESK_STREAMS) {
        let of_places = ["memberships {", "notificationPreferences {"];
        let asks_of_them = of_places
            .iter()
            .any(|list| template.contains(list) && !template.contains(&format!("{list} __typename }}")));
        if is_gone(asker.column) && asks_of_them {
            continue;
        }
        if !has_place(&template) {
            let document = fill(&template, &asking.slots(asker, Relation::Own)).expect("no place to fill in");
            seen.push(asking.ask(asker, None, &document).await);
            continue;
        }
        for relation in Relation::DESK {
            if assigned && relation == Relation::Unassigned {
                continue;
            }
            if let Some(document) = fill(&template, &asking.slots(asker, relation)) {
                seen.push(asking.ask(asker, Some(relation), &document).await);
            }
        }
    }
    seen
}

/// Lists hold what the matrix lets somebody see, all of it; and `permissions` says of each place what the matrix says.
async fn lists(asking: &Asking<'_>, asker: &Asker) -> usize {
    let client = asking.world.client(asker);
    let mut cells = 0;
    for (list, slot) in LISTS {
        let document = format!("{{ {list} }}");
        let chain = asking.schema.chain(&document);
        let schema::Rule::Requires(permission) = asking.schema.field("Query", &chain[0].1).rule.clone() else {
            panic!("{list} is for everybody");
        };
        let reply = client.post(&document, Value::Null).await;
        let body = String::from_utf8_lossy(&reply.bytes).into_owned();
        for (relation, things) in &asking.world.things {
            let Some(id) = things.slots.get(slot) else { continue };
            let listed = asking.matrix.letter(&permission, asker.column, *relation) == 'A';
            assert_eq!(body.contains(id.as_str()), listed, "{list} as {} {relation:?}: {body}", asker.column);
            cells += 1;
        }
    }
    for relation in [Relation::Own, Relation::Sibling, Relation::Other] {
        let template = "{ viewer { permissions(organizationId: $organization) } }";
        let document = fill(template, &asking.slots(asker, relation)).expect("an organization");
        let reply = client.post(&document, Value::Null).await;
        let found: BTreeSet<&str> = reply.json["data"]["viewer"]["permissions"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let held = asking.matrix.held(asker.column, relation);
        assert_eq!(found, held.iter().map(String::as_str).collect(), "as {} {relation:?}", asker.column);
        cells += 1;
    }
    cells
}

async fn subscriptions(asking: &Asking<'_>, asker: &Asker) -> Vec<Seen> {
    let address = asking.world.app.address().await;
    let mut socket = Socket::try_open(address, "/graphql", asker.token.as_deref()).await.ok();
    assert_eq!(socket.is_none(), asker.column == "visitor", "{}", asker.column);
    let mut seen = Vec::new();
    for (wanted, template) in streams(asking.schema, DESK_STREAMS, DESK_SUBSCRIPTIONS) {
        if !has_place(&template) {
            seen.push(asking.follow(asker, &mut socket, None, &template, wanted.as_deref()).await);
            continue;
        }
        for relation in Relation::ALL {
            if let Some(document) = fill(&template, &asking.slots(asker, relation)) {
                seen.push(asking.follow(asker, &mut socket, Some(relation), &document, wanted.as_deref()).await);
            }
        }
    }
    seen
}

async fn changes(asking: &Asking<'_>, asker: &Asker) -> Vec<Seen> {
    let mut seen = Vec::new();
    for (template, prepare) in mutations(asking.schema) {
        if !has_place(&template) {
            seen.extend(asking.change(asker, None, &template, prepare).await);
            continue;
        }
        for relation in Relation::DESK {
            seen.extend(asking.change(asker, Some(relation), &template, prepare).await);
        }
    }
    seen
}

/// Every field was asked for by everybody in every relation; what is about the asker alone has one.
fn is_complete(schema: &Schema, seen: &[Seen], columns: &[&'static str], relations: &[Relation]) {
    let asked: BTreeSet<_> =
        seen.iter().map(|seen| (seen.of.as_str(), seen.field.as_str(), seen.column, seen.relation)).collect();
    let mut implied = 0;
    for (of, field, _) in schema.fields() {
        for column in columns {
            if asked.contains(&(of, field, *column, None)) {
                implied += 1;
                continue;
            }
            // Whoever belongs nowhere has no memberships to look at, and nowhere to choose what to be told of.
            if is_gone(column) && ["Membership", "NotificationPreference", "MutableAiAgent"].contains(&of) {
                continue;
            }
            // No person is an API key.
            if of == "CurrentApiKey" {
                continue;
            }
            // What stands at the agency itself stands in no organization.
            let of_agency = asked.contains(&(of, field, *column, Some(Relation::Agency)));
            let relations = if of_agency { &[Relation::Agency, Relation::Other] } else { relations };
            for relation in relations {
                assert!(
                    asked.contains(&(of, field, *column, Some(*relation))),
                    "{of}.{field} was not asked as {column} {relation:?}"
                );
                implied += 1;
            }
        }
    }
    assert!(seen.len() >= implied, "{} cells of {implied}", seen.len());
}

/// The judge is one who looks: each letter that is turned round is noticed, and so is whoever refuses or allows everything.
fn the_judge_looks(matrix: &Matrix, seen: &[Seen]) {
    let mut about: BTreeMap<(&str, &str), Vec<&Seen>> = BTreeMap::new();
    for one in seen.iter().filter(|seen| seen.holder == Holder::Known && !is_gone(seen.column)) {
        for rule in &one.rules {
            if let schema::Rule::Requires(permission) = rule {
                about.entry((permission, one.column)).or_default().push(one);
            }
        }
    }
    let mut turned = 0;
    for ((permission, column), seen) in about {
        // What is only asked of the agency itself has no relations that could be turned.
        if seen.iter().all(|one| one.relation.is_none()) {
            continue;
        }
        // A permission that is only asked below another is not heard of where that one refuses already.
        let first = seen.iter().any(|seen| seen.rules[0] == schema::Rule::Requires(permission.to_owned()));
        for (at, relation) in Relation::ALL.into_iter().take(3).enumerate() {
            if !first && matrix.letter("home.view", column, relation) != 'A' {
                continue;
            }
            let other = matrix.flipped(permission, column, at);
            assert!(
                !judge(&other, seen.iter().copied()).is_empty(),
                "nobody noticed {permission} for {column} at {at}"
            );
            turned += 1;
        }
    }
    assert!(turned > 400, "{turned}");
    for always in [Outcome::Forbidden, Outcome::NotFound, Outcome::Unauthenticated, Outcome::Allowed] {
        let all: Vec<Seen> = seen.iter().map(|seen| Seen { outcome: always.clone(), ..seen.clone() }).collect();
        assert!(judge(matrix, &all).len() > seen.len() / 10, "{always:?} for everything passes");
    }
}

both! {
    async fn every_field_answers_each_role_as_the_matrix_says(database) {
        let app = App::start(database).await;
        let (schema, matrix) = (Schema::read(&desk_sdl()), Matrix::read());
        let world = World::build(&app).await;
        let asking = Asking { world: &world, schema: &schema, matrix: &matrix };
        for asker in &world.askers {
            asking.ring(asker).await;
        }
        let mut seen = join_all(world.askers.iter().map(|asker| queries(&asking, asker))).await.concat();
        let listed: usize = join_all(world.askers.iter().map(|asker| lists(&asking, asker))).await.into_iter().sum();
        seen.extend(join_all(world.askers.iter().map(|asker| subscriptions(&asking, asker))).await.concat());
        for asker in &world.askers {
            seen.extend(changes(&asking, asker).await);
        }
        let wrong = judge(&matrix, &seen);
        assert!(wrong.is_empty(), "{} of {} cells:\n{}", wrong.len(), seen.len(), wrong[..wrong.len().min(60)].join("\n"));
        let columns: Vec<_> = world.askers.iter().map(|asker| asker.column).collect();
        is_complete(&schema, &seen, &columns, &[Relation::Own, Relation::Sibling, Relation::Other]);
        the_judge_looks(&matrix, &seen);
        let (fields, allowed) = (schema.fields().count(), seen.iter().filter(|seen| seen.outcome == Outcome::Allowed).count());
        println!("{} cells of {fields} fields of the desk, {allowed} of them allowed, and {listed} of lists", seen.len());
        app.close().await;
    }
}

/// The id of something of the same kind that never was.
fn absent(id: &str) -> String {
    format!("{}zzzz", &id[..id.len() - 4])
}

/// The answer to a document, over a socket if it is a subscription.
async fn answer(world: &World<'_>, asker: &Asker, document: &str) -> Value {
    if !document.starts_with("subscription") {
        return world.client(asker).post(document, Value::Null).await.json;
    }
    let mut socket = world.client(asker).socket().await;
    socket.subscribe(document, Value::Null).await;
    let message = socket.receive().await.expect("an open socket");
    if message["type"] == "error" { json!({ "errors": message["payload"] }) } else { message["payload"].clone() }
}

both! {
    async fn ids_of_others_and_ids_of_nothing_get_the_same_answer(database) {
        let app = App::start(database).await;
        let (schema, matrix) = (Schema::read(&desk_sdl()), Matrix::read());
        let world = World::build(&app).await;
        let asking = Asking { world: &world, schema: &schema, matrix: &matrix };
        let selected = |of: &str, name: &str, call: &str| {
            if call.contains('{') { call.to_owned() } else if schema.has_fields(&schema.field(of, name).gives) { format!("{call} {{ __typename }}") } else { call.to_owned() }
        };
        let mut templates: Vec<(&str, String)> = Vec::new();
        templates.extend(DESK_QUERIES.iter().map(|(name, call)| (*name, format!("{{ {} }}", selected("Query", name, call)))));
        templates.extend(DESK_MUTATIONS.iter().map(|(name, call, _)| (*name, format!("mutation {{ {} }}", selected("Mutation", name, call)))));
        templates.extend(DESK_SUBSCRIPTIONS.iter().map(|(name, call)| (*name, format!("subscription {{ {call} }}"))));
        templates.extend(MORE_IDS.iter().map(|(name, call)| match call.strip_prefix("mutation ") {
            Some(call) => (*name, format!("mutation {{ {call} }}")),
            None => (*name, format!("{{ {call} }}")),
        }));
        let (mut pairs, mut unasked) = (0, 0);
        for (of, field, declared) in schema.fields() {
            for argument in &declared.ids {
                let mark = format!("{argument}: $");
                let template = templates.iter().find(|(name, text)| *name == field && text.contains(&mark));
                // Those of live chat that nobody has written a case for yet are told, and may not become more.
                let Some((_, template)) = template else {
                    println!("no case for the id {argument} of {of}.{field}");
                    unasked += 1;
                    continue;
                };
                let slot = template.split(&mark).nth(1).expect("a slot").split(|c: char| !c.is_alphanumeric()).next().expect("a name");
                for asker in world.askers.iter().filter(|asker| Asking::holder(asker) == Holder::Known) {
                    for relation in [Relation::Sibling, Relation::Other, Relation::Agency] {
                        if matrix.letter("home.view", asker.column, relation) == 'A' {
                            continue;
                        }
                        let Some(foreign) = world.slots(relation).get(slot).cloned() else { continue };
                        let mut bodies = Vec::new();
                        for id in [absent(&foreign), foreign] {
                            let mark = format!("${slot}");
                            let document = template.replacen(&mark, &format!("\"{id}\""), 1).replace("$fresh", "\"same\"");
                            let mut rest = world.agency.clone();
                            rest.extend(asking.slots(asker, Relation::Own));
                            let document = fill(&document, &rest).expect("the rest is there");
                            let mut json = answer(&world, asker, &document).await;
                            let code = json["errors"][0]["extensions"]["code"].clone();
                            assert!(code == "NOT_FOUND" || code == "FORBIDDEN", "{} asks {document}: {json}", asker.column);
                            json["errors"][0]["extensions"]["requestId"] = Value::Null;
                            bodies.push(json.to_string());
                        }
                        assert_eq!(bodies[0], bodies[1], "{} asks {template} with {relation:?}", asker.column);
                        pairs += 1;
                    }
                }
            }
        }
        assert!(pairs > 200 && unasked <= 12, "{pairs} pairs, {unasked} without a case");
        println!("{pairs} pairs of a foreign and an absent id");
        app.close().await;
    }
}

both! {
    async fn an_ai_agent_that_moved_on_takes_the_other_organization_along_for_nobody(database) {
        let app = App::start(database).await;
        let world = World::build(&app).await;
        let (own, sibling) = (&world.things[&Relation::Own].slots, &world.things[&Relation::Sibling].slots);
        let assign = "mutation($a: ID!, $o: ID) { assignAiAgent(aiAgentId: $a, organizationId: $o) { id } }";
        app.owner().await.ask(assign, json!({ "a": own["agent"], "o": sibling["organization"] })).await;
        let fields = ["organization { id name }", "widget { id title }", "instructions", "handoff { enabled }", "knowledge { nodes { id } }"];
        let built_in = |asker: &&Asker| Asking::holder(asker) == Holder::Known && !asker.column.starts_with("custom.");
        for asker in world.askers.iter().filter(built_in) {
            let whole = matches!(asker.column, "agency.owner" | "agency.admin");
            for field in fields {
                let document = format!("{{ conversation(id: \"{}\") {{ organization {{ id }} aiAgent {{ name {field} }} }} }}", own["conversation"]);
                let reply = world.client(asker).post(&document, Value::Null).await;
                assert_eq!(reply.json["errors"].is_null(), whole, "{} asks for {field}: {}", asker.column, reply.json);
                let body = String::from_utf8_lossy(&reply.bytes).into_owned();
                assert!(whole || !body.contains(&sibling["organization"]), "{} asks for {field}: {body}", asker.column);
            }
        }
        app.close().await;
    }
}
