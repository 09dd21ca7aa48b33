//! Mails that come in: taken for addresses of ours alone, read with care, kept in the thread that their address names, or with
//! the mail that they report on.
//!
//! The address is the proof: it names a conversation or a mail, and carries our signature. What the mail says of itself is a stranger's
//! word; it decides nothing, and is shown as such.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mail_parser::{Message, MessageParser, MimeHeaders};

use super::Services;
use super::mail::{self, Mail};
use super::offline::{Came, replied};
use super::reply;
use super::seal::hash_of;
use crate::domain::conversation::{Conversation, MESSAGE_LIMIT};
use crate::domain::offline::{Sent, is_automatic, without_quotation};
use crate::domain::{report, text};
use crate::error::Result;
use crate::policy::Scope;
use crate::store::{conversation, locate, mail as mails};

/// Largest mail that is taken, in bytes.
pub const LARGEST: usize = 10 * 1024 * 1024;
/// Longest head of a mail, in bytes.
const HEAD: usize = 64 * 1024;
/// Most parts of a mail that are looked at: what has more is a trap.
const PARTS: usize = 200;

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It stands in its thread, or its report with the mail.
    Kept,
    /// It came before.
    Again,
    /// A program wrote it: thrown away.
    Automatic,
    /// There is no such address.
    Unknown,
    /// It cannot be read as a mail.
    Unreadable,
    /// It is too large, or its head is.
    TooLarge,
}

/// What a mail that comes in belongs to.
enum Named {
    Thread(Box<Conversation>),
    Report(Box<Mail>),
}

async fn named(s: &Services, address: &str) -> Result<Option<Named>> {
    let Some((named, signature)) = s.replies.named(address) else { return Ok(None) };
    let mut read = s.store.read().await?;
    let place = match named {
        reply::Named::Thread(id) => locate::conversation(&mut read, id).await?,
        reply::Named::Report(id) => locate::mail(&mut read, id).await?,
    };
    let Some(place) = place.filter(|place| s.replies.is_genuine(place.agency, named, signature)) else {
        return Ok(None);
    };
    let scope = Scope::system(place.agency, "a mail that came in");
    Ok(match named {
        reply::Named::Thread(id) => {
            conversation::conversation(&mut read, &scope, id).await?.map(|row| Named::Thread(Box::new(row)))
        }
        reply::Named::Report(id) => mails::mail(&mut read, &scope, id).await?.map(|mail| Named::Report(Box::new(mail))),
    })
}

/// Whether mails to that address are taken. An address that we did not make is as unknown as one that nobody has.
///
/// # Errors
/// UNAVAILABLE when the database does not answer: the sender tries again later.
pub async fn is_ours(s: &Services, address: &str) -> Result<bool> {
    Ok(named(s, address).await?.is_some())
}

/// Takes a mail for one recipient.
///
/// # Errors
/// UNAVAILABLE when it could not be kept, RATE_LIMITED when there are too many: whoever brought it tries again.
pub async fn take(s: &Services, envelope: Option<&str>, recipient: &str, raw: &[u8]) -> Result<Taken> {
    let Some(named) = named(s, recipient).await? else { return Ok(Taken::Unknown) };
    if raw.len() > LARGEST || head_of(raw) > HEAD {
        return Ok(Taken::TooLarge);
    }
    let new = match named {
        Named::Thread(row) => {
            s.visitor_limits.message(row.visitor)?;
            let Some(read) = safely(|| read(raw, envelope)) else { return Ok(Taken::Unreadable) };
            let Read::Written(came) = read else { return Ok(Taken::Automatic) };
            replied(s, &row, came).await?
        }
        Named::Report(mail) => {
            let Some(said) = safely(|| failure(raw)) else { return Ok(Taken::Unreadable) };
            let Some(said) = said else { return Ok(Taken::Automatic) };
            mail::came_back(s, &mail, &said).await?
        }
    };
    Ok(if new { Taken::Kept } else { Taken::Again })
}

/// Reads a mail. The parser is made for hostile ones; if one finds its way through all the same, it ends here.
fn safely<T>(read: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        tracing::error!("a mail made its reader fail");
        None
    })
}

/// How long the head of a mail is.
fn head_of(raw: &[u8]) -> usize {
    let end = |mark: &[u8]| raw.windows(mark.len()).take(HEAD + 1).position(|window| window == mark);
    match (end(b"\r\n\r\n"), end(b"\n\n")) {
        (Some(a), Some(b)) => a.min(b),
        (Some(at), None) | (None, Some(at)) => at,
        (None, None) => raw.len(),
    }
}

enum Read {
    Automatic,
    Written(Came),
}

/// A header as it stands there: which of them the parser knows and reads in a way of its own changes with its releases.
fn header<'a>(message: &'a Message<'_>, name: &'static str) -> Option<&'a str> {
    message.header_raw(name).map(str::trim)
}

fn parsed(raw: &[u8]) -> Option<Message<'_>> {
    MessageParser::default().parse(raw).filter(|message| message.parts.len() <= PARTS)
}

