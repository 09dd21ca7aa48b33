//! Who a visitor is by the word of the site's server, and that nobody is by anybody else's.

use livery::graphql::widget_sdl;
use serde_json::json;

use super::*;
use crate::support::app::client_id;
use crate::support::both;

both! {
    async fn the_sites_server_says_who_a_visitor_is(database) {
        let app = App::start(database).await;
        let (_, token) = signed(&app, "42").await;
        let (visitor, session) = known(&app, &token).await;
        visitor.says("Hello, it is me").await;
        let conversation = session["conversation"]["id"].as_str().expect("an id");
        let seen = seen(&app.owner().await, conversation).await;
        assert_eq!(seen["visitor"]["name"], "Ada Lovelace");
        assert_eq!(seen["visitor"]["email"], "ada@example.com");
        assert_eq!(seen["visitor"]["verified"], true);
        assert_eq!(seen["visitor"]["verifiedFields"], json!(["id", "name", "email"]));
        // What somebody types when they ask for a person does not overrule it.
        let ask = "mutation($c: String!) { requestHandoff(clientId: $c, name: \"Eve\", email: \"eve@evil.test\") { state } }";
        visitor.ask(ask, json!({ "c": client_id() })).await;
        let seen = super::seen(&app.owner().await, conversation).await;
        assert_eq!((&seen["visitor"]["name"], &seen["visitor"]["email"]), (&json!("Ada Lovelace"), &json!("ada@example.com")));
        app.close().await;
    }
}

