//! The agency's own sender: set up, proved, used, failing.

use std::net::SocketAddr;
use std::time::Duration;

use livery::domain::sender::PORTS;
use serde_json::{Value, json};

use super::{agency_of, app_with, letters, post, until_state};
use crate::support::app::Client;
use crate::support::dns::DnsServer;
use crate::support::smtp::{MailServer, Mode, Read};
use crate::support::{App, both, until};

const SENDER: &str = "version configured fromName fromAddress replyTo host port security username hasPassword state \
    problem fallback neutralAddress checking lastCheckedAt lastTest { to state message } \
    proofs { kind state explanation record { type name value found ok } }";

const UPDATE: &str =
    "mutation($version: Int!, $fromName: String, $fromAddress: String, $replyTo: String, $host: String, \
    $port: Int, $security: SmtpSecurity, $username: String, $password: String, $fallback: SenderFallback) {
    updateSender(version: $version, fromName: $fromName, fromAddress: $fromAddress, replyTo: $replyTo, host: $host, \
    port: $port, security: $security, username: $username, password: $password, fallback: $fallback) { SENDER } }";

async fn ask(client: &Client<'_>, document: &str, variables: Value) -> Value {
    let data = client.ask(&document.replace("SENDER", SENDER), variables).await;
    data.as_object().and_then(|fields| fields.values().next().cloned()).expect("a sender")
}

async fn refused(client: &Client<'_>, variables: Value) -> String {
    client.refused(&UPDATE.replace("SENDER", SENDER), variables).await
}

async fn sender(client: &Client<'_>) -> Value {
    ask(client, "{ sender { SENDER } }", json!({})).await
}

/// Waits until nobody looks at its records, and gives it.
async fn checked(client: &Client<'_>) -> Value {
    until(async || Some(sender(client).await).filter(|sender| sender["checking"] == false)).await
}

fn set_up() -> Value {
    json!({
        "version": 0, "fromName": "Northlight Chat", "fromAddress": "hello@northlight.test",
        "replyTo": "help@northlight.test", "host": "mail.northlight.test", "port": 587, "security": "STARTTLS",
        "username": "north", "password": "canary-smtp-password",
    })
}

/// As an owner: sets a sender up that is proved, and goes through that server. For tests whose name servers do not answer:
/// others would say that it is not.
pub async fn prove(app: &App, owner: &Client<'_>, at: SocketAddr) {
    ask(owner, UPDATE, set_up()).await;
    set_in_store(app, owner, at, "PROVED").await;
}

/// Ports and names of tests are none that an agency could choose: they are written behind the service's back.
async fn set_in_store(app: &App, owner: &Client<'_>, at: SocketAddr, state: &str) {
    use livery::domain::sender::SenderState;
    let s = &app.services;
    let scope = livery::policy::Scope::system(agency_of(owner).await, "a test");
    let mut unit = s.store.write().await.expect("a unit");
    let before = livery::store::sender::sender(&mut unit, &scope).await.expect("look").expect("a sender");
    let mut after = before.clone();
    after.port = i64::from(at.port());
    after.state = SenderState::parse(state).expect("a state");
    assert!(livery::store::sender::update(&mut unit, &after, before.version).await.expect("kept"));
    unit.commit().await.expect("kept");
}

async fn records(dns: &DnsServer, owner: &Client<'_>) {
    let sender = checked(owner).await;
    let proof = sender["proofs"].as_array().and_then(|proofs| proofs.iter().find(|proof| proof["kind"] == "OWNERSHIP"));
    let record = &proof.expect("a proof")["record"];
    dns.txt(record["name"].as_str().expect("a name"), record["value"].as_str().expect("a value"));
    dns.txt("northlight.test", "v=spf1 a:mail.northlight.test -all");
}

async fn with_dns(
    database: crate::support::database::Database,
    dns: &DnsServer,
    platform: Option<&str>,
    own: SocketAddr,
) -> App {
    let name = dns.address.to_string();
    let also = [("LIVERY_DNS_SERVER", name.as_str()), ("LIVERY_MAIL_FROM", "post@neutral.test")];
    app_with(database, platform, &[("mail.northlight.test", own)], &also).await
}

