//! People are told when somebody says what an organization watches for, and nobody else is (S180).

use serde_json::{Value, json};

use crate::nobody::{LEAVE, mails, seconds, written_to};
use crate::people::{organization_of, role};
use crate::support::app::{Client, Reply, client_id};
use crate::support::{App, both, until};

const CREATE: &str = "mutation($c: String!, $o: ID!, $i: KeywordAlertInput!) {
    createKeywordAlert(clientId: $c, organizationId: $o, input: $i) { id name enabled hits speakers cooldownMinutes terms { kind text } } }";
const UPDATE: &str =
    "mutation($i: ID!, $n: KeywordAlertInput!) { updateKeywordAlert(keywordAlertId: $i, input: $n) { name hits } }";
const SWITCH: &str =
    "mutation($i: ID!, $e: Boolean!) { setKeywordAlertEnabled(keywordAlertId: $i, enabled: $e) { enabled } }";
const DELETE: &str = "mutation($i: ID!) { deleteKeywordAlert(keywordAlertId: $i) }";
const HITS: &str =
    "query($i: ID!) { keywordHits(keywordAlertId: $i) { nodes { terms speaker told conversationId visitorName } } }";
const ALL: &str = "query($o: ID!) { keywordAlerts(organizationId: $o) { id name enabled hits lastHitAt } }";
const BELL: &str = "{ notifications { nodes { kind title preview link count } } }";
const LOG: &str =
    "query($c: ID) { notificationDecisions(conversationId: $c) { nodes { kind way verdict reason userName } } }";

fn word(text: &str) -> Value {
    json!({ "kind": "WORD", "text": text })
}

/// An alert called Money that watches for `refund`, and otherwise is as said.
fn input(change: Value) -> Value {
    let mut input = json!({ "name": "Money", "terms": [word("refund")] });
    for (name, value) in change.as_object().expect("an object") {
        input[name] = value.clone();
    }
    input
}

async fn set(owner: &Client<'_>, change: Value) -> String {
    let place = organization_of(owner).await;
    let data = owner.ask(CREATE, json!({ "c": client_id(), "o": place, "i": input(change) })).await;
    data["createKeywordAlert"]["id"].as_str().expect("an id").to_owned()
}

/// Another AI agent of an organization, made by its agency.
async fn another_ai_agent(agency: &Client<'_>, organization: &str) -> Value {
    let make =
        "mutation($c: String!, $o: ID) { createAiAgent(clientId: $c, name: \"Other\", organizationId: $o) { id } }";
    agency.ask(make, json!({ "c": client_id(), "o": organization })).await["createAiAgent"]["id"].clone()
}

/// What alerts have rung at somebody's bell, as `count title`, the newest first.
async fn rung(client: &Client<'_>) -> Vec<String> {
    let data = client.ask(BELL, json!({})).await;
    let all = data["notifications"]["nodes"].as_array().expect("entries").clone();
    let alerts = all.iter().filter(|one| one["kind"] == "KEYWORD_ALERT");
    alerts.map(|one| format!("{} {}", one["count"], one["title"].as_str().expect("a title"))).collect()
}

async fn hits(client: &Client<'_>, id: &str) -> Vec<Value> {
    client.ask(HITS, json!({ "i": id })).await["keywordHits"]["nodes"].as_array().expect("hits").clone()
}

/// Waits until an alert has found something in so many messages: telling is kept in the same unit.
async fn until_hits(client: &Client<'_>, id: &str, count: usize) -> Vec<Value> {
    until(async || Some(hits(client, id).await).filter(|hits| hits.len() >= count)).await
}

