//! What has to stay true of the repository itself. Each rule is a function from text to complaints; one test runs it over the
//! repository, another feeds it something bad and wants the complaint: a checker that cannot fail guards nothing.

use std::path::{Path, PathBuf};

mod behaviours;
mod crates;
mod dialect;
mod documents;
mod lexer;
mod migrations;
mod names;
mod rooms;
mod schema;
mod sizes;

/// A file, by its path from the repository's root, and what it says.
struct Source {
    path: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file under a folder whose path `wanted` likes, in order. A folder that is not there has none.
fn files(folder: &str, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if name == "node_modules" || name == ".git" || name == "target" {
                continue;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push(path),
                Ok(_) if wanted(&relative(&path)) => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().into_owned()
}

fn sources(folder: &str, extensions: &[&str]) -> Vec<Source> {
    files(folder, |path| extensions.iter().any(|extension| path.ends_with(extension)))
        .iter()
        .map(|path| Source { path: relative(path), text: read(path) })
        .collect()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Fails with every complaint at once: one run shows all there is to mend.
fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// The self-check: these complaints, in this order, each containing the given words.
fn complains(complaints: &[String], words: &[&str]) {
    assert_eq!(complaints.len(), words.len(), "\n{}\n", complaints.join("\n"));
    for (complaint, word) in complaints.iter().zip(words) {
        assert!(complaint.contains(word), "{complaint:?} says nothing of {word:?}");
    }
}
