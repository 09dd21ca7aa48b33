//! Brand lint (W14): whatever is served on an agency's domain names nobody but the agency.

use std::collections::BTreeSet;

use axum::body::Body;
use http::Request;
use livery::domain::mail::Letter;
use serde_json::json;

use super::{PLATFORM, bring_logo, get, post_at, start};
use crate::mail::{AT, agency_of, app_with, letters, post, prove};
use crate::support::app::{Reply, client_id};
use crate::support::smtp::{MailServer, Mode, Read, Taken, words};
use crate::support::{App, both};

/// Everybody else, as seen from one agency: other agencies with what they own, the platform, the product.
pub struct Foreign(Vec<String>);

impl Foreign {
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut all: Vec<String> = names.into_iter().map(str::to_lowercase).collect();
        all.extend(["livery".to_owned(), PLATFORM.to_owned(), "platform.example".to_owned()]);
        Self(all)
    }

    /// The foreign names that stand in some bytes: of a page, a script, a header, a mail.
    pub fn foreign_names(&self, bytes: &[u8]) -> Vec<String> {
        let text = bytes.to_ascii_lowercase();
        let found = self.0.iter().filter(|name| {
            let name = name.as_bytes();
            // The English word that ends in the product's name is no mention of it.
            (0..text.len().saturating_sub(name.len() - 1))
                .any(|at| text[at..].starts_with(name) && !(name == b"livery" && text[..at].ends_with(b"de")))
        });
        found.cloned().collect()
    }

    /// The foreign names in an answer, its headers included.
    pub fn in_reply(&self, reply: &Reply) -> Vec<String> {
        let mut found = self.foreign_names(&reply.bytes);
        for (name, value) in &reply.headers {
            found.extend(self.foreign_names(name.as_str().as_bytes()));
            found.extend(self.foreign_names(value.as_bytes()));
        }
        found
    }
}

/// Everything that an answer refers to on its own host.
fn references(reply: &Reply) -> Vec<String> {
    let text = String::from_utf8_lossy(&reply.bytes);
    let mut found: Vec<String> = Vec::new();
    for mark in ["src=\"", "href=\"", "\"src\":\"", "url(", "from\"", "import\"", "import(\"", "from'", "\"/", "`/"] {
        for rest in text.split(mark).skip(1) {
            let path = rest.split(['"', '\'', ')', '`', ' ', '\\']).next().unwrap_or_default();
            found.push(if mark.ends_with('/') { format!("/{path}") } else { path.to_owned() });
        }
    }
    found
}

/// The path that a reference means, seen from another path; none when it leads elsewhere or is no file.
fn resolved(base: &str, reference: &str) -> Option<String> {
    let reference = reference.split(['#', '?']).next()?;
    if reference.is_empty() || reference.contains("//") || reference.contains(['{', '$', '<', ',', ';']) {
        return None;
    }
    if reference.starts_with('/') {
        return Some(reference.to_owned());
    }
    let name = reference.strip_prefix("./")?;
    Some(format!("{}/{name}", base.rsplit_once('/')?.0))
}

/// Walks everything that can be reached on a host, and gives how much that was.
async fn walk(app: &App, host: &str, foreign: &Foreign, own_widget: Option<&str>, other_widget: Option<&str>) -> usize {
    // Every page of the dashboard is the same file; what it shows comes from the API.
    let mut open: Vec<String> = [
        "/",
        "/sign-in",
        "/conversations",
        "/live-chats",
        "/settings/brand",
        "/settings/domains",
        "/organizations",
        "/invitation/x",
        "/w.js",
        "/manifest.webmanifest",
        "/favicon.svg",
        "/favicon.ico",
        "/apple-touch-icon.png",
        "/brand/logo.svg",
        "/brand/logo-dark.svg",
        "/brand/icon-192.png",
        "/brand/icon-512.png",
        "/brand/i/x.png",
        "/lost.html",
        "/assets/lost.js",
        "/widget/frame",
        "/widget/frame?widget=x",
        "/widget/config/x.json",
        "/internal/tls?domain=southpaw.localhost",
        "/healthz",
        "/readyz",
        "/graphql",
        "/graphql?query={__typename}",
        "/widget/graphql",
        "/graphql/stream",
        "/robots.txt",
        "/.well-known/security.txt",
        "/sw.js",
        "/files/x",
        "/metrics",
    ]
    .map(str::to_owned)
    .to_vec();
    for widget in [own_widget, other_widget].into_iter().flatten() {
        open.extend([format!("/widget/config/{widget}.json"), format!("/widget/frame?widget={widget}")]);
    }
    let mut seen: BTreeSet<String> = open.iter().cloned().collect();
    let mut walked = 0;
    while let Some(path) = open.pop() {
        // What exists in demo mode alone is no page of an agency.
        if path.starts_with("/demo")
            || path.starts_with("/graphiql")
            || path.starts_with("/dev")
            || !path.is_ascii()
            || path.contains(' ')
        {
            continue;
        }
        for accept in ["text/html,*/*;q=0.8", "*/*"] {
            let request = Request::get(&path).header("host", host).header("accept", accept);
            let Ok(request) = request.body(Body::empty()) else { continue };
            let reply = app.send(request).await;
            let found = foreign.in_reply(&reply);
            assert!(
                found.is_empty(),
                "{host}{path} names {found:?}: {}",
                String::from_utf8_lossy(&reply.bytes).chars().take(400).collect::<String>()
            );
            walked += 1;
            for next in references(&reply).iter().filter_map(|reference| resolved(&path, reference)) {
                if next.len() < 200 && seen.insert(next.clone()) {
                    open.push(next);
                }
            }
        }
    }
    walked
}