/// What was decided about a conversation because of alerts, as `WAY VERDICT REASON name`, sorted.
async fn decided(owner: &Client<'_>, conversation: &str) -> Vec<String> {
    let data = owner.ask(LOG, json!({ "c": conversation })).await;
    let all = data["notificationDecisions"]["nodes"].as_array().expect("lines").clone();
    let part = |one: &Value, name: &str| one[name].as_str().unwrap_or("-").to_owned();
    let mut lines: Vec<String> = all
        .iter()
        .filter(|one| one["kind"] == "KEYWORD_ALERT")
        .map(|one| ["way", "verdict", "reason", "userName"].map(|name| part(one, name)).join(" "))
        .collect();
    lines.sort();
    lines
}

both! {
    async fn whoever_may_read_it_is_told_once_and_written_to_where_the_alert_says_so(database) {
        let app = App::start(database).await;
        let owner = app.sign_in("owner@bluebakery.test").await;
        let phrase = json!({ "kind": "PHRASE", "text": "money back" });
        let id = set(&owner, json!({ "terms": [word("Refund"), phrase], "through": ["EMAIL"] })).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("Is the refundable cake vegan?").await;
        visitor.says("I want a RÉFUND, all of my money  back!").await;
        let found = until_hits(&owner, &id, 1).await;
        assert_eq!(found[0], json!({ "terms": ["Refund", "money back"], "speaker": "VISITOR", "told": true,
            "conversationId": conversation, "visitorName": null }));
        let expected = ["1 Money: A visitor said “RÉFUND”, “money back”"];
        for email in ["owner", "operator1", "operator2", "viewer"] {
            assert_eq!(rung(&app.sign_in(&format!("{email}@bluebakery.test")).await).await, expected, "{email}");
        }
        let entry = owner.ask(BELL, json!({})).await["notifications"]["nodes"][0].clone();
        assert_eq!(entry["preview"], "I want a RÉFUND, all of my money back!");
        assert!(entry["link"].as_str().expect("a link").ends_with(&format!("/{conversation}")));
        // Another organization's people, and staff who do not work there, never.
        for email in ["operator@harbordental.test", "owner@southpaw.test", "owner@northlight.test"] {
            assert!(rung(&app.sign_in(email).await).await.is_empty(), "{email}");
        }
        let all = ["operator1", "operator2", "owner", "viewer"].map(|name| format!("{name}@bluebakery.test"));
        assert_eq!(written_to(&app, "told").await, all);
        let mail = mails(&app, "told").await.remove(0);
        let subject = mail.subject.as_str();
        assert!(subject.contains("Money") && mail.text.contains("money back"), "{subject}\n{}", mail.text);
        // Within ten minutes the alert keeps silent of this conversation, says so, and keeps what it found.
        visitor.says("refund").await;
        let found = until_hits(&owner, &id, 2).await;
        assert_eq!((&found[0]["told"], &found[1]["told"]), (&json!(false), &json!(true)));
        assert_eq!(rung(&owner).await, expected);
        let lines = decided(&owner, &conversation).await;
        assert!(lines.contains(&"BELL WITHHELD COOLING_DOWN Bruno Okafor".to_owned()), "{lines:?}");
        assert!(lines.contains(&"EMAIL NOW - Bruno Okafor".to_owned()) && lines.contains(&"PUSH WITHHELD NOT_THIS_WAY Bruno Okafor".to_owned()));
        // Of another conversation it tells at once; of this one again later.
        let (other, _) = app.visitor().await;
        other.says("refund!").await;
        assert_eq!(until_hits(&owner, &id, 3).await[0]["told"], true);
        app.later(seconds(601));
        let owner = app.sign_in("owner@bluebakery.test").await;
        visitor.says("Still no refund?").await;
        assert_eq!(until_hits(&owner, &id, 4).await[0]["told"], true);
        assert_eq!(rung(&owner).await.iter().filter(|line| line.starts_with("2 ")).count(), 1);
        let all = owner.ask(ALL, json!({ "o": organization_of(&owner).await })).await["keywordAlerts"].clone();
        assert_eq!(all[0]["hits"], 4);
        assert!(all[0]["lastHitAt"].is_string());
        app.close().await;
    }
}

