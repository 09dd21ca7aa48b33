//! Letters to try words with: the usual one first, then one in which all that may be missing is.

use crate::domain::digest::Figures;
use crate::domain::mail::{ChatNotice, DigestOf, Letter, Told, TranscriptLine, WhileSo};
use crate::domain::time::Time;

/// Noon of a Friday.
const AT: Time = Time::from_micros(1_795_788_300_000_000);

fn notice(is_full: bool) -> Box<ChatNotice> {
    let told = |text: &str| is_full.then(|| text.to_owned());
    Box::new(ChatNotice {
        place: "Blue Bakery".to_owned(),
        visitor: if is_full { "Jo Baker".to_owned() } else { "A visitor".to_owned() },
        info: told("jo@example.com").into_iter().collect(),
        ai_agent: "Assistant".to_owned(),
        preview: told("Do you bake without nuts?"),
        minutes: 3,
        link: "/live-chats".to_owned(),
        while_so: WhileSo::Always,
    })
}

fn told(is_full: bool) -> Told {
    Told {
        title: "Jo Baker wrote".to_owned(),
        preview: is_full.then(|| "Do you bake without nuts?".to_owned()),
        link: "/notifications".to_owned(),
    }
}

fn letter(kind: &str, is_full: bool) -> Option<Letter> {
    let (by, place, role) = ("Olivia Hart".to_owned(), "Blue Bakery".to_owned(), "Operator".to_owned());
    let (link, expires_at) = ("/".to_owned(), AT);
    Some(match kind {
        "invitation" => Letter::Invitation { inviter: is_full.then_some(by), place, role, link, expires_at },
        "member_added" => Letter::MemberAdded { by, place, role, link },
        "account_created" => Letter::AccountCreated { by, place, link },
        "handoff_requested" => Letter::HandoffRequested(notice(is_full)),
        "handoff_waiting" => Letter::HandoffWaiting(notice(is_full)),
        "message_unseen" => Letter::MessageUnseen(notice(is_full)),
        "handoff_missed" => Letter::HandoffMissed(notice(is_full)),
        "offline_query_received" => Letter::OfflineQueryReceived(notice(is_full)),
        "offline_query_replied" => Letter::OfflineQueryReplied(notice(is_full)),
        "offline_answer" => Letter::OfflineAnswer {
            by,
            place,
            text: "Yes, every Tuesday.\nCome and see us.".to_owned(),
            question: "Do you bake without nuts?".to_owned(),
            link,
            expires_at,
            reply: is_full.then(|| "example".to_owned()),
            language: None,
        },
        "transcript" => Letter::Transcript {
            place,
            started_at: AT,
            lines: vec![TranscriptLine { who: Some("Jo Baker".to_owned()), at: AT, text: "Hello".to_owned() }],
            cut: !is_full,
            zone: None,
            language: None,
        },
        "told" => Letter::Told(Box::new(told(is_full))),
        "summary" => {
            let lines = vec![(AT, told(true)); if is_full { 2 } else { 1 }];
            Letter::Summary { lines }
        }
        "digest" => {
            let figures = Figures { chats: 5, requests: 2, answered: 2, ..Figures::default() };
            let places = vec![DigestOf { place, figures }; if is_full { 2 } else { 1 }];
            Letter::Digest { weekly: is_full, from: AT, until: AT, places }
        }
        _ => return None,
    })
}

/// The letters of that kind to try words with.
pub(super) fn letters(kind: &str) -> impl Iterator<Item = Letter> {
    [true, false].into_iter().filter_map(move |is_full| letter(kind, is_full))
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, tried};
    use super::*;
    use crate::domain::brand::Brand;
    use crate::domain::mail_text::KINDS;
    use crate::service::letter::{Look, Reader, original_words};

    #[test]
    fn the_original_words_of_every_kind_could_be_chosen_and_read_the_same() {
        let look = Look { brand: Brand::default(), base: "https://a.example".to_owned(), logo: None, own: None };
        for kind in KINDS {
            let original = original_words(kind.kind).expect("words");
            let (words, preview) =
                tried(kind, &original, &look, &Reader::default()).expect("rendered").expect(kind.kind);
            assert_eq!(words, original, "{}", kind.kind);
            let letter = letters(kind.kind).next().expect("an example");
            assert_eq!(letter.kind(), kind.kind);
            let rendered = crate::service::letter::render(&letter, &look, &Reader::default()).expect("rendered");
            assert_eq!(preview.text, rendered.text, "{}", kind.kind);
        }
        assert!(Kind::of("password_reset").is_none());
    }
}
