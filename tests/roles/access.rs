//! Who may do what, as a table (W17): what it says is what the API does.

use std::collections::{BTreeMap, BTreeSet};

use livery::domain::access::Membership;
use livery::domain::change::Change;
use livery::store::access as memberships;
use serde_json::{Value, json};

use super::{package, person, places};
use crate::people::membership;
use crate::support::{App, both};

const MATRIX: &str = "query($o: ID) { accessMatrix(organizationId: $o) {
    switches { name level permissions { name description } }
    rows { user { name } role { name } staff limitedTo { id } permissions suspended } } }";

both! {
    async fn the_matrix_says_of_everybody_what_they_are_told_themselves(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let (agency, bakery, dental) = places(&app).await;
        let desk = package(&owner, "Night desk", "ORGANIZATION", &["home.view", "live_chat.respond", "team.view"]).await;
        let staff = package(&owner, "Helper", "AGENCY", &["home.view", "branding.edit", "conversation.read"]).await;
        person(&app, "ann@bakery.test", Some(bakery), &desk).await;
        person(&app, "hal@northlight.test", None, &staff).await;
        person(&app, "zoe@dental.test", Some(dental), &desk).await;
        // Two of the agency's Members: one who is assigned the bakery, and one who is not; one with a formula for a name.
        let s = &app.services;
        let now = s.clock.now();
        for (email, assigned) in [("=cmd@northlight.test", bakery), ("max@northlight.test", dental)] {
            let user = person(&app, email, Some(dental), "organization.viewer").await;
            let membership = Membership {
                id: s.ids.next(now),
                agency,
                organization: None,
                role: memberships::role_id("agency.member"),
                role_key: "agency.member".to_owned(),
                organizations: Some(vec![assigned]),
                ai_agents: None,
            };
            let mut unit = s.store.write().await.expect("a unit");
            memberships::insert_membership(&mut unit, user, &membership, now).await.expect("a membership");
            unit.note(Change::Authority { user: None });
            unit.commit().await.expect("kept");
        }
        let data = owner.ask(MATRIX, json!({ "o": bakery.to_string() })).await;
        let rows = data["accessMatrix"]["rows"].as_array().expect("rows").clone();
        let named: Vec<(&str, bool)> = rows.iter().map(|row| (row["user"]["name"].as_str().unwrap_or_default(), row["staff"].as_bool().unwrap_or_default())).collect();
        assert_eq!(named, [
            ("ann", false), ("Bruno Okafor", false), ("Olivia Hart", false), ("Omar Reyes", false), ("Vera Blum", false),
            ("=cmd", true), ("hal", true), ("Nora Lindqvist", true),
        ]);
        let emails = BTreeMap::from([
            ("ann", "ann@bakery.test"), ("Bruno Okafor", "owner@bluebakery.test"), ("Olivia Hart", "operator1@bluebakery.test"),
            ("Vera Blum", "viewer@bluebakery.test"), ("hal", "hal@northlight.test"), ("Nora Lindqvist", "owner@northlight.test"),
            ("=cmd", "=cmd@northlight.test"),
        ]);
        let switches: BTreeSet<String> = data["accessMatrix"]["switches"].as_array().expect("switches").iter()
            .flat_map(|switch| switch["permissions"].as_array().cloned().unwrap_or_default())
            .filter_map(|permission| permission["name"].as_str().map(str::to_owned)).collect();
        let mut cells = 0;
        for row in &rows {
            let Some(email) = emails.get(row["user"]["name"].as_str().unwrap_or_default()) else { continue };
            let client = app.sign_in(email).await;
            let own = client.ask("query($o: ID) { viewer { permissions(organizationId: $o) } }", json!({ "o": bakery.to_string() })).await;
            let listed: BTreeSet<&str> = row["permissions"].as_array().expect("names").iter().filter_map(Value::as_str).collect();
            let told: BTreeSet<&str> = own["viewer"]["permissions"].as_array().expect("names").iter().filter_map(Value::as_str).collect();
            assert_eq!(listed, told, "{email}");
            // And what the API answers each of them, one by one.
            for permission in &switches {
                let data = client.ask("query($o: ID!, $p: String!) { organization(id: $o) { viewerCan(permission: $p) } }", json!({ "o": bakery.to_string(), "p": permission })).await;
                assert_eq!(data["organization"]["viewerCan"], json!(listed.contains(permission.as_str())), "{email} {permission}");
                cells += 1;
            }
        }
        assert!(cells > 200, "{cells}");
        let data = owner.ask(MATRIX, json!({})).await;
        let rows = data["accessMatrix"]["rows"].as_array().expect("rows");
        let names: Vec<_> = rows.iter().filter_map(|row| row["user"]["name"].as_str()).collect();
        assert_eq!(names, ["=cmd", "hal", "max", "Nora Lindqvist"], "the agency itself has staff alone");
        assert_eq!(rows[1]["permissions"], json!(["home.view", "conversation.read", "branding.edit"]));

        let csv = owner.ask("query($o: ID) { accessMatrixCsv(organizationId: $o) }", json!({ "o": bakery.to_string() })).await;
        let csv = csv["accessMatrixCsv"].as_str().expect("text").to_owned();
        let lines: Vec<&str> = csv.trim_end_matches("\r\n").split("\r\n").collect();
        assert_eq!(lines.len(), 9, "{csv}");
        assert!(lines[0].starts_with("Name,Address,Role,Staff,AI agents,home.view,live_chat.view_queue,"), "{}", lines[0]);
        assert!(lines[1].starts_with("ann,ann@bakery.test,Night desk,no,all,yes,,yes,"), "{}", lines[1]);
        assert!(lines[6].starts_with("'=cmd,'=cmd@northlight.test,Member,yes,all,yes,"), "{}", lines[6]);
        assert!(lines.iter().all(|line| line.split(',').count() == lines[0].split(',').count()));

        // For whoever looks after the team there, and nobody else.
        assert_eq!(app.operator().await.refused(MATRIX, json!({ "o": bakery.to_string() })).await, "FORBIDDEN MISSING_PERMISSION");
        let ann = app.sign_in("ann@bakery.test").await;
        assert_eq!(ann.refused(MATRIX, json!({ "o": dental.to_string() })).await, "NOT_FOUND NOT_FOUND");
        assert_eq!(ann.refused(MATRIX, json!({})).await, "NOT_FOUND NOT_FOUND");
        ann.ask(MATRIX, json!({ "o": bakery.to_string() })).await;
        app.close().await;
    }
}

