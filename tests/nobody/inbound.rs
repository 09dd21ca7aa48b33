//! Visitors' mails come back into their threads (S210, W16), and nothing else comes in.

use hmac::{Hmac, KeyInit, Mac};
use http::{Request, StatusCode};
use serde_json::json;
use sha2::Sha256;

use super::{Inbox, Line, answers, leaves, mails, query, seconds, written_to};
use crate::mail::app_with;
use crate::support::app::Reply;
use crate::support::database::Database;
use crate::support::smtp::{MailServer, Mode, Read};
use crate::support::{App, both, until};

pub const SECRET: &str = "a secret for webhooks";
pub const KEYS: [(&str, &str); 3] = [
    ("LIVERY_INBOUND_DOMAIN", "reply.test"),
    ("LIVERY_INBOUND_SECRET", SECRET),
    ("LIVERY_MAIL_FROM", "post@neutral.test"),
];

async fn app(database: Database, server: &MailServer) -> App {
    app_with(database, Some(&format!("{}?tls=none", server.url())), &[], &KEYS).await
}

/// A query that was answered: its id, and the address that answers go to.
async fn answered(app: &App, server: &MailServer) -> (String, String) {
    let (visitor, _) = app.visitor().await;
    let id = leaves(&visitor, "vera@visitor.test", "Do you bake on Sundays?").await;
    answers(&app.operator().await, &id, "We do.").await;
    let mail = until(async || server.taken().into_iter().find(|mail| mail.to == ["vera@visitor.test"])).await;
    let mail = Read::of(&mail.data);
    assert_eq!(mail.header("from"), "Northlight <post@neutral.test>");
    assert!(mail.text.contains("You can simply answer this mail."), "{}", mail.text);
    let address = mail.header("reply-to");
    assert!(address.ends_with("@reply.test") && address.len() < 75, "{address}");
    (id, address)
}

fn written(from: &str, id: &str, head: &str, text: &str) -> String {
    format!(
        "From: Vera <{from}>\r\nTo: you\r\nSubject: Re: Your message\r\nMessage-ID: <{id}@visitor.test>\r\n{head}\r\n{text}\r\n\
         \r\nOn Fri, 27 Nov 2026 at 14:05, Northlight <r@reply.test> wrote:\r\n> We do."
    )
}

/// Posts a mail as a mail server of one's own does, signed with that secret.
pub async fn post(app: &App, recipient: &str, signed: &str, body: &[u8]) -> Reply {
    let mut mac = Hmac::<Sha256>::new_from_slice(signed.as_bytes()).expect("a key");
    mac.update(format!("{recipient}\n").as_bytes());
    mac.update(body);
    let signature: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let request = Request::post("/inbound/mail").header("host", "127.0.0.1:8080").header("x-recipient", recipient);
    app.send(request.header("x-signature", signature).body(body.to_vec().into()).expect("a request")).await
}

async fn said(app: &App, id: &str) -> Vec<(String, Option<String>)> {
    let data = query(&app.operator().await, id).await;
    let nodes = data["conversation"]["messages"]["nodes"].as_array().expect("entries").clone();
    let texts = nodes.iter().map(|node| {
        (node["text"].as_str().unwrap_or_default().to_owned(), node["author"]["name"].as_str().map(str::to_owned))
    });
    texts.skip(2).collect()
}

both! {
    async fn an_answer_by_mail_comes_back_into_its_thread_and_is_told(database) {
        let server = MailServer::start(Mode::Good).await;
        let app = app(database, &server).await;
        let inbox = Inbox::open(&app).await;
        let (id, address) = answered(&app, &server).await;
        let mail = written("vera@visitor.test", "1", "", "Lovely, thank you!\r\n..and dots\r\n");
        let mut line = Line::open(inbox.at).await;
        assert_eq!(line.mail("vera@visitor.test", &address, mail.as_bytes()).await, "250 2.0.0 Taken");
        let first = vec![("Lovely, thank you!\n.and dots".to_owned(), None)];
        assert_eq!(said(&app, &id).await, first);
        let seen = query(&app.operator().await, &id).await;
        assert_eq!((&seen["state"], &seen["history"][2]), (&json!("OPEN"), &json!({ "action": "REPLIED", "by": "vera@visitor.test" })));
        until(async || server.taken().into_iter().find(|mail| Read::of(&mail.data).words("subject").contains("answered by email"))).await;
        // The same mail again, by the same way and by the other, is the same mail.
        assert_eq!(line.mail("vera@visitor.test", &address, mail.as_bytes()).await, "250 2.0.0 Taken");
        assert_eq!(post(&app, &address, SECRET, mail.as_bytes()).await.status, StatusCode::NO_CONTENT);
        assert_eq!(said(&app, &id).await, first);
        // Another one through the webhook, from somebody who is not who was asked.
        let other = written("mallory@elsewhere.test", "2", "", "It is me, Vera");
        assert_eq!(post(&app, &address.to_uppercase(), SECRET, other.as_bytes()).await.status, StatusCode::NO_CONTENT);
        let strange = Some("mallory@elsewhere.test (not the address of the query)".to_owned());
        assert_eq!(said(&app, &id).await[1], ("It is me, Vera".to_owned(), strange));
        assert_eq!(line.say("QUIT").await, "221 2.0.0 Bye");
        app.close().await;
    }
}

