//! Everybody is told, once, where they want it: the bell, what people choose, quiet hours, and why somebody was not told.

use serde_json::{Value, json};
use sqlx::Connection as _;

use crate::nobody::{mails, seconds, written_to};
use crate::people::crowd;
use crate::support::app::{Client, client_id};
use crate::support::{App, both, until};

const BELL: &str = "query($unread: Boolean) { unreadNotifications notifications(unread: $unread) { nodes {
    id kind title preview organizationName aiAgentName conversationId link count readAt } } }";

/// What is at somebody's bell, as `KIND count title`, unread ones with a star; the newest first.
async fn bell(client: &Client<'_>) -> Vec<String> {
    let data = client.ask(BELL, json!({})).await;
    let nodes = data["notifications"]["nodes"].as_array().expect("entries").clone();
    let lines = nodes.iter().map(|one| {
        let star = if one["readAt"].is_null() { "*" } else { "" };
        let word = |name: &str| one[name].as_str().expect("a word").to_owned();
        format!("{star}{} {} {}", word("kind"), one["count"], word("title"))
    });
    lines.collect()
}

/// Waits until that is at somebody's bell.
async fn until_bell(client: &Client<'_>, expected: &[&str]) {
    let mut last = Vec::new();
    let found = tokio::time::timeout(seconds(30), async {
        loop {
            last = bell(client).await;
            if last == expected {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    });
    if found.await.is_err() {
        assert_eq!(last, expected);
    }
}

const LOG: &str =
    "query($o: ID, $c: ID, $u: ID) { notificationDecisions(organizationId: $o, conversationId: $c, userId: $u) {
    nodes { kind way verdict reason explanation userName visitorName organizationName mailState } } }";

/// The lines of the delivery log, as `KIND WAY VERDICT REASON`, sorted.
fn lines(data: &Value) -> Vec<String> {
    let nodes = data["notificationDecisions"]["nodes"].as_array().expect("lines");
    let word = |one: &Value, name: &str| one[name].as_str().unwrap_or("-").to_owned();
    let mut lines: Vec<String> = nodes
        .iter()
        .map(|one| {
            format!("{} {} {} {}", word(one, "kind"), word(one, "way"), word(one, "verdict"), word(one, "reason"))
        })
        .collect();
    lines.sort();
    lines
}

async fn own_log(client: &Client<'_>) -> Vec<String> {
    lines(&client.ask(LOG, json!({})).await)
}

/// Waits until the log has so many lines.
async fn until_log(client: &Client<'_>, count: usize) -> Vec<String> {
    until(async || Some(own_log(client).await).filter(|lines| lines.len() >= count)).await
}

const CHOOSE: &str = "mutation($o: ID, $p: NotificationPreferenceInput) { updateNotificationPreferences(organizationId: $o, preference: $p) {
    organizationId organizationName email push events quietFrom quietUntil timeZone muted mutedAiAgents aiAgents { id name } origin } }";

fn preference(change: &Value) -> Value {
    let mut preference = json!({ "email": true, "push": true, "events": "ALL", "muted": false, "mutedAiAgentIds": [] });
    for (name, value) in change.as_object().expect("an object") {
        preference[name] = value.clone();
    }
    preference
}

async fn organization(client: &Client<'_>) -> String {
    let data = client.ask("{ organizations { nodes { id } } }", json!({})).await;
    data["organizations"]["nodes"][0]["id"].as_str().expect("an organization").to_owned()
}

async fn choose(client: &Client<'_>, change: Value) -> Value {
    let organization = organization(client).await;
    client.ask(CHOOSE, json!({ "o": organization, "p": preference(&change) })).await["updateNotificationPreferences"][0]
        .clone()
}

const READ: &str = "mutation($id: ID!, $seq: Int!) { markRead(conversationId: $id, seq: $seq) { unread } }";

