//! The audit log: who may read it, what it says, and that nobody rewrites it unnoticed.

use livery::domain::audit::SENTENCES;
use livery::service::audit::adopt;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{organizations, raw, text};
use crate::support::app::client_id;
use crate::support::database::Database;
use crate::support::{App, both};

const CHECK: &str = "{ auditCheck { entries whole brokenAt head } }";

async fn check(app: &App) -> Value {
    app.owner().await.ask(CHECK, json!({})).await["auditCheck"].clone()
}

/// Five entries of the bakery.
async fn five(app: &App, bakery: &str) {
    let owner = app.owner().await;
    for number in 0..5 {
        let document = "mutation($id: ID!, $n: String) { updateOrganization(organizationId: $id, name: $n) { id } }";
        owner.ask(document, json!({ "id": bakery, "n": format!("Bakery {number}") })).await;
    }
}

/// Somebody who may change the schema takes the guard away.
async fn unguard(database: &Database) {
    let on = if database.is_postgres() { " on audit_entries" } else { "" };
    for trigger in ["audit_entries_unchanged", "audit_entries_kept"] {
        raw::run(database, &format!("drop trigger {trigger}{on}")).await.expect("dropped");
    }
}

async fn at(database: &Database, bakery: &str, nth: usize) -> String {
    let rows = raw::texts(
        database,
        &format!(
            "select id from audit_entries where object = '{bakery}' and action = 'organization.edit' order by seq"
        ),
    )
    .await;
    rows[nth].clone()
}

both! {
    async fn the_log_is_only_added_to(database) {
        let raw_database = database.clone();
        let app = App::start(database).await;
        let (bakery, _) = organizations(&app).await;
        five(&app, &bakery).await;
        for statement in [
            "update audit_entries set detail = '{}'",
            "update audit_entries set hash = null",
            "delete from audit_entries",
            "delete from audit_heads",
        ] {
            let refused = raw::run(&raw_database, statement).await.expect_err(statement).to_string();
            assert!(refused.contains("only added to"), "{statement}: {refused}");
        }
        let found = check(&app).await;
        assert_eq!((&found["whole"], &found["brokenAt"]), (&json!(true), &Value::Null));
        assert_eq!(found["head"].as_str().map(str::len), Some(64));
        app.close().await;
    }
}

both! {
    async fn whoever_rewrites_it_is_found_at_the_right_entry(database) {
        for case in ["change", "remove", "swap", "insert", "cut", "stray", "rehash"] {
            // Each forgery on a log of its own.
            let own = if database.is_postgres() { Database::postgres() } else { Database::sqlite() };
            let app = App::start(own.clone()).await;
            let (bakery, _) = organizations(&app).await;
            five(&app, &bakery).await;
            // Signed in before: a sign-in would be the first entry after what was cut off.
            let owner = app.owner().await;
            assert_eq!(check(&app).await["whole"], true);
            unguard(&own).await;
            let (second, third, last) = (at(&own, &bakery, 1).await, at(&own, &bakery, 2).await, at(&own, &bakery, 4).await);
            let columns = "agency_id, organization_id, actor, as_actor, action, object, detail, address, created_at, hash, search";
            let (statements, expected) = match case {
                "change" => (vec![format!("update audit_entries set actor = 'usr_else' where id = '{second}'")], Some(second)),
                "remove" => (vec![format!("delete from audit_entries where id = '{second}'")], Some(third)),
                "swap" => (vec![
                    format!("update audit_entries set seq = -1 where id = '{second}'"),
                    format!("update audit_entries set seq = seq - 1 where id = '{third}'"),
                    format!("update audit_entries set seq = (select seq from audit_entries where id = '{third}') + 1 where id = '{second}'"),
                ], Some(third)),
                "insert" => (vec![format!("insert into audit_entries (id, seq, {columns}) select 'aud_7zzzzzzzzzzzzzzzzzzzzzzzzz', seq, {columns} from audit_entries where id = '{second}'")],
                    Some("aud_7zzzzzzzzzzzzzzzzzzzzzzzzz".to_owned())),
                "cut" => (vec![format!("delete from audit_entries where seq > (select seq from audit_entries where id = '{third}')")], Some(third)),
                "stray" => (vec![format!("insert into audit_entries (id, seq, {columns}) select 'aud_7zzzzzzzzzzzzzzzzzzzzzzzzz', null, {columns} from audit_entries where id = '{second}'")],
                    Some("aud_7zzzzzzzzzzzzzzzzzzzzzzzzz".to_owned())),
                // With another hash: it no longer leads to the next.
                _ => (vec![format!("update audit_entries set hash = 'f' where id = '{last}'")], Some(last)),
            };
            for statement in statements {
                raw::run(&own, &statement).await.expect("changed");
            }
            let found = owner.ask(CHECK, json!({})).await["auditCheck"].clone();
            assert_eq!((&found["whole"], found["brokenAt"].as_str()), (&json!(false), expected.as_deref()), "{case}");
            app.close().await;
        }
    }
}

