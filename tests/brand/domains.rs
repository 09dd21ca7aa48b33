//! Domains: claimed, proven, failing, given back, and never somebody else's.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{Request, StatusCode};
use livery::domain::domain_name::DomainState;
use livery::policy::Scope;
use livery::service::domain;
use serde_json::{Value, json};

use super::{PLATFORM, get, post_at, start};
use crate::support::app::{Client, client_id};
use crate::support::dns::DnsServer;
use crate::support::{App, both, until};

const ADD: &str = "mutation($c: String!, $h: String!) { addDomain(clientId: $c, host: $h) { id host name state primary checking records { type name value ok } } }";
const LIST: &str =
    "{ domains { id host state primary checking problem lastCheckedAt records { type name value found ok } } }";
const CHECK: &str = "mutation($id: ID!) { checkDomain(domainId: $id) { id } }";
const RELEASE: &str = "mutation($id: ID!) { releaseDomain(domainId: $id) { state } }";

async fn add(client: &Client<'_>, host: &str) -> Value {
    client.ask(ADD, json!({ "c": client_id(), "h": host })).await["addDomain"].clone()
}

async fn refused(client: &Client<'_>, host: &str) -> String {
    client.refused(ADD, json!({ "c": client_id(), "h": host })).await
}

/// The domain once nobody is being asked about it.
async fn settled(client: &Client<'_>, id: &Value) -> Value {
    until(async || {
        let data = client.ask(LIST, json!({})).await;
        let domains = data["domains"].as_array().cloned().unwrap_or_default();
        domains.into_iter().find(|domain| domain["id"] == *id && domain["checking"] == false)
    })
    .await
}

async fn checked(client: &Client<'_>, id: &Value) -> Value {
    // A look of the house's own may end in between: then it is asked for again, as the answer says.
    until(async || {
        let reply = client.post(CHECK, json!({ "id": id })).await;
        assert!(reply.json["errors"].is_null() || reply.error() == "CONFLICT CHANGED_MEANWHILE", "{}", reply.json);
        reply.json["errors"].is_null().then_some(())
    })
    .await;
    settled(client, id).await
}

/// Writes the records that a claim wants.
fn write(dns: &DnsServer, domain: &Value) {
    for record in domain["records"].as_array().expect("records") {
        let (name, value) = (record["name"].as_str().expect("a name"), record["value"].as_str().expect("a value"));
        match record["type"].as_str() {
            Some("TXT") => dns.txt(name, value),
            Some("CNAME") => dns.cname(name, value),
            other => panic!("{other:?}"),
        }
    }
}

async fn proven(client: &Client<'_>, dns: &DnsServer, host: &str) -> Value {
    let claim = add(client, host).await;
    settled(client, &claim["id"]).await;
    write(dns, &claim);
    let domain = checked(client, &claim["id"]).await;
    assert_eq!(domain["state"], "ACTIVE", "{domain}");
    domain
}