both! {
    async fn nothing_goes_out_from_a_sender_that_is_not_proved(database) {
        let (platform, own) = (MailServer::start(Mode::Good).await, MailServer::start(Mode::Good).await);
        let dns = DnsServer::start().await;
        let app = with_dns(database, &dns, Some(&format!("{}?tls=none", platform.url())), own.at).await;
        let owner = app.owner().await;
        let agency = agency_of(&owner).await;
        let write = async || post(&app, agency, "jo@bluebakery.test", &letters()[0].1).await;
        assert_eq!(sender(&owner).await["state"], "NONE");

        // Set up, not proved: the neutral one writes.
        ask(&owner, UPDATE, set_up()).await;
        let shown = checked(&owner).await;
        assert_eq!((&shown["state"], &shown["proofs"][0]["state"]), (&json!("UNPROVED"), &json!("MISSING")));
        set_in_store(&app, &owner, own.at, "UNPROVED").await;
        until_state(&owner, write().await, "SENT").await;
        assert_eq!((platform.taken().len(), own.taken().len()), (1, 0));
        assert_eq!(Read::of(&platform.taken()[0].data).header("from"), "Northlight <post@neutral.test>");

        // Rather nothing than the neutral one.
        let version = sender(&owner).await["version"].clone();
        ask(&owner, UPDATE, json!({ "version": version, "fallback": "REFUSE" })).await;
        let refused = until_state(&owner, write().await, "REFUSED").await;
        assert!(refused["trouble"].as_str().expect("words").contains("not proved"), "{refused}");
        assert_eq!((platform.taken().len(), own.taken().len()), (1, 0));

        // The records are written: it writes itself.
        records(&dns, &owner).await;
        ask(&owner, "mutation { checkSender { SENDER } }", json!({})).await;
        let shown = checked(&owner).await;
        assert_eq!((&shown["state"], &shown["problem"]), (&json!("PROVED"), &Value::Null), "{shown}");
        until_state(&owner, write().await, "SENT").await;
        let taken = own.mail(0).await;
        let mail = Read::of(&taken.data);
        assert_eq!(mail.words("from"), "\"Northlight Chat\" <hello@northlight.test>");
        assert_eq!((mail.header("reply-to").as_str(), taken.from.as_str()), ("help@northlight.test", "hello@northlight.test"));
        assert_eq!(taken.user.as_deref(), Some("north"));
        assert!(mail.header("message-id").ends_with("@northlight.test>"));
        assert!(!taken.data.contains("neutral.test"));

        // What was refused can be sent now.
        let again = "mutation($id: ID!) { resendMail(mailId: $id) { state } }";
        owner.ask(again, json!({ "id": refused["id"] })).await;
        own.mail(1).await;
        // Noted as sent before the clock moves: what is under way then is tried again.
        until_state(&owner, refused["id"].as_str().expect("an id").parse().expect("an id"), "SENT").await;

        // The records have gone: a day later it is not used any more.
        dns.forget("_sender-proof.northlight.test");
        app.later(Duration::from_secs(25 * 3600));
        livery::service::sender::recheck(&app.services).await.expect("begun");
        let owner = app.owner().await;
        let shown = checked(&owner).await;
        assert_eq!(shown["state"], "FAILING");
        assert!(shown["problem"].as_str().expect("words").contains("northlight.test"), "{shown}");
        until_state(&owner, write().await, "REFUSED").await;
        assert_eq!((platform.taken().len(), own.taken().len()), (1, 2));
        app.close().await;
    }
}

both! {
    async fn name_servers_that_do_not_answer_change_nothing(database) {
        let (own, dns) = (MailServer::start(Mode::Good).await, DnsServer::start().await);
        let app = with_dns(database, &dns, None, own.at).await;
        let owner = app.owner().await;
        ask(&owner, UPDATE, set_up()).await;
        records(&dns, &owner).await;
        ask(&owner, "mutation { checkSender { SENDER } }", json!({})).await;
        assert_eq!(checked(&owner).await["state"], "PROVED");
        dns.fails("_sender-proof.northlight.test");
        ask(&owner, "mutation { checkSender { SENDER } }", json!({})).await;
        assert_eq!(checked(&owner).await["state"], "PROVED");
        app.close().await;
    }
}