both! {
    async fn a_request_rings_at_the_bell_of_those_it_concerns_until_somebody_has_it(database) {
        let app = App::start(database).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("Where is my cake?").await;
        visitor.asks_for_human().await;
        let (operator, colleague) = (app.operator().await, app.colleague().await);
        let owner = app.sign_in("owner@bluebakery.test").await;
        let asks = "*HANDOFF_REQUESTED 1 A visitor asks for a person";
        for client in [&operator, &colleague, &owner] {
            until_bell(client, &[asks]).await;
        }
        let data = operator.ask(BELL, json!({ "unread": true })).await;
        assert_eq!(data["unreadNotifications"], 1);
        let one = &data["notifications"]["nodes"][0];
        assert_eq!((&one["organizationName"], &one["preview"]), (&json!("Blue Bakery"), &json!("Where is my cake?")));
        assert_eq!((&one["link"], &one["conversationId"]), (&json!(format!("/live-chats/{conversation}")), &json!(conversation)));
        // Nobody else hears of it.
        for stranger in [app.stranger().await, app.sign_in("viewer@bluebakery.test").await, app.sign_in("owner@southpaw.test").await] {
            assert!(bell(&stranger).await.is_empty());
        }
        operator.accepts(&conversation).await;
        until_bell(&colleague, &["CLAIMED 1 Olivia Hart took the chat with A visitor"]).await;
        until_bell(&operator, &["HANDOFF_REQUESTED 1 A visitor asks for a person"]).await;
        assert_eq!(colleague.ask(BELL, json!({})).await["unreadNotifications"], 0);
        app.close().await;
    }
}

both! {
    async fn what_a_visitor_writes_is_one_entry_until_it_is_read_and_every_page_hears_of_it(database) {
        let app = App::start(database).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("hello").await;
        visitor.asks_for_human().await;
        let operator = app.operator().await;
        operator.accepts(&conversation).await;
        until_bell(&operator, &["HANDOFF_REQUESTED 1 A visitor asks for a person"]).await;
        let mut page = operator.socket().await;
        page.subscribe("subscription { notificationEvents { __typename ... on NotificationsChanged { unread }
            ... on NotificationArrived { unread notification { title preview count } } } }", json!({})).await;
        let mut next = async || page.event_where(|_| true).await["notificationEvents"].clone();
        assert_eq!(next().await, json!({ "__typename": "NotificationsChanged", "unread": 0 }));
        visitor.says("are you there?").await;
        app.later(seconds(3));
        let arrived = |count: i64, preview: &str| json!({ "__typename": "NotificationArrived", "unread": 1,
            "notification": { "title": "A visitor wrote", "preview": preview, "count": count } });
        assert_eq!(next().await, arrived(1, "are you there?"));
        let seq = visitor.says("hello?").await;
        app.later(seconds(3));
        assert_eq!(next().await, arrived(2, "hello?"));
        operator.ask(READ, json!({ "id": conversation, "seq": seq })).await;
        assert_eq!(next().await, json!({ "__typename": "NotificationsChanged", "unread": 0 }));
        // What is read within a moment rings nowhere.
        let seq = visitor.says("thanks").await;
        operator.ask(READ, json!({ "id": conversation, "seq": seq })).await;
        visitor.says("and another thing").await;
        app.later(seconds(3));
        assert_eq!(next().await, arrived(1, "and another thing"));
        app.close().await;
    }
}

both! {
    async fn the_log_says_of_what_was_read_in_time_that_nobody_was_written(database) {
        let app = App::start(database).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.asks_for_human().await;
        let operator = app.operator().await;
        operator.accepts(&conversation).await;
        let seq = visitor.says("are you there?").await;
        app.later(seconds(3));
        let told = async |line: &str| own_log(&operator).await.contains(&line.to_owned()).then_some(());
        until(async || told("VISITOR_MESSAGE EMAIL LATER -").await).await;
        operator.ask(READ, json!({ "id": conversation, "seq": seq })).await;
        app.later(seconds(181));
        until(async || told("VISITOR_MESSAGE EMAIL LATER READ_MEANWHILE").await).await;
        assert!(mails(&app, "message_unseen").await.is_empty());
        app.close().await;
    }
}

both! {
    async fn entries_are_read_one_by_one_or_all_at_once_and_only_by_whom_they_are_for(database) {
        let app = App::start(database).await;
        for _ in 0..2 {
            let (visitor, _) = app.visitor().await;
            visitor.says("hello").await;
            visitor.asks_for_human().await;
        }
        let (operator, colleague) = (app.operator().await, app.colleague().await);
        let asks = "*HANDOFF_REQUESTED 1 A visitor asks for a person";
        for client in [&operator, &colleague] {
            until_bell(client, &[asks, asks]).await;
        }
        let first = operator.ask(BELL, json!({})).await["notifications"]["nodes"][0]["id"].clone();
        let read = "mutation($ids: [ID!]) { markNotificationsRead(notificationIds: $ids) }";
        assert_eq!(colleague.ask(read, json!({ "ids": [first] })).await["markNotificationsRead"], 2);
        assert_eq!(operator.ask(read, json!({ "ids": [first] })).await["markNotificationsRead"], 1);
        assert_eq!(bell(&operator).await, [asks.trim_start_matches('*'), asks]);
        assert_eq!(operator.ask(read, json!({})).await["markNotificationsRead"], 0);
        assert_eq!(operator.ask(BELL, json!({ "unread": true })).await["notifications"]["nodes"], json!([]));
        assert_eq!(operator.refused(read, json!({ "ids": ["cnv_1"] })).await, "INVALID NOT_AN_ID");
        let page = operator.ask("{ notifications(first: 1) { nodes { id } pageInfo { hasNextPage endCursor } } }", json!({})).await["notifications"].clone();
        assert_eq!(page["pageInfo"]["hasNextPage"], true);
        let rest = operator.ask("query($a: String) { notifications(after: $a) { nodes { id } pageInfo { hasNextPage } } }", json!({ "a": page["pageInfo"]["endCursor"] })).await["notifications"].clone();
        assert_eq!((rest["nodes"].as_array().map(Vec::len), &rest["pageInfo"]["hasNextPage"]), (Some(1), &json!(false)));
        assert_ne!(rest["nodes"][0]["id"], page["nodes"][0]["id"]);
        app.close().await;
    }
}