/// What the APIs say to whoever asks for anything, and for nonsense.
async fn ask(app: &App, host: &str, foreign: &Foreign, token: Option<&str>, widget: Option<&str>) {
    let unknown = "wid_00000000000000000000000000";
    let desk = [
        "{ brand { name logo logoDark favicon mark signInImage supportEmail termsUrl poweredByText palette } }",
        "{ viewer { user { name } agency { name } } }",
        "{ organizations { nodes { name } } }",
        "{ brandSettings { name images { path } } }",
        "{ domains { host records { value } } }",
        "{ nonsense }",
        "{",
        "{ __schema { types { name description } } }",
        "query { a: b(c: \"southpa\") }",
        "mutation { signIn(email: \"owner@x.test\", password: \"wrong wrong wrong\") { accessToken } }",
        "mutation { refreshSession { accessToken } }",
        "{ conversation(id: \"cnv_00000000000000000000000000\") { id } }",
    ];
    for document in desk {
        let reply = post_at(app, host, "/graphql", token, document, json!({})).await;
        let found = foreign.in_reply(&reply);
        assert!(found.is_empty(), "{host} names {found:?} to {document}: {}", reply.json);
    }
    for widget in [widget.unwrap_or(unknown), unknown, "x"] {
        for document in [
            "query($w: ID!) { widgetConfig(widgetId: $w) { title brand logo poweredBy poweredByUrl } }",
            "mutation($w: ID!) { session(widgetId: $w) { token config { brand title } } }",
            "{ nonsense }",
        ] {
            let reply = post_at(app, host, "/widget/graphql", None, document, json!({ "w": widget })).await;
            let found = foreign.in_reply(&reply);
            assert!(found.is_empty(), "{host} names {found:?} to {document}: {}", reply.json);
        }
    }
}

both! {
    async fn an_agencys_domain_names_nobody_else(database) {
        let (app, _dns) = start(database).await;
        let (owner, other) = (app.owner().await, app.sign_in("owner@southpaw.test").await);
        // Both have pictures and widgets of their own.
        let (_, their_logo) = (bring_logo(&owner).await, bring_logo(&other).await);
        let document = "mutation($c: String!) { createAiAgent(clientId: $c, name: \"Southpaw Bot\") { widget { id } } }";
        let data = other.ask(document, json!({ "c": client_id() })).await;
        let theirs = data["createAiAgent"]["widget"]["id"].as_str().expect("a widget").to_owned();
        let ours = app.widget().await;

        let not_ours = Foreign::new(["southpaw", "127.0.0.1:8080"]);
        let not_theirs = Foreign::new(["northlight", "bluebakery", "blue bakery", "harbor dental", "crumb", "127.0.0.1:8080"]);
        for (host, foreign, token, own, other_widget) in [
            ("northlight.localhost", &not_ours, &owner.token, &ours, &theirs),
            ("southpaw.localhost", &not_theirs, &other.token, &theirs, &ours),
        ] {
            let walked = walk(&app, host, foreign, Some(own), Some(other_widget)).await;
            assert!(walked > 60, "{host}: {walked} answers");
            println!("{walked} answers of {host}");
            ask(&app, host, foreign, None, Some(other_widget)).await;
            ask(&app, host, foreign, token.as_deref(), Some(own)).await;
        }
        assert_eq!(get(&app, "northlight.localhost", &their_logo).await.status, 404);
        // The walk is one that looks: a foreign name that does get onto a page is noticed there.
        let names = "mutation { updateBrand(version: 2, poweredBy: CUSTOM, poweredByText: \"with Southpaw\") { version } }";
        owner.ask(names, json!({})).await;
        for path in ["/".to_owned(), format!("/widget/config/{ours}.json")] {
            assert_eq!(not_ours.in_reply(&get(&app, "northlight.localhost", &path).await), ["southpaw"], "{path}");
        }
        app.close().await;
    }
}

