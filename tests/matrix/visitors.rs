//! The visitors' door: visitors of each relation, nobody, and people of the desk.

use livery::graphql::widget_sdl;
use serde_json::json;

use super::ask::{Asking, fill, outcome_of};
use super::cases::*;
use super::check::{Holder, Matrix, Outcome, Relation, Seen, judge, rules_of};
use super::schema::Schema;
use super::world::{World, visitor_of};
use super::{documents, is_complete, streams};
use crate::support::app::{Client, client_id};
use crate::support::socket::Socket;
use crate::support::{App, both};

/// Whoever asks at this door: as a column, with a token, and about whose widget.
struct Caller {
    column: &'static str,
    holder: Holder,
    token: Option<String>,
    relation: Relation,
}

fn callers(world: &World<'_>) -> Vec<Caller> {
    let mut callers = Vec::new();
    for (relation, things) in &world.things {
        callers.push(Caller {
            column: "visitor",
            holder: Holder::Known,
            token: Some(things.visitor.clone()),
            relation: *relation,
        });
        for asker in world.askers.iter().filter(|asker| asker.column != "visitor") {
            let holder = if asker.token.is_some() { Holder::Stranger } else { Holder::Nobody };
            callers.push(Caller { column: asker.column, holder, token: asker.token.clone(), relation: *relation });
        }
    }
    callers
}

/// A visitor sees their own conversation alone, and nobody else sees any.
fn keeps_still(world: &World<'_>, caller: &Caller, body: &str) {
    for (relation, things) in &world.things {
        for (permission, mark) in &things.marks {
            let own = caller.holder == Holder::Known && *relation == caller.relation;
            let secret = *permission == "conversation.read" && !own || *permission == "ai_agent.edit_prompt";
            assert!(
                !secret || !body.contains(mark.as_str()),
                "{} of {:?} sees {mark}: {body}",
                caller.column,
                caller.relation
            );
        }
    }
}