both! {
    async fn a_request_rings_with_its_own_commit_whatever_the_jobs_do(database) {
        let mut app = App::start(database).await;
        app.rest().await;
        let operator = app.operator().await;
        let (visitor, _) = app.visitor().await;
        visitor.says("hello").await;
        visitor.asks_for_human().await;
        // Not awaited: no job is there that could ring later.
        assert_eq!(bell(&operator).await, ["*HANDOFF_REQUESTED 1 A visitor asks for a person"]);
        assert_eq!(own_log(&operator).await.len(), 3);
        app.services.store.close().await;
    }
}

/// How many decisions there are about a conversation.
async fn decided(client: &Client<'_>, conversation: &str) -> usize {
    let page = "query($c: ID, $a: String) { notificationDecisions(conversationId: $c, first: 100, after: $a) {
        nodes { id } pageInfo { hasNextPage endCursor } } }";
    let (mut count, mut after) = (0, Value::Null);
    loop {
        let found = client.ask(page, json!({ "c": conversation, "a": after })).await["notificationDecisions"].clone();
        count += found["nodes"].as_array().expect("lines").len();
        if found["pageInfo"]["hasNextPage"] == false {
            return count;
        }
        after = found["pageInfo"]["endCursor"].clone();
    }
}

both! {
    async fn a_crowd_is_told_whole_and_by_a_job_for_nobody_waits_for_it(database) {
        let mut app = App::start(database).await;
        app.rest().await;
        let owner = app.sign_in("owner@bluebakery.test").await;
        let bakery = owner.ask("{ organizations { nodes { id } } }", json!({})).await["organizations"]["nodes"][0]["id"].clone();
        crowd(&app, bakery.as_str().expect("an id"), "organization.operator", 1_200, |n| format!("Person {n}")).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("hello").await;
        visitor.asks_for_human().await;
        assert_eq!(decided(&owner, &conversation).await, 0);
        let due = livery::service::job::lease(&app.services, 100, seconds(600)).await.expect("a look");
        let step = due.iter().find(|job| job.kind == livery::service::ladder::STEP_JOB).expect("a step");
        livery::service::ladder::take_step(&app.services, step).await.expect("taken");
        // Three of the demo are of the team as well; each by three ways.
        assert_eq!(decided(&owner, &conversation).await, 3 * (1_200 + 3));
        app.services.store.close().await;
    }
}

