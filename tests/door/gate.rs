//! The gate: what passes, what does not, and how fast.

use std::fmt::Write as _;
use std::time::Instant;

use livery::http::gate::{Limits, document, json};
use proptest::prelude::*;

const LIMITS: Limits = Limits::DEFAULT;

#[track_caller]
fn check(source: &str, expected: Result<(), &str>) {
    let result = document(source, &LIMITS).map_err(|refusal| refusal.reason);
    assert_eq!(result, expected, "{}", &source[..source.len().min(200)]);
}

#[test]
fn ordinary_documents_pass() {
    for source in [
        "{a}",
        "query { a }",
        "query Q($a: [Int!]! = [1, -2.5e-3], $b: T = {x: {y: \"}\"}}) @d(a: {b: [1]}) { a(b: $a) @skip(if: true) { c } }",
        "mutation M { do(x: 1) { id name } }",
        "subscription { events(after: \"x\") { ... on Message { text } ...F } } fragment F on Event @d { id }",
        "{ ... { a } ... @include(if: true) { b } ... on Query { c } ...F @d(a: 1) } fragment F on Query { x: a b }",
        "# a comment with { ( \" \n{ a # and } another\n }",
        r#"{ a(s: "\"}{\\", b: """ block " "" \""" } { """, c: "") }"#,
        "{ query mutation fragment on { on: on } }",
        "\u{feff}{ a, b, , c }",
        "query A { a } query B { b } mutation C { c }",
    ] {
        check(source, Ok(()));
        assert!(async_graphql::parser::parse_query(source).is_ok(), "{source}");
    }
}

#[test]
fn what_is_no_graphql_is_refused() {
    for source in [
        "",
        " ",
        "{",
        "}",
        "{a",
        "{a}}",
        "a",
        "{a(}",
        "{a(b: [1)}",
        "{a(b: {c: 1]})}",
        "(a)",
        "{ \"a\" }",
        "{ 1 }",
        "{ a: }",
        "{ a: : b }",
        "{ ... }",
        "{ ... on }",
        "{ ... on A }",
        "{ @d }",
        "{ a @ }",
        "{ a @{b} }",
        "query",
        "fragment F on A {a}",
        "fragment on on A { a } { a }",
        "{ a(s: \"",
        "{ a(s: \"\n\") }",
        "{ a(s: \"\"\" ) }",
        "{ a } & { b }",
        "{ a | b }",
        "{ a = b }",
        "{ a } type X { b: Int }",
        "{ a(b: ...) }",
        "queryQ { a }",
        "{ ..a }",
        "{ a ; b }",
        "{ é }",
        "{{ a }}",
        "{ a } }",
        "query Q { a } b",
        "query ($a: Int",
        "{ ...F { a } } fragment F on A { b }",
    ] {
        check(source, Err("SYNTAX"));
    }
}

#[test]
fn a_comment_behind_on_is_refused() {
    // The library's parser would take `on` for the name of a fragment there, and `A` for a field.
    check("mutation { ... on #\n A { a } }", Err("SYNTAX"));
    check("mutation { ...on A { a } }", Ok(()));
}

#[test]
fn one_root_field_per_mutation_and_subscription() {
    check("mutation { a b }", Err("ROOT_FIELDS"));
    check("mutation { a: x b: x }", Err("ROOT_FIELDS"));
    check("subscription { a b }", Err("ROOT_FIELDS"));
    check("query { a b }", Ok(()));
    check(&format!("{{ {} }}", "a ".repeat(24)), Ok(()));
    check(&format!("{{ {} }}", "a ".repeat(25)), Err("ROOT_FIELDS"));
    check("mutation { a { b c } }", Ok(()));
    check("mutation { ... { a } ... { b } }", Err("ROOT_FIELDS"));
    check("mutation { ... on M { a @skip(if: true) } ... @d { ... { b } } }", Err("ROOT_FIELDS"));
    check("mutation { ...F ...F } fragment F on M { a }", Err("ROOT_FIELDS"));
    check("mutation { ...F } fragment F on M { a }", Ok(()));
    check("mutation { ...F } fragment F on M { ...G ... { ...G } } fragment G on M { a }", Err("ROOT_FIELDS"));
    check("mutation { a { ...F } } fragment F on M { b c }", Ok(()));
    check("query Q { a } mutation M { a b }", Err("ROOT_FIELDS"));
    check("mutation { ...Missing }", Err("ROOT_FIELDS"));
    check("mutation { }", Err("ROOT_FIELDS"));
}

