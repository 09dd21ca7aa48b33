//! Integrators are told of what happens in chats: signed, until it arrives, and nobody else is (SEC23).

use std::time::Duration;

use livery::domain::webhook::Secret;
use serde_json::{Value, json};

use crate::nobody::seconds;
use crate::support::app::{Client, client_id, config_with};
use crate::support::database::Database;
use crate::support::webhook::{Answer, Got, Receiver};
use crate::support::{App, both, until};

const HOOK: &str = "https://hooks.example.com/in";
const CREATE: &str = "mutation($c: String!, $o: ID, $i: WebhookInput!) {
    createWebhook(clientId: $c, organizationId: $o, input: $i) { secret webhook { id url host events disabledBecause } } }";
const ONE: &str = "query($i: ID!) { webhook(id: $i) { disabledBecause failingSince deliveredAt trouble oldSecretUntil
    deliveries { nodes { id event body state attempts status answer trouble nextAt attemptedAt } } } }";
const TEST: &str = "mutation($i: ID!) { testWebhook(webhookId: $i) { id state } }";
const ENABLE: &str =
    "mutation($i: ID!, $e: Boolean!) { setWebhookEnabled(webhookId: $i, enabled: $e) { disabledBecause } }";
const REPLAY: &str = "mutation($i: ID!) { replayWebhookDelivery(webhookDeliveryId: $i) { id state } }";
const REPLAY_SINCE: &str =
    "mutation($i: ID!, $s: Time!, $d: Boolean) { replayWebhookDeliveries(webhookId: $i, since: $s, delivered: $d) }";

async fn app(database: Database, receiver: &Receiver) -> App {
    App::with(database.clone(), config_with(&database, &[("LIVERY_WEBHOOK_RELAY", &receiver.url())])).await
}

async fn bakery(client: &Client<'_>) -> String {
    let found = client.ask("{ organizations { nodes { id name } } }", json!({})).await;
    let nodes = found["organizations"]["nodes"].as_array().expect("organizations").clone();
    let bakery =
        nodes.iter().find(|one| one["name"].as_str().is_some_and(|name| name.contains("Bakery"))).expect("the bakery");
    bakery["id"].as_str().expect("an id").to_owned()
}

fn input(events: &[&str]) -> Value {
    json!({ "url": HOOK, "events": events })
}

/// Makes a webhook, and gives its id and its secret.
async fn made(client: &Client<'_>, organization: Option<&str>, input: Value) -> (String, String) {
    let data = client.ask(CREATE, json!({ "c": client_id(), "o": organization, "i": input })).await;
    let text = |at: &str| data.pointer(at).and_then(Value::as_str).expect("a text").to_owned();
    (text("/createWebhook/webhook/id"), text("/createWebhook/secret"))
}

/// Waits until the receiver got so many requests.
async fn got(receiver: &Receiver, count: usize) -> Vec<Got> {
    until(async || Some(receiver.got()).filter(|all| all.len() >= count)).await
}

async fn look(client: &Client<'_>, id: &str) -> Value {
    client.ask(ONE, json!({ "i": id })).await["webhook"].clone()
}

/// Waits until the newest delivery of a webhook is so.
async fn until_newest(client: &Client<'_>, id: &str, so: impl Fn(&Value) -> bool) -> Value {
    until(async || {
        look(client, id).await["deliveries"]["nodes"][0].as_object().map(|one| json!(one)).filter(|one| so(one))
    })
    .await
}

fn types(all: &[Got]) -> Vec<String> {
    let mut types: Vec<String> =
        all.iter().map(|one| one.json()["type"].as_str().expect("a type").to_owned()).collect();
    types.sort();
    types
}