both! {
    async fn visitors_see_their_own_conversation_and_nobody_else_any(database) {
        let app = App::start(database).await;
        let (schema, matrix) = (Schema::read(&widget_sdl()), Matrix::read());
        let world = World::build(&app).await;
        let asking = Asking { world: &world, schema: &schema, matrix: &matrix };
        let mut seen: Vec<Seen> = Vec::new();
        for caller in callers(&world) {
            let things = &world.things[&caller.relation];
            let mut record = |document: &str, outcome: Outcome| {
                let chain = schema.chain(document);
                let (of, field) = chain.last().cloned().expect("a field");
                let rules = rules_of(&schema, &chain);
                let (column, holder, relation) = (caller.column, caller.holder, Some(caller.relation));
                seen.push(Seen { of, field, column, holder, relation, rules, document: document.to_owned(), outcome });
            };
            for (_, template) in documents(&schema, WIDGET_ROUTES, WIDGET_QUERIES, WIDGET_STREAMS) {
                let document = fill(&template, &things.slots).expect("a widget");
                let reply = app.post("/widget/graphql", caller.token.as_deref(), &document, json!({})).await;
                keeps_still(&world, &caller, &String::from_utf8_lossy(&reply.bytes));
                let mut outcome = outcome_of(&reply.json, &schema.chain(&document));
                // There is nobody behind it; that is told to visitors alone.
                if caller.relation == Relation::Unassigned && reply.error() == "FORBIDDEN AI_AGENT_UNASSIGNED" {
                    outcome = Outcome::Allowed;
                }
                record(&document, outcome);
            }
            // What changes something is done by another visitor of the same widget.
            let changing = match caller.holder {
                Holder::Known => visitor_of(&app, &things.slots["widget"]).await.0.token,
                _ => caller.token.clone(),
            };
            for (name, call) in WIDGET_MUTATIONS {
                let selects = !call.contains('{') && schema.has_fields(&schema.field("Mutation", name).gives);
                let below = if selects { " { __typename }" } else { "" };
                let document = fill(&format!("mutation {{ {call}{below} }}"), &things.slots).expect("a widget");
                let reply = app.post("/widget/graphql", changing.as_deref(), &document, json!({})).await;
                keeps_still(&world, &caller, &String::from_utf8_lossy(&reply.bytes));
                let mut outcome = outcome_of(&reply.json, &schema.chain(&document));
                // There is nobody behind it; that is told to visitors alone.
                if caller.relation == Relation::Unassigned && reply.error() == "FORBIDDEN AI_AGENT_UNASSIGNED" {
                    outcome = Outcome::Allowed;
                }
                // A chat that nobody has had cannot be rated, and one in which nothing was said has no transcript. A signature and
                // an answer that are none: whoever is told so was allowed to try.
                let tried = [
                    "CONFLICT NOTHING_TO_RATE",
                    "CONFLICT NOTHING_SAID",
                    "FORBIDDEN IDENTITY_NOT_SET_UP",
                    "FORBIDDEN CHALLENGE_FAILED",
                ];
                if caller.holder == Holder::Known && tried.contains(&reply.error().as_str()) {
                    outcome = Outcome::Allowed;
                }
                record(&document, outcome);
            }
            let mut socket = Socket::try_open(app.address().await, "/widget/graphql", caller.token.as_deref()).await.ok();
            assert_eq!(socket.is_none(), caller.holder == Holder::Stranger, "{}", caller.column);
            for (wanted, document) in streams(&schema, WIDGET_STREAMS, WIDGET_SUBSCRIPTIONS) {
                let outcome = match &mut socket {
                    None => Outcome::Unauthenticated,
                    Some(socket) => {
                        let id = socket.subscribe(&document, json!({})).await;
                        let outcome = loop {
                            let message = socket.receive().await.expect("an open socket");
                            if message["id"] != id.as_str() {
                                continue;
                            }
                            keeps_still(&world, &caller, &message.to_string());
                            let payload = if message["type"] == "error" { json!({ "errors": message["payload"] }) } else { message["payload"].clone() };
                            let kind = payload["data"]["events"]["__typename"].as_str().unwrap_or_default();
                            if !payload["errors"].is_null() || wanted.as_deref().is_none_or(|wanted| wanted == kind) {
                                break outcome_of(&payload, &schema.chain(&document));
                            }
                            if kind == "ConversationChanged" {
                                asking.pass_by(&things.slots["conversation"]);
                            }
                        };
                        socket.send(&json!({ "type": "complete", "id": id })).await;
                        outcome
                    }
                };
                record(&document, outcome);
            }
        }
        let wrong = judge(&matrix, &seen);
        assert!(wrong.is_empty(), "{} of {} cells:\n{}", wrong.len(), seen.len(), wrong[..wrong.len().min(60)].join("\n"));
        let columns: Vec<_> = world.askers.iter().map(|asker| asker.column).collect();
        is_complete(&schema, &seen, &columns, &Relation::ALL);
        let (fields, allowed) = (schema.fields().count(), seen.iter().filter(|seen| seen.outcome == Outcome::Allowed).count());
        println!("{} cells of {fields} fields of the visitors, {allowed} of them allowed", seen.len());
        app.close().await;
    }
}

both! {
    async fn a_resume_token_opens_no_other_widget(database) {
        let app = App::start(database).await;
        let world = World::build(&app).await;
        let own = Client { app: &app, path: "/widget/graphql", token: Some(world.things[&Relation::Own].visitor.clone()) };
        let resume = own.ask("{ session { resume conversation { id } } }", json!({})).await["session"].clone();
        let document = "mutation($w: ID!, $r: String) { session(widgetId: $w, resume: $r) { conversation { id } } }";
        for (relation, things) in &world.things {
            let nobody = Client { app: &app, path: "/widget/graphql", token: None };
            let data = nobody.ask(document, json!({ "w": things.slots["widget"], "r": resume["resume"] })).await;
            let same = data["session"]["conversation"]["id"] == resume["conversation"]["id"];
            assert_eq!(same, *relation == Relation::Own, "{relation:?}");
        }
        // Nor does the client id of one visitor give the words of another.
        let id = client_id();
        let say = "mutation($c: String!, $t: String!) { sendMessage(clientId: $c, text: $t) { text } }";
        for (relation, things) in world.things.iter().filter(|(relation, _)| **relation != Relation::Unassigned) {
            let visitor = Client { app: &app, path: "/widget/graphql", token: Some(things.visitor.clone()) };
            let said = format!("{relation:?}");
            let data = visitor.ask(say, json!({ "c": id, "t": said })).await;
            assert_eq!(data["sendMessage"]["text"], said);
        }
        app.close().await;
    }
}