both! {
    async fn an_alert_listens_to_those_and_with_those_ai_agents_that_it_names(database) {
        let app = App::start(database).await;
        let agency = app.owner().await;
        let owner = app.sign_in("owner@bluebakery.test").await;
        let place = organization_of(&owner).await;
        let other = another_ai_agent(&agency, &place).await;
        let elsewhere = set(&owner, json!({ "name": "Elsewhere", "aiAgentIds": [other] })).await;
        let off = set(&owner, json!({ "name": "Off" })).await;
        assert_eq!(owner.ask(SWITCH, json!({ "i": off, "e": false })).await["setKeywordAlertEnabled"]["enabled"], false);
        let said = set(&owner, json!({ "name": "Said", "speakers": ["OPERATOR"] })).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("refund?").await;
        visitor.asks_for_human().await;
        let operator = app.operator().await;
        operator.accepts(&conversation).await;
        operator.replies(&conversation, "A refund is on its way.").await;
        let found = until_hits(&owner, &said, 1).await;
        assert_eq!(found[0]["speaker"], "OPERATOR");
        assert_eq!(rung(&owner).await, ["1 Said: Olivia Hart said “refund”"]);
        // Nobody is told of their own words.
        assert!(rung(&operator).await.is_empty());
        assert!(decided(&owner, &conversation).await.contains(&"BELL WITHHELD AUTHOR Olivia Hart".to_owned()));
        assert!(hits(&owner, &elsewhere).await.is_empty() && hits(&owner, &off).await.is_empty());
        // Switched on again, it hears what is said from then on. An offline query is the visitor's words as well.
        owner.ask(SWITCH, json!({ "i": off, "e": true })).await;
        let (left, _) = app.visitor().await;
        left.ask(LEAVE, json!({ "c": client_id(), "e": "jo@x.test", "m": "About my refund", "n": "Jo" })).await;
        let found = until_hits(&owner, &off, 1).await;
        assert_eq!((found.len(), &found[0]["visitorName"]), (1, &json!("Jo")));
        app.close().await;
    }
}

both! {
    async fn whom_an_alert_names_is_told_if_they_may_read_it_and_nobody_else(database) {
        let app = App::start(database).await;
        let agency = app.owner().await;
        let owner = app.sign_in("owner@bluebakery.test").await;
        let place = organization_of(&owner).await;
        let other = another_ai_agent(&agency, &place).await;
        let create = "mutation($c: String!, $o: ID, $r: ID!, $a: [ID!]) { createMember(clientId: $c, organizationId: $o, email: \"limited@bluebakery.test\",
            name: \"Lim Ited\", roleId: $r, aiAgentIds: $a) { member { user { id } } } }";
        let wish = json!({ "c": client_id(), "o": place, "r": role("organization.operator"), "a": [other] });
        let limited = owner.ask(create, wish).await["createMember"]["member"]["user"]["id"].clone();
        let me = async |client: &Client<'_>| client.ask("{ viewer { user { id } } }", json!({})).await["viewer"]["user"]["id"].clone();
        let (operator, colleague) = (app.operator().await, app.colleague().await);
        let everybody = set(&owner, json!({ "name": "Everybody" })).await;
        let some = set(&owner, json!({ "name": "Some", "userIds": [me(&operator).await, me(&agency).await, limited], "terms": [word("cake")] })).await;
        // Whoever has muted the AI agent is not told, and can look up why.
        let choices = "{ notificationPreferences { aiAgents { id name } } }";
        let agents = colleague.ask(choices, json!({})).await["notificationPreferences"][0]["aiAgents"].clone();
        let muted: Vec<Value> = agents.as_array().expect("agents").iter().map(|one| one["id"].clone()).collect();
        let mute = "mutation($o: ID, $p: NotificationPreferenceInput) { updateNotificationPreferences(organizationId: $o, preference: $p) { muted } }";
        let preference = json!({ "email": true, "push": true, "events": "ALL", "muted": false, "mutedAiAgentIds": muted });
        colleague.ask(mute, json!({ "o": place, "p": preference })).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("A refund for the cake").await;
        until_hits(&owner, &everybody, 1).await;
        until_hits(&owner, &some, 1).await;
        let lines = decided(&owner, &conversation).await;
        assert!(lines.contains(&"BELL WITHHELD MUTED Omar Reyes".to_owned()), "{lines:?}");
        assert!(rung(&colleague).await.is_empty());
        let theirs: Vec<&String> = lines.iter().filter(|line| line.ends_with("Lim Ited")).collect();
        assert_eq!(theirs.len(), 3, "the alert that names them, and no other: {lines:?}");
        assert!(theirs.iter().all(|line| line.contains("WITHHELD NOT_PERMITTED")), "{theirs:?}");
        assert_eq!(rung(&operator).await.len(), 2);
        assert_eq!(rung(&agency).await, ["1 Some: A visitor said “cake”"]);
        assert_eq!(rung(&owner).await, ["1 Everybody: A visitor said “refund”"]);
        app.close().await;
    }
}