both! {
    async fn what_people_choose_decides_what_reaches_them_and_the_log_says_so(database) {
        let app = App::start(database).await;
        let (operator, colleague) = (app.operator().await, app.colleague().await);
        let kept = choose(&operator, json!({ "email": false, "events": "REQUESTS" })).await;
        assert_eq!((&kept["email"], &kept["events"], &kept["origin"]), (&json!(false), &json!("REQUESTS"), &json!("OWN")));
        let (visitor, conversation) = app.visitor().await;
        visitor.says("hello").await;
        visitor.asks_for_human().await;
        until_log(&operator, 3).await;
        assert_eq!(own_log(&operator).await, [
            "HANDOFF_REQUESTED BELL NOW -", "HANDOFF_REQUESTED EMAIL WITHHELD WAY_OFF", "HANDOFF_REQUESTED PUSH WITHHELD NO_DEVICE"]);
        let to = written_to(&app, "handoff_requested").await;
        assert!(to.contains(&"operator2@bluebakery.test".to_owned()) && !to.contains(&"operator1@bluebakery.test".to_owned()), "{to:?}");
        // The colleague was told by mail, and the log knows what became of it. Accepted before it left, it would not have been sent.
        let theirs = until(async || {
            let data = colleague.ask(LOG, json!({})).await["notificationDecisions"]["nodes"].clone();
            data.as_array()?.iter().find(|one| one["way"] == "EMAIL" && one["mailState"] == "SENT").cloned()
        }).await;
        assert_eq!((&theirs["explanation"], &theirs["visitorName"]), (&json!("Sent."), &json!("A visitor")));
        // Requests only: what the visitor says in the chat is kept out, at the bell and by mail.
        operator.accepts(&conversation).await;
        visitor.says("are you there?").await;
        app.later(seconds(3));
        let log = until_log(&operator, 6).await;
        assert_eq!(log[3..], ["VISITOR_MESSAGE BELL WITHHELD NOT_WANTED", "VISITOR_MESSAGE EMAIL WITHHELD NOT_WANTED", "VISITOR_MESSAGE PUSH WITHHELD NOT_WANTED"]);
        app.later(seconds(200));
        assert_eq!(bell(&operator).await, ["HANDOFF_REQUESTED 1 A visitor asks for a person"]);
        assert!(mails(&app, "message_unseen").await.is_empty());
        let said = operator.ask(LOG, json!({})).await["notificationDecisions"]["nodes"].clone();
        let sentence = said.as_array().expect("lines").iter().find(|one| one["reason"] == "WAY_OFF").expect("a line")["explanation"].clone();
        assert_eq!(sentence, "Not sent: they switched this way off.");
        app.close().await;
    }
}

both! {
    async fn an_organization_has_defaults_which_a_choice_of_ones_own_goes_before(database) {
        let app = App::start(database).await;
        let (operator, owner) = (app.operator().await, app.sign_in("owner@bluebakery.test").await);
        let bakery = organization(&operator).await;
        let set = "mutation($o: ID!, $d: NotificationDefaultsInput) { setNotificationDefaults(organizationId: $o, defaults: $d) { email push events quietFrom quietUntil origin } }";
        let defaults = json!({ "email": false, "push": true, "events": "ALL", "quietFrom": 1320, "quietUntil": 420 });
        assert_eq!(operator.refused(set, json!({ "o": bakery, "d": defaults })).await, "FORBIDDEN MISSING_PERMISSION");
        assert_eq!(app.stranger().await.refused(set, json!({ "o": bakery, "d": defaults })).await, "NOT_FOUND NOT_FOUND");
        let harbor = organization(&app.stranger().await).await;
        assert_eq!(owner.refused(set, json!({ "o": harbor, "d": defaults })).await, "NOT_FOUND NOT_FOUND");
        let kept = owner.ask(set, json!({ "o": bakery, "d": defaults })).await["setNotificationDefaults"].clone();
        assert_eq!((&kept["origin"], &kept["quietFrom"]), (&json!("ORGANIZATION"), &json!(1320)));
        let mine = "{ notificationPreferences { email quietUntil origin organizationName aiAgents { name } timeZone } }";
        let seen = operator.ask(mine, json!({})).await["notificationPreferences"][0].clone();
        assert_eq!((&seen["email"], &seen["quietUntil"], &seen["origin"]), (&json!(false), &json!(420), &json!("ORGANIZATION")));
        assert_eq!((&seen["organizationName"], seen["aiAgents"].as_array().map(Vec::len)), (&json!("Blue Bakery"), Some(1)));
        choose(&operator, json!({})).await;
        let (visitor, _) = app.visitor().await;
        visitor.says("hello").await;
        visitor.asks_for_human().await;
        until(async || (!mails(&app, "handoff_requested").await.is_empty()).then_some(())).await;
        let to = written_to(&app, "handoff_requested").await;
        assert!(to.contains(&"operator1@bluebakery.test".to_owned()) && !to.contains(&"operator2@bluebakery.test".to_owned()), "{to:?}");
        let again = operator.ask(CHOOSE, json!({ "o": bakery, "p": null })).await["updateNotificationPreferences"][0].clone();
        assert_eq!((&again["email"], &again["origin"]), (&json!(false), &json!("ORGANIZATION")));
        let none = owner.ask(set, json!({ "o": bakery, "d": null })).await["setNotificationDefaults"].clone();
        assert_eq!((&none["origin"], &none["email"]), (&json!("PLATFORM"), &json!(true)));
        app.close().await;
    }
}

