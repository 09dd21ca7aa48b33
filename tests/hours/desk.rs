//! Setting hours: whose count, when it is open, and what visitors get to see of it.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    NEW_YORK, REQUEST, UPDATE, a_wednesday, bakery, daily, fresh, nine_to_five, offer, set_setting, shown, wait_until,
};
use crate::support::app::client_id;
use crate::support::{App, both};

const LOOK: &str = "query($o: ID, $a: ID) { businessHours(organizationId: $o, aiAgentId: $a) {
    enabled origin inheritedOrigin editable nobodyResponds rev usualTimeZone
    own { timeZone } schedule { timeZone week { day intervals { from to } } } inherited { timeZone } preview { open reason } } }";

both! {
    async fn the_nearest_hours_count_and_say_whose_they_are(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let (organization, agent) = bakery(&owner).await;
        let look = async |o: Option<&str>, a: Option<&str>| {
            let data = owner.ask(LOOK, json!({ "o": o, "a": a })).await;
            let hours = data["businessHours"].clone();
            let zone = hours["schedule"]["timeZone"].as_str().unwrap_or("-").to_owned();
            (hours["origin"].as_str().expect("whose").to_owned(), zone, hours)
        };
        let set = async |o: Option<&str>, a: Option<&str>, on: bool, zone: &str| {
            owner.ask(UPDATE, json!({ "o": o, "a": a, "on": on, "zone": zone, "week": daily("00:00", "24:00") })).await;
        };
        let (origin, zone, hours) = look(None, Some(&agent)).await;
        assert_eq!((origin.as_str(), zone.as_str()), ("PLATFORM", "-"));
        assert_eq!(hours["preview"], json!({ "open": true, "reason": "ALWAYS" }));
        assert_eq!((&hours["enabled"], &hours["own"], &hours["rev"]), (&json!(false), &Value::Null, &json!(0)));
        set(None, None, true, "Europe/Paris").await;
        let (origin, zone, _) = look(None, Some(&agent)).await;
        assert_eq!((origin.as_str(), zone.as_str()), ("AGENCY", "Europe/Paris"));
        set(Some(&organization), None, true, "Europe/Rome").await;
        let (origin, zone, hours) = look(None, Some(&agent)).await;
        assert_eq!((origin.as_str(), zone.as_str()), ("ORGANIZATION", "Europe/Rome"));
        assert_eq!(hours["own"], Value::Null);
        set(None, Some(&agent), true, "europe/berlin").await;
        let (origin, zone, hours) = look(None, Some(&agent)).await;
        assert_eq!((origin.as_str(), zone.as_str()), ("AI_AGENT", "Europe/Berlin"));
        assert_eq!((&hours["inheritedOrigin"], &hours["inherited"]["timeZone"]), (&json!("ORGANIZATION"), &json!("Europe/Rome")));
        // Off, the one below counts again, and what was set is kept.
        let off = owner.ask(UPDATE, json!({ "a": agent, "on": false })).await;
        assert_eq!(off["updateBusinessHours"], json!({ "enabled": false, "origin": "ORGANIZATION", "rev": 2, "schedule": { "timeZone": "Europe/Rome" } }));
        let (_, _, hours) = look(None, Some(&agent)).await;
        assert_eq!(hours["own"]["timeZone"], "Europe/Berlin");
        set(Some(&organization), None, false, "Europe/Rome").await;
        let (origin, zone, _) = look(Some(&organization), None).await;
        assert_eq!((origin.as_str(), zone.as_str()), ("AGENCY", "Europe/Paris"));
        app.close().await;
    }
}