both! {
    async fn what_is_found_goes_with_the_visitor_with_the_alert_and_after_thirty_days(database) {
        let app = App::start(database).await;
        let owner = app.sign_in("owner@bluebakery.test").await;
        let id = set(&owner, json!({ "cooldownMinutes": 0 })).await;
        let (gone, _) = app.visitor().await;
        gone.says("refund").await;
        until_hits(&owner, &id, 1).await;
        gone.ask("mutation { forgetMe }", json!({})).await;
        assert!(hits(&owner, &id).await.is_empty() && rung(&owner).await.is_empty());
        let (visitor, _) = app.visitor().await;
        // What is changed later is not said anew; without a silence each message counts.
        visitor.says("a refund").await;
        visitor.says("a refund, I said").await;
        let found = until_hits(&owner, &id, 2).await;
        assert!(found.iter().all(|hit| hit["told"] == true));
        app.later(seconds(31 * 24 * 3_600));
        livery::service::keyword::sweep(&app.services).await.expect("swept");
        let owner = app.sign_in("owner@bluebakery.test").await;
        assert!(hits(&owner, &id).await.is_empty());
        owner.ask(DELETE, json!({ "i": id })).await;
        assert_eq!(owner.refused(HITS, json!({ "i": id })).await, "NOT_FOUND NOT_FOUND");
        app.close().await;
    }
}

both! {
    async fn a_rehearsal_is_nobodys_words(database) {
        let app = App::start(database).await;
        let owner = app.sign_in("owner@bluebakery.test").await;
        let id = set(&owner, json!({ "name": "Any", "terms": [{ "kind": "PATTERN", "text": "[a-z]" }], "cooldownMinutes": 0 })).await;
        let agents = owner.ask("{ aiAgents { nodes { id } } }", json!({})).await;
        let start = "mutation($c: String!, $id: ID!) { startRehearsal(clientId: $c, aiAgentId: $id) { id } }";
        owner.ask(start, json!({ "c": client_id(), "id": agents["aiAgents"]["nodes"][0]["id"] })).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("hello").await;
        let found = until_hits(&owner, &id, 1).await;
        assert!(found.iter().all(|hit| hit["conversationId"] == conversation.as_str()), "{found:?}");
        app.close().await;
    }
}

