//! Nothing of a visitor's is found by guessing.

use livery::domain::id::{ConversationId, VisitorId, WidgetId};
use livery::domain::time::Time;
use livery::service::identity::token::{Tokens, VisitorClaims};
use serde_json::json;

use super::*;
use crate::support::both;

/// A million guesses at a token, each of them another: none is good. One that is good counts, so that nothing is a matter of
/// refusing everything.
#[test]
fn a_million_guesses_find_no_token() {
    let tokens = Tokens::new(&[7; 32]).expect("tokens");
    let now = Time::from_micros(1_795_182_453_000_000);
    let claims = VisitorClaims {
        visitor: VisitorId::from_number(1),
        widget: WidgetId::from_number(2),
        conversation: ConversationId::from_number(3),
        agency: livery::domain::id::AgencyId::from_number(4),
        identified: true,
    };
    let good = tokens.issue_visitor(&claims, now).expect("a token").token;
    assert!(tokens.verify_visitor(&good, now).is_ok());
    let (head, signature) = good.rsplit_once('.').expect("a signature");
    let bytes = BASE64.decode(signature).expect("bytes");
    let mut found = 0;
    for guess in 0u64..1_000_000 {
        let mut bytes = bytes.clone();
        // Close to it: all but eight bytes are right.
        for (byte, other) in bytes[..8].iter_mut().zip((guess + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes()) {
            *byte ^= other;
        }
        let token = format!("{head}.{}", BASE64.encode(&bytes));
        found += usize::from(tokens.verify_visitor(&token, now).is_ok());
    }
    assert_eq!(found, 0);
}

both! {
    async fn ids_are_not_guessed_and_open_nothing(database) {
        let app = App::start(database).await;
        let (visitor, conversation) = app.visitor().await;
        visitor.says("a secret").await;
        // 80 random bits under one millisecond: 10^6 guesses at the right millisecond find one with a probability of
        // 10^6 / 2^80, which is less than 10^-18.
        let id: ConversationId = conversation.parse().expect("an id");
        let probability = 1e6 / 2f64.powi(80);
        assert!(probability < 1e-17, "{probability}");
        let mut ids = std::collections::BTreeSet::new();
        for _ in 0..100_000 {
            let next: ConversationId = app.services.ids.next(app.services.clock.now());
            assert!(ids.insert(next.number() & ((1 << 80) - 1)));
        }
        // Even who knows the id has nothing by it: it is not asked for, and the desk asks who may.
        let stranger = app.stranger().await;
        let look = "query($id: ID!) { conversation(id: $id) { preview } }";
        let mut answers = std::collections::BTreeSet::new();
        answers.insert(stranger.refused(look, json!({ "id": conversation })).await);
        for guess in 0..200u128 {
            let near = ConversationId::from_number(id.number() ^ (guess + 1));
            answers.insert(stranger.refused(look, json!({ "id": near.to_string() })).await);
        }
        assert_eq!(answers.into_iter().collect::<Vec<_>>(), ["NOT_FOUND NOT_FOUND"]);
        app.close().await;
    }
}
