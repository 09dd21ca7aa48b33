//! Mail servers in all their moods (REL13).

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use livery::domain::mail::Letter;
use livery::policy::Scope;
use livery::service::mail::mailbox;
use livery::store::mail as kept;
use serde_json::json;
use tokio::net::TcpSocket;

use super::{agency_of, app_with, letters, post, seen, smtp, until_attempts, until_state};
use crate::support::smtp::{MailServer, Mode, Read};
use crate::support::{App, both, until};

fn reset() -> Letter {
    letters().into_iter().find(|(name, _)| *name == "password_reset").expect("it").1
}

async fn app(database: crate::support::database::Database, server: &MailServer) -> App {
    app_with(database, Some(&format!("{}?tls=none", server.url())), &[], &[("LIVERY_MAIL_FROM", "post@neutral.test")])
        .await
}

/// Moves the clock behind the longest pause after that many attempts, jitter and all.
fn wait_after(app: &App, attempts: usize) {
    let pause = [60, 300, 1800, 7200, 21_600, 57_600][attempts - 1];
    app.later(Duration::from_secs(pause * 6 / 5 + 1));
}

both! {
    async fn a_mail_is_taken_and_what_it_said_is_forgotten(database) {
        let server = MailServer::start(Mode::Good).await;
        let app = app(database, &server).await;
        let owner = app.owner().await;
        let agency = agency_of(&owner).await;
        let id = post(&app, agency, "jo@bluebakery.test", &reset()).await;
        until_state(&owner, id, "SENT").await;
        let taken = server.mail(0).await;
        assert_eq!((taken.from.as_str(), taken.to.as_slice()), ("post@neutral.test", &["jo@bluebakery.test".to_owned()][..]));
        let mail = Read::of(&taken.data);
        assert_eq!(mail.header("from"), "Northlight <post@neutral.test>");
        assert_eq!(mail.header("message-id"), format!("<{id}@neutral.test>"));
        assert_eq!(mail.words("subject"), "Choose a new password");
        assert!(mail.text.contains("http://northlight.localhost:8080/reset?token=mZ0x1yQ4r7"), "{}", mail.text);
        for name in ["user-agent", "x-mailer"] {
            assert_eq!(mail.header(name), "");
        }
        assert!(!taken.data.to_lowercase().contains("livery"));
        // The link opens an account: it lies here no longer.
        let scope = Scope::system(agency, "a test");
        let row = kept::mail(&mut app.services.store.read().await.expect("read"), &scope, id).await.expect("look");
        assert_eq!(row.expect("the mail").letter, "");
        assert!(mailbox(&app.services, 10).await.expect("mails").is_empty());
        let again = "mutation($id: ID!) { resendMail(mailId: $id) { state } }";
        assert_eq!(owner.refused(again, json!({ "id": id.to_string() })).await, "CONFLICT ALREADY_SENT");
        app.close().await;
    }
}

both! {
    async fn what_is_refused_for_good_is_tried_once_and_can_be_sent_again(database) {
        for mode in [Mode::Recipient("550 5.1.1 nobody here"), Mode::Content("554 5.7.1 spam"), Mode::Greets("554 go away")] {
            let server = MailServer::start(mode.clone()).await;
            let app = app(database.clone(), &server).await;
            let owner = app.owner().await;
            let id = post(&app, agency_of(&owner).await, "jo@bluebakery.test", &reset()).await;
            // What nobody was named for yet is no bounce.
            let state = if matches!(mode, Mode::Greets(_)) { "FAILED" } else { "BOUNCED" };
            let mail = until_state(&owner, id, state).await;
            assert_eq!(mail["attempts"], 1, "{mode:?}");
            let trouble = mail["trouble"].as_str().expect("words");
            assert!(trouble.starts_with("The mail server refused it: “55"), "{trouble}");
            app.later(Duration::from_secs(3 * 24 * 3600));
            let owner = app.owner().await;
            // Those who look after the sender are told, by the bell and, in vain, by one mail, of which nobody is told again.
            until(async || (owner.ask("{ unreadNotifications }", json!({})).await["unreadNotifications"] == 1).then_some(())).await;
            let told = async || {
                let mails = owner.ask("{ mails { nodes { kind attempts } } }", json!({})).await["mails"]["nodes"].clone();
                let mails = mails.as_array().expect("mails").iter().filter(|mail| mail["kind"] == "told");
                mails.map(|mail| mail["attempts"].clone()).collect::<Vec<_>>()
            };
            // One mail over all three, for nobody has looked meanwhile.
            until(async || (told().await == [1]).then_some(())).await;
            tokio::time::sleep(Duration::from_millis(1200)).await;
            assert_eq!(told().await, [1], "{mode:?}");
            server.set(Mode::Good);
            let again = "mutation($id: ID!) { resendMail(mailId: $id) { state attempts } }";
            let data = owner.ask(again, json!({ "id": id.to_string() })).await;
            assert_eq!(data["resendMail"], json!({ "state": "QUEUED", "attempts": 0 }));
            until_state(&owner, id, "SENT").await;
            app.close().await;
        }
    }
}

