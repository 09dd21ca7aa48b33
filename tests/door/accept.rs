//! The accept loop, over raw connections.

use std::time::Duration;

use livery::http::accept::Config;
use livery::http::graphql::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::kit::{Door, soon, start, usual};

const SHORT: Duration = Duration::from_millis(100);

async fn connect(door: &Door) -> TcpStream {
    TcpStream::connect(door.address).await.expect("it listens")
}

/// Everything until the server closes, however it does.
async fn rest(client: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match soon(client.read(&mut buffer)).await {
            Ok(0) | Err(_) => return String::from_utf8_lossy(&text).into_owned(),
            Ok(read) => text.extend_from_slice(&buffer[..read]),
        }
    }
}

fn request(query: &str, more: &str) -> String {
    let body = format!(r#"{{"query":"{query}"}}"#);
    let length = body.len();
    format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\n{more}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// One whole answer on a connection that stays open.
async fn answer(client: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.contains(end) {
        let read = soon(client.read(&mut buffer)).await.expect("an answer");
        assert!(read > 0, "closed after {text:?}");
        text += &String::from_utf8_lossy(&buffer[..read]);
    }
    text
}

#[tokio::test]
async fn half_a_header_is_not_waited_for() {
    let door = start(Limits::DEFAULT, Config { header: SHORT, ..Config::DEFAULT }).await;
    for half in ["", "P", "POST /graphql HTTP/1.1\r\nhost: x\r\nx-slow: "] {
        let mut client = connect(&door).await;
        client.write_all(half.as_bytes()).await.expect("it reads");
        rest(&mut client).await;
    }
    // The same between two requests.
    let mut client = connect(&door).await;
    client.write_all(request("{ me }", "").as_bytes()).await.expect("it reads");
    answer(&mut client, "nobody").await;
    rest(&mut client).await;
}

#[tokio::test]
async fn a_body_must_be_complete_in_time() {
    let door = start(Limits::DEFAULT, Config { body: SHORT, ..Config::DEFAULT }).await;
    let mut client = connect(&door).await;
    let whole = request("{ me }", "");
    client.write_all(&whole.as_bytes()[..whole.len() - 1]).await.expect("it reads");
    let answer = rest(&mut client).await;
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("BODY_TOO_LATE"), "{answer}");
}

#[tokio::test]
async fn a_header_that_is_too_large_is_refused() {
    let door = usual().await;
    let mut client = connect(&door).await;
    let header = format!("GET / HTTP/1.1\r\nhost: x\r\nx-large: {}\r\n\r\n", "x".repeat(100_000));
    // The server may hang up before it has read all of it.
    let _ = client.write_all(header.as_bytes()).await;
    let answer = rest(&mut client).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn an_address_has_only_so_many_connections_and_gets_them_back() {
    let door = start(Limits::DEFAULT, Config { per_loopback: 2, ..Config::DEFAULT }).await;
    let mut first = connect(&door).await;
    let mut second = connect(&door).await;
    for client in [&mut first, &mut second] {
        client.write_all(request("{ me }", "").as_bytes()).await.expect("it reads");
        answer(client, "nobody").await;
    }
    let mut third = connect(&door).await;
    assert!(rest(&mut third).await.starts_with("HTTP/1.1 503"));

    // An upgraded socket still counts.
    let upgrade = "GET /graphql HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                   sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n";
    first.write_all(upgrade.as_bytes()).await.expect("it reads");
    assert!(answer(&mut first, "\r\n\r\n").await.starts_with("HTTP/1.1 101"));
    let mut third = connect(&door).await;
    assert!(rest(&mut third).await.starts_with("HTTP/1.1 503"));

    drop((first, second));
    loop {
        let mut again = connect(&door).await;
        again.write_all(request("{ me }", "connection: close\r\n").as_bytes()).await.expect("it reads");
        if rest(&mut again).await.contains("nobody") {
            break;
        }
    }
}

#[tokio::test]
async fn all_connections_together_are_counted() {
    let door = start(Limits::DEFAULT, Config { total: 1, ..Config::DEFAULT }).await;
    let mut first = connect(&door).await;
    first.write_all(request("{ me }", "").as_bytes()).await.expect("it reads");
    answer(&mut first, "nobody").await;
    assert!(rest(&mut connect(&door).await).await.starts_with("HTTP/1.1 503"));
}

#[tokio::test]
async fn the_other_end_is_known() {
    let door = usual().await;
    let mut client = connect(&door).await;
    client.write_all(request("{ me }", "connection: close\r\n").as_bytes()).await.expect("it reads");
    rest(&mut client).await;
    let seen = door.api.world.seen.lock().expect("no panics");
    assert_eq!(seen[0].peer, client.local_addr().ok());
}

#[tokio::test]
async fn a_request_in_hand_is_finished_before_the_end() {
    let door = usual().await;
    let mut idle = connect(&door).await;
    idle.write_all(request("{ me }", "").as_bytes()).await.expect("it reads");
    answer(&mut idle, "nobody").await;
    let mut client = connect(&door).await;
    client.write_all(request("mutation { slowBump }", "").as_bytes()).await.expect("it reads");
    soon(door.api.world.begun.notified()).await;
    door.drain.start();
    rest(&mut idle).await;
    door.api.world.go.notify_one();
    assert!(rest(&mut client).await.contains(r#"{"data":{"slowBump":1}}"#));
    assert!(soon(door.ended).await.expect("no panic"), "all by themselves");
    assert!(TcpStream::connect(door.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn the_end_comes_even_if_a_request_does_not_end() {
    let door = start(Limits::DEFAULT, Config { drain: SHORT, ..Config::DEFAULT }).await;
    let mut client = connect(&door).await;
    client.write_all(request("mutation { slowBump }", "").as_bytes()).await.expect("it reads");
    soon(door.api.world.begun.notified()).await;
    door.drain.start();
    assert!(!soon(door.ended).await.expect("no panic"), "it was cut off");
    assert_eq!(rest(&mut client).await, "");
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_given_up() {
    let door = start(Limits::DEFAULT, Config { stall: SHORT, ..Config::DEFAULT }).await;
    let mut client = connect(&door).await;
    client.write_all(request("{ big(size: 60000000) }", "").as_bytes()).await.expect("it reads");
    // One byte, to know that it has begun; the rest is left where it is.
    client.read_exact(&mut [0]).await.expect("an answer");
    door.drain.start();
    assert!(soon(door.ended).await.expect("no panic"), "the connection ended by itself");
}
