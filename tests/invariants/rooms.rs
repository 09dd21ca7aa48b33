//! Who may know whom, in `api/`, and where each foreign crate lives. The house rules of `ARCHITECTURE.md` as a table.

use super::lexer::{Token, tokens};
use super::{Source, complains, none, sources};

/// A room, and the rooms it may name. Its own name, `error` and `config` go without saying; `domain` gets `error` only.
const ROOMS: &[(&str, &[&str])] = &[
    ("main", &["app"]),
    ("app", &["http", "graphql", "service", "policy", "store", "live", "jobs", "outbound", "domain"]),
    ("http", &["graphql", "service", "policy", "live", "domain"]),
    ("graphql", &["service", "policy", "live", "domain"]),
    ("jobs", &["service", "outbound", "policy", "domain"]),
    ("service", &["policy", "store", "live", "domain"]),
    ("policy", &["domain"]),
    // `Scope` is made by policy and wanted by store: forgetting to authorise does not compile.
    ("store", &["policy", "domain"]),
    ("live", &["domain"]),
    ("outbound", &["domain"]),
    ("domain", &[]),
    // The address of the data is read by whoever opens them.
    ("config", &["store", "domain"]),
    ("error", &[]),
    ("lib", &[]),
];

/// A foreign crate, and the rooms that may name it.
const HOMES: &[(&str, &[&str])] = &[
    ("sqlx", &["store"]),
    ("casbin", &["policy"]),
    ("async_graphql", &["graphql", "http"]),
    ("axum", &["http"]),
    ("hyper", &["http"]),
    ("hyper_util", &["http"]),
    ("tower_http", &["http"]),
    ("rust_embed", &["http"]),
    ("reqwest", &["outbound"]),
    ("lettre", &["outbound"]),
    ("web_push_native", &["outbound"]),
    ("hickory_resolver", &["outbound"]),
    ("regex", &["domain"]),
    ("mail_parser", &["service"]),
    ("mrml", &["service"]),
    ("minijinja", &["service"]),
    ("totp_rs", &["service"]),
    ("qrcodegen", &["service"]),
    ("image", &["service"]),
    ("infer", &["service"]),
    ("resvg", &["service"]),
    ("aws_lc_rs", &["service"]),
    ("csv", &["service"]),
    ("async_nats", &["live"]),
    ("clap", &["main", "config"]),
];

#[test]
fn rooms_keep_to_their_doors() {
    let api = sources("api", &[".rs"]);
    assert!(api.len() > 10, "api/ has only {} files: is this the right folder?", api.len());
    none(&api.iter().flat_map(complaints).collect::<Vec<_>>());
}

#[test]
fn every_room_has_its_door_sign() {
    let signs = sources("api", &["mod.rs"]);
    none(&signs.iter().filter(|sign| sign.path.matches('/').count() == 2).filter_map(door_sign).collect::<Vec<_>>());
}

/// What the room is, what it may know, its invariant, where to begin.
fn door_sign(file: &Source) -> Option<String> {
    let lines = file.text.lines().take_while(|line| line.starts_with("//!")).map(|line| line.trim_start_matches("//!"));
    let sign = lines.collect::<Vec<_>>().join("").to_lowercase();
    let missing: Vec<&str> =
        ["know", "invariant", "begin with"].into_iter().filter(|words| !sign.contains(words)).collect();
    (!missing.is_empty()).then(|| format!("{}:1: its door sign lacks {missing:?}", file.path))
}

fn complaints(file: &Source) -> Vec<String> {
    let modules = modules(&file.path);
    let room = match modules.first() {
        Some(room) => room.as_str(),
        None if file.path == "api/main.rs" => "main",
        None => "lib",
    };
    let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
        return vec![format!("{}:1: no rule knows the room {room}", file.path)];
    };
    let tokens = tokens(&file.text);
    let mut complaints = Vec::new();
    for (line, named) in ours(&tokens, &modules, room == "main") {
        let common = named == "error" || (named == "config" && room != "domain");
        if named == room || common || allowed.contains(&named.as_str()) {
            continue;
        }
        // An item of the crate's own root, such as an exported macro, is no room.
        if ROOMS.iter().any(|(name, _)| *name == named) || named == "*" {
            complaints.push(format!(
                "{}:{line}: {room} may not see {named} (rule: {room} -> {{ {} }})",
                file.path,
                allowed.join(", ")
            ));
        }
    }
    for (line, named) in foreign(&tokens) {
        if let Some((_, homes)) = HOMES.iter().find(|(name, _)| *name == named)
            && !homes.contains(&room)
        {
            complaints.push(format!(
                "{}:{line}: {room} may not use {named} (rule: {named} lives in {})",
                file.path,
                homes.join(", ")
            ));
        }
    }
    complaints
}

/// `api/graphql/desk/mod.rs` is `graphql::desk`.
fn modules(path: &str) -> Vec<String> {
    let inside = path.trim_start_matches("api/").trim_end_matches(".rs");
    inside.split('/').filter(|part| !matches!(*part, "mod" | "lib" | "main")).map(str::to_owned).collect()
}