both! {
    async fn hours_are_set_by_whoever_may_and_refused_at_their_field(database) {
        let app = App::start(database).await;
        let (owner, operator) = (app.owner().await, app.operator().await);
        let (organization, agent) = bakery(&owner).await;
        let day = |from: &str, to: &str| json!([{ "day": "MONDAY", "intervals": [{ "from": from, "to": to }] }]);
        let wrong = async |patch: Value| {
            let mut variables = json!({ "o": organization, "on": true });
            variables.as_object_mut().expect("an object").extend(patch.as_object().expect("an object").clone());
            let reply = owner.post(UPDATE, variables).await;
            let field = reply.json["errors"][0]["extensions"]["field"].as_str().unwrap_or("-").to_owned();
            format!("{field} {}", reply.error())
        };
        assert_eq!(wrong(json!({ "zone": "Mars/Olympus" })).await, "timeZone INVALID NOT_A_TIME_ZONE");
        assert_eq!(wrong(json!({ "week": day("9 AM", "17:00") })).await, "week INVALID NOT_A_TIME");
        assert_eq!(wrong(json!({ "week": day("24:00", "17:00") })).await, "week INVALID NOT_A_TIME");
        let two = json!([{ "day": "MONDAY", "intervals": [{ "from": "9:00", "to": "12:00" }, { "from": "11:00", "to": "13:00" }] }]);
        assert_eq!(wrong(json!({ "week": two })).await, "week INVALID OVERLAP");
        let dates = json!([{ "date": "24.12.2026", "intervals": [] }]);
        assert_eq!(wrong(json!({ "dates": dates })).await, "exceptions INVALID NOT_A_DATE");
        let dates = json!([{ "date": "2026-12-24", "intervals": [] }, { "date": "2026-12-24", "intervals": [] }]);
        assert_eq!(wrong(json!({ "dates": dates })).await, "exceptions INVALID TWICE");
        assert_eq!(wrong(json!({ "rev": 7 })).await, "- CONFLICT CHANGED_MEANWHILE");
        // An operator neither sets them nor, without the permission, looks at how they are set.
        assert_eq!(operator.refused(UPDATE, json!({ "a": agent, "on": true })).await, "FORBIDDEN MISSING_PERMISSION");
        // Another organization's are not there; the agency's own are not an organization's to set.
        let stranger = app.stranger().await;
        assert_eq!(stranger.refused(UPDATE, json!({ "o": organization, "on": true })).await, "NOT_FOUND NOT_FOUND");
        let foreign = app.sign_in("owner@southpaw.test").await;
        assert_eq!(foreign.refused(UPDATE, json!({ "a": agent, "on": true })).await, "NOT_FOUND NOT_FOUND");
        assert_eq!(foreign.refused(LOOK, json!({ "a": agent })).await, "NOT_FOUND NOT_FOUND");
        app.close().await;
    }
}

