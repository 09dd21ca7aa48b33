//! What each view of a page with the widget costs the server.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::runtime::Builder;
use tokio::time::Instant;

use crate::child::{Child, Folder};
use crate::row::{Row, median};
use crate::wire::{Http, get, header};

/// Connections that are kept.
const CONNECTIONS: usize = 32;
/// Alternations of value and reference.
const ROUNDS: usize = 3;
/// How long each takes.
const ROUND: Duration = Duration::from_millis(1_000);

/// Answers a second.
async fn rate(address: SocketAddr, request: &str, answer: usize) -> f64 {
    let connecting = join_all((0..CONNECTIONS).map(|_| Http::connect(address))).await;
    let begun = Instant::now();
    let asking = connecting.into_iter().map(async |http| {
        let (mut http, mut answers) = (http.expect("a connection"), 0u32);
        while begun.elapsed() < ROUND {
            http.repeat(request.as_bytes(), answer).await.expect("an answer");
            answers += 1;
        }
        answers
    });
    let answers: u32 = join_all(asking).await.iter().sum();
    f64::from(answers) / begun.elapsed().as_secs_f64()
}

/// Prints the rows.
pub fn run() {
    let folder = Folder::new();
    let child = Child::livery(&format!("sqlite://{}/bench.db", folder.path().display()), &folder);
    let plain = Child::plain();
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut http = Http::connect(child.address).await.expect("a connection");
        let path = format!("/widget/config/{}.json", child.widget);
        let whole = get(&path, "");
        let (head, body) = http.send(&whole).await.expect("the widget's configuration");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let known = get(&path, &format!("if-none-match: {}\r\n", header(&head, "etag").unwrap_or_default()));
        let (unchanged, _) = http.send(&known).await.expect("an answer");
        assert!(unchanged.starts_with("HTTP/1.1 304"), "{unchanged}");
        let mut http = Http::connect(plain.address).await.expect("a connection");
        let bytes = get(&format!("/bytes/{}", body.len()), "");
        let (plain_head, plain_body) = http.send(&bytes).await.expect("plain bytes");
        let (mut values, mut cheap, mut limits) = (Vec::new(), Vec::new(), Vec::new());
        // The first does not count.
        for round in 0..=ROUNDS {
            let value = rate(child.address, &whole, head.len() + 4 + body.len()).await;
            let limit = rate(plain.address, &bytes, plain_head.len() + 4 + plain_body.len()).await;
            let same = rate(child.address, &known, unchanged.len() + 4).await;
            if round > 0 {
                values.push(value);
                limits.push(limit);
                cheap.push(same);
            }
        }
        Row::higher("widget_config", median(&values), "requests/s", median(&limits), 0.8).print();
        Row::higher("widget_config_304", median(&cheap), "requests/s", median(&limits), 0.8).print();
    });
}
