//! One of each: no second TLS stack, no second sqlx. Asked of cargo itself, so of what is built, not of what a lock file lists.
//! `deny.toml` says the same, with licences and sources, for whoever has cargo-deny.

use std::collections::BTreeMap;
use std::process::Command;

use super::{complains, none, root};

/// A crate that must not be in the server, and why.
const BANNED: &[(&str, &str)] = &[
    ("openssl", "one TLS stack: rustls with aws-lc"),
    ("openssl-sys", "one TLS stack: rustls with aws-lc"),
    ("native-tls", "one TLS stack: rustls with aws-lc"),
    ("ring", "one crypto library: aws-lc"),
    ("rust_crypto", "one crypto backend for tokens: aws-lc"),
    ("sqlx-mysql", "two databases, not three"),
    ("chrono", "instants are domain::time, zones are jiff"),
];

/// Crates whose second version would be a second pool, a second runtime or a second set of types.
const SINGLE: &[&str] = &["sqlx-core", "rustls", "jsonwebtoken", "tokio", "hyper", "axum", "http", "async-graphql"];

#[test]
fn the_server_has_one_of_each() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    none(&complaints(&String::from_utf8_lossy(&tree.stdout)));
}

fn complaints(tree: &str) -> Vec<String> {
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        if let (Some(name), Some(version)) = (words.next(), words.next()) {
            let known = versions.entry(name).or_default();
            if !known.contains(&version) {
                known.push(version);
            }
        }
    }
    let banned = BANNED.iter().filter(|(name, _)| versions.contains_key(name));
    let banned = banned.map(|(name, reason)| format!("{name} is in the server (rule: {reason})"));
    let twice = SINGLE.iter().filter_map(|name| versions.get_key_value(name)).filter(|(_, found)| found.len() > 1);
    banned.chain(twice.map(|(name, found)| format!("{name} is there {} times: {found:?}", found.len()))).collect()
}

#[test]
fn a_second_tls_stack_and_a_second_sqlx_are_found() {
    let tree = "livery v0.1.0 (/x)\nsqlx-core v0.9.0\nsqlx-core v0.8.6\nsqlx-core v0.9.0 (*)\nnative-tls v0.2.0\n";
    complains(&complaints(tree), &["native-tls is in the server", "sqlx-core is there 2 times"]);
}
