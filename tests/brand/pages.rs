//! Pages come out under the brand of their host, whatever its values are.

use http::StatusCode;
use serde_json::{Value, json};

use super::{get, start, upload};
use crate::support::app::Reply;
use crate::support::{App, both};

const SETTINGS: &str = "{ brandSettings { version name accent radius font poweredBy signInLayout } }";

fn text(reply: &Reply) -> String {
    String::from_utf8_lossy(&reply.bytes).into_owned()
}

both! {
    async fn the_first_paint_has_the_brand(database) {
        let (app, _dns) = start(database).await;
        let owner = app.owner().await;
        let host = "northlight.localhost";
        let update = "mutation($v: Int!, $n: String, $a: String, $t: String, $u: String) { updateBrand(version: $v, name: $n, accent: $a, radius: 3, font: \"serif\", signInLayout: SPLIT, poweredBy: CUSTOM, poweredByText: $t, poweredByUrl: $u, termsUrl: \"https://northlight.example/terms\", language: \"de\") { version accent } }";
        let values = json!({ "v": 1, "n": "Polar Light", "a": "#7a1f5c", "t": "Made by Polar", "u": "https://polar.example/" });
        assert_eq!(owner.ask(update, values.clone()).await["updateBrand"], json!({ "version": 2, "accent": "#7a1f5c" }));
        // Whoever has looked at an older version is told so.
        assert_eq!(owner.refused(update, values).await, "CONFLICT CHANGED_MEANWHILE");
        let pale = owner.post("mutation { updateBrand(version: 2, accent: \"#ffe600\") { version } }", json!({})).await;
        assert_eq!(pale.error(), "INVALID LOW_CONTRAST");
        assert!(pale.json["errors"][0]["message"].as_str().is_some_and(|message| message.contains('#')), "{}", pale.json);
        let check = owner.ask("{ checkColour(colour: \"#FFE600\") { colour contrast enough proposal dark text palette } }", json!({})).await;
        let check = &check["checkColour"];
        assert_eq!((&check["colour"], &check["enough"], check["palette"].as_array().map(Vec::len)), (&json!("#ffe600"), &json!(false), Some(10)));
        assert!(pale.json["errors"][0]["message"].as_str().expect("text").contains(check["proposal"].as_str().expect("a proposal")));

        let page = text(&get(&app, host, "/").await);
        for wanted in ["<title>Polar Light</title>", "--brand-accent:#7a1f5c", "--brand-radius:3px", "--brand-step-6:#7a1f5c", "Palatino", "manifest.webmanifest", "theme-color", "\"signInLayout\":\"SPLIT\"", "\"poweredByText\":\"Made by Polar\"", "\"language\":\"de\""] {
            assert!(page.contains(wanted), "{wanted}: {page}");
        }
        let manifest = get(&app, host, "/manifest.webmanifest").await.json;
        assert_eq!((&manifest["name"], &manifest["theme_color"]), (&json!("Polar Light"), &json!("#7a1f5c")));
        for icon in manifest["icons"].as_array().expect("icons") {
            let served = get(&app, host, icon["src"].as_str().expect("a path")).await;
            assert_eq!(served.headers["content-type"], "image/png");
            let drawn = image::load_from_memory(&served.bytes).expect("a picture");
            assert_eq!(format!("{}x{}", drawn.width(), drawn.height()), icon["sizes"].as_str().expect("a size"));
        }
        assert_eq!(get(&app, host, "/favicon.ico").await.headers["content-type"], "image/png");
        // A favicon of their own takes the place of what was drawn.
        let path = upload(&owner, "/brand/images/favicon", crate::brand::png(64, 64)).await.json["path"].as_str().expect("a path").to_owned();
        assert!(text(&get(&app, host, "/").await).contains(&format!("<link rel=\"icon\" href=\"{path}\" type=\"image/png\"")));
        assert_eq!(get(&app, host, "/favicon.svg").await.headers["location"], path.as_str());

        // What widgets say of it.
        let widget = app.widget().await;
        let config = get(&app, host, &format!("/widget/config/{widget}.json")).await.json;
        assert_eq!((&config["brand"], &config["poweredBy"], &config["poweredByUrl"]), (&json!("Polar Light"), &json!("Made by Polar"), &json!("https://polar.example/")));
        // Who changed what is in the log.
        let entries = audit(&app, "branding.edit").await;
        assert!(entries.contains("Polar Light") && entries.contains("#0f5c5c") && entries.contains("before"), "{entries}");
        app.close().await;
    }
}

/// What the audit log says of an action; through the driver, as there is no page for it here.
async fn audit(app: &App, action: &str) -> String {
    use livery::store::{Db, Reads};
    let mut read = app.services.store.read().await.expect("read");
    let statement = "select detail from audit_entries where action = $1 order by id";
    let details: Vec<String> = match read.db().await.expect("a connection") {
        Db::Sqlite(connection) => sqlx::query_scalar(statement).bind(action).fetch_all(connection).await,
        Db::Postgres(connection) => sqlx::query_scalar(statement).bind(action).fetch_all(connection).await,
    }
    .expect("entries");
    details.join("\n")
}