/// Crafted documents, built here and nowhere else.
fn crafted() -> Vec<(&'static str, String, &'static str)> {
    let doubling = |count: usize, last: &str| {
        let mut source = String::from("{ ...F0 }");
        for index in 0..count {
            let next = index + 1;
            write!(source, " fragment F{index} on Q {{ ...F{next} ...F{next} }}").expect("a string");
        }
        write!(source, " fragment F{count} on Q {{ {last} }}").expect("a string");
        source
    };
    vec![
        ("deep selections", "{a".repeat(1_500), "TOO_DEEP"),
        ("deep selections, closed", format!("{}{}", "{a".repeat(1_500), "}".repeat(1_500)), "TOO_DEEP"),
        ("deep inline fragments", format!("{{{}", "...{".repeat(1_500)), "TOO_DEEP"),
        ("deep lists", format!("{{a(b:{}", "[".repeat(1_500)), "TOO_DEEP"),
        ("deep objects", format!("{{a(b:{}", "{c:".repeat(1_000)), "TOO_DEEP"),
        ("deep types", format!("query ($a: {}", "[".repeat(3_000)), "TOO_DEEP"),
        ("deep defaults", format!("query ($a: T = {}", "[{a:".repeat(1_000)), "TOO_DEEP"),
        ("fragment doubling", doubling(60, "a"), "TOO_COSTLY"),
        ("fragment doubling without fields", doubling(60, "...Missing"), "TOO_COSTLY"),
        ("inline fragments side by side", format!("{{{}}}", "...{a}".repeat(900)), "TOO_COSTLY"),
        (
            "a long chain",
            {
                let mut source = String::from("{ ...F0 }");
                for index in 0..40 {
                    write!(source, "fragment F{index} on Q {{ a {{ ...F{} }} }}", index + 1).expect("a string");
                }
                source
            },
            "TOO_DEEP",
        ),
        (
            "too many fragments",
            {
                (0..1_000)
                    .fold(String::from("{a}"), |source, index| source + format!("fragment F{index} on Q{{a}}").as_str())
            },
            "TOO_MANY_DEFINITIONS",
        ),
        (
            "operations",
            (0..2_000).fold(String::new(), |source, index| source + format!("query Q{index}{{a}}").as_str()),
            "TOO_MANY_DEFINITIONS",
        ),
        ("anonymous operations", "{a}".repeat(10_000), "TOO_MANY_DEFINITIONS"),
        ("a cycle of one", "{ ...F } fragment F on Q { a { ...F } }".into(), "FRAGMENT_CYCLE"),
        ("a cycle of two", "{ a } fragment F on Q { ...G } fragment G on Q { ...F }".into(), "FRAGMENT_CYCLE"),
        ("aliases", format!("{{{}}}", (0..3_000).map(|i| format!("a{i}:b ")).collect::<String>()), "TOO_MANY_ALIASES"),
        (
            "10,000 aliases",
            format!("{{{}}}", (0..10_000).map(|i| format!("a{i}:b ")).collect::<String>()),
            "DOCUMENT_TOO_LARGE",
        ),
        ("directives", format!("{{a {}}}", "@d".repeat(10_000)), "TOO_MANY_DIRECTIVES"),
        ("directives on the operation", format!("query {} {{a}}", "@d".repeat(10_000)), "TOO_MANY_DIRECTIVES"),
        ("directives on variables", format!("query ($a: Int {}) {{a}}", "@d".repeat(10_000)), "TOO_MANY_DIRECTIVES"),
        ("fields", format!("{{{}}}", "a ".repeat(3_000)), "TOO_COSTLY"),
        ("tokens", format!("{{{}}}", "a ".repeat(10_000)), "TOO_MANY_TOKENS"),
        ("values", format!("{{a(b:[{}])}}", "1,".repeat(10_000)), "TOO_MANY_TOKENS"),
        ("1 MiB of white space", " ".repeat(1 << 20), "DOCUMENT_TOO_LARGE"),
        ("1 MiB of a string", format!("{{a(b:\"{}\")}}", "x".repeat(1 << 20)), "DOCUMENT_TOO_LARGE"),
        ("a comment to the end", format!("#{}", "x".repeat(30_000)), "SYNTAX"),
        ("quotes", "\"".repeat(30_000), "SYNTAX"),
    ]
}

#[test]
fn crafted_documents_are_refused_in_no_time() {
    for (name, source, reason) in crafted() {
        // The fastest of several: other work on the machine is not the gate's.
        let times = (0..5).map(|_| {
            let start = Instant::now();
            let result = document(&source, &LIMITS);
            let took = start.elapsed();
            assert_eq!(result.map_err(|refusal| refusal.reason), Err(reason), "{name}");
            took
        });
        let took = times.min().expect("five of them");
        assert!(took.as_millis() < 10, "{name} took {took:?}");
    }
}

