//! A new visitor does a little work before their first word, where the organization wants it.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::*;
use crate::support::app::client_id;
use crate::support::both;

const SAY: &str = "mutation($c: String!) { sendMessage(clientId: $c, text: \"hello\") { seq } }";
const SOLVE: &str = "mutation($t: String!, $a: String!) { solveChallenge(token: $t, answer: $a) }";

/// What a browser does.
fn work(token: &str, bits: u32) -> String {
    let fits = |answer: &String| {
        let hash = Sha256::digest(format!("{token}:{answer}").as_bytes());
        let head = u64::from_be_bytes(hash[..8].try_into().expect("eight bytes"));
        head.leading_zeros() >= bits
    };
    (0u64..).map(|at| at.to_string()).find(fits).expect("one of them")
}

async fn challenge(visitor: &Client<'_>) -> (String, u32) {
    let data = visitor.ask("{ challenge { kind token bits } }", json!({})).await;
    assert_eq!(data["challenge"]["kind"], "PROOF_OF_WORK");
    let bits = data["challenge"]["bits"].as_u64().expect("a number");
    (data["challenge"]["token"].as_str().expect("a token").to_owned(), u32::try_from(bits).expect("few"))
}

both! {
    async fn a_new_visitor_works_for_the_first_word(database) {
        let app = App::start(database).await;
        let (before, _) = app.visitor().await;
        before.says("I was here before").await;
        set(&app, "visitor.challenge", "true").await;
        before.says("and still am").await;
        let (visitor, _) = app.visitor().await;
        let refused = "FORBIDDEN CHALLENGE_REQUIRED";
        assert_eq!(visitor.refused(SAY, json!({ "c": client_id() })).await, refused);
        let ask = "mutation($c: String!) { requestHandoff(clientId: $c) { state } }";
        assert_eq!(visitor.refused(ask, json!({ "c": client_id() })).await, refused);
        let (token, bits) = challenge(&visitor).await;
        assert_eq!(bits, 16);
        let failed = "FORBIDDEN CHALLENGE_FAILED";
        assert_eq!(visitor.refused(SOLVE, json!({ "t": token, "a": "no" })).await, failed);
        let answer = work(&token, bits);
        // Solved for one, it admits nobody else; changed or too late, nobody at all.
        let (other, _) = app.visitor().await;
        assert_eq!(other.refused(SOLVE, json!({ "t": token, "a": answer })).await, failed);
        let mut forged = token.clone();
        forged.replace_range(20..21, if &token[20..21] == "A" { "B" } else { "A" });
        assert_eq!(visitor.refused(SOLVE, json!({ "t": forged, "a": work(&forged, bits) })).await, failed);
        visitor.ask(SOLVE, json!({ "t": token, "a": answer })).await;
        visitor.ask(SOLVE, json!({ "t": token, "a": answer })).await;
        visitor.says("hello").await;
        let (late, _) = app.visitor().await;
        let (token, bits) = challenge(&late).await;
        app.later(std::time::Duration::from_secs(601));
        assert_eq!(late.refused(SOLVE, json!({ "t": token, "a": work(&token, bits) })).await, failed);
        // Whom the site signs for is no program.
        let (_, identity) = signed(&app, "42").await;
        known(&app, &identity).await.0.says("it is me").await;
        app.close().await;
    }
}