/// What a report says of a mail that did not arrive (RFC 3464); none within when it is no such report. What is wrapped into the
/// mail itself, such as the mail that it is about, is not looked at.
fn failure(raw: &[u8]) -> Option<Option<String>> {
    let message = parsed(raw)?;
    let status = message.parts.iter().find(|part| part.is_content_type("message", "delivery-status"));
    Some(status.and_then(|part| report::failure(&String::from_utf8_lossy(part.contents()))))
}

fn read(raw: &[u8], envelope: Option<&str>) -> Option<Read> {
    let message = parsed(raw)?;
    let precedence = header(&message, "Precedence");
    let programs = ["X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "Feedback-ID", "List-Id"];
    let sent = Sent {
        auto_submitted: header(&message, "Auto-Submitted"),
        precedence,
        by_program: programs.iter().any(|name| header(&message, name).is_some()),
        envelope,
    };
    if is_automatic(&sent) {
        return Some(Read::Automatic);
    }
    let from = message.from().and_then(|from| from.first()).and_then(|from| from.address()).unwrap_or_default();
    let from = text::email("from", from).unwrap_or_default();
    let said = (0..message.text_body_count()).find_map(|at| message.body_text(at)).unwrap_or_default();
    // Far more than is kept, far less than a bomb.
    let said: String = said.chars().take(20 * MESSAGE_LIMIT).collect();
    let said: String = without_quotation(&said).chars().take(MESSAGE_LIMIT).collect();
    let said = text::optional_block("text", &said, MESSAGE_LIMIT).unwrap_or_default();
    let said = if said.is_empty() { "(This mail has no words of its own.)".to_owned() } else { said };
    let id = message.message_id().filter(|id| !id.is_empty());
    let hash = match id {
        Some(id) => hash_of(&format!("id {id}")),
        None => hash_of(&format!("raw {}", String::from_utf8_lossy(raw))),
    };
    Some(Read::Written(Came { text: said, from, hash }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(raw: &[u8]) -> Option<(String, String)> {
        match read(raw, Some("jo@x.test")) {
            Some(Read::Written(came)) => Some((came.text, came.from)),
            _ => None,
        }
    }

    #[test]
    fn mails_of_all_kinds_are_read() {
        fn check(raw: &str, text: &str, from: &str) {
            assert_eq!(
                written(raw.replace('\n', "\r\n").as_bytes()),
                Some((text.to_owned(), from.to_owned())),
                "{raw}"
            );
        }
        check("From: Jo <Jo@X.test>\nMessage-ID: <1@x.test>\n\nThank you\n> quoted\n", "Thank you", "jo@x.test");
        check(
            "From: jo@x.test\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe\n",
            "Grüße",
            "jo@x.test",
        );
        check(
            "From: jo@x.test\nContent-Type: text/html\n\n<p>Hello <b>you</b></p><script>x()</script>\n",
            "Hello you",
            "jo@x.test",
        );
        check(
            "From: jo@x.test\nContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nplain\n--b\nContent-Type: text/html\n\n<p>rich</p>\n--b--\n",
            "plain",
            "jo@x.test",
        );
        check("Subject: nothing else\n\n", "(This mail has no words of its own.)", "");
        check("From: \"a\" <a@b@c>\n\nwho?\n", "who?", "");
    }

    #[test]
    fn programs_are_not_answered() {
        for head in ["Auto-Submitted: auto-replied", "Precedence: bulk", "X-Autoreply: yes", "List-Id: <l.x.test>"] {
            let raw = format!("From: jo@x.test\r\n{head}\r\n\r\nI am away");
            assert!(matches!(read(raw.as_bytes(), Some("jo@x.test")), Some(Read::Automatic)), "{head}");
        }
        assert!(matches!(read(b"From: jo@x.test\r\n\r\nbounce", Some("")), Some(Read::Automatic)));
    }

    #[test]
    fn no_bytes_make_it_fail() {
        use proptest::prelude::*;
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let pieces = prop_oneof![
            Just(b"\r\n".to_vec()),
            Just(b"--b".to_vec()),
            Just(b"Content-Type: multipart/mixed; boundary=b\r\n".to_vec()),
            Just(b"Content-Type: message/rfc822\r\n".to_vec()),
            Just(b"Content-Transfer-Encoding: base64\r\n".to_vec()),
            Just(b"From: ".to_vec()),
            Just(b"=?utf-8?b?".to_vec()),
            Just("\u{202e}ä\u{0}".as_bytes().to_vec()),
            proptest::collection::vec(any::<u8>(), 0..40),
        ];
        let mails = proptest::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat());
        let all = runner.run(&mails, |mail| {
            if let Some(Read::Written(came)) = read(&mail, Some("jo@x.test")) {
                prop_assert!(came.text.chars().count() <= MESSAGE_LIMIT && !came.text.contains('\0'));
            }
            Ok(())
        });
        assert!(all.is_ok(), "{all:?}");
    }
}
