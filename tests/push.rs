//! Who wants it is told by push: on which devices, what is said there, and what becomes of it (REL14).

use livery::app::system_clock;
use livery::domain::push::{Hosts, Subscription};
use serde_json::{Value, json};

use crate::nobody::seconds;
use crate::support::app::{Client, config_with};
use crate::support::database::Database;
use crate::support::push::{Answer, Browser, PushService, Received};
use crate::support::{App, both, until};

const PHONE: &str = "https://fcm.googleapis.com/fcm/send/phone-1";
const LAPTOP: &str = "https://updates.push.services.mozilla.com/wpush/v2/laptop-1";

const REGISTER: &str = "mutation($e: String!, $k: String!, $a: String!) {
    registerPushSubscription(endpoint: $e, p256dh: $k, auth: $a) { id browser here trouble } }";
const DEVICES: &str = "{ pushSubscriptions { id here trouble sentAt } }";
const LOG: &str =
    "{ notificationDecisions { nodes { id kind way verdict reason explanation devices { state attempts trouble } } } }";

async fn app(database: Database, service: &PushService) -> App {
    App::with(database.clone(), config_with(&database, &[("LIVERY_PUSH_RELAY", &service.url())])).await
}

/// Registers a browser of the service as somebody's device, and gives its id.
async fn registered(client: &Client<'_>, service: &PushService, endpoint: &str) -> String {
    let key = client.ask("{ pushKey }", json!({})).await["pushKey"].as_str().expect("a key").to_owned();
    let subscription = service.subscribe(endpoint, &Hosts::default(), Some(&key));
    let data = client.ask(REGISTER, said(&subscription)).await;
    data["registerPushSubscription"]["id"].as_str().expect("an id").to_owned()
}

fn said(subscription: &Subscription) -> Value {
    json!({ "e": subscription.endpoint(), "k": subscription.p256dh(), "a": subscription.auth() })
}

/// Waits until the service got so many requests.
async fn got(service: &PushService, count: usize) -> Vec<Received> {
    until(async || Some(service.received()).filter(|all| all.len() >= count)).await
}

/// All that came for the operator's telephone.
fn to_phone(service: &PushService) -> Vec<Received> {
    service.received().into_iter().filter(|one| one.endpoint == PHONE).collect()
}

/// Waits until a message to a colleague's device has come, which was written later than whatever was due before.
async fn somebody_else_is_reached(app: &App, service: &PushService) {
    let colleague = app.colleague().await;
    registered(&colleague, service, LAPTOP).await;
    colleague.ask("mutation { sendTestNotification(way: PUSH) }", json!({})).await;
    until(async || service.received().iter().any(|one| one.endpoint == LAPTOP).then_some(())).await;
}

fn payload(received: &Received) -> Value {
    serde_json::from_slice(received.payload.as_ref().expect("opened")).expect("JSON")
}

/// The newest line of somebody's delivery log about push, but what is said of devices: verdict, reason, and the state of each
/// device.
async fn line(client: &Client<'_>) -> Option<(String, Value)> {
    let data = client.ask(LOG, json!({})).await;
    let found = data["notificationDecisions"]["nodes"]
        .as_array()
        .expect("lines")
        .iter()
        .find(|one| one["way"] == "PUSH" && one["kind"] != "DEVICE_GONE")
        .cloned()?;
    let states: Vec<&str> =
        found["devices"].as_array().expect("devices").iter().filter_map(|one| one["state"].as_str()).collect();
    let reason = found["reason"].as_str().unwrap_or("-");
    Some((format!("{} {reason} {}", found["verdict"].as_str().expect("a verdict"), states.join(",")), found.clone()))
}

