//! Two databases, one text of SQL: where they differ stands in `api/store/dialect.rs`, and it is little.

use super::lexer::{Token, tokens};
use super::{Source, complains, none, sources};

const CEILING: usize = 10;

/// What opens connections and holds them has to know which engine it is; no noun does.
const MACHINERY: &[&str] = &["mod.rs", "engine.rs", "unit.rs", "sqlite.rs", "postgres.rs", "types.rs", "dialect.rs"];

#[test]
fn the_databases_differ_in_ten_places_at_most_and_in_one_file() {
    none(&complaints(&sources("api", &[".rs"])));
}

fn complaints(api: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in api {
        let tokens = tokens(&file.text);
        match file.path.strip_prefix("api/store/") {
            Some("dialect.rs") => {
                let splits = splits(&tokens);
                if let Some(line) = splits.get(CEILING) {
                    let found = splits.len();
                    complaints.push(format!(
                        "{}:{line}: {found} splits between the databases; {CEILING} is the ceiling",
                        file.path
                    ));
                }
            }
            Some(name) if MACHINERY.contains(&name) => {}
            _ => {
                let engines =
                    tokens.iter().filter(|token| matches!(token.text.as_str(), "Sqlite" | "SqliteConnection"));
                complaints.extend(engines.map(|token| {
                    format!("{}:{}: names an engine (rule: splits live in api/store/dialect.rs)", file.path, token.line)
                }));
            }
        }
    }
    complaints
}

/// The lines where a split begins: each macro, function or module of the file that names SQLite is one.
fn splits(tokens: &[Token]) -> Vec<usize> {
    let (mut splits, mut depth, mut began, mut named) = (Vec::new(), 0_usize, None, false);
    for token in tokens {
        let began_at = *began.get_or_insert(token.line);
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth = depth.saturating_sub(1),
            "sqlite" | "Sqlite" | "SqliteConnection" => named = true,
            _ => {}
        }
        if depth == 0 && matches!(token.text.as_str(), "}" | ";") {
            if named && token.text == "}" {
                splits.push(began_at);
            }
            (began, named) = (None, false);
        }
    }
    splits
}

#[test]
fn a_split_too_many_or_elsewhere_is_found() {
    let file = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    let split = "fn f() { match db { Db::Sqlite(c) => sqlite(c), Db::Postgres(c) => 2 } }\n";
    let shared = "use a::Sqlite;\nfn g() { 1 }\nmacro_rules! m { (sqlite) => { 1 }; (postgres) => { 2 }; }\n";
    complains(&complaints(&[file("api/store/dialect.rs", &split.repeat(10)), file("api/store/unit.rs", split)]), &[]);
    complains(
        &complaints(&[file("api/store/dialect.rs", &(shared.to_owned() + split.repeat(10).as_str()))]),
        &["dialect.rs:13: 11 splits"],
    );
    complains(&complaints(&[file("api/store/message.rs", split)]), &["api/store/message.rs:1: names an engine"]);
    complains(&complaints(&[file("api/service/chat.rs", split)]), &["api/service/chat.rs:1"]);
}
