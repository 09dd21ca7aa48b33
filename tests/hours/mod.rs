//! Business hours, as people meet them: who set them, when a person can be asked for, and what closing time does.

mod calendars;
mod closing;
mod desk;
mod oracle;
mod race;

use std::time::Duration;

use jiff::civil::{Date, Weekday};
use jiff::{Timestamp, ToSpan};
use livery::domain::hours::{instant, zone};
use livery::domain::time::Time;
use serde_json::{Value, json};

use crate::support::App;
use crate::support::app::{Client, client_id};

pub const NEW_YORK: &str = "America/New_York";

pub const UPDATE: &str = "mutation($o: ID, $a: ID, $on: Boolean!, $zone: String, $week: [HoursDayInput!], $dates: [HoursExceptionInput!],
    $calendars: [ID!], $rev: Int) {
    updateBusinessHours(organizationId: $o, aiAgentId: $a, enabled: $on, timeZone: $zone, week: $week, exceptions: $dates,
        calendarIds: $calendars, rev: $rev) { enabled origin rev schedule { timeZone } } }";

/// Monday to Friday from nine to five.
pub fn nine_to_five() -> Value {
    let day = |day: &str| json!({ "day": day, "intervals": [{ "from": "09:00", "to": "17:00" }] });
    json!(["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"].map(day))
}

/// Every day, the same hours.
pub fn daily(from: &str, to: &str) -> Value {
    let day = |day: &str| json!({ "day": day, "intervals": [{ "from": from, "to": to }] });
    json!(["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"].map(day))
}

/// The organization and the AI agent of the bakery.
pub async fn bakery(owner: &Client<'_>) -> (String, String) {
    let document = "{ organizations { nodes { id name aiAgents { nodes { id } } } } }";
    let data = owner.ask(document, json!({})).await;
    let nodes = data["organizations"]["nodes"].as_array().expect("organizations").clone();
    let bakery = nodes.iter().find(|node| node["name"].as_str().is_some_and(|name| name.contains("Bakery")));
    let bakery = bakery.expect("the bakery");
    let text = |value: &Value| value.as_str().expect("an id").to_owned();
    (text(&bakery["id"]), text(&bakery["aiAgents"]["nodes"][0]["id"]))
}

/// The next Wednesday from tomorrow on, far enough for everything that follows.
pub fn a_wednesday(app: &App) -> Date {
    let now = Timestamp::from_microsecond(app.services.clock.now().micros()).expect("an instant");
    let mut day = jiff::tz::TimeZone::UTC.to_datetime(now).date() + 2.days();
    while day.weekday() != Weekday::Wednesday {
        day += 1.day();
    }
    day
}

/// When clocks of a zone show that hour of a day.
pub fn shown(zone_name: &str, day: Date, hour: i8, minute: i8) -> Time {
    instant(&zone(zone_name).expect("a zone"), day.at(hour, minute, 0, 0)).expect("an instant")
}

/// Lets time pass until then. Everybody has to sign in again.
pub fn wait_until(app: &App, at: Time) {
    let now = app.services.clock.now();
    assert!(at > now, "{at} is over at {now}");
    app.later(at.since(now));
}

pub async fn set_setting(client: &Client<'_>, organization: Option<&str>, key: &str, value: &str) {
    let document =
        "mutation($k: String!, $o: ID, $v: String) { setSetting(key: $k, organizationId: $o, value: $v) { value } }";
    client.ask(document, json!({ "k": key, "o": organization, "v": value })).await;
}

/// What the widget is told of handoff, by both ways that there are.
pub async fn offer(app: &App) -> Value {
    let widget = app.widget().await;
    let document = "query($w: ID!) { widgetConfig(widgetId: $w) { handoff {
        available askContact buttonAfterMessages open opensAt changesAt offlineText offlineForm
        popup fixedPopup buttonText popupText waitingText blockInput } } }";
    let data = app.post("/widget/graphql", None, document, json!({ "w": widget })).await.json["data"].clone();
    let request = http::Request::get(format!("/widget/config/{widget}.json")).header("host", "127.0.0.1:8080");
    let reply = app.send(request.body(axum::body::Body::empty()).expect("a request")).await;
    let offered = data["widgetConfig"]["handoff"].clone();
    assert_eq!(reply.json["handoff"], offered, "both ways say the same");
    offered
}

pub const REQUEST: &str = "mutation($id: String!) { requestHandoff(clientId: $id) { state } }";
pub const ACCEPT: &str = "mutation($id: ID!) { acceptHandoff(handoffId: $id) { state } }";

pub fn fresh() -> Value {
    json!({ "id": client_id() })
}

/// A little later.
pub fn moment(at: Time) -> Time {
    at.plus(Duration::from_micros(1))
}