both! {
    async fn not_now_is_tried_six_more_times_over_a_day(database) {
        let server = MailServer::start(Mode::Recipient("450 4.2.1 greylisted")).await;
        let app = app(database, &server).await;
        let owner = app.owner().await;
        let id = post(&app, agency_of(&owner).await, "jo@bluebakery.test", &reset()).await;
        for attempts in 1..=6 {
            let owner = app.owner().await;
            let mail = until_attempts(&owner, id, attempts).await;
            assert_eq!((&mail["state"], server.recipients()), (&json!("QUEUED"), attempts as usize));
            assert!(mail["trouble"].as_str().expect("words").contains("450"), "{mail}");
            wait_after(&app, attempts as usize);
        }
        let owner = app.owner().await;
        let mail = until_state(&owner, id, "FAILED").await;
        assert_eq!((mail["attempts"].as_i64(), server.recipients()), (Some(7), 7));
        app.close().await;
    }
}

both! {
    async fn an_unknown_outcome_is_one_more_copy_at_most_with_the_same_id(database) {
        let server = MailServer::start(Mode::DropsAfterData).await;
        let app = app(database, &server).await;
        let owner = app.owner().await;
        let id = post(&app, agency_of(&owner).await, "jo@bluebakery.test", &reset()).await;
        let mail = until_attempts(&owner, id, 1).await;
        assert!(mail["trouble"].as_str().expect("words").contains("may have arrived"), "{mail}");
        server.set(Mode::Good);
        wait_after(&app, 1);
        let owner = app.owner().await;
        until_state(&owner, id, "SENT").await;
        let ids: Vec<String> = server.taken().iter().map(|taken| Read::of(&taken.data).header("message-id")).collect();
        assert_eq!(ids.len(), 2);
        assert_eq!(ids[0], ids[1]);
        app.close().await;
    }
}

both! {
    async fn a_server_that_is_not_there_or_not_well_is_asked_again(database) {
        let modes = [
            Mode::Closed, Mode::Tarpit, Mode::Slow, Mode::Greets("421 4.3.2 come back later"),
            Mode::Content("452 4.3.1 no room"),
        ];
        let server = MailServer::start(Mode::Good).await;
        let app = app(database, &server).await;
        let agency = agency_of(&app.owner().await).await;
        for mode in modes {
            server.set(mode.clone());
            let id = post(&app, agency, "jo@bluebakery.test", &reset()).await;
            let owner = app.owner().await;
            let began = Instant::now();
            let mail = until_attempts(&owner, id, 1).await;
            assert!(began.elapsed() < Duration::from_secs(10), "{mode:?}");
            assert_eq!(mail["state"], "QUEUED", "{mode:?}");
            server.set(Mode::Good);
            wait_after(&app, 1);
            until_state(&app.owner().await, id, "SENT").await;
        }
        app.close().await;
    }
}

both! {
    async fn broken_tls_is_trouble_and_never_a_reason_to_speak_in_the_clear(database) {
        let server = MailServer::start(Mode::BrokenTls).await;
        let app = app_with(database, Some(&server.url()), &[], &[]).await;
        let owner = app.owner().await;
        let id = post(&app, agency_of(&owner).await, "jo@bluebakery.test", &reset()).await;
        let mail = until_attempts(&owner, id, 1).await;
        assert_eq!(mail["state"], "QUEUED");
        assert!(server.taken().is_empty() && server.recipients() == 0);
        server.set(Mode::Good);
        wait_after(&app, 1);
        until_state(&app.owner().await, id, "SENT").await;
        app.close().await;
    }
}

both! {
    async fn nobody_listening_keeps_mails_in_the_queue(database) {
        // Bound and not listening: refused, and nobody else's while the test runs.
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
        let url = format!("smtp://{}?tls=none", socket.local_addr().expect("an address"));
        let app = app_with(database, Some(&url), &[], &[]).await;
        let owner = app.owner().await;
        let id = post(&app, agency_of(&owner).await, "jo@bluebakery.test", &reset()).await;
        let mail = until_attempts(&owner, id, 1).await;
        assert_eq!(mail["trouble"], "The mail server could not be reached.");
        for attempts in 1..=6 {
            wait_after(&app, attempts);
            let owner = app.owner().await;
            until_attempts(&owner, id, attempts as i64 + 1).await;
        }
        assert_eq!(seen(&app.owner().await, id).await["state"], "FAILED");
        app.close().await;
    }
}