#[test]
fn json_is_refused_by_depth_and_size_before_it_is_built() {
    let check = |source: &str, expected: Result<(), &str>| {
        assert_eq!(json(source.as_bytes(), &LIMITS).map_err(|refusal| refusal.reason), expected);
    };
    check(r#"{"query":"{a([[[[[[[[[[[[[[[[[[[[[[[[","variables":{"a":[1,{"b":"\"[["}]}}"#, Ok(()));
    check(" \n[{\"query\":\"{a}\"}]", Err("BATCH"));
    check("[]", Err("BATCH"));
    check(&format!(r#"{{"variables":{{"a":{}"#, "[".repeat(60_000)), Err("VARIABLES_TOO_DEEP"));
    check(&format!(r#"{{"a":{}"#, r#"{"a":"#.repeat(10_000)), Err("VARIABLES_TOO_DEEP"));
    check(&format!(r#"{{"a":[{}"#, "1,".repeat(30_000)), Err("VARIABLES_TOO_LARGE"));
    check(&format!(r#"{{"a":[{}"#, "[],".repeat(20_000)), Err("VARIABLES_TOO_LARGE"));
    check(r#"{"a":"\"#, Ok(()));
}

/// Pieces that documents are made of, thrown together.
fn documents() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "{", "}", "(", ")", "[", "]", ":", "...", "@", "$", "=", "!", "#", "\n", " ", ",", "\"", "\"\"\"", "\\", "on", "a", "b",
            "F", "query", "mutation", "subscription", "fragment", "1", "-1.5e3", "true", "null", "{a}", "{ a b }", "...F", "... on A {",
            "fragment F on A {", "(x: 1)", "@d(a: [1])", "($v: [Int!] = [1])", "a: b", "\"s\"", "\u{feff}", "é",
        ])
        .prop_map(str::to_owned),
        1 => "[ -~]{0,8}",
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.join(" "))
}

/// How many root fields the parser sees, fragments included; `None` for queries.
fn parsed_roots(source: &str) -> Vec<usize> {
    use async_graphql::parser::types::{ExecutableDocument, OperationType, Selection, SelectionSet};
    fn count(set: &SelectionSet, document: &ExecutableDocument) -> usize {
        let roots = set.items.iter().map(|item| match &item.node {
            Selection::Field(_) => 1,
            Selection::InlineFragment(inline) => count(&inline.node.selection_set.node, document),
            Selection::FragmentSpread(spread) => document
                .fragments
                .get(&spread.node.fragment_name.node)
                .map_or(0, |fragment| count(&fragment.node.selection_set.node, document)),
        });
        roots.sum()
    }
    let Ok(document) = async_graphql::parser::parse_query(source) else { return Vec::new() };
    let narrow = document.operations.iter().filter(|(_, operation)| operation.node.ty != OperationType::Query);
    narrow.map(|(_, operation)| count(&operation.node.selection_set.node, &document)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = json(&bytes, &LIMITS);
        let _ = document(&String::from_utf8_lossy(&bytes), &LIMITS);
    }

    #[test]
    fn what_passes_is_safe_to_parse_and_has_the_roots_that_were_counted(source in documents()) {
        if document(&source, &LIMITS).is_ok() {
            prop_assert!(parsed_roots(&source).iter().all(|roots| *roots == 1), "{source}");
        }
    }

    #[test]
    fn whatever_the_parser_takes_and_is_small_passes(fields in 1_usize..20, depth in 1_usize..20, mutation: bool) {
        let inner = "{ a ".repeat(depth) + "b ".repeat(fields).as_str() + "}".repeat(depth).as_str();
        let source = if mutation { format!("mutation {{ m {inner} }}") } else { inner };
        prop_assert_eq!(document(&source, &LIMITS), Ok(()));
        prop_assert!(async_graphql::parser::parse_query(&source).is_ok());
    }
}

#[test]
fn what_passes_at_the_limits_is_parsed_on_a_small_stack() {
    // The limits are the worst that the parser will see; a thread with little stack stands for a deep call.
    let deep = format!("{}a{}", "{a ".repeat(23), "}".repeat(23));
    let values = format!("{{a(b:{}1{})}}", "[".repeat(21), "]".repeat(21));
    for source in [deep, values] {
        assert_eq!(document(&source, &LIMITS), Ok(()), "{source}");
        let parse = move || async_graphql::parser::parse_query(&source).is_ok();
        let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(parse).expect("a thread");
        assert!(thread.join().expect("no overflow"));
    }
}
