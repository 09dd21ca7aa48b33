//! What letters know of whoever reads them and of whoever sends them: time zone, logo.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use livery::domain::mail::Letter;
use livery::domain::time::Time;
use livery::service::mail::{mailbox, shown_mailbox};
use serde_json::json;

use crate::brand::{bring_logo, get};
use crate::support::{App, both, until};

fn expires(letter: &Letter) -> Time {
    match letter {
        Letter::PasswordReset { expires_at, .. } | Letter::AddressChange { expires_at, .. } => *expires_at,
        other => panic!("a letter that runs out, not {}", other.kind()),
    }
}

both! {
    async fn instants_are_in_the_readers_own_zone(database) {
        let app = App::start(database).await;
        let operator = app.operator().await;
        let zone = "mutation { updateProfile(timeZone: \"America/New_York\") { timeZone } }";
        operator.ask(zone, json!({})).await;
        let reset = "mutation($e: String!) { requestPasswordReset(email: $e) }";
        let there = "America/New_York";
        let (here, elsewhere) = ("operator1@bluebakery.test", "viewer@bluebakery.test");
        for email in [here, elsewhere] {
            app.anonymous().ask(reset, json!({ "e": email })).await;
        }
        // The new address is nobody's yet: whoever reads there is the one who wants it.
        let change = "mutation { requestAddressChange(email: \"olivia@new.test\", password: \"demo-demo-demo\") }";
        operator.ask(change, json!({})).await;
        let shown = until(async || {
            let shown = shown_mailbox(&app.services, 10, None).await.expect("mails");
            (shown.len() == 4).then_some(shown)
        })
        .await;
        let letters = mailbox(&app.services, 10).await.expect("letters");
        for ((mail, message), (_, letter)) in shown.iter().zip(&letters) {
            let known = mail.recipient != elsewhere;
            let (right, wrong) = (known.then_some(there), (!known).then_some(there));
            let said = |zone: Option<&str>| {
                let name = zone.unwrap_or("UTC");
                let zone = TimeZone::get(name).expect("a zone");
                let at = Timestamp::from_microsecond(expires(letter).micros()).expect("an instant").to_zoned(zone);
                format!("{} ({})", at.strftime("%-d %B %Y, %H:%M"), name.replace('_', " "))
            };
            let (right, wrong) = (said(right), said(wrong));
            for words in [&message.text, &message.html] {
                assert!(words.contains(&right) && !words.contains(&wrong), "{}: {words}", mail.recipient);
            }
        }
        assert!(["olivia@new.test", here, elsewhere].iter().all(|email| shown.iter().any(|(mail, _)| mail.recipient == *email)));
        app.close().await;
    }
}

both! {
    async fn a_letter_shows_the_logo_that_the_agency_brought(database) {
        let app = App::start(database).await;
        let owner = app.owner().await;
        let reset = async || {
            app.anonymous().ask("mutation { requestPasswordReset(email: \"viewer@bluebakery.test\") }", json!({})).await;
        };
        let newest = async |number: usize| {
            until(async || {
                let mut shown = shown_mailbox(&app.services, 10, None).await.expect("mails");
                (shown.len() == number).then(|| shown.remove(0).1)
            })
            .await
        };
        reset().await;
        let drawn = newest(1).await.html;
        assert!(!drawn.contains("<img") && drawn.contains(">N</span>Northlight"), "{drawn}");

        // 64 by 32: shown as large as it is. By the agency's own address, where it is served to whoever reads.
        let path = bring_logo(&owner).await;
        reset().await;
        let shown = newest(2).await.html;
        let image = format!(
            "<img src=\"http://northlight.localhost:8080{path}\" alt=\"Northlight\" width=\"64\" height=\"32\" \
             style=\"display:block;width:64px;height:32px;border:0\" />"
        );
        assert!(shown.contains(&image) && !shown.contains(">N</span>"), "{shown}");
        let served = get(&app, "northlight.localhost", &path).await;
        assert_eq!((served.status.as_u16(), &served.headers["content-type"]), (200, &"image/png".parse().expect("a type")));
        app.close().await;
    }
}

/// A large logo is shown in its own ratio, and never higher or wider than a letter bears.
#[test]
fn a_logo_has_a_sensible_size() {
    use livery::domain::brand::{Brand, BrandImageKind, Picture};
    use livery::domain::id::ImageId;
    use livery::service::letter::{Logo, Look, Reader, render};
    for ((width, height), (w, h)) in [
        ((640, 128), (180, 36)),
        ((640, 64), (240, 24)),
        ((640, 4), (160, 1)),
        ((100, 100), (36, 36)),
        ((20, 10), (20, 10)),
        ((1, 128), (1, 36)),
    ] {
        let picture = Picture { kind: BrandImageKind::Logo, id: ImageId::from_number(1), width, height };
        let logo = Some(Logo::new(&picture, "https://a.example"));
        let brand = Brand { name: "A \"B\" <C>".to_owned(), ..Brand::default() };
        let look = Look { brand, base: "https://a.example".to_owned(), logo, own: None };
        let reader = Reader::default();
        let html = render(&Letter::SenderTest { by: String::new() }, &look, &reader).expect("a letter").html;
        let size = format!("alt=\"A &quot;B&quot; &lt;C&gt;\" width=\"{w}\" height=\"{h}\"");
        assert!(html.contains(&size), "{width} by {height}: {html}");
    }
}
