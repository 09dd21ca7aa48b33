//! Settings locked, bounded or free (W09), and what AI agents and visitors get of them.

use http::Request;
use serde_json::{Value, json};

use super::{UPDATE, package, person, places};
use crate::support::app::Client;
use crate::support::{App, both};

const MODE: &str = "mutation($k: String!, $o: ID, $m: SettingMode!, $v: String, $min: Int, $max: Int, $c: [String!]) {
    setSettingMode(key: $k, organizationId: $o, mode: $m, value: $v, minimum: $min, maximum: $max, choices: $c) {
        key value origin mode editable reason minimum maximum choices agencyValue ownValue } }";
const SET: &str = "mutation($k: String!, $o: ID, $v: String) {
    setSetting(key: $k, organizationId: $o, value: $v) { key value origin mode editable reason ownValue } }";
const ENABLE: &str = "mutation($id: ID!, $on: Boolean!) { setHandoffEnabled(aiAgentId: $id, enabled: $on) { handoff { enabled locked } } }";
const EDIT: &str = "mutation($id: ID!, $a: Boolean, $b: Int) { updateHandoffSettings(aiAgentId: $id, askContact: $a, buttonAfterMessages: $b) {
    handoff { askContact buttonAfterMessages locked } } }";

async fn setting(client: &Client<'_>, organization: Option<&str>, key: &str) -> Value {
    let document = "query($o: ID) { settings(organizationId: $o) { key name description kind value origin mode minimum maximum choices editable reason agencyValue ownValue } }";
    let data = client.ask(document, json!({ "o": organization })).await;
    let all = data["settings"].as_array().expect("settings").clone();
    all.into_iter().find(|one| one["key"] == key).expect("the setting")
}

/// `value ORIGIN MODE`, and why it cannot be edited.
fn told(setting: &Value) -> String {
    let text = |name: &str| setting[name].as_str().unwrap_or_default().to_owned();
    format!("{} {} {} {}", text("value"), text("origin"), text("mode"), text("reason")).trim().to_owned()
}

/// The widget's public configuration with its tag, as a page gets it.
async fn config(app: &App) -> (Value, String) {
    let path = format!("/widget/config/{}.json", app.widget().await);
    let request =
        Request::get(path).header("host", "127.0.0.1:8080").body(axum::body::Body::empty()).expect("a request");
    let reply = app.send(request).await;
    (reply.json.clone(), reply.headers["etag"].to_str().expect("ASCII").to_owned())
}