both! {
    async fn what_happens_in_a_chat_is_told_signed_to_those_who_chose_it(database) {
        let receiver = Receiver::start().await;
        let app = app(database, &receiver).await;
        let owner = app.owner().await;
        let place = bakery(&owner).await;
        let all = ["HANDOFF_REQUESTED", "HANDOFF_ACCEPTED", "HANDOFF_COMPLETED", "VISITOR_MESSAGE", "OPERATOR_MESSAGE"];
        let (id, secret) = made(&owner, Some(&place), input(&all)).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("Where is my cake? 🍰").await;
        visitor.asks_for_human().await;
        let operator = app.operator().await;
        operator.accepts(&conversation).await;
        operator.replies(&conversation, "On its way.").await;
        operator.ask("mutation($i: ID!) { completeConversation(conversationId: $i) { state } }", json!({ "i": conversation })).await;
        let all = got(&receiver, 5).await;
        assert_eq!(
            types(&all),
            ["handoff.accepted", "handoff.completed", "handoff.requested", "operator_message.created", "visitor_message.created"]
        );
        assert!(all.iter().all(|one| one.is_signed_with(&secret) && one.host == "hooks.example.com" && one.path == "/in"));
        let ids: std::collections::BTreeSet<&str> = all.iter().map(Got::id).collect();
        assert_eq!(ids.len(), 5);
        let told = |kind: &str| all.iter().map(Got::json).find(|one| one["type"] == kind).expect("told")["data"].clone();
        let said = told("visitor_message.created");
        assert_eq!((&said["message"]["text"], &said["conversation"]["state"]), (&json!("Where is my cake? 🍰"), &json!("AI")));
        assert_eq!(said["conversation"]["id"], conversation.as_str());
        assert!(said["link"].as_str().expect("a link").ends_with(&format!("/live-chats/{conversation}")));
        let accepted = told("handoff.accepted");
        assert_eq!(accepted["conversation"]["state"], "HUMAN");
        assert!(accepted["conversation"]["operator"]["name"].is_string() && accepted["handoff"]["id"].is_string());
        assert_eq!(told("operator_message.created")["message"]["text"], "On its way.");
        until_newest(&owner, &id, |one| one["state"] == "DELIVERED" && one["status"] == 204).await;
        assert!(!look(&owner, &id).await["deliveredAt"].is_null());
        app.close().await;
    }
}

both! {
    async fn an_organization_is_told_of_its_own_and_the_agency_of_all(database) {
        let receiver = Receiver::start().await;
        let app = app(database, &receiver).await;
        let owner = app.owner().await;
        let found = owner.ask("{ organizations { nodes { id name } } }", json!({})).await;
        let bakery = bakery(&owner).await;
        let other = found["organizations"]["nodes"].as_array().expect("some").iter().find(|one| one["id"] != bakery.as_str());
        let other = other.expect("another")["id"].as_str().expect("an id").to_owned();
        let chose = input(&["VISITOR_MESSAGE"]);
        made(&owner, Some(&other), json!({ "url": "https://other.example.com/", "events": ["VISITOR_MESSAGE"] })).await;
        made(&app.sign_in("owner@southpaw.test").await, None, json!({ "url": "https://southpaw.example.com/", "events": ["VISITOR_MESSAGE"] })).await;
        let (id, _) = made(&owner, None, chose).await;
        let (visitor, _) = app.visitor().await;
        visitor.says("Hello").await;
        let all = got(&receiver, 1).await;
        assert_eq!(all[0].json()["data"]["organization"]["id"], bakery.as_str());
        until_newest(&owner, &id, |one| one["state"] == "DELIVERED").await;
        app.close().await;
        assert!(receiver.got().iter().all(|one| one.host == "hooks.example.com"), "{:?}", receiver.got());
    }
}

both! {
    async fn for_a_day_after_rotation_both_secrets_verify(database) {
        let receiver = Receiver::start().await;
        let app = app(database, &receiver).await;
        let owner = app.owner().await;
        let (id, first) = made(&owner, None, input(&["RATED"])).await;
        let rotate = "mutation($i: ID!) { rotateWebhookSecret(webhookId: $i) { secret } }";
        let second = owner.ask(rotate, json!({ "i": id })).await["rotateWebhookSecret"]["secret"].as_str().expect("one").to_owned();
        assert!(first != second && Secret::parse(&second).is_some());
        assert!(!look(&owner, &id).await["oldSecretUntil"].is_null());
        owner.ask(TEST, json!({ "i": id })).await;
        let one = got(&receiver, 1).await.remove(0);
        assert_eq!(one.headers["webhook-signature"].split(' ').count(), 2);
        assert!(one.is_signed_with(&first) && one.is_signed_with(&second));
        app.later(seconds(24 * 3_600 + 1));
        let owner = app.owner().await;
        owner.ask(TEST, json!({ "i": id })).await;
        let one = got(&receiver, 2).await.remove(1);
        assert!(!one.is_signed_with(&first) && one.is_signed_with(&second));
        app.close().await;
    }
}