both! {
    async fn nine_to_five_in_new_york_is_open_at_three_and_closed_at_seven(database) {
        let app = App::start(database).await;
        let (_, agent) = bakery(&app.owner().await).await;
        let day = a_wednesday(&app);
        // The visitor's own clock is never asked: at 15:00 in New York, wherever they are, the button shows (S134).
        wait_until(&app, shown(NEW_YORK, day, 15, 0));
        let owner = app.owner().await;
        owner.ask(UPDATE, json!({ "a": agent, "on": true, "zone": NEW_YORK, "week": nine_to_five() })).await;
        let closing = shown(NEW_YORK, day, 17, 0).to_string();
        let offered = offer(&app).await;
        assert_eq!((&offered["available"], &offered["open"]), (&json!(true), &json!(true)), "{offered}");
        assert_eq!((&offered["opensAt"], &offered["changesAt"]), (&Value::Null, &json!(closing)));
        let (visitor, conversation) = app.visitor().await;
        visitor.asks_for_human().await;
        app.operator().await.accepts(&conversation).await;

        wait_until(&app, shown(NEW_YORK, day, 19, 0));
        let next = shown(NEW_YORK, day.tomorrow().expect("a day"), 9, 0).to_string();
        let offered = offer(&app).await;
        assert_eq!((&offered["available"], &offered["open"]), (&json!(false), &json!(false)), "{offered}");
        assert_eq!((&offered["opensAt"], &offered["changesAt"]), (&json!(next), &json!(next)));
        assert_eq!(offered["offlineText"], "Our team is currently offline");
        assert_eq!(offered["offlineForm"], true);
        // The server refuses what no button offers, and says when it opens.
        let (visitor, _) = app.visitor().await;
        let reply = visitor.post(REQUEST, fresh()).await;
        assert_eq!(reply.error(), "CONFLICT OUTSIDE_BUSINESS_HOURS");
        assert_eq!(reply.json["errors"][0]["extensions"]["opensAt"], json!(next));
        assert_eq!(reply.json["errors"][0]["message"], "Our team is currently offline");
        let state = visitor.ask("{ session { conversation { state } } }", json!({})).await;
        assert_eq!(state["session"]["conversation"]["state"], "AI");
        // The AI stays usable, and offers nobody.
        let said = visitor.says("Do you repair bicycles?").await;
        let document = "{ session { conversation { messages { nodes { seq offersHuman author { kind } } } } } }";
        let answer = crate::support::until(async || {
            let data = visitor.ask(document, json!({})).await;
            let nodes = data["session"]["conversation"]["messages"]["nodes"].as_array().cloned().unwrap_or_default();
            nodes.into_iter().find(|node| node["author"]["kind"] == "AI" && node["seq"].as_i64() > Some(said))
        }).await;
        assert_eq!(answer["offersHuman"], false);
        // At nine the next morning it is open again, to the second.
        let opening = shown(NEW_YORK, day.tomorrow().expect("a day"), 9, 0);
        app.later(opening.since(app.services.clock.now()).saturating_sub(Duration::from_secs(30)));
        assert_eq!(offer(&app).await["open"], false);
        app.later(Duration::from_secs(30));
        assert_eq!(offer(&app).await["open"], true);
        let (visitor, _) = app.visitor().await;
        visitor.asks_for_human().await;
        app.close().await;
    }
}

both! {
    async fn a_config_in_memory_never_tells_of_an_open_door_that_is_shut(database) {
        let app = App::start(database).await;
        let (_, agent) = bakery(&app.owner().await).await;
        let day = a_wednesday(&app);
        wait_until(&app, shown("UTC", day, 16, 59));
        let owner = app.owner().await;
        owner.ask(UPDATE, json!({ "a": agent, "on": true, "zone": "UTC", "week": daily("09:00", "17:00") })).await;
        let config = async || {
            let path = format!("/widget/config/{}.json", app.widget().await);
            let request = http::Request::get(path).header("host", "127.0.0.1:8080");
            app.send(request.body(axum::body::Body::empty()).expect("a request")).await
        };
        let reply = config().await;
        assert_eq!(reply.json["handoff"]["open"], true);
        let header = |reply: &crate::support::app::Reply, name: &str| reply.headers[name].to_str().expect("text").to_owned();
        let (tag, age) = (header(&reply, "etag"), header(&reply, "cache-control"));
        let seconds: u64 = age.trim_start_matches("public, max-age=").parse().expect("a number");
        assert!(seconds <= 60, "{age}");
        assert_eq!(header(&config().await, "etag"), tag, "it is held in memory");
        app.later(Duration::from_secs(60));
        let reply = config().await;
        assert_eq!(reply.json["handoff"]["open"], false);
        assert_ne!(header(&reply, "etag"), tag);
        // Hours that somebody changes are shown at once.
        owner.ask(UPDATE, json!({ "a": agent, "on": true, "week": daily("09:00", "24:00") })).await;
        assert_eq!(config().await.json["handoff"]["open"], true);
        // Nobody is said to be away where nobody can be asked for at all.
        owner.ask(UPDATE, json!({ "a": agent, "on": true, "week": [] })).await;
        let enable = "mutation($a: ID!) { setHandoffEnabled(aiAgentId: $a, enabled: false) { id } }";
        owner.ask(enable, json!({ "a": agent })).await;
        let offered = offer(&app).await;
        assert_eq!((&offered["available"], &offered["open"]), (&json!(false), &json!(true)));
        app.close().await;
    }
}