both! {
    async fn a_harmful_spf_is_explained_and_a_domain_of_ones_own_needs_no_record(database) {
        let (own, dns) = (MailServer::start(Mode::Good).await, DnsServer::start().await);
        let app = with_dns(database, &dns, None, own.at).await;
        let owner = app.sign_in("owner@southpaw.test").await;
        let agency = agency_of(&owner).await;
        let mut unit = app.services.store.write().await.expect("a unit");
        let now = app.services.clock.now();
        livery::service::domain::grant(&app.services, &mut unit, agency, "southpaw.test", now).await.expect("a domain");
        unit.commit().await.expect("kept");
        dns.txt("post.southpaw.test", "v=spf1 +all");
        dns.txt("s1._domainkey.post.southpaw.test", "v=DKIM1; k=rsa; p=MIIB");
        dns.txt("_dmarc.southpaw.test", "v=DMARC1; p=quarantine");
        let mut change = set_up();
        change["fromAddress"] = json!("hello@post.southpaw.test");
        ask(&owner, UPDATE, change).await;
        let shown = checked(&owner).await;
        let states: Vec<(&str, &str)> = shown["proofs"].as_array().expect("proofs").iter()
            .map(|proof| (proof["kind"].as_str().expect("a kind"), proof["state"].as_str().expect("a state"))).collect();
        assert_eq!(states, [("OWNERSHIP", "OK"), ("SPF", "WRONG"), ("DKIM", "OK"), ("DMARC", "OK")]);
        assert_eq!(shown["state"], "UNPROVED");
        assert!(shown["problem"].as_str().expect("words").contains("everybody"), "{shown}");
        assert_eq!(shown["proofs"][1]["record"]["value"], "v=spf1 ~all");
        app.close().await;
    }
}

both! {
    async fn a_server_that_denies_its_sender_makes_it_fail_and_no_mail_is_lost(database) {
        let platform = MailServer::start(Mode::Good).await;
        let own = MailServer::start(Mode::Password("another password")).await;
        let app = app_with(database, Some(&format!("{}?tls=none", platform.url())), &[("mail.northlight.test", own.at)], &[]).await;
        let owner = app.owner().await;
        prove(&app, &owner, own.at).await;
        let id = post(&app, agency_of(&owner).await, "jo@bluebakery.test", &letters()[0].1).await;
        until_state(&owner, id, "SENT").await;
        assert_eq!((platform.taken().len(), own.taken().len()), (1, 0));
        let shown = sender(&owner).await;
        assert_eq!(shown["state"], "FAILING");
        assert!(shown["problem"].as_str().expect("words").contains("535"), "{shown}");
        app.close().await;
    }
}

both! {
    async fn a_test_goes_to_oneself_alone_also_before_the_proof_and_not_without_end(database) {
        let (platform, own) = (MailServer::start(Mode::Good).await, MailServer::start(Mode::Good).await);
        let app = app_with(database, Some(&format!("{}?tls=none", platform.url())), &[("mail.northlight.test", own.at)], &[]).await;
        let owner = app.owner().await;
        let test = "mutation { sendTestMail { SENDER } }";
        ask(&owner, test, json!({})).await;
        platform.mail(0).await;
        ask(&owner, UPDATE, set_up()).await;
        set_in_store(&app, &owner, own.at, "UNPROVED").await;
        let shown = ask(&owner, test, json!({})).await;
        assert_eq!(shown["lastTest"]["to"], "owner@northlight.test");
        assert_eq!(own.mail(0).await.to, ["owner@northlight.test"]);
        let until_told = async |state: &str| {
            until(async || Some(sender(&owner).await["lastTest"].clone()).filter(|test| test["state"] == state)).await
        };
        until_told("SENT").await;
        // What is wrong is said at once, and tried once.
        own.set(Mode::Recipient("450 later"));
        ask(&owner, test, json!({})).await;
        let told = until_told("FAILED").await;
        assert!(told["message"].as_str().expect("words").contains("450 later"), "{told}");
        own.set(Mode::Password("another"));
        ask(&owner, test, json!({})).await;
        ask(&owner, test, json!({})).await;
        assert_eq!(owner.refused(&test.replace("SENDER", "version"), json!({})).await, "RATE_LIMITED TOO_MANY_TESTS");
        app.later(Duration::from_secs(15 * 60 + 1));
        ask(&app.owner().await, test, json!({})).await;
        assert_eq!((platform.taken().len(), own.taken().len()), (1, 1));
        app.close().await;
    }
}