both! {
    async fn what_fails_is_tried_again_by_the_schedule_under_one_id(database) {
        let receiver = Receiver::start().await;
        let app = app(database, &receiver).await;
        let owner = app.owner().await;
        let (id, secret) = made(&owner, None, input(&["RATED"])).await;
        receiver.set(Answer::Says(500, String::new(), "out of order".to_owned()));
        owner.ask(TEST, json!({ "i": id })).await;
        for (attempts, pause) in (1..).zip([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]) {
            let owner = app.owner().await;
            let waits = until_newest(&owner, &id, |one| one["attempts"] == attempts).await;
            assert_eq!((&waits["state"], &waits["status"], &waits["answer"]), (&json!("QUEUED"), &json!(500), &json!("out of order")));
            let at = |field: &str| waits[field].as_str().expect("an instant").parse::<jiff::Timestamp>().expect("one");
            let waited = at("nextAt").duration_since(at("attemptedAt")).as_secs_f64();
            assert!((f64::from(pause) * 0.9..=f64::from(pause) * 1.1).contains(&waited), "{pause}: {waited}");
            app.later(Duration::from_secs_f64(waited));
        }
        let owner = app.owner().await;
        let failed = until_newest(&owner, &id, |one| one["state"] == "FAILED").await;
        assert_eq!((&failed["attempts"], &failed["nextAt"]), (&json!(10), &Value::Null));
        let all = receiver.got();
        assert!(all.len() == 10 && all.iter().all(|one| one.id() == all[0].id() && one.is_signed_with(&secret)));
        // Once more, when it works again.
        receiver.set(Answer::status(200));
        owner.ask(REPLAY, json!({ "i": failed["id"] })).await;
        until_newest(&owner, &id, |one| one["state"] == "DELIVERED" && one["attempts"] == 11).await;
        assert_eq!(receiver.got()[10].id(), all[0].id());
        app.close().await;
    }
}

both! {
    async fn an_address_that_is_gone_is_called_no_more_and_its_people_are_told(database) {
        let receiver = Receiver::start().await;
        let app = app(database, &receiver).await;
        let owner = app.owner().await;
        let (id, _) = made(&owner, None, input(&["VISITOR_MESSAGE"])).await;
        receiver.set(Answer::status(410));
        owner.ask(TEST, json!({ "i": id })).await;
        until(async || (look(&owner, &id).await["disabledBecause"] == "GONE").then_some(())).await;
        let bell = "{ notifications { nodes { kind title } } }";
        let told = until(async || {
            let found = owner.ask(bell, json!({})).await["notifications"]["nodes"].clone();
            found.as_array()?.iter().find(|one| one["kind"] == "DELIVERY_FAILING").cloned()
        })
        .await;
        assert!(told["title"].as_str().expect("words").contains("hooks.example.com"), "{told}");
        assert_eq!(owner.refused(TEST, json!({ "i": id })).await, "CONFLICT SWITCHED_OFF");
        let (visitor, _) = app.visitor().await;
        visitor.says("Hello").await;
        assert_eq!(owner.ask(ENABLE, json!({ "i": id, "e": true })).await["setWebhookEnabled"]["disabledBecause"], Value::Null);
        receiver.set(Answer::status(200));
        owner.ask(TEST, json!({ "i": id })).await;
        until_newest(&owner, &id, |one| one["state"] == "DELIVERED").await;
        app.close().await;
        assert_eq!(receiver.got().len(), 2, "what happened meanwhile is not told");
    }
}