/// What a mail server and whoever reads see of a mail: the envelope, every header, and both of its bodies.
fn in_mail(foreign: &Foreign, mail: &Taken) -> Vec<String> {
    let read = Read::of(&mail.data);
    let mut found = foreign.foreign_names(mail.data.as_bytes());
    for part in [&mail.hello, &mail.from, &read.text, &read.html] {
        found.extend(foreign.foreign_names(part.as_bytes()));
    }
    for (name, value) in &read.headers {
        found.extend(foreign.foreign_names(name.as_bytes()));
        found.extend(foreign.foreign_names(words(value).as_bytes()));
    }
    found.sort();
    found.dedup();
    found
}

both! {
    async fn an_agencys_letters_name_nobody_else(database) {
        // One agency writes through a server of its own, the other through the platform's, which is as neutral as it is set up.
        let (neutral, own) = (MailServer::start(Mode::Good).await, MailServer::start(Mode::Good).await);
        let public = format!("http://{PLATFORM}:8080");
        let also = [("LIVERY_MAIL_FROM", "post@neutral.test"), ("LIVERY_PUBLIC_URL", public.as_str())];
        let url = format!("{}?tls=none", neutral.url());
        let app = app_with(database, Some(&url), &[("mail.northlight.test", own.at)], &also).await;
        let (owner, other) = (app.owner().await, app.sign_in("owner@southpaw.test").await);
        prove(&app, &owner, own.at).await;
        let logos = [bring_logo(&owner).await, bring_logo(&other).await];
        let places = ["northlight.localhost", "southpaw.localhost"];
        let not_ours = Foreign::new(["southpaw", "neutral.test", "127.0.0.1", &logos[1]]);
        let not_theirs = Foreign::new(["northlight", "127.0.0.1", &logos[0]]);
        for (client, server, foreign, name, host, logo) in [
            (&owner, &own, &not_ours, "Northlight", places[0], &logos[0]),
            (&other, &neutral, &not_theirs, "Southpaw", places[1], &logos[1]),
        ] {
            let agency = agency_of(client).await;
            for (at, (kind, letter)) in letters().into_iter().enumerate() {
                post(&app, agency, "jo@reader.test", &letter).await;
                let mail = server.mail(at).await;
                assert_eq!(in_mail(foreign, &mail), Vec::<String>::new(), "{kind} of {name}: {}", mail.data);
                let read = Read::of(&mail.data);
                assert!(read.words("from").contains(name) && read.text.contains(name), "{kind}: {}", mail.data);
                assert!(read.html.contains(&format!("src=\"http://{host}:8080{logo}\"")), "{kind}: {}", read.html);
            }
            assert_eq!(server.taken().len(), letters().len());
            assert_eq!(get(&app, host, logo).await.status, 200);
        }
        // The look is one that finds: a foreign name in a subject, in the words, and in what only the envelope says.
        let letter = Letter::Invitation {
            inviter: None,
            place: "Southpaw".to_owned(),
            role: "Operator".to_owned(),
            link: "/".to_owned(),
            expires_at: AT,
        };
        let agency = agency_of(&owner).await;
        post(&app, agency, "jo@reader.test", &letter).await;
        let mut mail = own.mail(letters().len()).await;
        assert_eq!(in_mail(&not_ours, &mail), ["southpaw"]);
        mail = own.mail(0).await;
        mail.from = "x@southpaw.test".to_owned();
        assert_eq!(in_mail(&not_ours, &mail), ["southpaw"]);
        app.close().await;
    }
}

/// A name that is there is found: in the middle of bytes, in whichever case, and not where a word only ends like it.
#[test]
fn a_foreign_name_is_found() {
    let foreign = Foreign::new(["Southpaw"]);
    assert_eq!(foreign.foreign_names(b"\x00\xffby SOUTHPAW inc"), ["southpaw"]);
    assert_eq!(foreign.foreign_names(b"<b>Livery</b>"), ["livery"]);
    assert!(foreign.foreign_names(b"Delivery failed").is_empty());
    assert!(foreign.foreign_names(b"").is_empty());
}
