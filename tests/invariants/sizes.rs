//! A file that cannot be told in one sentence any more is two files.

use super::{Source, complains, none, sources};

const LINES: usize = 800;

#[test]
fn no_source_file_is_longer_than_800_lines() {
    let mut all = sources("api", &[".rs"]);
    all.extend(sources("dashboard/src", &[".ts", ".tsx", ".css"]));
    all.extend(sources("dashboard/widget", &[".ts", ".tsx", ".css"]));
    // Generated from schema/desk.graphql.
    all.retain(|file| !file.path.starts_with("dashboard/src/gql/") && !file.path.contains("/dist/"));
    none(&complaints(&all));
}

fn complaints(files: &[Source]) -> Vec<String> {
    let long = files.iter().map(|file| (file, file.text.lines().count())).filter(|(_, lines)| *lines > LINES);
    long.map(|(file, lines)| format!("{}: {lines} lines (rule: {LINES} at most)", file.path)).collect()
}

#[test]
fn a_long_file_is_found() {
    let file = |lines: usize| Source { path: "api/a.rs".into(), text: "x\n".repeat(lines) };
    complains(&complaints(&[file(800), file(801)]), &["api/a.rs: 801 lines"]);
}
