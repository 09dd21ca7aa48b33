//! Holiday calendars: imported by the agency, chosen where hours are set.

use serde_json::{Value, json};

use super::{NEW_YORK, UPDATE, bakery, daily};
use crate::support::app::client_id;
use crate::support::{App, both};

const IMPORT: &str = "mutation($c: String!, $n: String!, $t: String!) { importHolidayCalendar(clientId: $c, name: $n, text: $t) { id name count } }";
const CHANGE: &str = "mutation($id: ID!, $n: String, $t: String) { updateHolidayCalendar(holidayCalendarId: $id, name: $n, text: $t) { id name count holidays { name from to allDay } } }";
const REMOVE: &str = "mutation($id: ID!) { deleteHolidayCalendar(holidayCalendarId: $id) }";

fn calendar(events: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n")
}

fn day(date: &str, name: &str) -> String {
    format!("BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:{date}\r\nSUMMARY:{name}\r\nEND:VEVENT\r\n")
}

both! {
    async fn an_imported_calendar_closes_hours_that_chose_it(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let (_, agent) = bakery(&owner).await;
        let wish = json!({ "c": client_id(), "n": "US holidays", "t": calendar(&day("20301225", "Christmas Day")) });
        let made = owner.ask(IMPORT, wish.clone()).await["importHolidayCalendar"].clone();
        assert_eq!((&made["name"], &made["count"]), (&json!("US holidays"), &json!(1)));
        assert_eq!(owner.ask(IMPORT, wish).await["importHolidayCalendar"]["id"], made["id"], "a retry is no second one");
        let id = made["id"].as_str().expect("an id").to_owned();
        let preview = async |at: &str| {
            let document = "query($a: ID, $at: Time) { businessHours(aiAgentId: $a) { preview(at: $at) { open reason name } } }";
            owner.ask(document, json!({ "a": agent, "at": at })).await["businessHours"]["preview"].clone()
        };
        let open = json!({ "open": true, "reason": "WEEK", "name": null });
        let closed = |name: &str| json!({ "open": false, "reason": "HOLIDAY", "name": name });
        owner.ask(UPDATE, json!({ "a": agent, "on": true, "zone": NEW_YORK, "week": daily("09:00", "17:00") })).await;
        assert_eq!(preview("2030-12-25T15:00:00Z").await, open, "it was not chosen");
        owner.ask(UPDATE, json!({ "a": agent, "on": true, "calendars": [id] })).await;
        assert_eq!(preview("2030-12-25T15:00:00Z").await, closed("Christmas Day"));
        assert_eq!(preview("2030-12-26T15:00:00Z").await, open);
        // Imported anew, other days are closed; a new name changes nothing else.
        let text = calendar(&[day("20301226", "Boxing Day"), day("20310101", "New Year")].concat());
        let changed = owner.ask(CHANGE, json!({ "id": id, "t": text })).await["updateHolidayCalendar"].clone();
        assert_eq!((&changed["name"], &changed["count"]), (&json!("US holidays"), &json!(2)));
        assert_eq!(changed["holidays"][0], json!({ "name": "Boxing Day", "from": "2030-12-26", "to": "2030-12-27", "allDay": true }));
        assert_eq!(preview("2030-12-25T15:00:00Z").await, open);
        assert_eq!(preview("2030-12-26T15:00:00Z").await, closed("Boxing Day"));
        let changed = owner.ask(CHANGE, json!({ "id": id, "n": "Holidays" })).await["updateHolidayCalendar"].clone();
        assert_eq!((&changed["name"], &changed["count"]), (&json!("Holidays"), &json!(2)));
        let listed = owner.ask("{ holidayCalendars { id name count } }", json!({})).await;
        assert_eq!(listed["holidayCalendars"], json!([{ "id": id, "name": "Holidays", "count": 2 }]));
        owner.ask(REMOVE, json!({ "id": id })).await;
        assert_eq!(preview("2030-12-26T15:00:00Z").await, open);
        assert_eq!(owner.ask("{ holidayCalendars { id } }", json!({})).await["holidayCalendars"], json!([]));
        assert_eq!(owner.refused(REMOVE, json!({ "id": id })).await, "NOT_FOUND NOT_FOUND");
        app.close().await;
    }
}

both! {
    async fn what_is_no_calendar_is_refused_with_its_line(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let refused = async |text: &str| {
            let reply = owner.post(IMPORT, json!({ "c": client_id(), "n": "x", "t": text })).await;
            let error = reply.json["errors"][0].clone();
            assert_eq!(error["extensions"]["field"], "text", "{error}");
            (reply.error(), error["message"].as_str().expect("a sentence").to_owned())
        };
        let check = async |text: &str, reason: &str, message: &str| {
            let (error, told) = refused(text).await;
            assert_eq!(error, format!("INVALID {reason}"), "{told}");
            assert!(told.contains(message), "{told}");
        };
        check("<html>", "NOT_A_CALENDAR", "Line 1").await;
        check(&calendar(""), "NO_HOLIDAYS", "no holidays").await;
        check(&calendar(&day("20301341", "x")), "NOT_A_CALENDAR", "Line 4").await;
        let rule = "BEGIN:VEVENT\r\nDTSTART:20301225\r\nRRULE:FREQ=SECONDLY\r\nEND:VEVENT\r\n";
        check(&calendar(rule), "UNSUPPORTED_RULE", "FREQ=SECONDLY").await;
        check(&calendar(&"BEGIN:VEVENT\r\n".repeat(100)), "NOT_A_CALENDAR", "nested").await;
        assert_eq!(owner.ask("{ holidayCalendars { id } }", json!({})).await["holidayCalendars"], json!([]));
        app.close().await;
    }
}

both! {
    async fn calendars_are_the_agencys_own(database) {
        let app = App::start(database).await;
        let (owner, foreign) = (app.owner().await, app.sign_in("owner@southpaw.test").await);
        let wish = || json!({ "c": client_id(), "n": "Ours", "t": calendar(&day("20301225", "x")) });
        let id = owner.ask(IMPORT, wish()).await["importHolidayCalendar"]["id"].clone();
        assert_eq!(foreign.ask("{ holidayCalendars { id } }", json!({})).await["holidayCalendars"], json!([]));
        assert_eq!(foreign.refused(REMOVE, json!({ "id": id })).await, "NOT_FOUND NOT_FOUND");
        assert_eq!(foreign.refused(CHANGE, json!({ "id": id, "n": "Theirs" })).await, "NOT_FOUND NOT_FOUND");
        assert_eq!(foreign.refused(UPDATE, json!({ "on": true, "calendars": [id] })).await, "NOT_FOUND NOT_FOUND");
        // People of a client choose among them and import none.
        let client = app.operator().await;
        assert_eq!(client.refused(IMPORT, wish()).await, "FORBIDDEN MISSING_PERMISSION");
        let none: Value = json!([]);
        assert_ne!(owner.ask("{ holidayCalendars { id } }", json!({})).await["holidayCalendars"], none);
        app.close().await;
    }
}