both! {
    async fn what_visitors_read_out_of_hours_is_the_organizations_to_say(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let (organization, agent) = bakery(&owner).await;
        set_setting(&owner, Some(&organization), "hours.offline_text", "We bake. Back at six.").await;
        set_setting(&owner, Some(&organization), "hours.offline_form", "false").await;
        owner.ask(UPDATE, json!({ "a": agent, "on": true, "week": [] })).await;
        let offered = offer(&app).await;
        assert_eq!((&offered["offlineText"], &offered["offlineForm"]), (&json!("We bake. Back at six."), &json!(false)));
        assert_eq!((&offered["opensAt"], &offered["changesAt"]), (&Value::Null, &Value::Null));
        let (visitor, _) = app.visitor().await;
        let reply = visitor.post(REQUEST, fresh()).await;
        assert_eq!(reply.json["errors"][0]["message"], "We bake. Back at six.");
        app.close().await;
    }
}

both! {
    async fn open_or_closed_is_told_of_any_instant_with_the_reason(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let (_, agent) = bakery(&owner).await;
        let dates = json!([{ "date": "2030-12-24", "name": "Christmas Eve", "intervals": [{ "from": "09:00", "to": "12:00" }] }]);
        owner.ask(UPDATE, json!({ "a": agent, "on": true, "zone": NEW_YORK, "week": nine_to_five(), "dates": dates })).await;
        let document = "query($a: ID, $at: Time) { businessHours(aiAgentId: $a) { preview(at: $at) {
            open reason name interval { from to } opensAt changesAt } } }";
        let check = async |at: &str, expected: Value| {
            let data = owner.ask(document, json!({ "a": agent, "at": at })).await;
            assert_eq!(data["businessHours"]["preview"], expected, "{at}");
        };
        let week = json!({ "from": "09:00", "to": "17:00" });
        check("2030-12-20T20:00:00Z", json!({ "open": true, "reason": "WEEK", "name": null, "interval": week, "opensAt": null, "changesAt": "2030-12-20T22:00:00.000000Z" })).await;
        let monday = "2030-12-23T14:00:00.000000Z";
        check("2030-12-21T00:00:00Z", json!({ "open": false, "reason": "WEEK", "name": null, "interval": null, "opensAt": monday, "changesAt": monday })).await;
        let morning = json!({ "from": "09:00", "to": "12:00" });
        check("2030-12-24T15:00:00Z", json!({ "open": true, "reason": "EXCEPTION", "name": "Christmas Eve", "interval": morning, "opensAt": null, "changesAt": "2030-12-24T17:00:00.000000Z" })).await;
        app.close().await;
    }
}

both! {
    async fn hours_without_anybody_who_responds_are_warned_of(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let create = "mutation($c: String!) { createOrganization(clientId: $c, name: \"Nobody Inc\") { id } }";
        let data = owner.ask(create, json!({ "c": client_id() })).await;
        let organization = data["createOrganization"]["id"].as_str().expect("an id").to_owned();
        let warned = async || {
            let data = owner.ask(LOOK, json!({ "o": organization })).await;
            data["businessHours"]["nobodyResponds"].as_bool().expect("yes or no")
        };
        assert!(!warned().await, "without hours there is nothing to warn of");
        owner.ask(UPDATE, json!({ "o": organization, "on": true })).await;
        assert!(warned().await);
        let member = "mutation($c: String!, $o: ID, $e: String!, $r: ID!) { createMember(clientId: $c, organizationId: $o, email: $e, name: \"M\", roleId: $r) { member { id } } }";
        let hire = async |email: &str, role: &str| {
            let role = livery::store::access::role_id(role).to_string();
            owner.ask(member, json!({ "c": client_id(), "o": organization, "e": email, "r": role })).await;
        };
        hire("looks@nobody.test", "organization.viewer").await;
        assert!(warned().await, "whoever only looks answers nobody");
        hire("answers@nobody.test", "organization.operator").await;
        assert!(!warned().await);
        app.close().await;
    }
}