both! {
    async fn a_domain_is_added_proven_and_served(database) {
        let (app, dns) = start(database).await;
        let owner = app.owner().await;
        let claim = add(&owner, " Chat.Bücher-Northlight.EXAMPLE. ").await;
        let host = claim["host"].as_str().expect("a host");
        assert!(host.starts_with("chat.xn--bcher-northlight-") && host.ends_with(".example"), "{host}");
        assert_eq!(claim["name"], "chat.bücher-northlight.example");
        let pending = settled(&owner, &claim["id"]).await;
        assert_eq!((&pending["state"], &pending["problem"]), (&json!("PENDING"), &json!("Neither of the two records is there yet.")));
        assert_eq!(get(&app, host, "/").await.status, StatusCode::MISDIRECTED_REQUEST);

        // One record alone is not enough, and what stands there instead is shown.
        dns.cname(host, "elsewhere.example");
        dns.txt(&format!("_brand-proof.{host}"), "something else");
        let pending = checked(&owner, &claim["id"]).await;
        assert_eq!(pending["state"], "PENDING");
        assert_eq!(pending["records"][0]["found"], json!(["something else"]));
        assert_eq!(pending["records"][1]["found"], json!(["elsewhere.example"]));
        dns.forget(host);
        write(&dns, &claim);
        let active = checked(&owner, &claim["id"]).await;
        assert_eq!((&active["state"], &active["problem"]), (&json!("ACTIVE"), &Value::Null), "{active}");
        assert!(active["records"].as_array().expect("records").iter().all(|record| record["ok"] == true));
        let page = get(&app, host, "/").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(String::from_utf8_lossy(&page.bytes).contains("<title>Northlight</title>"));

        // Adding it once more gives the same.
        assert_eq!(add(&owner, host).await["id"], claim["id"]);
        let again = json!({ "c": "the-same", "h": "other.northlight.example" });
        let first = owner.ask(ADD, again.clone()).await;
        assert_eq!(owner.ask(ADD, again).await["addDomain"]["id"], first["addDomain"]["id"]);

        // Links in mails use the primary one.
        let agency = owner.ask("{ viewer { agency { id } } }", json!({})).await["viewer"]["agency"]["id"].as_str().expect("an id").parse().expect("an id");
        let primary = async || domain::primary_host(&mut app.services.store.read().await.expect("read"), agency).await.expect("look");
        assert_eq!(primary().await.as_deref(), Some("northlight.localhost"));
        let document = "mutation($id: ID!) { makeDomainPrimary(domainId: $id) { primary } }";
        assert_eq!(owner.refused(document, json!({ "id": first["addDomain"]["id"] })).await, "CONFLICT NOT_ACTIVE");
        owner.ask(document, json!({ "id": claim["id"] })).await;
        assert_eq!(primary().await.as_deref(), Some(host));
        owner.ask(RELEASE, json!({ "id": claim["id"] })).await;
        assert_eq!(primary().await.as_deref(), Some("northlight.localhost"));
        assert_eq!(get(&app, host, "/").await.status, StatusCode::MISDIRECTED_REQUEST);
        assert_eq!(owner.refused(CHECK, json!({ "id": claim["id"] })).await, "CONFLICT RELEASED");
        app.close().await;
    }
}

