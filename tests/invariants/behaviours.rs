//! `tests/behaviours.toml` has every id, and each test it names exists.

use super::{complains, none, read, root};

#[test]
fn every_behaviour_is_listed_and_its_tests_exist() {
    let listed = read(&root().join("tests/behaviours.toml"));
    none(&complaints(&listed, |path| std::fs::read_to_string(root().join(path)).ok()));
}

fn ids() -> Vec<String> {
    let group =
        |letter: char, width: usize, last: usize| (1..=last).map(move |number| format!("{letter}{number:0width$}"));
    group('S', 3, 215).chain(group('A', 2, 13)).chain(group('W', 2, 19)).collect()
}

fn complaints(listed: &str, file: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let listed: toml::Table = match listed.parse() {
        Ok(listed) => listed,
        Err(error) => return vec![format!("tests/behaviours.toml: {error}")],
    };
    let ids = ids();
    let mut complaints: Vec<String> =
        ids.iter().filter(|id| !listed.contains_key(*id)).map(|id| format!("{id} is missing")).collect();
    for (id, entry) in &listed {
        if !ids.contains(id) {
            complaints.push(format!("{id} is no behaviour"));
        }
        match entry {
            toml::Value::String(open) if open == "open" => {}
            toml::Value::Array(tests) if !tests.is_empty() => {
                complaints.extend(
                    tests
                        .iter()
                        .filter_map(|test| complaint(test.as_str().unwrap_or(""), &file))
                        .map(|it| format!("{id}: {it}")),
                );
            }
            _ => complaints.push(format!("{id} is neither \"open\" nor a list of tests")),
        }
    }
    complaints
}

fn complaint(test: &str, file: impl Fn(&str) -> Option<String>) -> Option<String> {
    let parts: Vec<&str> = if test.contains(" > ") { test.split(" > ").collect() } else { test.split("::").collect() };
    let [path, .., name] = parts[..] else { return Some(format!("{test:?} names no test in a file")) };
    let Some(text) = file(path) else { return Some(format!("there is no file {path}")) };
    let whole = |at: usize| {
        let word = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
        !word(text[..at].chars().next_back()) && !word(text[at + name.len()..].chars().next())
    };
    (!text.match_indices(name).any(|(at, _)| whole(at))).then(|| format!("{path} has no test {name:?}"))
}

#[test]
fn a_missing_id_and_a_test_that_is_gone_are_found() {
    let all: String = ids().iter().map(|id| format!("{id} = \"open\"\n")).collect();
    let file = |path: &str| (path == "tests/x.rs").then(|| "fn accepts_once() {} test(\"sees it\")".to_owned());
    let check =
        |from: &str, to: &str, expected: &[&str]| complains(&complaints(&all.replace(from, to), file), expected);
    check("", "", &[]);
    check("S081 = \"open\"\n", "", &["S081 is missing"]);
    check("W19 =", "W20 = \"open\"\nW19 =", &["W20 is no behaviour"]);
    check("A01 = \"open\"", "A01 = []", &["A01 is neither"]);
    check("A01 = \"open\"", "A01 = \"done\"", &["A01 is neither"]);
    check("A01 = \"open\"", "A01 = [\"tests/x.rs::accepts_once\", \"tests/x.rs > walk > sees it\"]", &[]);
    check("A01 = \"open\"", "A01 = [\"tests/x.rs::accepts\"]", &["A01: tests/x.rs has no test \"accepts\""]);
    check("A01 = \"open\"", "A01 = [\"tests/y.rs::accepts\"]", &["A01: there is no file tests/y.rs"]);
    check("A01 = \"open\"", "A01 = [\"accepts\"]", &["names no test"]);
}