both! {
    async fn what_programs_write_is_thrown_away(database) {
        let server = MailServer::start(Mode::Good).await;
        let app = app(database, &server).await;
        let inbox = Inbox::open(&app).await;
        let (id, address) = answered(&app, &server).await;
        let mut line = Line::open(inbox.at).await;
        for (at, head) in ["Auto-Submitted: auto-replied\r\n", "Precedence: bulk\r\n", "X-Autoreply: yes\r\n", "List-Id: <l.test>\r\n"].iter().enumerate() {
            let mail = written("vera@visitor.test", &format!("auto{at}"), head, "I am away");
            assert_eq!(line.mail("vera@visitor.test", &address, mail.as_bytes()).await, "250 2.0.0 Taken", "{head}");
        }
        let bounce = written("mailer-daemon@visitor.test", "bounce", "", "It did not arrive");
        assert_eq!(line.mail("", &address, bounce.as_bytes()).await, "250 2.0.0 Taken");
        // Our own mail, sent back to us, is one that a program wrote.
        let ours = server.taken().into_iter().find(|mail| mail.to == ["vera@visitor.test"]).expect("the answer").data;
        assert_eq!(line.mail("post@neutral.test", &address, ours.as_bytes()).await, "250 2.0.0 Taken");
        assert!(said(&app, &id).await.is_empty());
        assert_eq!(query(&app.operator().await, &id).await["state"], "ANSWERED");
        app.close().await;
    }
}

both! {
    async fn only_addresses_that_we_signed_are_taken(database) {
        let server = MailServer::start(Mode::Good).await;
        let app = app(database, &server).await;
        let inbox = Inbox::open(&app).await;
        let (id, address) = answered(&app, &server).await;
        let local = address.split('@').next().expect("a name").to_owned();
        let forged = |at: usize| {
            let mut bytes = local.clone().into_bytes();
            bytes[at] = if bytes[at] == b'7' { b'3' } else { b'7' };
            format!("{}@reply.test", String::from_utf8(bytes).expect("ASCII"))
        };
        let mut unknown: Vec<String> = (1..local.len()).step_by(5).map(forged).collect();
        unknown.extend(["nobody@reply.test".to_owned(), "vera@visitor.test".to_owned(), "postmaster@reply.test".to_owned()]);
        unknown.extend([format!("{local}@evil.test"), format!("{local}%evil.test@reply.test"), "a@b@reply.test".to_owned()]);
        for to in &unknown {
            let mut line = Line::open(inbox.at).await;
            let mail = written("vera@visitor.test", "1", "", "hello");
            assert_eq!(line.mail("vera@visitor.test", to, mail.as_bytes()).await, "550 5.1.1 There is no such address here", "{to}");
            assert_eq!(post(&app, to, SECRET, mail.as_bytes()).await.status, StatusCode::NOT_FOUND, "{to}");
        }
        let body = written("vera@visitor.test", "1", "", "hello");
        assert_eq!(post(&app, &address, "another secret, of theirs", body.as_bytes()).await.status, StatusCode::UNAUTHORIZED);
        assert!(said(&app, &id).await.is_empty());
        assert_eq!(server.taken().iter().filter(|mail| mail.data.contains("hello")).count(), 0, "nothing is passed on");
        app.close().await;
    }
}

