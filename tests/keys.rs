//! API keys: a program acts by one exactly as far as its role reaches, as itself, until its end (T6, SEC22).

use std::time::Duration;

use serde_json::{Value, json};

use crate::roles::{package, person};
use crate::support::app::{Client, Reply, client_id, config_with};
use crate::support::database::Database;
use crate::support::{App, both, until};

const CREATE: &str = "mutation($c: String!, $o: ID, $i: ApiKeyInput!) {
    createApiKey(clientId: $c, organizationId: $o, input: $i) { secret apiKey { id name hint state roleName expiresAt createdBy { name } } } }";
const REVOKE: &str = "mutation($i: ID!) { revokeApiKey(apiKeyId: $i) { state } }";
const KEYS: &str = "query($o: ID) { apiKeys(organizationId: $o) { nodes { id name state lastUsedAt } } }";
const ROLES: &str = "query($o: ID) { apiKeyRoles(organizationId: $o) { id name givable } }";
const SELF: &str = "{ currentApiKey { id name organizationId roleName permissions expiresAt } }";
const TAG: &str = "mutation($i: ID!) { tagConversation(conversationId: $i, add: [\"vip\"]) { id } }";
const RENAME: &str = "mutation($o: ID!) { updateOrganization(organizationId: $o, name: \"Bluer Bakery\") { name } }";

const DAY: Duration = Duration::from_secs(24 * 3_600);

async fn organizations(owner: &Client<'_>) -> (String, String) {
    let found = owner.ask("{ organizations { nodes { id name } } }", json!({})).await;
    let nodes = found["organizations"]["nodes"].as_array().expect("organizations").clone();
    let named = |word: &str| {
        let one = nodes.iter().find(|one| one["name"].as_str().is_some_and(|name| name.contains(word)));
        one.expect("there")["id"].as_str().expect("an id").to_owned()
    };
    (named("Bakery"), named("Harbor"))
}

async fn role(client: &Client<'_>, organization: Option<&str>, name: &str) -> String {
    let found = client.ask(ROLES, json!({ "o": organization })).await;
    let roles = found["apiKeyRoles"].as_array().expect("roles").clone();
    let one = roles.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name}: {roles:?}"));
    one["id"].as_str().expect("an id").to_owned()
}

/// Makes a key, and gives its id and its secret.
async fn made(
    client: &Client<'_>,
    organization: Option<&str>,
    name: &str,
    of: &str,
    days: Option<i64>,
) -> (String, String) {
    let input = json!({ "name": name, "roleId": role(client, organization, of).await, "expiresInDays": days });
    let data = client.ask(CREATE, json!({ "c": client_id(), "o": organization, "i": input })).await;
    let text = |at: &str| data.pointer(at).and_then(Value::as_str).expect("a text").to_owned();
    (text("/createApiKey/apiKey/id"), text("/createApiKey/secret"))
}

fn program<'a>(app: &'a App, secret: &str) -> Client<'a> {
    Client { app, path: "/graphql", token: Some(secret.to_owned()) }
}