/// Waits until the newest line about push is that one.
async fn until_line(client: &Client<'_>, expected: &str) -> Value {
    let mut last = None;
    let found = tokio::time::timeout(crate::support::PATIENCE, async {
        loop {
            last = line(client).await;
            if let Some((_, whole)) = last.take_if(|(found, _)| found == expected) {
                return whole;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    });
    match found.await {
        Ok(whole) => whole,
        Err(_) => panic!("{expected}, and not {last:?}"),
    }
}

both! {
    async fn a_request_reaches_each_device_as_it_is_told_at_the_bell(database) {
        let service = PushService::start(system_clock()).await;
        let app = app(database, &service).await;
        let operator = app.operator().await;
        let again = app.sign_in("operator1@bluebakery.test").await;
        registered(&operator, &service, PHONE).await;
        registered(&again, &service, LAPTOP).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("Where is my cake? 🍰").await;
        visitor.asks_for_human().await;
        let mut all = got(&service, 2).await;
        all.sort_by(|a, b| a.endpoint.cmp(&b.endpoint));
        for (one, endpoint) in all.iter().zip([PHONE, LAPTOP]) {
            assert!(endpoint.ends_with(one.endpoint.rsplit('/').next().expect("a path")), "{}", one.endpoint);
            let told = payload(one);
            assert_eq!((&told["title"], &told["body"]), (&json!("A visitor asks for a person"), &json!("Where is my cake? 🍰")));
            assert_eq!((&told["link"], &told["rings"]), (&json!(format!("/live-chats/{conversation}")), &json!(true)));
            assert_eq!(one.headers["urgency"], "high");
            let ttl: u64 = one.headers["ttl"].parse().expect("seconds");
            assert!((1..=900).contains(&ttl), "{ttl}");
            assert_eq!(one.token.as_ref().expect("a good token").sub, "mailto:help@northlight.test");
        }
        assert_eq!(all[0].headers["topic"], all[1].headers["topic"], "what is the same collapses");
        assert_eq!(until_line(&operator, "NOW - SENT,SENT").await["explanation"], "Sent to 2 devices.");
        let devices = operator.ask(DEVICES, json!({})).await["pushSubscriptions"].as_array().expect("devices").clone();
        assert_eq!(devices.iter().filter(|one| one["here"] == true && !one["sentAt"].is_null()).count(), 1);
        app.close().await;
    }
}

both! {
    async fn a_device_that_is_gone_is_forgotten_at_once_and_its_owner_told(database) {
        let service = PushService::start(system_clock()).await;
        let app = app(database, &service).await;
        let operator = app.operator().await;
        for (count, status) in [(1, 404), (2, 410)] {
            registered(&operator, &service, PHONE).await;
            service.set(Answer::Says(status, "", "gone"));
            let (visitor, _) = app.visitor().await;
            visitor.asks_for_human().await;
            let bell = "{ notifications { nodes { kind link } } }";
            until(async || {
                let data = operator.ask(bell, json!({})).await;
                let gone = data["notifications"]["nodes"].as_array()?.iter().filter(|one| one["kind"] == "DEVICE_GONE").count();
                (gone == count).then_some(())
            })
            .await;
            assert_eq!(operator.ask(DEVICES, json!({})).await["pushSubscriptions"], json!([]));
            assert_eq!(line(&operator).await.expect("a line").0, "NOW - GONE");
            assert_eq!(service.received().len(), count, "{status}");
        }
        app.close().await;
    }
}

both! {
    async fn what_a_push_service_asks_for_is_done(database) {
        let service = PushService::start(system_clock()).await;
        let app = app(database, &service).await;
        let operator = app.operator().await;
        registered(&operator, &service, PHONE).await;
        // As long as it says, and not a second less.
        service.set(Answer::Says(429, "retry-after: 40", ""));
        let (visitor, _) = app.visitor().await;
        visitor.says("x".repeat(3_000).as_str()).await;
        visitor.asks_for_human().await;
        until_line(&operator, "NOW - QUEUED").await;
        got(&service, 1).await;
        until(async || (line(&operator).await?.1["devices"][0]["attempts"] == 1).then_some(())).await;
        app.later(seconds(35));
        somebody_else_is_reached(&app, &service).await;
        assert_eq!(to_phone(&service).len(), 1);
        // Too long: once more at once, without the visitor's words.
        service.set(Answer::Says(413, "", ""));
        app.later(seconds(6));
        let all = until(async || Some(to_phone(&service)).filter(|all| all.len() == 3)).await;
        assert!(payload(&all[1])["body"].is_string() && payload(&all[2])["body"].is_null());
        let failed = until_line(&operator, "NOW - FAILED").await;
        assert_eq!((&failed["devices"][0]["trouble"], &failed["explanation"]), (&json!("It is too long for the push service."), &json!("It reached no device.")));
        app.close().await;
    }
}

both! {
    async fn what_may_work_later_is_tried_until_nobody_needs_it(database) {
        for answer in [Answer::Says(503, "", ""), Answer::Resets] {
            let service = PushService::start(system_clock()).await;
            let app = app(database.clone(), &service).await;
            let operator = app.operator().await;
            registered(&operator, &service, PHONE).await;
            service.set(answer.clone());
            let (visitor, _) = app.visitor().await;
            visitor.asks_for_human().await;
            for attempt in 1..=3 {
                until(async || (line(&app.operator().await).await?.1["devices"][0]["attempts"] == attempt).then_some(())).await;
                app.later(seconds(60));
            }
            service.set(Answer::Judges);
            until_line(&app.operator().await, "NOW - SENT").await;
            app.close().await;
        }
    }
}

both! {
    async fn a_refused_key_is_an_alarm_and_no_storm(database) {
        let service = PushService::start(system_clock()).await;
        let app = app(database, &service).await;
        let operator = app.operator().await;
        registered(&operator, &service, PHONE).await;
        service.set(Answer::Says(403, "", "the key does not fit"));
        let (visitor, conversation) = app.visitor().await;
        visitor.asks_for_human().await;
        until_line(&operator, "NOW - FAILED").await;
        let bell = "{ notifications { nodes { kind title preview } } }";
        let owner = app.owner().await;
        let told = until(async || owner.ask(bell, json!({})).await["notifications"]["nodes"].as_array()?.iter().find(|one| one["kind"] == "DELIVERY_FAILING").cloned()).await;
        assert!(told["preview"].as_str().expect("words").contains("the key does not fit"), "{told}");
        app.later(seconds(120));
        somebody_else_is_reached(&app, &service).await;
        assert_eq!(to_phone(&service).len(), 1);
        // Once the key fits, whoever looks after sending has it sent again; nobody else, and not twice.
        let again = "mutation($id: ID!) { resendNotification(decisionId: $id) { canResend devices { state attempts } } }";
        let log = "query($c: ID!) { notificationDecisions(conversationId: $c) { nodes { id way userId canResend } } }";
        let id = until_line(&operator, "NOW - FAILED").await["id"].clone();
        let seen = owner.ask(log, json!({ "c": conversation })).await["notificationDecisions"]["nodes"].clone();
        let seen = seen.as_array().expect("lines").iter().find(|one| one["id"] == id).cloned();
        assert_eq!(seen.expect("the line")["canResend"], true);
        assert_eq!(operator.refused(again, json!({ "id": id })).await, "FORBIDDEN MISSING_PERMISSION");
        let stranger = app.stranger().await;
        assert_eq!(stranger.refused(again, json!({ "id": id })).await, "NOT_FOUND NOT_FOUND");
        service.set(Answer::Judges);
        let sent = owner.ask(again, json!({ "id": id })).await["resendNotification"].clone();
        assert_eq!(sent, json!({ "canResend": false, "devices": [{ "state": "QUEUED", "attempts": 0 }] }));
        until_line(&operator, "NOW - SENT").await;
        assert_eq!(to_phone(&service).len(), 2);
        assert_eq!(owner.refused(again, json!({ "id": id })).await, "CONFLICT ALREADY_SENT");
        app.close().await;
    }
}

both! {
    async fn what_is_claimed_meanwhile_or_signed_out_is_not_sent(database) {
        let service = PushService::start(system_clock()).await;
        let app = app(database, &service).await;
        let operator = app.operator().await;
        registered(&operator, &service, PHONE).await;
        service.set(Answer::Says(503, "", ""));
        let (visitor, conversation) = app.visitor().await;
        visitor.asks_for_human().await;
        until(async || (line(&operator).await?.1["devices"][0]["attempts"] == 1).then_some(())).await;
        app.colleague().await.accepts(&conversation).await;
        service.set(Answer::Judges);
        app.later(seconds(30));
        until_line(&app.operator().await, "NOW CLAIMED_MEANWHILE DROPPED").await;
        let sent = service.received().len();
        operator.ask("mutation { signOut }", json!({})).await;
        let (visitor, _) = app.visitor().await;
        visitor.asks_for_human().await;
        until_line(&app.operator().await, "WITHHELD NO_DEVICE ").await;
        assert_eq!(service.received().len(), sent);
        app.close().await;
    }
}

both! {
    async fn a_device_is_its_owners_alone_and_of_whoever_signed_in_on_it_last(database) {
        let service = PushService::start(system_clock()).await;
        let app = app(database, &service).await;
        let (operator, colleague) = (app.operator().await, app.colleague().await);
        let id = registered(&operator, &service, PHONE).await;
        let remove = "mutation($i: ID!) { removePushSubscription(pushSubscriptionId: $i) }";
        assert_eq!(colleague.refused(remove, json!({ "i": id })).await, "NOT_FOUND NOT_FOUND");
        assert_eq!(app.sign_in("owner@southpaw.test").await.refused(remove, json!({ "i": id })).await, "NOT_FOUND NOT_FOUND");
        // The same browser, and somebody else signs in on it.
        assert_eq!(registered(&colleague, &service, PHONE).await, id);
        assert_eq!(operator.ask(DEVICES, json!({})).await["pushSubscriptions"], json!([]));
        colleague.ask(remove, json!({ "i": id })).await;
        assert_eq!(colleague.ask(DEVICES, json!({})).await["pushSubscriptions"], json!([]));
        let key = async |client: &Client<'_>| client.ask("{ pushKey }", json!({})).await["pushKey"].clone();
        assert_eq!(key(&operator).await, key(&app.stranger().await).await, "one for the agency");
        assert_ne!(key(&operator).await, key(&app.sign_in("owner@southpaw.test").await).await);
        for number in 0..25 {
            registered(&operator, &service, &format!("{PHONE}{number}")).await;
        }
        assert_eq!(operator.ask(DEVICES, json!({})).await["pushSubscriptions"].as_array().map(Vec::len), Some(20));
        app.close().await;
    }
}

both! {
    async fn what_is_no_subscription_is_refused_at_its_field(database) {
        let service = PushService::start(system_clock()).await;
        let app = app(database, &service).await;
        let operator = app.operator().await;
        let browser = Browser::new(PHONE);
        let good = json!({ "e": PHONE, "k": browser.p256dh(), "a": browser.auth() });
        for (field, value, expected) in [
            ("e", "http://fcm.googleapis.com/x", "INVALID NOT_HTTPS"),
            ("e", "https://127.0.0.1/x", "INVALID UNKNOWN_PUSH_SERVICE"),
            ("e", "https://evil.test/x", "INVALID UNKNOWN_PUSH_SERVICE"),
            ("e", "https://user@fcm.googleapis.com/x", "INVALID USERINFO"),
            ("e", "not an address", "INVALID NOT_AN_ADDRESS"),
            ("k", "AAAA", "INVALID NOT_A_KEY"),
            ("a", "AAAA", "INVALID NOT_A_SECRET"),
        ] {
            let mut asked = good.clone();
            asked[field] = json!(value);
            assert_eq!(operator.refused(REGISTER, asked).await, expected, "{value}");
        }
        assert_eq!(operator.refused("mutation { sendTestNotification(way: PUSH) }", json!({})).await, "CONFLICT NO_DEVICE");
        registered(&operator, &service, PHONE).await;
        operator.ask("mutation { sendTestNotification(way: PUSH) }", json!({})).await;
        assert_eq!(payload(&got(&service, 1).await[0])["title"], "This is a test notification");
        app.close().await;
    }
}