both! {
    async fn what_goes_wrong_goes_wrong_under_the_brand(database) {
        let (app, _dns) = start(database).await;
        let lost = get(&app, "northlight.localhost", "/nothing.html").await;
        assert_eq!((lost.status, lost.headers["content-type"].to_str().expect("text")), (StatusCode::NOT_FOUND, "text/html; charset=utf-8"));
        assert!(text(&lost).contains("Northlight") && text(&lost).contains("#0f5c5c"));
        assert!(lost.headers["content-security-policy"].to_str().is_ok_and(|policy| policy.starts_with("default-src 'none'")));
        let unknown = get(&app, "unknown.example", "/").await;
        assert_eq!(unknown.status, StatusCode::MISDIRECTED_REQUEST);
        for name in ["northlight", "southpaw", "brand-accent:#", "platform", "live chat"] {
            assert!(!text(&unknown).to_lowercase().contains(name), "{name}");
        }
        app.close().await;
    }
}

/// Values that try to leave their place, and some that are what they should be.
fn fuzzed(seed: u64) -> (Value, bool) {
    const PIECES: &[&str] = &[
        "url(",
        "@import",
        "}",
        "<",
        ">",
        "\"",
        "'",
        ";",
        "</style>",
        "<script>",
        "javascript:",
        "expression(",
        "\\",
        "/*",
        "*/",
        "{",
        "&lt;",
        "\u{202e}",
        "\0",
        "\n",
        "#0f5c5c",
        "red",
        "var(--x)",
        "https://",
        "example.com",
        "{{brand.css}}",
        "{{nonce}}",
        "Bakery",
        " ",
        "é",
        "serif",
        "-1",
        "]]>",
        "<!--",
    ];
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = move |most: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % most as u64) as usize
    };
    let mut words = |most: usize| (0..=next(most)).map(|_| PIECES[next(PIECES.len())]).collect::<String>();
    let value = words(5);
    let field = [
        "name",
        "accent",
        "font",
        "supportEmail",
        "termsUrl",
        "privacyUrl",
        "poweredByText",
        "poweredByUrl",
        "language",
    ][(seed % 9) as usize];
    let value = match (field, seed % 5) {
        ("termsUrl" | "privacyUrl" | "poweredByUrl", 0..3) => format!("https://example.com/{value}"),
        ("supportEmail", 0..3) => format!("{value}@example.com"),
        ("accent", 0..3) => format!("#0f5c5c{value}"),
        _ => value,
    };
    (json!({ field: value }), field == "name" || field == "poweredByText")
}

both! {
    async fn a_thousand_values_leave_their_place_nowhere(database) {
        let (app, _dns) = start(database).await;
        let owner = app.owner().await;
        let document = "mutation($v: Int!, $name: String, $accent: String, $font: String, $supportEmail: String, $termsUrl: String, $privacyUrl: String, $poweredByText: String, $poweredByUrl: String, $language: String) {
            updateBrand(version: $v, name: $name, accent: $accent, font: $font, supportEmail: $supportEmail, termsUrl: $termsUrl, privacyUrl: $privacyUrl, poweredBy: CUSTOM, poweredByText: $poweredByText, poweredByUrl: $poweredByUrl, language: $language) { version } }";
        owner.ask("mutation { updateBrand(version: 1, poweredBy: CUSTOM, poweredByText: \"x\") { version } }", json!({})).await;
        let mut version = owner.ask(SETTINGS, json!({})).await["brandSettings"]["version"].clone();
        let (mut kept, mut refused) = (0, 0);
        for seed in 0..1000u64 {
            let (mut values, free) = fuzzed(seed);
            values["v"] = version.clone();
            let reply = owner.post(document, values.clone()).await;
            if !reply.json["errors"].is_null() {
                assert!(reply.error().starts_with("INVALID "), "{values}: {}", reply.json);
                refused += 1;
                continue;
            }
            kept += 1;
            version = reply.json["data"]["updateBrand"]["version"].clone();
            let page = text(&get(&app, "northlight.localhost", "/").await);
            let style = page.split("<style").nth(1).and_then(|rest| rest.split_once('{')).and_then(|(_, rest)| rest.split_once("}</style>")).expect("a style").0;
            for forbidden in ["url(", "@import", "}", "<", "expression", "\\"] {
                assert!(!style.contains(forbidden), "{values}: {style}");
            }
            let data = page.split("id=\"brand\">").nth(1).and_then(|rest| rest.split_once("</script>")).expect("data").0;
            assert!(!data.contains('<') && serde_json::from_str::<Value>(data).is_ok(), "{values}: {data}");
            // Markup of theirs would be one more tag than the template has; texts are free, and stand there as texts.
            let tags = |html: &str| html.matches('<').count();
            assert!(tags(&page) < 60, "{values}: {page}");
            if free {
                let lost = text(&get(&app, "northlight.localhost", "/lost.html").await);
                assert!(!lost.contains("<script") && lost.matches("<style").count() == 1 && tags(&lost) < 40, "{values}: {lost}");
                let logo = text(&get(&app, "northlight.localhost", "/brand/logo.svg").await);
                assert!(!logo.contains("<script") && tags(&logo) < 10, "{values}: {logo}");
            }
        }
        println!("{kept} values were kept and {refused} refused");
        assert!(kept > 100 && refused > 300, "{kept} {refused}");
        app.close().await;
    }
}