both! {
    async fn an_alert_is_its_organizations_alone_and_what_cannot_be_looked_for_is_refused(database) {
        let app = App::start(database).await;
        let owner = app.sign_in("owner@bluebakery.test").await;
        let place = organization_of(&owner).await;
        let id = set(&owner, json!({})).await;
        for stranger in ["owner@southpaw.test", "operator@harbordental.test"] {
            let stranger = app.sign_in(stranger).await;
            for document in [HITS, DELETE] {
                let refused = stranger.refused(document, json!({ "i": id })).await;
                assert!(refused.starts_with("NOT_FOUND") || refused.starts_with("FORBIDDEN"), "{refused}");
            }
        }
        assert!(app.operator().await.refused(ALL, json!({ "o": place })).await.starts_with("FORBIDDEN"));
        let pattern = |text: &str| json!({ "terms": [{ "kind": "PATTERN", "text": text }] });
        let stranger = app.stranger().await.ask("{ viewer { user { id } } }", json!({})).await["viewer"]["user"]["id"].clone();
        for (change, expected) in [
            (pattern("(a"), "INVALID NOT_A_PATTERN"),
            (pattern("a(?=b)"), "INVALID LOOK_AROUND"),
            (pattern("(x{1000}){1000}"), "INVALID TOO_COMPLEX"),
            (json!({ "terms": [] }), "INVALID NONE"),
            (json!({ "terms": [word("two words")] }), "INVALID NOT_ONE_WORD"),
            (json!({ "speakers": [] }), "INVALID NONE"),
            (json!({ "cooldownMinutes": 1_441 }), "INVALID OUT_OF_RANGE"),
            (json!({ "userIds": [stranger] }), "INVALID NOT_THERE"),
            (json!({ "name": " " }), "INVALID EMPTY"),
        ] {
            let asked = json!({ "c": client_id(), "o": place, "i": input(change.clone()) });
            assert_eq!(owner.refused(CREATE, asked).await, expected, "{change}");
        }
        // No organization has more than fifty, however many are made at once: one is here already.
        let named = |at: usize| json!({ "c": client_id(), "o": place, "i": input(json!({ "name": format!("Alert {at}") })) });
        let replies = futures_util::future::join_all((0..60).map(|at| owner.post(CREATE, named(at)))).await;
        let refused: Vec<String> = replies.iter().filter(|reply| reply.json["errors"].is_array()).map(Reply::error).collect();
        assert_eq!(refused, vec!["CONFLICT TOO_MANY"; 11]);
        let all = owner.ask(ALL, json!({ "o": place })).await["keywordAlerts"].as_array().expect("alerts").clone();
        assert_eq!(all.len(), 50);
        let last = all.iter().find(|one| one["id"] != id.as_str()).expect("one more");
        owner.ask(DELETE, json!({ "i": last["id"] })).await;
        // A retry gives the same.
        let asked = json!({ "c": client_id(), "o": place, "i": input(json!({ "name": "Twice" })) });
        assert_eq!(owner.ask(CREATE, asked.clone()).await, owner.ask(CREATE, asked).await);
        let changed = owner.ask(UPDATE, json!({ "i": id, "n": input(json!({ "name": "Changed" })) })).await;
        assert_eq!(changed["updateKeywordAlert"], json!({ "name": "Changed", "hits": 0 }));
        let attempt = "query($t: [KeywordTermInput!]!, $s: String!) { tryKeywordAlert(terms: $t, text: $s) { terms { found reason position } pieces { text found } } }";
        let terms = json!([word("straße"), word("no"), { "kind": "PATTERN", "text": "a(b" }, word("")]);
        let tried = owner.ask(attempt, json!({ "t": terms, "s": "Die STRASSE hier" })).await["tryKeywordAlert"].clone();
        assert_eq!(tried["terms"], json!([
            { "found": true, "reason": null, "position": null },
            { "found": false, "reason": null, "position": null },
            { "found": false, "reason": "NOT_A_PATTERN", "position": 2 },
            { "found": false, "reason": "EMPTY", "position": null },
        ]));
        assert_eq!(tried["pieces"], json!([{ "text": "Die ", "found": false }, { "text": "STRASSE", "found": true }, { "text": " hier", "found": false }]));
        let log = owner.ask("{ auditEntries(first: 100) { nodes { summary } } }", json!({})).await.to_string();
        for said in ["set the keyword alert Money", "changed the keyword alert Changed"] {
            assert!(log.contains(said), "{log}");
        }
        app.close().await;
    }
}
