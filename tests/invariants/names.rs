//! An agency shows the pages as its own: the product's name is in nothing that a browser gets.

use super::{complains, files, none, relative};

#[test]
fn nothing_served_carries_the_products_name() {
    let served = |path: &str| {
        let inside = path.trim_start_matches("dashboard/");
        ["src/", "widget/", "public/", "dist/", "index.html"].iter().any(|start| inside.starts_with(start))
    };
    let files = files("dashboard", served);
    assert!(!files.is_empty(), "dashboard/ has nothing to serve: is this the right folder?");
    let complaints: Vec<String> =
        files.iter().flat_map(|path| complaints(&relative(path), &std::fs::read(path).unwrap_or_default())).collect();
    none(&complaints);
}

/// The English word that ends in the name is no mention of it.
fn complaints(path: &str, bytes: &[u8]) -> Vec<String> {
    let text = bytes.to_ascii_lowercase();
    let name = b"livery";
    let mut complaints = Vec::new();
    if path.to_ascii_lowercase().replace("delivery", "").contains("livery") {
        complaints.push(format!("{path}: the product's name is in the path"));
    }
    for at in 0..text.len().saturating_sub(name.len() - 1) {
        if text[at..].starts_with(name) && !text[..at].ends_with(b"de") {
            let line = text[..at].iter().filter(|&&byte| byte == b'\n').count() + 1;
            complaints.push(format!("{path}:{line}: the product's name (rule: whitelabel)"));
        }
    }
    complaints
}

#[test]
fn a_mention_is_found_and_a_delivery_is_not() {
    complains(&complaints("dashboard/src/a.tsx", b"one\n<h1>Livery</h1>"), &["dashboard/src/a.tsx:2"]);
    complains(&complaints("dashboard/dist/livery.js", b""), &["in the path"]);
    complains(&complaints("dashboard/src/delivery.ts", b"Delivery failed: redelivery"), &[]);
}
