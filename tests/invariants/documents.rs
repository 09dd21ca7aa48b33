//! A path named in a document exists. A document that names what is gone is read once and never believed again.

use super::{Source, complains, none, root, sources};

/// Made by a build or at run time.
const MADE: &[&str] = &["target/", "data/", "test-results/", "dashboard/dist/", "node_modules/"];

#[test]
fn every_path_named_in_a_document_exists() {
    let documents: Vec<Source> = sources("", &[".md"]);
    for wanted in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "GLOSSARY.md", "SECURITY.md"] {
        assert!(documents.iter().any(|document| document.path == wanted), "{wanted} is missing");
    }
    none(
        &documents
            .iter()
            .flat_map(|document| complaints(document, |path| root().join(path).exists()))
            .collect::<Vec<_>>(),
    );
}

fn complaints(document: &Source, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let folder = document.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut complaints = Vec::new();
    let mut fenced = false;
    for (number, line) in document.text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        let spans = line.split('`').skip(1).step_by(2).filter_map(path_in_code).map(str::to_owned);
        let links = line.split("](").skip(1).filter_map(|rest| path_in_link(rest, folder));
        for path in spans.chain(links) {
            if !MADE.iter().any(|made| path.starts_with(made)) && !expanded(&path).iter().all(|path| exists(path)) {
                complaints.push(format!("{}:{}: there is no {path}", document.path, number + 1));
            }
        }
    }
    complaints
}

/// Code that can only be a path: a file by its ending, or folders by their slashes.
fn path_in_code(code: &str) -> Option<&str> {
    let path = code.split("::").next().unwrap_or(code);
    let letters = |letter: char| letter.is_alphanumeric() || "._-/{},".contains(letter);
    let is_file = [".md", ".rs", ".ts", ".tsx", ".toml", ".graphql", ".csv", ".conf", ".yml", ".sql", ".sh", ".png"]
        .iter()
        .any(|ending| path.ends_with(ending));
    let is_mime = ["text/", "application/", "image/"].iter().any(|start| path.starts_with(start));
    let is_path = is_file || path.split_once('/').is_some_and(|(first, _)| !first.is_empty() && !first.contains(','));
    (is_path && !is_mime && !path.starts_with(['/', '.', '*']) && path.chars().all(letters)).then_some(path)
}

fn path_in_link(rest: &str, folder: &str) -> Option<String> {
    let target = rest.split([')', '#', ' ']).next().unwrap_or_default();
    if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    Some(if folder.is_empty() { target.to_owned() } else { format!("{folder}/{target}") })
}

/// `migrations/{sqlite,postgres}` is two paths.
fn expanded(path: &str) -> Vec<String> {
    match (path.find('{'), path.find('}')) {
        (Some(open), Some(close)) if open < close => path[open + 1..close]
            .split(',')
            .flat_map(|one| expanded(&format!("{}{one}{}", &path[..open], &path[close + 1..])))
            .collect(),
        _ => vec![path.to_owned()],
    }
}

#[test]
fn a_path_that_is_not_there_is_found() {
    let text = "See `api/live/hub.rs`, `/graphql`, `text/plain`, `make run`, `live_chat.respond`, `target/release/livery`.\n\
        ```\ncd nowhere/else\n```\n[It](docs/gone.png) and [that](https://example.test/x), `a/{b,c}`.\n`GONE.md` `tests/x.rs::name`";
    let there = ["api/live/hub.rs", "a/b", "tests/x.rs"];
    let document = Source { path: "README.md".into(), text: text.into() };
    complains(
        &complaints(&document, |path| there.contains(&path)),
        &[
            "README.md:5: there is no a/{b,c}",
            "README.md:5: there is no docs/gone.png",
            "README.md:6: there is no GONE.md",
        ],
    );
}