both! {
    async fn no_mail_however_hostile_stops_the_receiver(database) {
        let server = MailServer::start(Mode::Good).await;
        let app = app(database, &server).await;
        let inbox = Inbox::open(&app).await;
        let (id, address) = answered(&app, &server).await;
        let nested = {
            let mut mail = String::new();
            for depth in 0..2_000 {
                mail.push_str(&format!("Content-Type: multipart/mixed; boundary=b{depth}\r\n\r\n--b{depth}\r\n"));
            }
            mail.into_bytes()
        };
        let junk: Vec<u8> = (0..100_000u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).filter(|byte| *byte != b'\n').collect();
        let many = "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n".repeat(20_000);
        let hostile: Vec<(&str, Vec<u8>)> = vec![
            ("endless headers", format!("{}\r\nhello", "X-A: b\r\n".repeat(50_000)).into_bytes()),
            ("one endless header", format!("X-A: {}\r\n\r\nhello", "b".repeat(500_000)).into_bytes()),
            ("8-bit junk", junk),
            ("nested parts", nested),
            ("twenty thousand parts", format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{many}").into_bytes()),
            ("a bad charset", b"Content-Type: text/plain; charset=\"no-such-\xff\"\r\n\r\n\xff\xfe\x00".to_vec()),
            ("too large", vec![b'x'; 11 * 1024 * 1024]),
            ("no headers at all", b"hello".to_vec()),
        ];
        for (what, data) in hostile {
            let mut line = Line::open(inbox.at).await;
            let answer = line.mail("x@y.test", &address, &data).await;
            assert!(["250", "552", "554", ""].iter().any(|code| answer.get(..3).unwrap_or_default() == *code), "{what}: {answer}");
        }
        // Commands that are none, and lines without an end.
        let mut line = Line::open(inbox.at).await;
        assert_eq!(line.say("DATA").await, "503 5.5.1 Say to whom first");
        assert_eq!(line.say("RCPT TO:<a@b.test>").await, "503 5.5.1 Say from whom first");
        assert_eq!(line.say("MAIL FROM:<a@b.test> SIZE=99999999").await, "552 5.3.4 Too large");
        for _ in 0..7 {
            assert!(line.say("\u{0}\u{7f}EXPN everybody").await.starts_with("502 "));
        }
        line.say("STARTTLS").await;
        assert!(line.hear().await.starts_with("421 ") || line.hear().await.is_empty());
        let mut line = Line::open(inbox.at).await;
        line.send(&[b'A'; 5_000]).await;
        assert_eq!(line.hear().await, "500 5.5.2 Line too long");
        // What looks like an end inside of a mail is none: no second mail hides behind it.
        let mut line = Line::open(inbox.at).await;
        let inner = format!("\n.\nMAIL FROM:<evil@x.test>\r\nRCPT TO:<{address}>\r\nDATA\r\nFrom: evil@x.test\r\n\r\nsmuggled\r\n");
        let outer = written("vera@visitor.test", "outer", "", &format!("one{inner}"));
        assert_eq!(line.mail("vera@visitor.test", &address, outer.as_bytes()).await, "250 2.0.0 Taken");
        // A header that carries another one into what people read.
        let injected = written("vera@visitor.test\r\nBcc: x@y.test", "inject", "", "<script>alert(1)</script> {{ brand }}");
        assert_eq!(line.mail("vera@visitor.test", &address, injected.as_bytes()).await, "250 2.0.0 Taken");
        let all = said(&app, &id).await;
        assert_eq!(all.iter().filter(|(text, _)| text == "smuggled").count(), 0, "{all:?}");
        assert!(all.iter().any(|(text, _)| text.starts_with("one")) && all.iter().any(|(text, _)| text.starts_with("<script>")), "{all:?}");
        assert!(all.iter().all(|(text, _)| text.chars().count() <= 8_000 && !text.contains('\0')));
        // Told of by mail it stays text.
        until(async || server.taken().into_iter().find(|mail| Read::of(&mail.data).text.contains("{{ brand }}"))).await;
        let told = server.taken().into_iter().map(|mail| Read::of(&mail.data).html).find(|html| html.contains("alert(1)")).expect("told");
        assert!(!told.contains("<script"), "{told}");
        app.close().await;
    }
}

both! {
    async fn nothing_is_there_where_nothing_is_configured(database) {
        let app = App::start(database).await;
        let (visitor, _) = app.visitor().await;
        let id = leaves(&visitor, "vera@visitor.test", "hello").await;
        answers(&app.operator().await, &id, "hello").await;
        let mail = until(async || mails(&app, "offline_answer").await.pop()).await;
        assert!(mail.reply_to.as_deref().is_none_or(|to| !to.contains("reply.test")), "{:?}", mail.reply_to);
        assert_eq!(post(&app, "r@reply.test", SECRET, b"hello").await.status, StatusCode::NOT_FOUND);
        app.later(seconds(1));
        assert!(written_to(&app, "offline_query_replied").await.is_empty());
        app.close().await;
    }
}