both! {
    async fn what_cannot_be_chosen_is_refused_at_its_field(database) {
        let app = App::start(database).await;
        let operator = app.operator().await;
        let bakery = organization(&operator).await;
        let check = async |change: Value, expected: &str| {
            let refused = operator.refused(CHOOSE, json!({ "o": bakery, "p": preference(&change) })).await;
            assert_eq!(refused, expected, "{change}");
        };
        check(json!({ "quietFrom": 10 }), "INVALID MISSING").await;
        check(json!({ "quietUntil": 10 }), "INVALID MISSING").await;
        check(json!({ "quietFrom": 10, "quietUntil": 10 }), "INVALID NO_HOURS").await;
        check(json!({ "quietFrom": 1440, "quietUntil": 10 }), "INVALID OUT_OF_RANGE").await;
        check(json!({ "quietFrom": -1, "quietUntil": 10 }), "INVALID OUT_OF_RANGE").await;
        let theirs = app.stranger().await.ask("{ notificationPreferences { aiAgents { id } } }", json!({})).await;
        check(json!({ "mutedAiAgentIds": [theirs["notificationPreferences"][0]["aiAgents"][0]["id"]] }), "NOT_FOUND NOT_FOUND").await;
        let everywhere = operator.refused(CHOOSE, json!({ "p": preference(&json!({})) })).await;
        assert_eq!(everywhere, "INVALID NOT_STAFF");
        let harbor = organization(&app.stranger().await).await;
        assert_eq!(operator.refused(CHOOSE, json!({ "o": harbor, "p": preference(&json!({})) })).await, "NOT_FOUND NOT_FOUND");
        app.close().await;
    }
}

both! {
    async fn a_muted_ai_agent_is_silent_and_the_request_is_there_all_the_same(database) {
        let app = App::start(database).await;
        let operator = app.operator().await;
        let agent = operator.ask("{ notificationPreferences { aiAgents { id } } }", json!({})).await["notificationPreferences"][0]["aiAgents"][0]["id"].clone();
        choose(&operator, json!({ "mutedAiAgentIds": [agent] })).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("hello").await;
        visitor.asks_for_human().await;
        let log = until_log(&operator, 3).await;
        assert_eq!(log[0], "HANDOFF_REQUESTED BELL WITHHELD MUTED");
        assert!(bell(&operator).await.is_empty());
        operator.accepts(&conversation).await;
        app.close().await;
    }
}

/// The minute of the day that it is in Berlin, and so many later.
fn minute(app: &App, later: i64) -> i64 {
    let now = jiff::Timestamp::from_microsecond(app.services.clock.now().micros()).expect("an instant");
    let there = now.in_tz("Europe/Berlin").expect("a zone");
    (i64::from(there.hour()) * 60 + i64::from(there.minute()) + later).rem_euclid(1440)
}

both! {
    async fn quiet_hours_hold_mails_back_and_end_with_a_summary_of_what_is_news_still(database) {
        let app = App::start(database).await;
        let operator = app.operator().await;
        operator.ask("mutation { updateProfile(timeZone: \"Europe/Berlin\") { user { id } } }", json!({})).await;
        choose(&operator, json!({ "quietFrom": minute(&app, -60), "quietUntil": minute(&app, 10) })).await;
        let (gone, first) = app.visitor().await;
        gone.says("This will be answered").await;
        gone.asks_for_human().await;
        let (waits, _) = app.visitor().await;
        waits.says("This is still news in the morning").await;
        waits.asks_for_human().await;
        until_log(&operator, 6).await;
        assert_eq!(own_log(&operator).await.iter().filter(|line| *line == "HANDOFF_REQUESTED EMAIL HELD -").count(), 2);
        // The bell makes no sound then, and has it.
        assert_eq!(bell(&operator).await.len(), 2);
        assert!(!written_to(&app, "handoff_requested").await.contains(&"operator1@bluebakery.test".to_owned()));
        app.colleague().await.accepts(&first).await;
        app.later(seconds(660));
        let mail = until(async || mails(&app, "summary").await.pop()).await;
        assert_eq!((mail.to.as_str(), mail.subject.as_str()), ("operator1@bluebakery.test", "What happened while it was quiet"));
        assert!(mail.text.contains("still news in the morning") && !mail.text.contains("This will be answered"), "{}", mail.text);
        let log = own_log(&app.operator().await).await;
        assert!(log.contains(&"HANDOFF_REQUESTED EMAIL HELD CLAIMED_MEANWHILE".to_owned()), "{log:?}");
        assert_eq!(mails(&app, "summary").await.len(), 1);
        app.close().await;
    }
}