both! {
    async fn no_domain_is_taken_from_anybody(database) {
        let (app, dns) = start(database).await;
        let (owner, other) = (app.owner().await, app.sign_in("owner@southpaw.test").await);
        let host = "desk.northlight.example";
        let held = proven(&owner, &dns, host).await;

        // What another agency has proven, in every way of writing it, and everything above and below.
        for name in [
            host, "DESK.Northlight.Example", "desk.northlight.example.", " desk.northlight.example ", "desk\u{3002}northlight\u{ff0e}example",
            "\u{ff44}esk.northlight.example", "northlight.example", "a.desk.northlight.example", "a.b.desk.northlight.example",
            "northlight.localhost.",
        ] {
            let answer = refused(&other, name).await;
            assert!(matches!(answer.as_str(), "CONFLICT HOST_TAKEN" | "INVALID HOST_NOT_ALLOWED"), "{name}: {answer}");
        }
        // Names of the platform, and names that are none.
        for name in [
            PLATFORM, "DESK.platform.EXAMPLE.", "a.desk.platform.example", "platform.example", "127.0.0.1", "localhost", "co.uk", "github.io",
            "*.northlight.example", "desk.northlight.example:8080", "https://desk.northlight.example", "desk.northlight.example/", "com", "",
        ] {
            assert_eq!(refused(&other, name).await, "INVALID HOST_NOT_ALLOWED", "{name}");
        }

        // A claim that is not proven serves nothing, whatever the Host header says, and blocks nobody.
        let race = "race.example";
        let first = add(&other, race).await;
        let second = add(&owner, race).await;
        assert_ne!(first["records"][0]["value"], second["records"][0]["value"], "each claim has a text of its own");
        assert_eq!(get(&app, race, "/").await.status, StatusCode::MISDIRECTED_REQUEST);
        // The text of one claim proves nothing for the other.
        write(&dns, &second);
        assert_eq!(checked(&other, &first["id"]).await["state"], "PENDING");
        assert_eq!(checked(&owner, &second["id"]).await["state"], "ACTIVE");
        // Too late: also with the right text, and for names above and below.
        write(&dns, &first);
        let late = checked(&other, &first["id"]).await;
        assert_eq!(late["state"], "PENDING", "{late}");
        assert!(late["problem"].as_str().is_some_and(|problem| problem.contains("belongs to somebody else")), "{late}");
        let page = get(&app, race, "/").await;
        assert!(String::from_utf8_lossy(&page.bytes).contains("Northlight") && !String::from_utf8_lossy(&page.bytes).contains("Southpaw"));

        // A claim below a name, made before that was proven.
        let below = add(&other, "a.later.example").await;
        proven(&owner, &dns, "later.example").await;
        write(&dns, &below);
        assert_eq!(checked(&other, &below["id"]).await["state"], "PENDING");

        // Given back yesterday: the records may still be there, and still nobody else gets it; the agency itself does.
        owner.ask(RELEASE, json!({ "id": held["id"] })).await;
        assert_eq!(get(&app, host, "/").await.status, StatusCode::MISDIRECTED_REQUEST);
        app.later(Duration::from_secs(24 * 3600));
        let (owner, other) = (app.owner().await, app.sign_in("owner@southpaw.test").await);
        assert_eq!(refused(&other, host).await, "CONFLICT QUARANTINED");
        let again = add(&owner, host).await;
        assert_eq!(settled(&owner, &again["id"]).await["state"], "PENDING", "the old text proves nothing any more");
        owner.ask(RELEASE, json!({ "id": again["id"] })).await;
        app.later(Duration::from_secs(30 * 24 * 3600));
        let other = app.sign_in("owner@southpaw.test").await;
        dns.forget(&format!("_brand-proof.{host}"));
        dns.forget(host);
        assert_eq!(proven(&other, &dns, host).await["state"], "ACTIVE");

        // Claiming and giving back without a proof keeps nobody out.
        let claim = add(&other, "never.example").await;
        other.ask(RELEASE, json!({ "id": claim["id"] })).await;
        assert_eq!(add(&app.owner().await, "never.example").await["state"], "PENDING");
        app.close().await;
    }
}

both! {
    async fn a_claim_is_given_back_while_its_records_are_looked_at(database) {
        let (app, _dns) = start(database).await;
        let owner = app.owner().await;
        for number in 0..25 {
            // Each claim begins a look.
            let claim = add(&owner, &format!("never{number}.example")).await;
            let given_back = owner.ask(RELEASE, json!({ "id": claim["id"] })).await;
            assert_eq!(given_back["releaseDomain"]["state"], "RELEASED");
        }
        app.close().await;
    }
}