both! {
    async fn five_days_of_nothing_but_failures_switch_a_webhook_off_and_one_success_begins_anew(database) {
        let receiver = Receiver::start().await;
        let app = app(database, &receiver).await;
        let (id, _) = made(&app.owner().await, None, input(&["VISITOR_MESSAGE"])).await;
        let day = Duration::from_secs(24 * 3_600);
        let attempt = async |answer: Answer, state: &str| {
            let owner = app.owner().await;
            let before = receiver.got().len();
            receiver.set(answer);
            owner.ask(TEST, json!({ "i": id })).await;
            got(&receiver, before + 1).await;
            until_newest(&owner, &id, |one| one["state"] == state && one["attempts"].as_i64() >= Some(1)).await;
        };
        attempt(Answer::Resets, "QUEUED").await;
        assert!(!look(&app.owner().await, &id).await["failingSince"].is_null());
        // It works at last, for what comes next.
        attempt(Answer::status(200), "DELIVERED").await;
        assert!(look(&app.owner().await, &id).await["failingSince"].is_null());
        app.later(6 * day);
        until_newest(&app.owner().await, &id, |one| one["state"] == "DELIVERED").await;
        attempt(Answer::status(302), "QUEUED").await;
        let owner = app.owner().await;
        assert!(look(&owner, &id).await["disabledBecause"].is_null());
        app.later(5 * day + seconds(1));
        let owner = app.owner().await;
        until(async || (look(&owner, &id).await["disabledBecause"] == "FAILING").then_some(())).await;
        let log = "{ auditEntries { nodes { action summary } } }";
        let entries = owner.ask(log, json!({})).await["auditEntries"]["nodes"].as_array().expect("entries").clone();
        let off = entries.iter().find(|one| one["action"] == "webhook.disable").expect("noted");
        assert!(off["summary"].as_str().expect("words").contains("nothing arrived for five days"), "{off}");
        app.close().await;
    }
}

both! {
    async fn what_was_missed_is_told_again_from_an_instant_on(database) {
        let receiver = Receiver::start().await;
        let app = app(database, &receiver).await;
        let owner = app.owner().await;
        let (id, _) = made(&owner, None, input(&["VISITOR_MESSAGE"])).await;
        let (visitor, _) = app.visitor().await;
        visitor.says("One").await;
        until_newest(&owner, &id, |one| one["state"] == "DELIVERED").await;
        receiver.set(Answer::status(500));
        for text in ["Two", "Three"] {
            visitor.says(text).await;
        }
        until(async || {
            let found = look(&owner, &id).await["deliveries"]["nodes"].clone();
            (found.as_array()?.iter().filter(|one| one["attempts"].as_i64() >= Some(1) && one["state"] == "QUEUED").count() == 2).then_some(())
        })
        .await;
        // Off and on: what waited is given up, and stands in the log.
        for enabled in [false, true] {
            owner.ask(ENABLE, json!({ "i": id, "e": enabled })).await;
        }
        receiver.set(Answer::status(200));
        let since = "2020-01-01T00:00:00Z";
        assert_eq!(owner.ask(REPLAY_SINCE, json!({ "i": id, "s": since })).await["replayWebhookDeliveries"], 2);
        let before = look(&owner, &id).await["deliveries"]["nodes"].as_array().expect("some").len();
        until(async || {
            let found = look(&owner, &id).await["deliveries"]["nodes"].clone();
            found.as_array()?.iter().all(|one| one["state"] == "DELIVERED").then_some(())
        })
        .await;
        assert_eq!(owner.ask(REPLAY_SINCE, json!({ "i": id, "s": since, "d": true })).await["replayWebhookDeliveries"], 3);
        app.close().await;
        let ids: std::collections::BTreeSet<String> = receiver.got().iter().map(|one| one.id().to_owned()).collect();
        assert_eq!((before, ids.len()), (3, 3), "under the ids that they had");
    }
}

both! {
    async fn slack_gets_a_text_in_which_nothing_is_a_mention(database) {
        let receiver = Receiver::start().await;
        let app = app(database, &receiver).await;
        let owner = app.owner().await;
        made(&owner, None, json!({ "url": HOOK, "events": ["VISITOR_MESSAGE"], "format": "SLACK" })).await;
        let (visitor, _) = app.visitor().await;
        visitor.says("<!channel> & <https://evil.example|click>").await;
        let said = got(&receiver, 1).await[0].json();
        let text = said["text"].as_str().expect("a text");
        assert!(text.contains("&lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;"), "{text}");
        assert_eq!(said.as_object().map(serde_json::Map::len), Some(1));
        app.close().await;
    }
}

both! {
    async fn what_a_forgotten_visitor_said_is_gone_here_too(database) {
        let receiver = Receiver::start().await;
        let app = app(database, &receiver).await;
        let owner = app.owner().await;
        let (id, _) = made(&owner, None, input(&["VISITOR_MESSAGE"])).await;
        let (visitor, _) = app.visitor().await;
        visitor.says("My secret is a cake").await;
        let told = until_newest(&owner, &id, |one| one["state"] == "DELIVERED").await;
        assert!(told["body"].as_str().expect("a body").contains("cake"));
        visitor.ask("mutation { forgetMe }", json!({})).await;
        until_newest(&owner, &id, |one| one["body"] == "").await;
        assert_eq!(owner.refused(REPLAY, json!({ "i": told["id"] })).await, "CONFLICT REMOVED");
        app.close().await;
    }
}