both! {
    async fn a_lock_wins_at_once_for_every_ai_agent_and_says_so(database) {
        let app = App::start(database).await;
        let (owner, client) = (app.owner().await, app.sign_in("owner@bluebakery.test").await);
        let (_, bakery, _) = places(&app).await;
        let bakery = bakery.to_string();
        let agent = client.ask("{ aiAgents { nodes { id } } }", json!({})).await["aiAgents"]["nodes"][0]["id"].clone();
        let (shown, tag) = config(&app).await;
        assert_eq!(shown["handoff"]["available"], true);
        assert_eq!(told(&setting(&client, Some(&bakery), "handoff.enabled").await), "false PLATFORM FREE");

        let data = owner.ask(MODE, json!({ "k": "handoff.enabled", "m": "LOCKED", "v": "false" })).await;
        assert_eq!(data["setSettingMode"].as_array().map(Vec::len), Some(livery::domain::setting::Key::ALL.len()), "all of the place: {data}");
        assert_eq!(told(&setting(&client, Some(&bakery), "handoff.enabled").await), "false AGENCY LOCKED SETTING_LOCKED");
        let (shown, other) = config(&app).await;
        assert_eq!(shown["handoff"]["available"], false, "{shown}");
        assert_ne!(tag, other);
        let (visitor, _) = app.visitor().await;
        visitor.says("hello").await;
        let request = "mutation { requestHandoff(clientId: \"x\") { state } }";
        assert_eq!(visitor.refused(request, json!({})).await, "CONFLICT HANDOFF_NOT_AVAILABLE");
        // Nobody can turn it on there, whatever they hold, and the page knows beforehand.
        for who in [&client, &owner] {
            assert_eq!(who.refused(ENABLE, json!({ "id": agent, "on": true })).await, "FORBIDDEN SETTING_LOCKED");
            assert_eq!(who.refused(SET, json!({ "k": "handoff.enabled", "o": bakery, "v": "true" })).await, "FORBIDDEN SETTING_LOCKED");
        }
        let explain = "query($o: ID!) { explainAccess(permission: \"handoff.enable\", objectId: $o) { allowed reason message grantableBy { name } } }";
        let data = client.ask(explain, json!({ "o": agent })).await;
        let expected = json!({ "allowed": false, "reason": "SETTING_LOCKED", "grantableBy": [{ "name": "Nora Lindqvist" }],
            "message": "The agency has locked handoff here, for everybody. Who can change that: Nora Lindqvist." });
        assert_eq!(data["explainAccess"], expected);
        let data = client.ask(ENABLE, json!({ "id": agent, "on": false })).await;
        assert_eq!(data["setHandoffEnabled"]["handoff"], json!({ "enabled": false, "locked": ["handoff.enabled"] }));

        // The bakery alone is let out of the lock; the rest of the agency stays in it.
        let data = owner.ask(MODE, json!({ "k": "handoff.enabled", "o": bakery, "m": "FREE" })).await;
        assert_eq!(told(&data["setSettingMode"][0]), "false AGENCY FREE");
        let data = client.ask(ENABLE, json!({ "id": agent, "on": true })).await;
        assert_eq!(data["setHandoffEnabled"]["handoff"], json!({ "enabled": true, "locked": [] }));
        assert_eq!(config(&app).await.0["handoff"]["available"], true);
        let dental = app.stranger().await;
        let there = dental.ask("{ organizations { nodes { id } } }", json!({})).await["organizations"]["nodes"][0]["id"].clone();
        assert_eq!(told(&setting(&dental, there.as_str(), "handoff.enabled").await), "false AGENCY LOCKED SETTING_LOCKED");
        // Saying of it what is said of all takes that back.
        let data = owner.ask(MODE, json!({ "k": "handoff.enabled", "o": bakery, "m": "LOCKED" })).await;
        assert_eq!(told(&data["setSettingMode"][0]), "false AGENCY LOCKED SETTING_LOCKED");
        owner.ask(MODE, json!({ "k": "handoff.enabled", "m": "FREE" })).await;
        assert_eq!(told(&setting(&client, Some(&bakery), "handoff.enabled").await), "false AGENCY FREE");
        assert_eq!(config(&app).await.0["handoff"]["available"], true, "the AI agent's own word counts again");
        app.close().await;
    }
}

both! {
    async fn bounds_hold_what_is_chosen_and_what_was_chosen_before(database) {
        let app = App::start(database).await;
        let (owner, client) = (app.owner().await, app.sign_in("owner@bluebakery.test").await);
        let (_, bakery, _) = places(&app).await;
        let bakery = bakery.to_string();
        let agent = client.ask("{ aiAgents { nodes { id } } }", json!({})).await["aiAgents"]["nodes"][0]["id"].clone();
        client.ask(EDIT, json!({ "id": agent, "b": 9 })).await;
        let key = "handoff.button_after_messages";
        owner.ask(MODE, json!({ "k": key, "o": bakery, "m": "BOUNDED", "v": "3", "min": 2, "max": 5 })).await;
        assert_eq!(config(&app).await.0["handoff"]["buttonAfterMessages"], 3);
        let reply = client.post(EDIT, json!({ "id": agent, "b": 6 })).await;
        assert_eq!(reply.error(), "INVALID OUT_OF_BOUNDS");
        assert_eq!(reply.json["errors"][0]["message"], "The agency allows “Messages before the button” from 2 to 5.");
        let data = client.ask(EDIT, json!({ "id": agent, "b": 5 })).await;
        assert_eq!(data["updateHandoffSettings"]["handoff"], json!({ "askContact": false, "buttonAfterMessages": 5, "locked": [] }));
        assert_eq!(client.refused(EDIT, json!({ "id": agent, "b": 21 })).await, "INVALID OUT_OF_RANGE");
        assert_eq!(config(&app).await.0["handoff"]["buttonAfterMessages"], 5);
        let found = setting(&client, Some(&bakery), key).await;
        assert_eq!((&found["minimum"], &found["maximum"], &found["kind"]), (&json!(2), &json!(5), &json!("INTEGER")));
        // The other of two values that come together is refused with the first, and nothing is kept.
        owner.ask(MODE, json!({ "k": "handoff.ask_contact", "m": "LOCKED", "v": "true" })).await;
        assert_eq!(client.refused(EDIT, json!({ "id": agent, "a": false, "b": 2 })).await, "FORBIDDEN SETTING_LOCKED");
        let (shown, _) = config(&app).await;
        assert_eq!((&shown["handoff"]["buttonAfterMessages"], &shown["handoff"]["askContact"]), (&json!(5), &json!(true)));
        client.ask(EDIT, json!({ "id": agent, "a": true, "b": 2 })).await;

        // The corner of the widget, too, and new AI agents begin with what counts.
        let place = "mutation($id: ID!, $p: WidgetPosition) { updateWidget(widgetId: $id, position: $p) { position } }";
        let widget = app.widget().await;
        owner.ask(MODE, json!({ "k": "widget.position", "m": "LOCKED", "v": "BOTTOM_LEFT" })).await;
        assert_eq!(config(&app).await.0["position"], "BOTTOM_LEFT");
        assert_eq!(client.refused(place, json!({ "id": widget, "p": "BOTTOM_RIGHT" })).await, "FORBIDDEN SETTING_LOCKED");
        let data = client.ask("query($id: ID!) { aiAgent(id: $id) { widget { position } } }", json!({ "id": agent })).await;
        assert_eq!(data["aiAgent"]["widget"]["position"], "BOTTOM_LEFT");
        let create = "mutation($o: ID) { createAiAgent(clientId: \"n\", name: \"New\", organizationId: $o) { widget { position } handoff { enabled askContact buttonAfterMessages locked } } }";
        let data = owner.ask(create, json!({ "o": bakery })).await;
        assert_eq!(data["createAiAgent"]["widget"]["position"], "BOTTOM_LEFT");
        let handoff = json!({ "enabled": false, "askContact": true, "buttonAfterMessages": 3, "locked": ["handoff.ask_contact"] });
        assert_eq!(data["createAiAgent"]["handoff"], handoff);
        app.close().await;
    }
}