both! {
    async fn colleagues_hear_of_what_is_given_to_them_and_said_of_them(database) {
        let app = App::start(database).await;
        let (operator, colleague, supervisor) = (app.operator().await, app.colleague().await, app.owner().await);
        let (visitor, conversation) = app.visitor().await;
        visitor.says("hello").await;
        visitor.asks_for_human().await;
        until_bell(&colleague, &["*HANDOFF_REQUESTED 1 A visitor asks for a person"]).await;
        operator.accepts(&conversation).await;
        until_bell(&colleague, &["CLAIMED 1 Olivia Hart took the chat with A visitor"]).await;
        let found = operator.ask("query($v: ID!) { mentionable(conversationId: $v) { id name } }", json!({ "v": conversation })).await;
        let named = |name: &str| found["mentionable"].as_array().expect("people").iter().find(|one| one["name"] == name).expect("a colleague")["id"].clone();
        let otto = named("Omar Reyes");
        let note = "mutation($c: String!, $v: ID!, $t: String!, $m: [ID!]) { addNote(clientId: $c, conversationId: $v, text: $t, mentionIds: $m) { id } }";
        let new = json!({ "c": client_id(), "v": conversation, "t": "@Omar look", "m": [otto] });
        let note_id = operator.ask(note, new.clone()).await["addNote"]["id"].clone();
        operator.ask(note, new).await;
        let mentioned = "*MENTIONED 1 Olivia Hart mentioned you in the chat with A visitor";
        until_bell(&colleague, &[mentioned, "CLAIMED 1 Olivia Hart took the chat with A visitor"]).await;
        // Whoever was mentioned before a note is changed has been told.
        let edit = "mutation($n: ID!, $m: [ID!]) { editNote(noteId: $n, text: \"@Omar please\", mentionIds: $m) { id } }";
        operator.ask(edit, json!({ "n": note_id, "m": [otto] })).await;
        let give = "mutation($v: ID!, $u: ID!) { transferConversation(conversationId: $v, userId: $u, anyway: true) { id } }";
        operator.ask(give, json!({ "v": conversation, "u": otto })).await;
        let given = "*TRANSFERRED 1 Olivia Hart gave you the chat with A visitor";
        until_bell(&colleague, &[given, mentioned, "CLAIMED 1 Olivia Hart took the chat with A visitor"]).await;
        let requeue = "mutation($v: ID!) { requeueConversation(conversationId: $v) { id } }";
        supervisor.ask(requeue, json!({ "v": conversation })).await;
        until(async || bell(&colleague).await.iter().any(|line| line.starts_with("*RELEASED 1 ") && line.ends_with("put your chat with A visitor back into the queue")).then_some(())).await;
        assert!(!bell(&operator).await.iter().any(|line| line.contains("TRANSFERRED") || line.contains("MENTIONED")));
        app.close().await;
    }
}

both! {
    async fn whoever_loses_the_right_to_it_sees_nothing_of_it_and_the_log_of_others_takes_a_permission(database) {
        let app = App::start(database).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("a secret").await;
        visitor.asks_for_human().await;
        let (operator, owner) = (app.operator().await, app.owner().await);
        until_bell(&operator, &["*HANDOFF_REQUESTED 1 A visitor asks for a person"]).await;
        let bakery = organization(&operator).await;
        assert_eq!(operator.refused(LOG, json!({ "c": conversation })).await, "FORBIDDEN MISSING_PERMISSION");
        assert_eq!(operator.refused(LOG, json!({ "o": bakery })).await, "FORBIDDEN MISSING_PERMISSION");
        assert_eq!(app.sign_in("owner@southpaw.test").await.refused(LOG, json!({ "c": conversation })).await, "NOT_FOUND NOT_FOUND");
        let all = owner.ask(LOG, json!({ "c": conversation })).await;
        let names: Vec<&Value> = all["notificationDecisions"]["nodes"].as_array().expect("lines").iter().map(|one| &one["userName"]).collect();
        assert!(names.contains(&&json!("Olivia Hart")) && names.contains(&&json!("Omar Reyes")), "{names:?}");
        let me = operator.ask("{ viewer { user { id } } }", json!({})).await["viewer"]["user"]["id"].clone();
        assert_eq!(lines(&owner.ask(LOG, json!({ "o": bakery, "u": me })).await).len(), 3);
        let members = owner.ask("query($o: ID!) { members(organizationId: $o) { nodes { id user { id } } } }", json!({ "o": bakery })).await;
        let membership = members["members"]["nodes"].as_array().expect("members").iter().find(|one| one["user"]["id"] == me).expect("the operator")["id"].clone();
        let roles = owner.ask("query($o: ID) { roles(organizationId: $o) { role { id name } } }", json!({ "o": bakery })).await;
        let viewer = roles["roles"].as_array().expect("roles").iter().find(|one| one["role"]["name"] == "Viewer").expect("a role")["role"]["id"].clone();
        owner.ask("mutation($m: ID!, $r: ID!) { setMemberRole(membershipId: $m, roleId: $r) { id } }", json!({ "m": membership, "r": viewer })).await;
        // Of the request nothing is left to see; of the change of their rights they are told.
        until(async || (bell(&operator).await.len() == 1 && bell(&operator).await[0].starts_with("*ACCESS_CHANGED")).then_some(())).await;
        app.close().await;
    }
}

