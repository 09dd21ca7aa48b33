//! Content lines: unfolded, and taken apart into name, parameters and value.

use super::{Trouble, bad};

/// The longest line after unfolding, in bytes.
const LINE: usize = 16 * 1024;

/// One content line.
pub(super) struct Line {
    /// Where it begins in the text, from one.
    pub(super) number: usize,
    /// Its name, in capitals.
    pub(super) name: String,
    parameters: Vec<(String, String)>,
    /// Everything after the colon.
    pub(super) value: String,
}

impl Line {
    /// The value of a parameter, without the quotes around it.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Its value as a line of text for people: escapes undone, bounded, without control characters.
    pub(super) fn text(&self) -> String {
        let mut plain = String::new();
        let mut escaped = false;
        for c in self.value.chars() {
            match (escaped, c) {
                (false, '\\') => escaped = true,
                (true, 'n' | 'N') => {
                    plain.push(' ');
                    escaped = false;
                }
                (_, c) => {
                    plain.push(if c.is_control() { ' ' } else { c });
                    escaped = false;
                }
            }
        }
        let line: String = plain.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect();
        if line.is_empty() { "Holiday".to_owned() } else { line }
    }
}

/// What was written, cut and without control characters, for messages.
pub(super) fn shown(text: &str) -> String {
    let cut: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
    format!("“{cut}”")
}

/// The content lines of a text. A line that begins with a blank goes on with the one before it.
pub(super) fn lines(text: &str) -> Result<Vec<Line>, Trouble> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut whole: Vec<(usize, String)> = Vec::new();
    for (at, raw) in text.split('\n').enumerate() {
        let raw = raw.strip_suffix('\r').unwrap_or(raw);
        let number = at + 1;
        match (raw.strip_prefix([' ', '\t']), whole.last_mut()) {
            (Some(rest), Some((_, before))) => before.push_str(rest),
            (Some(rest), None) if !rest.trim().is_empty() => {
                return Err(bad(number, "The first line goes on with nothing."));
            }
            _ if raw.trim().is_empty() => {}
            _ => whole.push((number, raw.to_owned())),
        }
        if whole.last().is_some_and(|(_, line)| line.len() > LINE) {
            return Err(bad(number, "The line is too long."));
        }
    }
    whole.into_iter().map(|(number, line)| apart(number, &line)).collect()
}

fn apart(number: usize, line: &str) -> Result<Line, Trouble> {
    let (mut quoted, mut parts, mut from) = (false, Vec::new(), 0);
    for (at, c) in line.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ';' | ':' if !quoted => {
                parts.push(&line[from..at]);
                from = at + 1;
                if c == ':' {
                    return finish(number, &parts, &line[from..]);
                }
                if parts.len() > 20 {
                    break;
                }
            }
            _ => {}
        }
    }
    Err(bad(number, format!("{} is no line of a calendar.", shown(line))))
}

fn finish(number: usize, parts: &[&str], value: &str) -> Result<Line, Trouble> {
    let name = parts[0].to_ascii_uppercase();
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(bad(number, format!("{} is no name of a line.", shown(parts[0]))));
    }
    let parameters = parts[1..].iter().filter_map(|part| part.split_once('='));
    let parameters =
        parameters.map(|(name, value)| (name.to_ascii_uppercase(), value.trim_matches('"').to_owned())).collect();
    Ok(Line { number, name, parameters, value: value.to_owned() })
}