both! {
    async fn what_is_typed_is_checked_and_a_password_stays_with_its_server(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let wrong = async |field: &str, value: Value| {
            let mut change = set_up();
            change[field] = value;
            refused(&owner, change).await
        };
        for port in [0, 22, 80, 443, 1025, 65_536, -1] {
            assert_eq!(wrong("port", json!(port)).await, "INVALID PORT_NOT_ALLOWED", "{port}");
        }
        for host in ["localhost", "127.0.0.1", "[::1]", "10.0.0.1", "mail.test:25", "a b.test", "2130706433", "0x7f.0.0.1", ""] {
            assert_eq!(wrong("host", json!(host)).await, "INVALID NOT_A_HOST", "{host}");
        }
        assert_eq!(wrong("fromAddress", json!("jo@[127.0.0.1]")).await, "INVALID NOT_AN_ADDRESS");
        assert_eq!(wrong("fromAddress", json!("jo@x.test\r\nBcc: a@b.test")).await, "INVALID NOT_AN_ADDRESS");
        assert_eq!(wrong("username", json!("a\r\nQUIT")).await, "INVALID NOT_A_CREDENTIAL");
        assert_eq!(wrong("version", json!(3)).await, "CONFLICT CHANGED_MEANWHILE");
        assert_eq!(refused(&owner, json!({ "version": 0, "fallback": "REFUSE" })).await, "INVALID EMPTY");

        let shown = ask(&owner, UPDATE, set_up()).await;
        assert_eq!((&shown["version"], &shown["hasPassword"]), (&json!(1), &json!(true)));
        assert!(!shown.to_string().contains("canary"));
        let scope = livery::policy::Scope::system(agency_of(&owner).await, "a test");
        let mut read = app.services.store.read().await.expect("read");
        let kept = livery::store::sender::sender(&mut read, &scope).await.expect("look").expect("a sender");
        drop(read);
        assert!(kept.password.is_some() && !format!("{kept:?}").contains("canary"));
        assert_eq!(wrong("version", json!(0)).await, "CONFLICT CHANGED_MEANWHILE");
        let elsewhere = json!({ "version": 1, "host": "mail.evil.example" });
        assert_eq!(refused(&owner, elsewhere).await, "INVALID PASSWORD_NEEDED");
        let renamed = ask(&owner, UPDATE, json!({ "version": 1, "fromName": "  New\u{202e} \n name ", "replyTo": "" })).await;
        assert_eq!((&renamed["fromName"], &renamed["replyTo"]), (&json!("New name"), &Value::Null));
        for port in PORTS {
            let version = sender(&owner).await["version"].clone();
            ask(&owner, UPDATE, json!({ "version": version, "port": port, "password": "x" })).await;
        }
        let gone = ask(&owner, "mutation { removeSender { SENDER } }", json!({})).await;
        assert_eq!((&gone["configured"], &gone["state"], &gone["version"]), (&json!(false), &json!("NONE"), &json!(0)));
        let check = "mutation { checkSender { version } }";
        assert_eq!(owner.refused(check, json!({})).await, "CONFLICT NO_SENDER");
        app.close().await;
    }
}

both! {
    async fn each_agency_sees_its_own_mails_and_client_users_none(database) {
        let app = App::start(database).await;
        let (owner, other, operator) = (app.owner().await, app.sign_in("owner@southpaw.test").await, app.operator().await);
        let id = post(&app, agency_of(&owner).await, "jo@bluebakery.test", &letters()[0].1).await;
        until_state(&owner, id, "SENT").await;
        let data = other.ask(crate::mail::MAILS, json!({})).await;
        assert_eq!(data["mails"]["nodes"], json!([]));
        let again = "mutation($id: ID!) { resendMail(mailId: $id) { state } }";
        let foreign = other.post(again, json!({ "id": id.to_string() })).await;
        let absent = other.post(again, json!({ "id": "mal_00000000000000000000000000" })).await;
        assert_eq!(foreign.error(), "NOT_FOUND NOT_FOUND");
        assert_eq!(foreign.error(), absent.error());
        for document in [crate::mail::MAILS, "{ sender { state } }", "mutation { sendTestMail { state } }"] {
            assert_eq!(operator.refused(document, json!({})).await, "FORBIDDEN MISSING_PERMISSION");
        }
        app.close().await;
    }
}

both! {
    async fn an_agencys_server_in_the_house_is_not_reached(database) {
        use livery::outbound::smtp::{Rules, Smtp};
        // A name that leads to this machine: no trust in the address, so nobody may be reached there.
        let own = MailServer::start(Mode::Good).await;
        let names = crate::mail::Names([("mail.northlight.test".to_owned(), own.at.ip())].into());
        let smtp = Smtp::with_rules(None, Rules { ports: vec![own.at.port()], ..Rules::default() }, names).expect("rules");
        let config = crate::support::app::config(&database);
        let app = App::with_outside(database, config, |outside| outside.smtp = std::sync::Arc::new(smtp)).await;
        let owner = app.owner().await;
        prove(&app, &owner, own.at).await;
        ask(&owner, "mutation { sendTestMail { SENDER } }", json!({})).await;
        let told = until(async || Some(sender(&owner).await["lastTest"].clone()).filter(|test| test["state"] == "FAILED")).await;
        assert!(told["message"].as_str().expect("words").contains("not a mail server on the public internet"), "{told}");
        assert_eq!(own.connections(), 0);
        app.close().await;
    }
}