both! {
    async fn a_test_reaches_oneself_and_not_too_often(database) {
        let app = App::start(database).await;
        let operator = app.operator().await;
        choose(&operator, json!({ "events": "NONE" })).await;
        let test = "mutation($w: NotificationWay!) { sendTestNotification(way: $w) }";
        operator.ask(test, json!({ "w": "BELL" })).await;
        until_bell(&operator, &["*TEST 1 This is a test notification"]).await;
        operator.ask(test, json!({ "w": "EMAIL" })).await;
        let mail = until(async || mails(&app, "told").await.pop()).await;
        assert_eq!((mail.to.as_str(), mail.subject.as_str()), ("operator1@bluebakery.test", "This is a test notification"));
        for _ in 0..8 {
            operator.ask(test, json!({ "w": "BELL" })).await;
        }
        assert_eq!(operator.refused(test, json!({ "w": "BELL" })).await, "RATE_LIMITED TOO_MANY_TESTS");
        app.close().await;
    }
}

both! {
    async fn a_mail_is_answered_with_one_click_and_no_more_of_its_kind_come(database) {
        let app = App::start(database).await;
        let (visitor, first) = app.visitor().await;
        visitor.says("hello").await;
        visitor.asks_for_human().await;
        let to_olivia = async || mails(&app, "handoff_requested").await.into_iter().find(|mail| mail.to == "operator1@bluebakery.test");
        let mail = until(to_olivia).await;
        assert_eq!(mail.thread.as_deref().and_then(|thread| thread.split('@').next()), Some(first.as_str()));
        let address = mail.unsubscribe.expect("an address");
        assert!(mail.html.contains(&address) && mail.text.contains(&address), "{}", mail.text);
        let (host, path) = address.split_at(address.find("/unsubscribe").expect("a page of the dashboard"));
        assert!(host.starts_with("http"), "{address}");
        // As RFC 8058 has it: the program posts, without any cookie or token of ours.
        let one_click = async |path: &str| {
            let request = http::Request::post(path)
                .header("host", "127.0.0.1:8080")
                .header("content-type", "application/x-www-form-urlencoded")
                .body(axum::body::Body::from("List-Unsubscribe=One-Click"));
            app.send(request.expect("a request")).await.status
        };
        assert_eq!(one_click(&path.replace("token=agy", "token=agz")).await, 404);
        assert_eq!(one_click(&format!("{path}A")).await, 404);
        let operator = app.operator().await;
        let preferences = "{ notificationPreferences { organizationName email push events } }";
        let chosen = async || operator.ask(preferences, json!({})).await["notificationPreferences"].clone();
        let before = chosen().await;
        assert_eq!(before[0]["email"], true);
        for _ in 0..2 {
            assert_eq!(one_click(path).await, 200);
        }
        let mut after = before.clone();
        after[0]["email"] = json!(false);
        assert_eq!(chosen().await, after);
        // The page that the link opens does the same, and says where.
        let token = path.split_once("token=").expect("a token").1;
        let document = "mutation($t: String!) { unsubscribe(token: $t) { organizationName } }";
        let reply = app.post("/graphql", None, document, json!({ "t": token })).await;
        assert_eq!(reply.json["data"]["unsubscribe"]["organizationName"], "Blue Bakery");
        let reply = app.post("/graphql", None, document, json!({ "t": "a.b.c.d" })).await;
        assert_eq!(crate::support::app::error_of(&reply.json), "NOT_FOUND UNSUBSCRIBE_UNKNOWN");
        // The next request is at her bell, and not in her mail; her colleague has both.
        let (visitor, second) = app.visitor().await;
        visitor.asks_for_human().await;
        let to_omar = async || mails(&app, "handoff_requested").await.into_iter().find(|mail| {
            mail.to == "operator2@bluebakery.test" && mail.thread.as_deref().is_some_and(|thread| thread.starts_with(&second))
        });
        until(to_omar).await;
        assert_eq!(written_to(&app, "handoff_requested").await.iter().filter(|to| *to == "operator1@bluebakery.test").count(), 1);
        until_bell(&operator, &["*HANDOFF_REQUESTED 1 A visitor asks for a person", "*HANDOFF_REQUESTED 1 A visitor asks for a person"]).await;
        app.close().await;
    }
}