both! {
    async fn a_signature_that_does_not_count_opens_nothing(database) {
        let app = App::start(database).await;
        let widget = app.widget().await;
        let (visitor, _) = app.visitor().await;
        let unsigned = sign(&claims(&app, &widget, "42"), "guess");
        assert_eq!(open(&app, None, Some(&unsigned)).await.error(), "FORBIDDEN IDENTITY_NOT_SET_UP");
        let key = key(&app, &widget).await;
        let good = claims(&app, &widget, "42");
        let mut cases = vec![("FORBIDDEN IDENTITY_INVALID", sign(&good, "another key"))];
        for alg in ["none", "HS512", "RS256"] {
            cases.push(("FORBIDDEN IDENTITY_INVALID", sign_as(&json!({ "alg": alg, "typ": "JWT" }), &good, &key)));
        }
        let token = sign(&good, &key);
        let parts: Vec<&str> = token.split('.').collect();
        let other = BASE64.encode(claims(&app, &widget, "43").to_string());
        cases.push(("FORBIDDEN IDENTITY_INVALID", format!("{}.{other}.{}", parts[0], parts[2])));
        cases.push(("FORBIDDEN IDENTITY_INVALID", format!("{}.{}.", BASE64.encode(r#"{"alg":"none"}"#), parts[1])));
        let mut late = good.clone();
        late["exp"] = json!(seconds(&app) - 60);
        cases.push(("FORBIDDEN IDENTITY_EXPIRED", sign(&late, &key)));
        late["exp"] = json!(seconds(&app) + 7_200);
        cases.push(("FORBIDDEN IDENTITY_TOO_LONG", sign(&late, &key)));
        let foreign = good["aud"].as_str().expect("an id").replace(&widget[10..], "7zzzzzzzzzzzzzzzzzzzz");
        let mut aud = good.clone();
        aud["aud"] = json!(foreign);
        cases.push(("FORBIDDEN IDENTITY_OTHER_WIDGET", sign(&aud, &key)));
        // Our own tokens of other kinds are no signature of a site.
        cases.push(("FORBIDDEN IDENTITY_INVALID", visitor.token.clone().expect("a token")));
        for (expected, token) in cases {
            assert_eq!(open(&app, None, Some(&token)).await.error(), expected, "session: {token}");
            assert_eq!(visitor.refused(IDENTIFY, json!({ "t": token })).await, expected, "identify: {token}");
        }
        // The tries were no harm to whoever they were.
        visitor.says("still here").await;
        app.close().await;
    }
}

both! {
    async fn a_signature_counts_on_its_own_pages_alone(database) {
        let app = App::start(database).await;
        let widget = app.widget().await;
        let key = key(&app, &widget).await;
        let mut bound = claims(&app, &widget, "42");
        bound["origin"] = json!("https://shop.example");
        let bound = sign(&bound, &key);
        let at = |page: Option<&'static str>| open_on(&app, None, Some(&bound), page);
        assert!(at(Some("https://shop.example/cart")).await.json["errors"].is_null());
        for page in [None, Some("https://evil.example/"), Some("http://shop.example/"), Some("https://shop.example.evil.test/")] {
            assert_eq!(at(page).await.error(), "FORBIDDEN IDENTITY_OTHER_ORIGIN", "{page:?}");
        }
        // Where the widget may only be on some pages, any signature counts on those alone.
        let free = sign(&claims(&app, &widget, "42"), &key);
        assert!(open_on(&app, None, Some(&free), Some("https://evil.example/")).await.json["errors"].is_null());
        let limit = "mutation($w: ID!) { updateAllowedOrigins(widgetId: $w, origins: [\"https://shop.example\"]) { id } }";
        app.owner().await.ask(limit, json!({ "w": widget })).await;
        let refused = open_on(&app, None, Some(&free), Some("https://evil.example/")).await;
        assert_eq!(refused.error(), "FORBIDDEN IDENTITY_OTHER_ORIGIN");
        let anonymous = open_on(&app, None, None, Some("https://evil.example/")).await;
        let visitor = visitor_in(&app, &anonymous.json["data"]["session"]);
        assert_eq!(visitor.refused(IDENTIFY, json!({ "t": free })).await, "FORBIDDEN IDENTITY_OTHER_ORIGIN");
        // The frame asks from its own origin; what asks from another is stopped at the door.
        let request = http::Request::post("/widget/graphql")
            .header("host", "127.0.0.1:8080")
            .header("origin", "https://evil.example")
            .header("content-type", "application/json")
            .body(json!({ "query": SESSION, "variables": { "w": widget, "i": free } }).to_string().into())
            .expect("a request");
        assert_eq!(app.send(request).await.error(), "FORBIDDEN ORIGIN");
        app.close().await;
    }
}

both! {
    async fn a_key_is_shown_once_and_gives_way_to_the_next(database) {
        let app = App::start(database).await;
        let (owner, widget) = (app.owner().await, app.widget().await);
        let state = "query($w: ID!) { identitySecret(widgetId: $w) { hint createdAt previousUntil secret } }";
        let look = async || owner.ask(state, json!({ "w": widget })).await["identitySecret"].clone();
        assert_eq!(look().await, json!({ "hint": null, "createdAt": null, "previousUntil": null, "secret": null }));
        let first = key(&app, &widget).await;
        let shown = look().await;
        assert_eq!(shown["secret"], serde_json::Value::Null);
        assert_eq!(shown["hint"], first[first.len() - 4..]);
        let opens = async |key: &str, sub: &str| {
            open(&app, None, Some(&sign(&claims(&app, &widget, sub), key))).await.json["errors"].is_null()
        };
        let second = key(&app, &widget).await;
        assert!(opens(&first, "42").await && opens(&second, "42").await, "both count for a day");
        assert!(!look().await["previousUntil"].is_null());
        app.later(std::time::Duration::from_secs(24 * 3_600 + 1));
        assert!(!opens(&first, "42").await && opens(&second, "42").await);
        // A key that got out ends at once.
        let owner = app.owner().await;
        let now = "mutation($w: ID!) { rotateIdentitySecret(widgetId: $w, keepHours: 0) { secret previousUntil } }";
        let third = owner.ask(now, json!({ "w": widget })).await["rotateIdentitySecret"]["secret"].clone();
        assert!(!opens(&second, "42").await && opens(third.as_str().expect("a key"), "42").await);
        // At rest it is sealed, and the audit log has its last characters alone.
        let log = owner.ask("{ auditEntries(first: 100) { nodes { action summary before after } } }", json!({})).await.to_string();
        assert!(log.contains("widget.rotate_secret") && !log.contains(&first) && !log.contains(&second));
        let operator = app.operator().await;
        assert_eq!(operator.refused(state, json!({ "w": widget })).await, "FORBIDDEN MISSING_PERMISSION");
        app.close().await;
    }
}

both! {
    async fn where_identity_is_enforced_no_change_gets_past(database) {
        let app = App::start(database).await;
        let widget = app.widget().await;
        let (_, token) = signed(&app, "42").await;
        let (before, _) = app.visitor().await;
        set(&app, "visitor.identity", "ENFORCED").await;
        // A session may still be opened, to look; it was open before as well.
        let reply = open(&app, None, None).await;
        let anonymous = visitor_in(&app, &reply.json["data"]["session"]);
        anonymous.ask("{ session { conversation { id messages { nodes { seq } } } } }", json!({})).await;
        // Every mutation that the schema has: one that nobody thought of here fails this test unless it is refused too.
        let sdl = widget_sdl();
        let body = sdl.split_once("type Mutation {").expect("mutations").1;
        let body = body.split_once("\n}").expect("an end").0;
        let lines = body.lines().map(str::trim).filter(|line| line.contains("@public") || line.contains("@ownerOnly"));
        let fields: Vec<(&str, bool)> = lines
            .map(|line| (line.split(['(', ':']).next().expect("a name"), line.contains("@public")))
            .collect();
        assert!(fields.len() >= 11, "{fields:?}");
        let public: Vec<&str> = fields.iter().filter(|(_, public)| *public).map(|(name, _)| *name).collect();
        assert_eq!(public, ["session"], "what is public is past the gate: it has to see to this itself");
        let mut refused = 0;
        for (name, _) in fields.iter().filter(|(name, public)| !public && *name != "identify") {
            let line = sdl.lines().find(|line| line.trim().starts_with(name) && line.contains("@ownerOnly")).expect("its line");
            let document = format!("mutation {{ {} }}", call(name, line.trim()));
            for visitor in [&anonymous, &before] {
                let reply = visitor.post(&document, json!({})).await;
                assert_eq!(reply.error(), "FORBIDDEN IDENTITY_REQUIRED", "{document}: {}", reply.json);
                refused += 1;
            }
        }
        assert!(refused >= 18, "{refused}");
        // Nor over a socket, nor in a fragment, nor beside something else.
        let hidden = "mutation { ...F } fragment F on Mutation { ... { setTyping(typing: true) } }";
        assert_eq!(anonymous.refused(hidden, json!({})).await, "FORBIDDEN IDENTITY_REQUIRED");
        let mut socket = anonymous.socket().await;
        let id = socket.subscribe("mutation { setTyping(typing: true) }", json!({})).await;
        let answer = loop {
            let message = socket.receive().await.expect("an open socket");
            if message["id"] == id.as_str() {
                break message.to_string();
            }
        };
        assert!(answer.contains("IDENTITY_REQUIRED"), "{answer}");
        // Whoever is signed for may write; whoever only comes back with a token of theirs may look.
        let (visitor, session) = known(&app, &token).await;
        visitor.says("it is me").await;
        let again = open(&app, session["resume"].as_str(), None).await.json["data"]["session"].clone();
        assert_eq!(again["conversation"]["id"], session["conversation"]["id"]);
        let say = "mutation($c: String!) { sendMessage(clientId: $c, text: \"me?\") { seq } }";
        let resumed = visitor_in(&app, &again);
        assert_eq!(resumed.refused(say, json!({ "c": client_id() })).await, "FORBIDDEN IDENTITY_REQUIRED");
        resumed.ask(IDENTIFY, json!({ "t": token })).await;
        assert_eq!(widget, app.widget().await);
        app.close().await;
    }
}

/// A call of a mutation with some value for each argument that it needs.
fn call(name: &str, line: &str) -> String {
    let Some((_, rest)) = line.split_once('(').filter(|(before, _)| *before == name) else {
        return selected(name.to_owned(), line);
    };
    let arguments = rest.split_once("):").expect("an end").0;
    let given = arguments.split(", ").filter(|one| one.ends_with('!')).map(|one| {
        let (argument, kind) = one.split_once(": ").expect("a type");
        let value = match kind.trim_end_matches('!') {
            "Boolean" => "true".to_owned(),
            "Int" => "1".to_owned(),
            kind if kind.starts_with('[') => "[]".to_owned(),
            "String" | "ID" => format!("\"{}\"", client_id()),
            other => panic!("no value for {other}"),
        };
        format!("{argument}: {value}")
    });
    let given = given.collect::<Vec<_>>().join(", ");
    let call = if given.is_empty() { name.to_owned() } else { format!("{name}({given})") };
    selected(call, line)
}

fn selected(call: String, line: &str) -> String {
    let gives = line.rsplit_once("): ").or_else(|| line.split_once(": ")).expect("a type").1;
    let gives = gives.split([' ', '!']).next().expect("a type");
    if ["Boolean", "Int", "String", "ID"].contains(&gives) { call } else { format!("{call} {{ __typename }}") }
}