both! {
    async fn a_failing_domain_is_served_for_three_days(database) {
        let (app, dns) = start(database).await;
        let host = "fails.northlight.example";
        let domain = proven(&app.owner().await, &dns, host).await;
        let look = async |later: Duration| {
            app.later(later);
            let owner = app.owner().await;
            domain::look_at_what_is_due(&app.services).await.expect("looked");
            settled(&owner, &domain["id"]).await
        };
        let day = Duration::from_secs(24 * 3600 + 60);
        // Name servers that are down say nothing about the domain.
        dns.fails(&format!("_brand-proof.{host}"));
        let seen = look(day).await;
        assert_eq!(seen["state"], "ACTIVE", "{seen}");
        assert!(seen["problem"].as_str().is_some_and(|problem| problem.contains("did not answer")), "{seen}");
        assert_eq!(get(&app, host, "/").await.status, StatusCode::OK);
        // Nor does silence, which is waited for no longer than a few seconds.
        dns.is_silent(&format!("_brand-proof.{host}"));
        let seen = look(day).await;
        assert_eq!(seen["state"], "ACTIVE", "{seen}");
        // The text is gone.
        dns.forget(&format!("_brand-proof.{host}"));
        assert_eq!(look(day).await["state"], "FAILING");
        assert_eq!(get(&app, host, "/").await.status, StatusCode::OK);
        assert_eq!(look(2 * day).await["state"], "FAILING");
        assert_eq!(get(&app, host, "/").await.status, StatusCode::OK);
        assert_eq!(look(2 * day).await["state"], "FAILING");
        assert_eq!(get(&app, host, "/").await.status, StatusCode::MISDIRECTED_REQUEST);
        // Still nobody else's.
        let other = app.sign_in("owner@southpaw.test").await;
        assert_eq!(refused(&other, host).await, "CONFLICT HOST_TAKEN");
        // Back again, and served again.
        dns.txt(&format!("_brand-proof.{host}"), domain["records"][0]["value"].as_str().expect("a text"));
        assert_eq!(look(day).await["state"], "ACTIVE");
        assert_eq!(get(&app, host, "/").await.status, StatusCode::OK);
        app.close().await;
    }
}

both! {
    async fn an_apex_may_have_the_platforms_addresses_instead(database) {
        let (app, dns) = start(database).await;
        let owner = app.owner().await;
        let claim = add(&owner, "northlight-apex.example").await;
        settled(&owner, &claim["id"]).await;
        dns.txt("_brand-proof.northlight-apex.example", claim["records"][0]["value"].as_str().expect("a text"));
        dns.a("northlight-apex.example", Ipv4Addr::new(192, 0, 2, 7));
        dns.a(PLATFORM, Ipv4Addr::new(192, 0, 2, 8));
        assert_eq!(checked(&owner, &claim["id"]).await["state"], "PENDING");
        dns.a(PLATFORM, Ipv4Addr::new(192, 0, 2, 7));
        assert_eq!(checked(&owner, &claim["id"]).await["state"], "ACTIVE");
        app.close().await;
    }
}

async fn tls(app: &App, peer: Option<&str>, name: &str, header: Option<&str>) -> StatusCode {
    let mut request = Request::get(format!("/internal/tls?domain={name}")).header("host", "proxy.internal:2019");
    if let Some(header) = header {
        request = request.header(header, "203.0.113.9");
    }
    let mut request = request.body(Body::empty()).expect("a request");
    if let Some(peer) = peer {
        let peer: SocketAddr = peer.parse().expect("an address");
        request.extensions_mut().insert(ConnectInfo(peer));
    }
    app.send(request).await.status
}

both! {
    async fn certificates_are_for_names_that_are_served(database) {
        let (app, dns) = start(database).await;
        let owner = app.owner().await;
        add(&owner, "claimed.northlight.example").await;
        proven(&owner, &dns, "proven.northlight.example").await;
        let near = Some("127.0.0.1:4000");
        for (name, expected) in [
            ("proven.northlight.example", StatusCode::OK),
            ("Proven.Northlight.Example.", StatusCode::OK),
            ("northlight.localhost", StatusCode::OK),
            (PLATFORM, StatusCode::OK),
            ("claimed.northlight.example", StatusCode::NOT_FOUND),
            ("a.proven.northlight.example", StatusCode::NOT_FOUND),
            ("northlight.example", StatusCode::NOT_FOUND),
            ("unknown.example", StatusCode::NOT_FOUND),
            ("", StatusCode::NOT_FOUND),
        ] {
            assert_eq!(tls(&app, near, name, None).await, expected, "{name}");
        }
        // To nobody from outside, nor to whoever comes through the proxy.
        for (peer, header) in [(Some("203.0.113.9:4000"), None), (None, None), (near, Some("x-forwarded-for")), (near, Some("forwarded")), (near, Some("via"))] {
            assert_eq!(tls(&app, peer, "proven.northlight.example", header).await, StatusCode::NOT_FOUND, "{peer:?} {header:?}");
        }
        let mut answers = Vec::new();
        for _ in 0..200 {
            answers.push(tls(&app, near, "unknown.example", None).await);
        }
        assert!(answers.contains(&StatusCode::TOO_MANY_REQUESTS));
        app.close().await;
    }
}