both! {
    async fn each_value_says_where_it_comes_from_and_who_may_change_it(database) {
        let app = App::start(database).await;
        let (owner, client) = (app.owner().await, app.sign_in("owner@bluebakery.test").await);
        let (_, bakery, dental) = places(&app).await;
        let (bakery, dental) = (bakery.to_string(), dental.to_string());
        let language = "organization.language";
        owner.ask(SET, json!({ "k": language, "v": "fr" })).await;
        assert_eq!(told(&setting(&client, Some(&bakery), language).await), "fr AGENCY FREE");
        let data = client.ask(SET, json!({ "k": language, "o": bakery, "v": "de" })).await;
        assert_eq!(told(&data["setSetting"]), "de ORGANIZATION FREE");
        let data = client.ask(SET, json!({ "k": language, "o": bakery, "v": null })).await;
        assert_eq!(told(&data["setSetting"]), "fr AGENCY FREE");
        let zone = client.ask(SET, json!({ "k": "organization.time_zone", "o": bakery, "v": "europe/berlin" })).await;
        assert_eq!(zone["setSetting"]["value"], "Europe/Berlin");

        let viewer = app.sign_in("viewer@bluebakery.test").await;
        assert_eq!(told(&setting(&viewer, Some(&bakery), language).await), "fr AGENCY FREE MISSING_PERMISSION");
        let reply = viewer.post(SET, json!({ "k": language, "o": bakery, "v": "de" })).await;
        assert_eq!((reply.error().as_str(), &reply.json["errors"][0]["extensions"]["permission"]), ("FORBIDDEN MISSING_PERMISSION", &json!("organization.edit")));
        for (variables, expected) in [
            (json!({ "k": language, "o": bakery, "v": "tlh" }), "INVALID NOT_A_VALUE"),
            (json!({ "k": "organization.time_zone", "o": bakery, "v": "Mars/Olympus" }), "INVALID NOT_A_VALUE"),
            (json!({ "k": "no.such", "o": bakery, "v": "1" }), "INVALID UNKNOWN_SETTING"),
            (json!({ "k": language, "o": dental, "v": "de" }), "NOT_FOUND NOT_FOUND"),
            (json!({ "k": "no.such", "o": dental, "v": "de" }), "NOT_FOUND NOT_FOUND"),
            // The agency's own default is none of an organization's business: for its people the agency itself is not there.
            (json!({ "k": language, "v": "de" }), "NOT_FOUND NOT_FOUND"),
        ] {
            assert_eq!(client.refused(SET, variables.clone()).await, expected, "{variables}");
        }
        assert_eq!(client.refused(MODE, json!({ "k": language, "m": "FREE" })).await, "FORBIDDEN MISSING_PERMISSION");
        for (variables, expected) in [
            (json!({ "k": language, "m": "BOUNDED" }), "INVALID OUT_OF_RANGE"),
            (json!({ "k": language, "m": "BOUNDED", "c": ["de", "en"] }), "INVALID OUT_OF_BOUNDS"),
            (json!({ "k": "handoff.enabled", "m": "BOUNDED" }), "INVALID CANNOT_BE_BOUNDED"),
            (json!({ "k": "handoff.button_after_messages", "m": "BOUNDED", "min": 5, "max": 2 }), "INVALID OUT_OF_RANGE"),
        ] {
            assert_eq!(owner.refused(MODE, variables.clone()).await, expected, "{variables}");
        }
        // A lock does not bind the agency itself.
        owner.ask(MODE, json!({ "k": language, "m": "LOCKED", "v": "de" })).await;
        assert_eq!(told(&setting(&owner, None, language).await), "de AGENCY LOCKED");
        owner.ask(SET, json!({ "k": language, "v": "en" })).await;
        assert_eq!(told(&setting(&client, Some(&bakery), language).await), "en AGENCY LOCKED SETTING_LOCKED");
        // Other rooms ask for the value alone.
        let s = &app.services;
        let mut read = s.store.read().await.expect("read");
        let (agency, here, _) = places(&app).await;
        let key = livery::domain::setting::Key::OrganizationTimeZone;
        let value = livery::service::setting::effective(s, &mut read, agency, Some(here), key).await.expect("a value");
        assert_eq!(value, "Europe/Berlin");
        drop(read);
        app.close().await;
    }
}