/// Every name of the crate's root that the file uses: after `crate::`, after as many `super::` as lead there, in groups.
fn ours(tokens: &[Token], file: &[String], binary: bool) -> Vec<(usize, String)> {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut found = Vec::new();
    let mut blocks = Vec::new();
    for at in 0..tokens.len() {
        match text(at) {
            "{" => blocks.push(at >= 2 && text(at - 2) == "mod"),
            "}" => drop(blocks.pop()),
            _ => {}
        }
        let inline = blocks.iter().filter(|&&is_module| is_module).count();
        let starts = at == 0 || !matches!(text(at - 1), "::" | "$" | ".");
        if !starts || text(at + 1) != "::" {
            continue;
        }
        match text(at) {
            "crate" => first_names(tokens, at + 2, &mut found),
            "livery" if binary => first_names(tokens, at + 2, &mut found),
            "self" | "super" => {
                let mut next = at;
                let mut climbs = 0;
                while matches!(text(next), "self" | "super") && text(next + 1) == "::" {
                    climbs += usize::from(text(next) == "super");
                    next += 2;
                }
                if climbs > 0 && climbs >= file.len() + inline {
                    first_names(tokens, next, &mut found);
                }
            }
            _ => {}
        }
    }
    found
}

/// The first name of a path, or of each path of a group.
fn first_names(tokens: &[Token], at: usize, found: &mut Vec<(usize, String)>) {
    let Some(first) = tokens.get(at) else { return };
    if first.text != "{" {
        found.push((first.line, first.text.clone()));
        return;
    }
    let (mut depth, mut next_is_first) = (0, false);
    for token in &tokens[at..] {
        match token.text.as_str() {
            "{" => {
                depth += 1;
                next_is_first = depth == 1;
            }
            "}" => depth -= 1,
            "," => next_is_first = depth == 1,
            name => {
                if next_is_first && name != "self" {
                    found.push((token.line, name.to_owned()));
                }
                next_is_first = false;
            }
        }
        if depth == 0 {
            break;
        }
    }
}

/// Every word that can only be a crate: at the start of a path, or imported whole.
fn foreign(tokens: &[Token]) -> impl Iterator<Item = (usize, String)> + '_ {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    (0..tokens.len()).filter_map(move |at| {
        let before = if at == 0 { "" } else { text(at - 1) };
        let path = text(at + 1) == "::" && !matches!(before, "::" | ".");
        let whole = matches!(before, "use" | "crate") && matches!(text(at + 1), ";" | "as");
        let attribute = before == "[" && at >= 2 && matches!(text(at - 2), "#" | "!");
        (path || whole || attribute).then(|| (tokens[at].line, tokens[at].text.clone()))
    })
}

#[cfg(test)]
mod self_check {
    use super::{Source, complains, complaints, door_sign};

    fn check(path: &str, text: &str, expected: &[&str]) {
        complains(&complaints(&Source { path: path.into(), text: text.into() }), expected);
    }

    #[test]
    fn a_forbidden_room_is_named_with_file_line_and_rule() {
        check(
            "api/graphql/desk/conversation.rs",
            "use crate::domain::id::Id;\nuse crate::store::Read;",
            &[
                "api/graphql/desk/conversation.rs:2: graphql may not see store (rule: graphql -> { service, policy, live, domain })",
            ],
        );
    }

    #[test]
    fn groups_supers_and_paths_in_code_are_seen() {
        check("api/domain/x.rs", "use crate::{error::Error, live::{Hub, a}, config};", &["see live", "see config"]);
        check("api/outbound/mail.rs", "use super::super::service::x;", &["see service"]);
        check("api/outbound/mod.rs", "use super::service; use self::super::http;", &["see service", "see http"]);
        check("api/live/hub.rs", "fn f() { crate::service::announce(); }", &["see service"]);
        check("api/domain/mod.rs", "use crate::*;", &["see *"]);
        check("api/main.rs", "use livery::{app, store};", &["main may not see store"]);
        check("api/attic/mod.rs", "", &["no rule knows the room attic"]);
    }

    #[test]
    fn what_is_allowed_passes() {
        check("api/service/chat.rs", "use crate::{policy::Scope, store::{self, Write}, domain::id::Id};", &[]);
        check("api/store/job.rs", "use super::types::X; mod tests { use super::super::unit::Y; use super::*; }", &[]);
        check("api/domain/x.rs", "//! As crate::store does.\nconst A: &str = \"crate::store\";", &[]);
        check("api/store/mod.rs", "macro_rules! on { () => { $crate::store::Reads } }", &[]);
        check("api/app.rs", "use crate::{http, store};", &[]);
    }

    #[test]
    fn foreign_crates_stay_at_home() {
        check("api/service/x.rs", "use sqlx::Row;", &["service may not use sqlx (rule: sqlx lives in store)"]);
        check("api/service/x.rs", "use {axum as a, reqwest::Client};", &["use reqwest"]);
        check("api/http/x.rs", "use reqwest;", &["use reqwest"]);
        check("api/domain/x.rs", "#[derive(sqlx::Type)] struct A; #[sqlx(x)] struct B;", &["use sqlx", "use sqlx"]);
        check("api/store/x.rs", "fn f() -> sqlx::Result<()> { sqlx::query(\"axum::x\") }", &[]);
    }

    #[test]
    fn a_door_sign_without_an_invariant_is_found() {
        let sign = |text: &str| door_sign(&Source { path: "api/live/mod.rs".into(), text: text.into() });
        assert_eq!(sign("//! Who listens.\n//! It may know x.\n//! Its invariant: y.\n//! Begin with z."), None);
        assert!(
            sign("//! Who listens.\n//! It may know x.\n//! Begin with z.").is_some_and(|it| it.contains("invariant"))
        );
    }
}