/// How many transactions the database broke off because each waited for the other. SQLite has one writer, so none.
async fn deadlocks(app: App) -> i64 {
    let database = app.database.clone();
    app.close().await;
    if !database.is_postgres() {
        return 0;
    }
    // What a connection did is counted when it is closed at the latest; that may be a moment after its end.
    let statement = "select deadlocks, (select count(*) from pg_stat_activity where datname = current_database() \
        and backend_type = 'client backend') from pg_stat_database where datname = current_database()";
    until(async || {
        let mut connection = sqlx::PgConnection::connect(&database.url).await.expect("a connection");
        let (deadlocks, open): (i64, i64) =
            sqlx::query_as(statement).fetch_one(&mut connection).await.expect("a count");
        connection.close().await.expect("closed");
        (open == 1).then_some(deadlocks)
    })
    .await
}

both! {
    async fn asking_and_taking_back_in_quick_turns_makes_nobody_wait_for_each_other(database) {
        let app = App::start(database).await;
        let (visitor, _) = app.visitor().await;
        visitor.says("hello").await;
        for _ in 0..30 {
            visitor.asks_for_human().await;
            visitor.ask("mutation { cancelHandoff { state } }", json!({})).await;
        }
        let operator = app.operator().await;
        until(async || bell(&operator).await.iter().all(|one| !one.starts_with("*HANDOFF")).then_some(())).await;
        assert_eq!(deadlocks(app).await, 0);
    }
}

const DIGEST: &str = "mutation($o: ID!, $d: NotificationDefaultsInput) { setNotificationDefaults(organizationId: $o, defaults: $d) { digest origin } }";

/// To whom there are digests, and what the newest says, in plain text.
async fn digests(app: &App) -> (Vec<String>, String) {
    let text = mails(app, "digest").await.into_iter().next().map(|mail| mail.text).unwrap_or_default();
    (written_to(app, "digest").await, text)
}

both! {
    async fn whoever_wants_a_digest_reads_each_morning_what_happened_and_nobody_else_does(database) {
        let app = App::start(database).await;
        let operator = app.operator().await;
        let chosen = choose(&operator, json!({ "digest": "DAILY" })).await;
        assert_eq!((&chosen["email"], &chosen["origin"]), (&json!(true), &json!("OWN")));
        // Two ask, one is answered; somebody else's organization has its own to read.
        let (visitor, conversation) = app.visitor().await;
        visitor.asks_for_human().await;
        operator.accepts(&conversation).await;
        app.visitor().await.0.asks_for_human().await;
        app.later(seconds(24 * 3_600 + 1));
        until(async || Some(digests(&app).await).filter(|(to, _)| !to.is_empty())).await;
        let (to, text) = digests(&app).await;
        assert_eq!(to, ["operator1@bluebakery.test"]);
        assert!(text.contains("Blue Bakery:"), "{text}");
        assert!(text.contains("2 visitors asked for a person, 1 was answered"), "{text}");
        let operator = app.operator().await;
        let log = own_log(&operator).await;
        assert!(log.contains(&"DIGEST EMAIL NOW -".to_owned()), "{log:?}");

        // A day in which nothing happens is none to write of, and the log says so.
        app.later(seconds(24 * 3_600));
        until(async || {
            let log = own_log(&app.operator().await).await;
            log.contains(&"DIGEST EMAIL NOW NOTHING_HAPPENED".to_owned()).then_some(())
        })
        .await;
        assert_eq!(digests(&app).await.0.len(), 1);

        // What an organization has for its people counts for all but those who chose; who wants none gets none.
        let owner = app.sign_in("owner@bluebakery.test").await;
        let bakery = organization(&owner).await;
        let weekly = json!({ "email": true, "push": true, "events": "ALL", "digest": "DAILY" });
        let set = owner.ask(DIGEST, json!({ "o": bakery, "d": weekly })).await;
        assert_eq!(set["setNotificationDefaults"], json!({ "digest": "DAILY", "origin": "ORGANIZATION" }));
        choose(&app.operator().await, json!({ "digest": "NEVER" })).await;
        app.visitor().await.0.asks_for_human().await;
        app.later(seconds(24 * 3_600));
        until(async || {
            let (to, _) = digests(&app).await;
            (to.iter().filter(|to| *to == "owner@bluebakery.test").count() == 1).then_some(())
        })
        .await;
        let (to, _) = digests(&app).await;
        assert_eq!(to.iter().filter(|to| *to == "operator1@bluebakery.test").count(), 1, "{to:?}");
        assert!(to.iter().all(|to| to.ends_with("@bluebakery.test")), "{to:?}");
        app.close().await;
    }
}