both! {
    async fn sessions_and_cookies_stay_on_their_agencys_domain(database) {
        let (app, _dns) = start(database).await;
        let sign_in = "mutation { signIn(email: \"owner@northlight.test\", password: \"demo-demo-demo\") { accessToken } }";
        let signed_in = post_at(&app, "northlight.localhost", "/graphql", None, sign_in, json!({})).await;
        let token = signed_in.json["data"]["signIn"]["accessToken"].as_str().expect("a token").to_owned();
        let cookie = signed_in.headers["set-cookie"].to_str().expect("text");
        assert!(!cookie.to_ascii_lowercase().contains("domain="), "{cookie}");
        let who = "{ viewer { user { name } } }";
        let at = async |host: &str| post_at(&app, host, "/graphql", Some(&token), who, json!({})).await;
        assert_eq!(at("northlight.localhost").await.json["data"]["viewer"]["user"]["name"], "Nora Lindqvist");
        assert_eq!(at("southpaw.localhost").await.error(), "UNAUTHENTICATED OTHER_HOST");
        // Nor does the other agency's domain know the account at all.
        let there = post_at(&app, "southpaw.localhost", "/graphql", None, sign_in, json!({})).await;
        assert_eq!(there.error(), "UNAUTHENTICATED WRONG_CREDENTIALS");
        // A picture is brought with the same token, so it is refused alike.
        let request = Request::post("/brand/images/logo").header("host", "southpaw.localhost").header("authorization", format!("Bearer {token}"));
        let reply = app.send(request.body(Body::from(crate::brand::png(4, 4))).expect("a request")).await;
        assert_eq!((reply.status, &reply.json["reason"]), (StatusCode::UNAUTHORIZED, &json!("OTHER_HOST")));
        app.close().await;
    }
}

both! {
    async fn only_those_who_look_after_domains_find_them(database) {
        let (app, _dns) = start(database).await;
        let owner = app.owner().await;
        let id = owner.ask(LIST, json!({})).await["domains"][0]["id"].clone();
        assert_eq!(app.operator().await.refused(LIST, json!({})).await, "FORBIDDEN MISSING_PERMISSION");
        for email in ["operator1@bluebakery.test", "owner@southpaw.test"] {
            assert_eq!(app.sign_in(email).await.refused(RELEASE, json!({ "id": id })).await, "NOT_FOUND NOT_FOUND", "{email}");
        }
        app.close().await;
    }
}

both! {
    async fn the_database_itself_knows_one_holder_of_a_host(database) {
        let (app, dns) = start(database).await;
        let (owner, other) = (app.owner().await, app.sign_in("owner@southpaw.test").await);
        let claim = add(&other, "one.example").await;
        settled(&other, &claim["id"]).await;
        proven(&owner, &dns, "one.example").await;
        // Were all the rules above forgotten, two holders of one name could still not be written.
        let agency = other.ask("{ viewer { agency { id } } }", json!({})).await["viewer"]["agency"]["id"].as_str().expect("an id").parse().expect("an id");
        let scope = Scope::system(agency, "a test that breaks the rules");
        let id = claim["id"].as_str().expect("an id").parse().expect("an id");
        let mut unit = app.services.store.write().await.expect("a unit");
        let mut row = livery::store::domain::domain(&mut unit, &scope, id).await.expect("read").expect("a claim");
        (row.state, row.served) = (DomainState::Active, true);
        assert!(livery::store::domain::update(&mut unit, &scope, &row).await.is_err());
        drop(unit);
        let page = get(&app, "one.example", "/").await;
        assert!(String::from_utf8_lossy(&page.bytes).contains("Northlight"));
        app.close().await;
    }
}