both! {
    async fn a_webhook_is_its_places_alone_and_what_is_none_is_refused_at_its_field(database) {
        let receiver = Receiver::start().await;
        let app = app(database, &receiver).await;
        let owner = app.owner().await;
        let place = bakery(&owner).await;
        let (id, secret) = made(&owner, Some(&place), input(&["RATED"])).await;
        owner.ask(TEST, json!({ "i": id })).await;
        let delivery = until_newest(&owner, &id, |one| one["state"] == "DELIVERED").await["id"].clone();
        for stranger in ["owner@southpaw.test", "operator@harbordental.test"] {
            let stranger = app.sign_in(stranger).await;
            for (document, about) in [(TEST, json!(id)), (REPLAY, delivery.clone()), (ONE, json!(id))] {
                let refused = stranger.refused(document, json!({ "i": about })).await;
                assert!(refused.starts_with("NOT_FOUND") || refused.starts_with("FORBIDDEN"), "{refused}");
            }
        }
        assert_eq!(app.sign_in("owner@southpaw.test").await.refused(ONE, json!({ "i": id })).await, "NOT_FOUND NOT_FOUND");
        assert!(app.operator().await.refused(ONE, json!({ "i": id })).await.starts_with("FORBIDDEN"));
        for (url, expected) in [
            ("http://example.com/", "INVALID NOT_HTTPS"),
            ("https://127.0.0.1/", "INVALID NOT_A_NAME"),
            ("https://localhost/", "INVALID NOT_A_NAME"),
            ("https://u:p@example.com/", "INVALID USERINFO"),
            ("https://example.com:22/", "INVALID PORT"),
            ("nonsense", "INVALID NOT_AN_ADDRESS"),
        ] {
            let asked = json!({ "c": client_id(), "o": place, "i": { "url": url, "events": ["RATED"] } });
            assert_eq!(owner.refused(CREATE, asked).await, expected, "{url}");
        }
        let none = json!({ "c": client_id(), "o": place, "i": { "url": HOOK, "events": ["TEST"] } });
        assert_eq!(owner.refused(CREATE, none).await, "INVALID NONE");
        // A retry gives the same webhook with the same secret; nobody else ever sees that again.
        let asked = json!({ "c": client_id(), "o": place, "i": input(&["RATED"]) });
        assert_eq!(owner.ask(CREATE, asked.clone()).await, owner.ask(CREATE, asked).await);
        let all = owner.ask("query($o: ID) { webhooks(organizationId: $o) { nodes { id name url } } }", json!({ "o": place })).await;
        assert_eq!(all["webhooks"]["nodes"].as_array().map(Vec::len), Some(2));
        let shown = format!("{all}{}{}", look(&owner, &id).await, owner.ask("{ auditEntries { nodes { summary after } } }", json!({})).await);
        assert!(!shown.contains(&secret) && !shown.contains("whsec_"));
        owner.ask("mutation($i: ID!) { deleteWebhook(webhookId: $i) }", json!({ "i": id })).await;
        assert_eq!(owner.refused(ONE, json!({ "i": id })).await, "NOT_FOUND NOT_FOUND");
        app.close().await;
    }
}

both! {
    async fn who_still_waits_is_told_of_and_whom_nobody_came_to(database) {
        let receiver = Receiver::start().await;
        let app = app(database, &receiver).await;
        made(&app.owner().await, None, input(&["HANDOFF_WAITING", "HANDOFF_MISSED"])).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.asks_for_human().await;
        app.later(seconds(3_600));
        let all = until(async || {
            let found = types(&receiver.got());
            (found.iter().any(|one| one == "handoff.waiting") && found.iter().any(|one| one == "handoff.missed")).then(|| receiver.got())
        })
        .await;
        assert!(all.iter().all(|one| one.json()["data"]["conversation"]["id"] == conversation.as_str()));
        let ids: std::collections::BTreeSet<&str> = all.iter().map(Got::id).collect();
        assert_eq!(ids.len(), all.len(), "each step once");
        app.close().await;
    }
}