both! {
    async fn eight_who_write_at_once_leave_one_whole_chain(database) {
        let app = App::start(database).await;
        let before = check(&app).await["entries"].as_i64().expect("a count");
        let owner = app.owner().await;
        let (token, mut writers) = (owner.token.clone(), JoinSet::new());
        let address = app.address().await;
        for _ in 0..8 {
            let token = token.clone().expect("a token");
            writers.spawn(async move {
                let mut socket = crate::support::socket::Socket::open(address, "/graphql", Some(&token)).await;
                for _ in 0..25 {
                    let document = "mutation($c: String!) { createOrganization(clientId: $c, name: \"One of many\") { id } }";
                    let id = socket.subscribe(document, json!({ "c": client_id() })).await;
                    loop {
                        let message = socket.receive().await.expect("an open socket");
                        assert!(message["payload"]["errors"].is_null(), "{message}");
                        if message["type"] == "complete" && message["id"] == id.as_str() {
                            break;
                        }
                    }
                }
            });
        }
        while let Some(done) = writers.join_next().await {
            done.expect("written");
        }
        let found = check(&app).await;
        assert_eq!(found["whole"], true);
        assert!(found["entries"].as_i64() >= Some(before + 200), "{found}");
        app.close().await;
    }
}

both! {
    async fn organizations_see_what_was_done_in_them_and_nothing_else(database) {
        let app = App::start(database).await;
        let (bakery, dental) = organizations(&app).await;
        five(&app, &bakery).await;
        let owner = app.owner().await;
        owner.ask("mutation($id: ID!) { suspendOrganization(organizationId: $id, reason: \"r\") { id } }", json!({ "id": dental })).await;
        let list = "query($o: ID, $f: AuditFilter, $n: Int, $a: String) { auditEntries(organizationId: $o, filter: $f, first: $n, after: $a) { nodes { id action summary organization { id } actor { name } at hash objectName } pageInfo { hasNextPage endCursor } } }";
        let client = app.sign_in("owner@bluebakery.test").await;
        let own = client.ask(list, json!({})).await["auditEntries"]["nodes"].clone();
        let rows = own.as_array().expect("rows");
        assert_eq!(rows.len(), 5);
        assert!(rows.iter().all(|row| row["organization"]["id"] == bakery.as_str() && row["actor"]["name"] == "Nora Lindqvist"));
        assert_eq!(rows[0]["summary"], "Nora Lindqvist renamed the organization Bakery 3 to Bakery 4.");
        assert_eq!(client.ask(list, json!({ "o": bakery })).await["auditEntries"]["nodes"], own);
        assert_eq!(client.refused(list, json!({ "o": dental })).await, "NOT_FOUND NOT_FOUND");
        assert_eq!(app.operator().await.refused(list, json!({})).await, "FORBIDDEN MISSING_PERMISSION");
        assert_eq!(app.sign_in("owner@southpaw.test").await.ask(list, json!({ "f": { "action": "organization.edit" } })).await["auditEntries"]["nodes"], json!([]));
        let mine = client.ask("{ auditCheck { entries whole } }", json!({})).await["auditCheck"].clone();
        assert_eq!(mine, json!({ "entries": 5, "whole": true }));
        // Pages, and every way to narrow.
        let first = owner.ask(list, json!({ "o": bakery, "n": 2 })).await["auditEntries"].clone();
        let second = owner.ask(list, json!({ "o": bakery, "n": 100, "a": first["pageInfo"]["endCursor"] })).await["auditEntries"].clone();
        let paged: Vec<&Value> = first["nodes"].as_array().into_iter().chain(second["nodes"].as_array()).flatten().collect();
        assert_eq!(paged, rows.iter().collect::<Vec<_>>());
        let actor = text(&owner.ask("{ viewer { user { id } } }", json!({})).await, "/viewer/user/id");
        for (filter, count) in [
            (json!({ "action": "organization.edit", "objectId": bakery }), 5),
            (json!({ "actorId": actor, "objectId": bakery }), 5),
            (json!({ "search": "BAKERY 2", "objectId": bakery }), 2),
            (json!({ "objectId": bakery, "to": rows[4]["at"] }), 0),
            (json!({ "objectId": bakery, "from": rows[4]["at"] }), 5),
            (json!({ "actorId": "usr_nobody" }), 0),
        ] {
            let found = owner.ask(list, json!({ "f": filter })).await["auditEntries"]["nodes"].as_array().map(Vec::len);
            assert_eq!(found, Some(count), "{filter}");
        }
        app.close().await;
    }
}