both! {
    async fn one_agencys_dead_server_delays_nobody_else(database) {
        let (dead, well) = (MailServer::start(Mode::Tarpit).await, MailServer::start(Mode::Good).await);
        let url = format!("{}?tls=none", well.url());
        let app = app_with(database, Some(&url), &[("mail.northlight.test", dead.at)], &[]).await;
        let (owner, other) = (app.owner().await, app.sign_in("owner@southpaw.test").await);
        crate::mail::sender::prove(&app, &owner, dead.at).await;
        let (agency, southpaw) = (agency_of(&owner).await, agency_of(&other).await);
        let mut waiting = Vec::new();
        for at in 0..100 {
            waiting.push(post(&app, agency, &format!("jo{at}@bluebakery.test"), &reset()).await);
        }
        until(async || (dead.connections() > 0).then_some(())).await;
        let began = Instant::now();
        for at in 0..20 {
            post(&app, southpaw, &format!("ann{at}@southpaw.test"), &reset()).await;
        }
        until(async || (well.taken().len() >= 20).then_some(())).await;
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        assert!(dead.connections() <= 6, "{} connections at a dead server", dead.connections());
        // And the AI answers meanwhile.
        let (visitor, _) = app.visitor().await;
        let began = Instant::now();
        visitor.asks_the_ai("When are you open?").await;
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        // The server comes back, and nothing was lost. The clock may jump over a lease: such a mail comes twice, as one.
        dead.set(Mode::Good);
        let arrived = || -> BTreeSet<String> {
            dead.taken().iter().map(|taken| Read::of(&taken.data).header("message-id")).collect()
        };
        until(async || {
            app.later(Duration::from_secs(20));
            tokio::time::sleep(Duration::from_millis(50)).await;
            (arrived().len() >= waiting.len()).then_some(())
        })
        .await;
        assert_eq!(arrived().len(), waiting.len());
        app.close().await;
    }
}

both! {
    async fn whatever_is_wrong_with_an_agencys_server_the_others_are_not_delayed(database) {
        let (ill, well) = (MailServer::start(Mode::Good).await, MailServer::start(Mode::Good).await);
        let url = format!("{}?tls=none", well.url());
        let app = app_with(database, Some(&url), &[("mail.northlight.test", ill.at)], &[]).await;
        let (owner, other) = (app.owner().await, app.sign_in("owner@southpaw.test").await);
        crate::mail::sender::prove(&app, &owner, ill.at).await;
        let (agency, southpaw) = (agency_of(&owner).await, agency_of(&other).await);
        let modes = [
            Mode::Closed, Mode::Tarpit, Mode::Greets("421 4.3.2 come back later"), Mode::Recipient("450 4.2.1 greylisted"),
            Mode::Content("452 4.3.1 no room"), Mode::Recipient("550 5.1.1 nobody here"), Mode::Content("554 5.7.1 no"),
            Mode::DropsAfterData, Mode::Slow, Mode::BrokenTls,
        ];
        for mode in modes {
            ill.set(mode.clone());
            let (tried, arrived) = (ill.connections(), well.taken().len());
            for at in 0..10 {
                post(&app, agency, &format!("jo{at}@bluebakery.test"), &reset()).await;
            }
            // A place that did not answer rests for a while, and is tried again.
            until(async || {
                app.later(Duration::from_secs(5));
                (ill.connections() > tried).then_some(())
            })
            .await;
            let began = Instant::now();
            for at in 0..10 {
                post(&app, southpaw, &format!("ann{at}@southpaw.test"), &reset()).await;
            }
            let last = well.mail(arrived + 9).await.at;
            assert!(last - began < Duration::from_secs(5), "{mode:?}: {:?}", last - began);
        }
        ill.set(Mode::Good);
        app.close().await;
    }
}

#[tokio::test]
async fn an_attempt_takes_no_longer_than_it_may() {
    use livery::domain::mail::{HeaderText, Mailbox, Message, Outcome};
    use livery::domain::sender::Route;
    let message = Message {
        id: "mal_x@neutral.test".to_owned(),
        envelope: "post@neutral.test".to_owned(),
        from: Mailbox { name: HeaderText::tamed("N", 10), address: "post@neutral.test".to_owned() },
        reply_to: None,
        to: "jo@bluebakery.test".to_owned(),
        subject: HeaderText::tamed("s", 10),
        html: String::new(),
        text: String::new(),
        at: super::AT,
        thread: None,
        unsubscribe: None,
    };
    assert!(livery::outbound::smtp::ATTEMPT <= Duration::from_secs(20));
    for mode in [Mode::Tarpit, Mode::Slow] {
        let server = MailServer::start(mode.clone()).await;
        let smtp = smtp(Some(&server.url()), &[], Duration::from_millis(300));
        let began = Instant::now();
        let outcome = smtp.deliver(&Route::Platform, &message).await;
        assert!(matches!(outcome, Outcome::Unreachable(_)), "{mode:?}: {outcome:?}");
        assert!(began.elapsed() < Duration::from_secs(2), "{mode:?}");
    }
}
