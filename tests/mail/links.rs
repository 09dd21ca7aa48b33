//! Links lead to the agency's own host, whatever a request says about itself.

use std::collections::BTreeMap;
use std::time::Duration;

use http::StatusCode;
use livery::service::mail::shown_mailbox;
use serde_json::json;

use super::{agency_of, letters};
use crate::people::{INVITE, invite, membership, organization_of, role};
use crate::support::app::client_id;
use crate::support::forged::{FOREIGN, foreign_links, post, variants};
use crate::support::{App, both, until};

const RESEND: &str = "mutation($i: ID!) { resendInvitation(invitationId: $i) { state } }";
const CREATE: &str = "mutation($c: String!, $o: ID, $e: String!, $r: ID!) {
    createMember(clientId: $c, organizationId: $o, email: $e, name: \"Cleo\", roleId: $r) { member { id } } }";
const RESET: &str = "mutation($e: String!) { requestPasswordReset(email: $e) }";
const MOVE: &str = "mutation($e: String!) { requestAddressChange(email: $e, password: \"demo-demo-demo\") }";
const TEST: &str = "mutation { sendTestMail { version } }";
const SET_ROLE: &str = "mutation($m: ID!, $r: ID!) { setMemberRole(membershipId: $m, roleId: $r) { id } }";

/// Kinds of letters whose point is a link.
const LINKED: [&str; 15] = [
    "invitation",
    "account_created",
    "member_added",
    "password_reset",
    "address_change",
    "handoff_requested",
    "handoff_waiting",
    "message_unseen",
    "handoff_missed",
    "offline_query_received",
    "offline_query_replied",
    "told",
    "summary",
    "digest",
    "offline_answer",
];

both! {
    async fn no_forged_host_gets_into_a_link(database) {
        let app = App::start(database).await;
        let bakery = organization_of(&app.operator().await).await;
        let (viewer, operator) = (role("organization.viewer"), role("organization.operator"));
        let moved = membership(&app.owner().await, Some(&bakery), "operator2@bluebakery.test").await;
        assert_eq!(variants().len(), 20);
        // What each letter was asked for with, how often that was let in, and how many letters it makes.
        let mut written: BTreeMap<&str, usize> = BTreeMap::new();
        let mut ours: BTreeMap<&str, usize> = BTreeMap::new();
        for (at, variant) in variants().into_iter().enumerate() {
            // Letters to one address are limited, and so are tests.
            app.later(Duration::from_secs(400));
            let owner = app.owner().await;
            let (waiting, _) = invite(&owner, Some(&bakery), &format!("waits{at}@person.test"), "organization.viewer").await;
            *ours.entry("invitation").or_default() += 1;
            let turn = if written.get("access_changed").copied().unwrap_or_default() % 2 == 0 { &viewer } else { &operator };
            let new = |name: &str| format!("{name}{at}@person.test");
            let with = |email: String| json!({ "c": client_id(), "o": bakery, "e": email, "r": viewer });
            let asked = [
                ("invitation", 1, INVITE, with(new("invited"))),
                ("invitation", 1, RESEND, json!({ "i": waiting })),
                ("account_created", 1, CREATE, with(new("created"))),
                ("member_added", usize::from(at < 1), CREATE, with("operator@harbordental.test".to_owned())),
                ("password_reset", 1, RESET, json!({ "e": "viewer@bluebakery.test" })),
                ("address_change", 2, MOVE, json!({ "e": new("moved") })),
                ("sender_test", 1, TEST, json!({})),
                ("access_changed", 1, SET_ROLE, json!({ "m": moved, "r": turn })),
            ];
            for (kind, letters, document, variables) in asked {
                let reply = post(&app, &variant, owner.token.as_deref(), document, variables).await;
                if !reply.json["errors"].is_null() || reply.status != StatusCode::OK {
                    let let_in = reply.status == StatusCode::OK;
                    assert!(!let_in || letters == 0, "{kind}, {variant:?}: {}", reply.json);
                    assert!(!String::from_utf8_lossy(&reply.bytes).contains(FOREIGN), "{variant:?}: {}", reply.json);
                    continue;
                }
                *written.entry(kind).or_default() += letters;
            }
        }
        println!("{written:?}");
        assert!(written.iter().all(|(kind, count)| *count >= 10 || *kind == "member_added"), "{written:?}");
        for (kind, count) in ours {
            *written.entry(kind).or_default() += count;
        }
        // Letters that others cause are all there once their jobs are done.
        let mails = until(async || {
            let mails = shown_mailbox(&app.services, 1_000, None).await.expect("mails");
            // Whoever runs the place is told of each change of what somebody may do.
            let told = mails.iter().filter(|(mail, _)| mail.kind == "told").count();
            (mails.len() - told == written.values().sum::<usize>() && told == written["access_changed"]).then_some(mails)
        })
        .await;
        let mut found: BTreeMap<&str, usize> = BTreeMap::new();
        written.insert("told", written["access_changed"]);
        for (mail, message) in &mails {
            *found.entry(&mail.kind).or_default() += 1;
            let foreign = foreign_links(&message.text, &message.html, &["northlight.localhost:8080"]);
            assert!(foreign.is_empty(), "{}: {foreign:?}", mail.kind);
            let home = "http://northlight.localhost:8080/";
            let leads_home = message.text.contains(home) && message.html.contains(&format!("href=\"{home}"));
            assert_eq!(leads_home, LINKED.contains(&mail.kind.as_str()), "{}: {}", mail.kind, message.text);
            let headers: String = message.headers().into_iter().map(|(_, value)| value).collect();
            assert!(!headers.contains(FOREIGN), "{headers}");
        }
        assert_eq!(found, written);
        app.close().await;
    }
}

both! {
    async fn every_letter_leads_to_the_agencys_host_or_to_the_platforms_address(database) {
        let app = App::start(database).await;
        let third = livery::service::setup::create_agency(&app.services, "Third", "Thea", "thea@third.test", None).await;
        let agencies = [
            (agency_of(&app.owner().await).await, "northlight.localhost:8080"),
            (agency_of(&app.sign_in("owner@southpaw.test").await).await, "southpaw.localhost:8080"),
            (third.expect("an agency").0, "127.0.0.1:8080"),
        ];
        for (agency, host) in agencies {
            let to = format!("jo@{}.test", host.split('.').next().unwrap_or_default());
            for (_, letter) in letters() {
                crate::mail::post(&app, agency, &to, &letter).await;
            }
            let mails = shown_mailbox(&app.services, 100, Some(&to)).await.expect("mails");
            assert_eq!(mails.len(), letters().len());
            for (mail, message) in mails {
                let foreign = foreign_links(&message.text, &message.html, &[host]);
                assert!(foreign.is_empty(), "{}: {foreign:?}", mail.kind);
                let leads_home = message.text.contains(&format!("http://{host}/"));
                assert_eq!(leads_home, LINKED.contains(&mail.kind.as_str()), "{}: {}", mail.kind, message.text);
            }
        }
        app.close().await;
    }
}

/// A link that does lead elsewhere is found.
#[test]
fn a_foreign_link_is_found() {
    let own = ["a.example"];
    for (text, html) in [
        ("go to https://b.example/x", ""),
        ("", "<a href=\"http://b.example\">"),
        ("", "<img src=\"//b.example/x.png\">"),
        ("", "<a href=\"https://a.example.b.example/\">"),
        ("", "<a href=\"https://a.example@b.example/\">"),
    ] {
        assert!(!foreign_links(text, html, &own).is_empty(), "{text}{html}");
    }
    assert!(foreign_links("https://a.example/x", "<a href=\"https://a.example/x\">", &own).is_empty());
}