both! {
    async fn the_log_is_exported_without_formulas(database) {
        let app = App::start(database).await;
        let (bakery, _) = organizations(&app).await;
        let owner = app.owner().await;
        let rename = "mutation($id: ID!, $n: String) { updateOrganization(organizationId: $id, name: $n) { id } }";
        owner.ask(rename, json!({ "id": bakery, "n": "=HYPERLINK(\"http://x\",\"y\")" })).await;
        let csv = text(&owner.ask("query($o: ID) { auditCsv(organizationId: $o) }", json!({ "o": bakery })).await, "/auditCsv");
        let mut rows = csv.split("\r\n");
        assert!(rows.next().is_some_and(|header| header.starts_with("at,actor,actor name,as,")));
        assert!(csv.contains("\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""), "{csv}");
        assert_eq!(csv.trim_end().split("\r\n").count(), 2);
        app.close().await;
    }
}

both! {
    async fn entries_from_before_the_chain_get_their_place_in_it_once(database) {
        let raw_database = database.clone();
        let app = App::start(database).await;
        let (bakery, _) = organizations(&app).await;
        let agency = raw::texts(&raw_database, &format!("select agency_id from organizations where id = '{bakery}'")).await.remove(0);
        // As an older release has left it: entries, and no chain.
        unguard(&raw_database).await;
        let on = if raw_database.is_postgres() { " on audit_heads" } else { "" };
        raw::run(&raw_database, &format!("drop trigger audit_heads_kept{on}")).await.expect("dropped");
        raw::run(&raw_database, "delete from audit_entries").await.expect("emptied");
        raw::run(&raw_database, "delete from audit_heads").await.expect("emptied");
        for number in 1..=3 {
            let old = format!("insert into audit_entries (id, agency_id, actor, action, object, detail, address, created_at) values ('aud_0000000000000000000000000{number}', '{agency}', 'platform', 'agency.create', '{agency}', '{{}}', '', {number})");
            raw::run(&raw_database, &old).await.expect("kept");
        }
        adopt(&app.services).await.expect("adopted");
        let found = app.owner().await.ask(CHECK, json!({})).await["auditCheck"].clone();
        assert_eq!(found["whole"], true, "{found}");
        assert!(found["entries"].as_i64() >= Some(4), "three old ones, and a sign-in");
        app.close().await;
    }
}

/// Every source of a folder: its path, and what it says.
fn sources(folder: std::path::PathBuf) -> Vec<(String, String)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root.join(&folder)).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(folder.join(entry.file_name())));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push((path.display().to_string(), std::fs::read_to_string(&path).expect("text")));
        }
    }
    found
}

/// Every text like `a.b` in a call that notes, or of a function that takes an action and notes it.
#[test]
fn every_action_that_is_noted_has_its_sentence() {
    let known: Vec<&str> = SENTENCES.iter().map(|(action, _)| *action).collect();
    let (mut missing, mut noted) = (Vec::new(), Vec::new());
    for file in sources("api".into()) {
        let mut verbs = vec!["note(".to_owned()];
        for (at, _) in file.1.match_indices("action: &'static str") {
            let name = file.1[..at].rsplit("fn ").next().and_then(|rest| rest.split(['(', '<']).next());
            verbs.extend(name.map(|name| format!("{name}(")));
        }
        for verb in verbs {
            for (at, _) in file.1.match_indices(verb.as_str()) {
                let call: String = file.1[at..]
                    .chars()
                    .scan(0, |depth, c| {
                        *depth += i32::from(c == '(') - i32::from(c == ')');
                        (*depth > 0 || c != ')').then_some(c)
                    })
                    .collect();
                for word in call.split('"').skip(1).step_by(2) {
                    let action = word.split_once('.').is_some_and(|(object, verb)| {
                        [object, verb]
                            .iter()
                            .all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
                    });
                    if action {
                        noted.push(word.to_owned());
                        if !known.contains(&word) {
                            missing.push(format!("{}: {word}", file.0));
                        }
                    }
                }
            }
        }
    }
    assert!(missing.is_empty(), "no sentence in domain::audit::SENTENCES for {missing:?}");
    assert!(noted.len() > 20, "{noted:?}");
}
