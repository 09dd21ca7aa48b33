//! Just enough of Rust's grammar to see names: words and punctuation with their lines, without comments and literals.

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) line: usize,
}

pub(super) fn tokens(source: &str) -> Vec<Token> {
    let text: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < text.len() {
        let end = match text[at] {
            '/' if text.get(at + 1) == Some(&'/') => line_end(&text, at),
            '/' if text.get(at + 1) == Some(&'*') => comment_end(&text, at),
            '"' => string_end(&text, at),
            '\'' => quote_end(&text, at),
            letter if letter.is_alphanumeric() || letter == '_' => {
                let end = run(&text, at, |next| next.is_alphanumeric() || next == '_');
                let word: String = text[at..end].iter().collect();
                match (word.as_str(), text.get(end)) {
                    ("r" | "br" | "cr", Some('"' | '#')) => raw_string_end(&text, end),
                    ("b" | "c", Some('"')) => string_end(&text, end),
                    ("b", Some('\'')) => quote_end(&text, end),
                    _ => {
                        tokens.push(Token { text: word, line });
                        end
                    }
                }
            }
            ':' if text.get(at + 1) == Some(&':') => {
                tokens.push(Token { text: "::".into(), line });
                at + 2
            }
            '=' if text.get(at + 1) == Some(&'>') => {
                tokens.push(Token { text: "=>".into(), line });
                at + 2
            }
            other => {
                if !other.is_whitespace() {
                    tokens.push(Token { text: other.into(), line });
                }
                at + 1
            }
        };
        line += text[at..end].iter().filter(|&&letter| letter == '\n').count();
        at = end;
    }
    tokens
}

fn run(text: &[char], from: usize, wanted: impl Fn(char) -> bool) -> usize {
    (from..text.len()).find(|&at| !wanted(text[at])).unwrap_or(text.len())
}

fn line_end(text: &[char], from: usize) -> usize {
    run(text, from, |letter| letter != '\n')
}

/// Block comments nest.
fn comment_end(text: &[char], from: usize) -> usize {
    let (mut depth, mut at) = (0, from);
    while at < text.len() {
        match (text[at], text.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at.min(text.len())
}

fn string_end(text: &[char], quote: usize) -> usize {
    let mut at = quote + 1;
    while at < text.len() && text[at] != '"' {
        at += if text[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(text.len())
}

/// From the first `#` or the quote of a raw string; a raw word such as `r#type` ends after its `#`.
fn raw_string_end(text: &[char], from: usize) -> usize {
    let quote = run(text, from, |letter| letter == '#');
    if text.get(quote) != Some(&'"') {
        return quote;
    }
    let fence: Vec<char> = std::iter::once('"').chain(text[from..quote].iter().copied()).collect();
    (quote + 1..text.len()).find(|&at| text[at..].starts_with(&fence)).map_or(text.len(), |at| at + fence.len())
}

/// A character, or the tick of a lifetime.
fn quote_end(text: &[char], from: usize) -> usize {
    match (text.get(from + 1), text.get(from + 2)) {
        (Some('\\'), _) => (run(text, from + 3, |letter| letter != '\'') + 1).min(text.len()),
        (Some(_), Some('\'')) => from + 3,
        _ => from + 1,
    }
}

#[test]
fn sees_words_and_nothing_in_comments_and_literals() {
    let source = "// crate::a\n/* crate::b /* nested */ still */ use r#type::c;\nlet x = \"crate::d\\\" more\"; r#\"crate::\"e\"#;\nb'x' '\\'' 'z' &'life f::g => \"\nlong\" h";
    let seen: Vec<(String, usize)> = tokens(source).into_iter().map(|token| (token.text, token.line)).collect();
    let words = |line: usize| {
        seen.iter().filter(|token| token.1 == line).map(|token| token.0.as_str()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(words(1), "");
    assert_eq!(words(2), "use type :: c ;");
    assert_eq!(words(3), "let x = ; ;");
    assert_eq!(words(4), "& life f :: g =>");
    assert_eq!(words(5), "h");
}