both! {
    async fn a_client_without_settings_enables_nothing_and_is_told_who_can(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let (_, bakery, dental) = places(&app).await;
        let permissions = ["home.view", "conversation.read", "live_chat.view_queue", "live_chat.respond", "handoff.read"];
        let desk = package(&owner, "Night desk", "ORGANIZATION", &permissions).await;
        let lead = package(&owner, "Shift lead", "ORGANIZATION", &["home.view", "team.view", "team.set_roles", "handoff.enable"]).await;
        // Gives roles, and lacks what is asked for; holds it, and gives no roles; holds both, elsewhere.
        let giver = package(&owner, "Giver", "ORGANIZATION", &["home.view", "team.set_roles"]).await;
        let enabler = package(&owner, "Enabler", "ORGANIZATION", &["home.view", "handoff.enable"]).await;
        for (name, there, role) in [("ann", bakery, &desk), ("lea", bakery, &lead), ("gil", bakery, &giver), ("eno", bakery, &enabler), ("liv", dental, &lead)] {
            person(&app, &format!("{name}@northlight.test"), Some(there), role).await;
        }
        let ann = app.sign_in("ann@northlight.test").await;
        let agent = ann.ask("{ aiAgents { nodes { id } } }", json!({})).await["aiAgents"]["nodes"][0]["id"].clone();
        let reply = ann.post(ENABLE, json!({ "id": agent, "on": true })).await;
        assert_eq!(reply.error(), "FORBIDDEN MISSING_PERMISSION");
        assert_eq!(reply.json["errors"][0]["extensions"]["permission"], "handoff.enable");
        assert!(reply.json["errors"][0]["message"].as_str().is_some_and(|text| text.contains("“Settings”")), "{}", reply.json);
        let explain = "query($o: ID!) { explainAccess(permission: \"handoff.enable\", objectId: $o) { allowed reason switch role rule message grantableBy { name } } }";
        let data = ann.ask(explain, json!({ "o": agent })).await;
        let told = &data["explainAccess"];
        assert_eq!((&told["reason"], &told["switch"]), (&json!("MISSING_PERMISSION"), &json!("Settings")));
        assert!(told["message"].as_str().is_some_and(|text| text.contains("the role Night desk lacks “Settings”")), "{told}");
        let mut names: Vec<&str> = told["grantableBy"].as_array().expect("people").iter().filter_map(|user| user["name"].as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["Bruno Okafor", "Nora Lindqvist", "lea"]);
        // Given the switch, they can, by the same token.
        let with: Vec<&str> = permissions.into_iter().chain(["handoff.enable"]).collect();
        owner.ask(UPDATE, json!({ "id": desk, "v": 1, "p": with })).await;
        let data = ann.ask(ENABLE, json!({ "id": agent, "on": true })).await;
        assert_eq!(data["setHandoffEnabled"]["handoff"]["enabled"], true);
        let data = ann.ask(explain, json!({ "o": agent })).await;
        assert_eq!(data["explainAccess"]["rule"], format!("p, {desk}, handoff, enable"));
        app.close().await;
    }
}