both! {
    async fn whoever_is_suspended_is_shown_so_and_may_nothing(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let (_, bakery, _) = places(&app).await;
        let place = bakery.to_string();
        let desk = package(&owner, "Night desk", "ORGANIZATION", &["home.view", "live_chat.respond"]).await;
        let helper = package(&owner, "Helper", "AGENCY", &["home.view", "conversation.read"]).await;
        let ann = person(&app, "ann@bakery.test", Some(bakery), &desk).await;
        person(&app, "hal@northlight.test", None, &helper).await;
        let row = async |name: &str| {
            let data = owner.ask(MATRIX, json!({ "o": place })).await;
            let rows = data["accessMatrix"]["rows"].as_array().expect("rows").clone();
            rows.into_iter().find(|row| row["user"]["name"] == name).unwrap_or_else(|| panic!("no row of {name}"))
        };
        let change = async |what: &str, organization: Option<&str>, email: &str| {
            let member = membership(&owner, organization, email).await;
            owner.ask(&format!("mutation($m: ID!) {{ {what}(membershipId: $m) {{ suspended }} }}"), json!({ "m": member })).await;
        };
        let explain = "query($u: ID, $o: ID!) { explainAccess(userId: $u, permission: \"live_chat.respond\", objectId: $o) { allowed reason } }";
        for (organization, email, role, permissions) in [
            (Some(place.as_str()), "ann@bakery.test", "Night desk", json!(["home.view", "live_chat.respond"])),
            (None, "hal@northlight.test", "Helper", json!(["home.view", "conversation.read"])),
        ] {
            let name = email.split('@').next().unwrap_or_default();
            let before = row(name).await;
            assert_eq!((&before["suspended"], &before["permissions"]), (&json!(false), &permissions), "{name}");
            change("suspendMember", organization, email).await;
            let after = row(name).await;
            assert_eq!((&after["suspended"], &after["permissions"]), (&json!(true), &json!([])), "{name}");
            assert_eq!((&after["role"]["name"], &after["staff"]), (&json!(role), &json!(organization.is_none())));
            let csv = owner.ask("query($o: ID) { accessMatrixCsv(organizationId: $o) }", json!({ "o": place })).await;
            let csv = csv["accessMatrixCsv"].as_str().expect("text").to_owned();
            let line = csv.lines().find(|line| line.starts_with(&format!("{name},"))).expect("a line");
            assert!(line.contains(&format!("{role} (suspended)")) && !line.contains("yes,yes"), "{line}");
            assert!(!line.trim_end_matches(',').ends_with("yes") || organization.is_none(), "{line}");
        }
        // Whoever asks why is told, and nobody is told that a change of the role would reach them.
        let data = owner.ask(explain, json!({ "u": ann.to_string(), "o": place })).await;
        assert_eq!(data["explainAccess"], json!({ "allowed": false, "reason": "MEMBERSHIP_SUSPENDED" }));
        let dry = "query($id: ID!) { packageChange(packageId: $id, permissions: [\"home.view\"]) { peopleCount } }";
        assert_eq!(owner.ask(dry, json!({ "id": desk })).await["packageChange"]["peopleCount"], 0);
        change("resumeMember", Some(&place), "ann@bakery.test").await;
        assert_eq!(owner.ask(dry, json!({ "id": desk })).await["packageChange"]["peopleCount"], 1);
        let back = row("ann").await;
        assert_eq!((&back["suspended"], &back["permissions"]), (&json!(false), &json!(["home.view", "live_chat.respond"])));
        app.close().await;
    }
}

both! {
    async fn the_switches_carry_every_permission_once(database) {
        let app = App::start(database).await;
        let viewer = app.sign_in("viewer@bluebakery.test").await;
        let data = viewer.ask("{ permissionSwitches { name level description permissions { name description } } }", json!({})).await;
        let mut found = Vec::new();
        for switch in data["permissionSwitches"].as_array().expect("switches") {
            assert!(switch["description"].as_str().is_some_and(|text| !text.is_empty()));
            for permission in switch["permissions"].as_array().expect("permissions") {
                assert!(permission["description"].as_str().is_some_and(|text| text.len() > 5), "{permission}");
                found.push(permission["name"].as_str().unwrap_or_default().to_owned());
            }
        }
        let all: Vec<&str> = livery::domain::permission::Permission::ALL.iter().map(|one| one.as_str()).collect();
        assert_eq!(found, all);
        app.close().await;
    }
}