/// Every file of the database and beside it, and whether the text stands in one.
fn kept_anywhere(database: &Database, text: &str) -> bool {
    let files = std::fs::read_dir(database.folder.path()).expect("a folder");
    files
        .filter_map(|file| std::fs::read(file.expect("a file").path()).ok())
        .any(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

both! {
    async fn a_key_may_what_its_role_may_where_it_belongs_and_is_written_down_as_itself(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let (bakery, harbor) = organizations(&owner).await;
        let (_, conversation) = app.visitor().await;
        let (id, secret) = made(&owner, Some(&bakery), "Nightly export", "Operator", Some(90)).await;
        assert!(secret.starts_with("lvk_") && secret.len() == 47, "{}", secret.len());
        let key = program(&app, &secret);
        let own = key.ask(SELF, json!({})).await["currentApiKey"].clone();
        assert_eq!((&own["id"], &own["name"], &own["roleName"]), (&json!(id), &json!("Nightly export"), &json!("Operator")));
        assert_eq!(own["organizationId"], bakery.as_str());
        assert!(own["expiresAt"].is_string());
        // What the role allows, there; nothing else, and nowhere else.
        let found = key.ask("{ organizations { nodes { id } } }", json!({})).await;
        assert_eq!(found["organizations"]["nodes"], json!([{ "id": bakery }]));
        key.ask(TAG, json!({ "i": conversation })).await;
        assert_eq!(key.refused(RENAME, json!({ "o": bakery })).await, "FORBIDDEN MISSING_PERMISSION");
        assert!(key.refused(RENAME, json!({ "o": harbor })).await.starts_with("NOT_FOUND"));
        let southpaw = app.sign_in("owner@southpaw.test").await;
        assert!(southpaw.refused(REVOKE, json!({ "i": id })).await.starts_with("NOT_FOUND"));
        // What an admin's key changes stands in the log under the key's name.
        let (_, admin) = made(&owner, Some(&bakery), "Sync", "Admin", None).await;
        program(&app, &admin).ask(RENAME, json!({ "o": bakery })).await;
        let log = "query($o: ID) { auditEntries(organizationId: $o, first: 10) { nodes { action summary actor { kind name } } } }";
        let entries = owner.ask(log, json!({ "o": bakery })).await["auditEntries"]["nodes"].as_array().expect("entries").clone();
        let edit = entries.iter().find(|one| one["action"] == "organization.edit").expect("an entry");
        assert_eq!(edit["actor"], json!({ "kind": "API_KEY", "name": "API key “Sync”" }));
        assert!(entries.iter().any(|one| one["action"] == "api_key.create"), "{entries:?}");
        // That it was used is kept, not in the way of its requests.
        until(async || {
            let nodes = owner.ask(KEYS, json!({ "o": bakery })).await["apiKeys"]["nodes"].clone();
            nodes.as_array()?.iter().all(|one| one["lastUsedAt"].is_string()).then_some(())
        })
        .await;
        app.close().await;
    }
}

both! {
    async fn a_secret_is_shown_once_and_only_its_hash_is_kept(database) {
        let app = App::start(database.clone()).await;
        let owner = app.owner().await;
        let (bakery, _) = organizations(&owner).await;
        let input = json!({ "name": "Export", "roleId": role(&owner, Some(&bakery), "Analyst").await, "expiresInDays": 1 });
        let variables = json!({ "c": client_id(), "o": bakery, "i": input });
        let first = owner.ask(CREATE, variables.clone()).await["createApiKey"].clone();
        let again = owner.ask(CREATE, variables).await["createApiKey"].clone();
        let secret = first["secret"].as_str().expect("a secret");
        assert_eq!((&again["apiKey"]["id"], &again["secret"]), (&first["apiKey"]["id"], &Value::Null));
        assert_eq!(first["apiKey"]["hint"], &secret[..8]);
        program(&app, secret).ask(SELF, json!({})).await;
        let taken = owner.refused(CREATE, json!({ "c": client_id(), "o": bakery, "i": input })).await;
        assert_eq!(taken, "CONFLICT NAME_TAKEN");
        let wrong = json!({ "name": "Other", "roleId": input["roleId"], "expiresInDays": 731 });
        assert_eq!(owner.refused(CREATE, json!({ "c": client_id(), "o": bakery, "i": wrong })).await, "INVALID OUT_OF_RANGE");
        app.close().await;
        if database.url.starts_with("sqlite") {
            assert!(kept_anywhere(&database, &secret[..8]), "the hint is kept, so the files were read");
            assert!(!kept_anywhere(&database, &secret[8..]));
        }
    }
}

both! {
    async fn a_key_that_is_over_or_at_home_elsewhere_is_nothing(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let (bakery, _) = organizations(&owner).await;
        let (id, secret) = made(&owner, Some(&bakery), "One", "Admin", None).await;
        let (_, short) = made(&owner, None, "Short", "Admin", Some(1)).await;
        let (key, short) = (program(&app, &secret), program(&app, &short));
        // Its socket closes when it is revoked.
        let mut socket = key.socket().await;
        socket.subscribe("subscription($o: ID) { inboxEvents(organizationId: $o) { __typename } }", json!({ "o": bakery })).await;
        socket.event().await;
        let mut until_then = short.socket().await;
        until_then.subscribe("subscription { inboxEvents { __typename } }", json!({})).await;
        until_then.event().await;
        key.ask(SELF, json!({})).await;
        short.ask(SELF, json!({})).await;
        owner.ask(REVOKE, json!({ "i": id })).await;
        assert_eq!(key.refused(SELF, json!({})).await, "UNAUTHENTICATED KEY_REVOKED");
        assert_eq!(socket.close_code().await, Some(4403));
        assert_eq!(owner.refused(REVOKE, json!({ "i": id })).await, "CONFLICT REVOKED");
        // One that sleeps with its organization reaches nothing, and wakes with it.
        let (_, secret) = made(&owner, Some(&bakery), "Two", "Admin", None).await;
        let key = program(&app, &secret);
        let list = "{ organizations { nodes { id } } }";
        key.ask(list, json!({})).await;
        let suspend = "mutation($o: ID!) { suspendOrganization(organizationId: $o, reason: \"unpaid\") { id } }";
        owner.ask(suspend, json!({ "o": bakery })).await;
        assert_eq!(key.refused(list, json!({})).await, "FORBIDDEN MISSING_PERMISSION");
        owner.ask("mutation($o: ID!) { resumeOrganization(organizationId: $o) { id } }", json!({ "o": bakery })).await;
        key.ask(list, json!({})).await;
        // Nobody learns at another host, or by a wrong key, whether there is one.
        let post = http::Request::post("/graphql")
            .header("host", "elsewhere.test")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {secret}"));
        let post = post.body(axum::body::Body::from(json!({ "query": SELF }).to_string())).expect("a request");
        let elsewhere = app.send(post).await;
        assert!(!elsewhere.status.is_success() || elsewhere.error() == "UNAUTHENTICATED KEY_INVALID", "{}", elsewhere.json);
        let wrong = program(&app, &format!("{}x", &secret[..46]));
        assert_eq!(wrong.refused(SELF, json!({})).await, "UNAUTHENTICATED KEY_INVALID");
        let widget = Client { path: "/widget/graphql", ..key.clone() };
        assert_eq!(widget.refused("{ __typename }", json!({})).await, "UNAUTHENTICATED KEY_INVALID");
        // Many wrong ones are held up; the right one from the same address is not.
        until(async || (wrong.refused(SELF, json!({})).await == "RATE_LIMITED TOO_MANY_KEYS_FROM_ADDRESS").then_some(())).await;
        key.ask(SELF, json!({})).await;
        app.later(DAY + Duration::from_secs(1));
        assert_eq!(short.refused(SELF, json!({})).await, "UNAUTHENTICATED KEY_EXPIRED");
        assert_eq!(until_then.close_code().await, Some(4403));
        let states = app.owner().await.ask(KEYS, json!({})).await["apiKeys"]["nodes"].clone();
        assert_eq!(states[0]["state"], "EXPIRED");
        app.later(30 * DAY);
        assert_eq!(app.owner().await.ask(KEYS, json!({})).await["apiKeys"]["nodes"], json!([]));
        app.close().await;
    }
}

both! {
    async fn a_key_is_nobody_and_gives_nobody_anything(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let (bakery, _) = organizations(&owner).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.asks_for_human().await;
        let handoff = owner.handoff_of(&conversation).await;
        let (id, secret) = made(&owner, None, "Everything", "Admin", Some(7)).await;
        let key = program(&app, &secret);
        let role = role(&owner, Some(&bakery), "Viewer").await;
        let input = json!({ "name": "Child", "roleId": role });
        let all = [
            ("{ viewer { user { id } } }", json!({})),
            (CREATE, json!({ "c": client_id(), "o": bakery, "i": input })),
            (REVOKE, json!({ "i": id })),
            ("mutation($h: ID!) { acceptHandoff(handoffId: $h) { id } }", json!({ "h": handoff })),
            ("mutation { signOut }", json!({})),
            ("{ notifications { nodes { id } } }", json!({})),
        ];
        for (document, variables) in all {
            assert_eq!(key.refused(document, variables).await, "FORBIDDEN NEEDS_A_PERSON", "{document}");
        }
        // Nobody gives a key what they lack, and no key is an owner.
        let own = json!({ "name": "King", "roleId": livery::store::access::role_id("organization.owner").to_string() });
        assert_eq!(owner.refused(CREATE, json!({ "c": client_id(), "o": bakery, "i": own })).await, "INVALID OWNER_ROLE");
        let admins = owner.ask(ROLES, json!({ "o": bakery })).await["apiKeyRoles"].clone();
        assert!(admins.as_array().expect("roles").iter().all(|one| one["name"] != "Owner"));
        let operator = app.operator().await;
        assert_eq!(operator.refused(CREATE, json!({ "c": client_id(), "o": bakery, "i": input })).await, "FORBIDDEN MISSING_PERMISSION");
        // Fifty are enough for one place.
        for number in 1..=50 {
            let input = json!({ "name": format!("Key {number}"), "roleId": role });
            owner.ask(CREATE, json!({ "c": client_id(), "o": bakery, "i": input })).await;
        }
        assert_eq!(owner.refused(CREATE, json!({ "c": client_id(), "o": bakery, "i": input })).await, "CONFLICT TOO_MANY");
        app.close().await;
    }
}

both! {
    async fn a_program_hears_how_much_it_may_ask_and_is_refused_beyond_it(database) {
        let config = config_with(&database, &[("LIVERY_API_KEY_REQUESTS_PER_MINUTE", "5")]);
        let app = App::with(database, config).await;
        let owner = app.owner().await;
        let (bakery, _) = organizations(&owner).await;
        let (_, secret) = made(&owner, Some(&bakery), "Eager", "Admin", None).await;
        let (_, other) = made(&owner, Some(&bakery), "Patient", "Admin", None).await;
        let key = program(&app, &secret);
        let header = |reply: &Reply, name: &str| reply.headers.get(name).map(|value| value.to_str().expect("text").to_owned());
        let first = key.post(SELF, json!({})).await;
        assert_eq!(first.status, 200);
        assert_eq!(header(&first, "ratelimit-policy").as_deref(), Some("\"key\";q=5;w=60"));
        assert_eq!(header(&first, "ratelimit").as_deref(), Some("\"key\";r=4;t=12"));
        // However slow this machine is: faster than one in twelve seconds.
        let refused = until(async || {
            let reply = key.post(RENAME, json!({ "o": bakery })).await;
            (reply.status != 200).then_some(reply)
        })
        .await;
        assert_eq!((refused.status.as_u16(), refused.error().as_str()), (429, "RATE_LIMITED TOO_MANY_REQUESTS"));
        let wait = refused.json["errors"][0]["extensions"]["retryAfter"].as_u64().expect("seconds");
        assert!((1..=12).contains(&wait), "{wait}");
        assert_eq!(header(&refused, "retry-after"), Some(wait.to_string()));
        assert_eq!(header(&refused, "ratelimit"), Some(format!("\"key\";r=0;t={wait}")));
        // A socket is no way around it.
        let mut socket = key.socket().await;
        let said = until(async || {
            socket.subscribe("subscription($o: ID) { inboxEvents(organizationId: $o) { __typename } }", json!({ "o": bakery })).await;
            let message = socket.receive().await.expect("an open socket");
            message.to_string().contains("TOO_MANY_REQUESTS").then_some(message)
        })
        .await;
        assert_eq!(said["payload"][0]["extensions"]["code"], "RATE_LIMITED", "{said}");
        // Neither another key nor a person has less for it, and nobody but a program is counted so.
        program(&app, &other).ask(SELF, json!({})).await;
        let reply = owner.post("{ viewer { __typename } }", json!({})).await;
        assert_eq!((reply.status.as_u16(), header(&reply, "ratelimit")), (200, None));
        // Later it may ask again.
        app.later(Duration::from_secs(wait));
        key.ask(SELF, json!({})).await;
        app.close().await;
    }
}

both! {
    async fn nobody_gives_a_key_more_than_they_have_nor_makes_more_than_there_is_room_for(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let (bakery, _) = organizations(&owner).await;
        let janitor = package(&owner, "Janitor", "ORGANIZATION", &["home.view", "api_key.manage"]).await;
        person(&app, "janitor@bluebakery.test", Some(bakery.parse().expect("an id")), &janitor).await;
        let janitor = app.sign_in("janitor@bluebakery.test").await;
        let offered = janitor.ask(ROLES, json!({ "o": bakery })).await["apiKeyRoles"].as_array().expect("roles").clone();
        let givable: Vec<&Value> = offered.iter().filter(|role| role["givable"] == true).map(|role| &role["name"]).collect();
        assert_eq!(givable, ["Janitor"], "{offered:?}");
        let wanted = async |of: &str, name: String| {
            let input = json!({ "name": name, "roleId": role(&janitor, Some(&bakery), of).await, "expiresInDays": null });
            json!({ "c": client_id(), "o": bakery, "i": input })
        };
        let refused = janitor.refused(CREATE, wanted("Admin", "Climber".to_owned()).await).await;
        assert_eq!(refused, "FORBIDDEN CANNOT_GRANT");
        // What is revoked takes no room.
        let (spare, _) = made(&janitor, Some(&bakery), "Spare", "Janitor", None).await;
        janitor.ask(REVOKE, json!({ "i": spare })).await;
        for number in 1..=50 {
            janitor.ask(CREATE, wanted("Janitor", format!("Broom {number}")).await).await;
        }
        let refused = janitor.refused(CREATE, wanted("Janitor", "One too many".to_owned()).await).await;
        assert_eq!(refused, "CONFLICT TOO_MANY");
        app.close().await;
    }
}
