//! Text from outside becomes text of ours: bounded, normalised, free of control characters.

use unicode_normalization::UnicodeNormalization;

use crate::error::{Error, Result};

fn tame(text: &str) -> String {
    text.nfc()
        .filter(|c| !c.is_control() || *c == '\n' || *c == '\t')
        // Overrides of the writing direction let a name pretend to be another.
        .filter(|c| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'))
        .collect()
}

fn bounded(field: &'static str, text: String, most: usize) -> Result<String> {
    if text.chars().count() > most {
        return Err(Error::invalid(field, "TOO_LONG", format!("At most {most} characters are allowed here.")));
    }
    Ok(text)
}

/// One line, trimmed, between one and `most` characters.
pub fn line(field: &'static str, text: &str, most: usize) -> Result<String> {
    match optional_line(field, Some(text), most)? {
        Some(line) => Ok(line),
        None => Err(Error::invalid(field, "EMPTY", "This cannot be empty.")),
    }
}

/// One line, trimmed, of at most `most` characters; nothing if it is empty.
pub fn optional_line(field: &'static str, text: Option<&str>, most: usize) -> Result<Option<String>> {
    let Some(text) = text else { return Ok(None) };
    let line = tame(text).split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Some(bounded(field, line, most)?).filter(|line| !line.is_empty()))
}

/// Several lines, trimmed at both ends, between one and `most` characters.
pub fn block(field: &'static str, text: &str, most: usize) -> Result<String> {
    let block = optional_block(field, text, most)?;
    if block.is_empty() {
        return Err(Error::invalid(field, "EMPTY", "This cannot be empty."));
    }
    Ok(block)
}

/// Several lines, trimmed at both ends, of at most `most` characters.
pub fn optional_block(field: &'static str, text: &str, most: usize) -> Result<String> {
    bounded(field, tame(&text.replace("\r\n", "\n")).trim().to_owned(), most)
}

/// An e-mail address: one `@`, something on both sides, a dot in the host; in lower case, as it is compared.
pub fn email(field: &'static str, text: &str) -> Result<String> {
    let address = line(field, text, 254)?.to_lowercase();
    let fits = address.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && name.len() <= 64
            && !host.contains('@')
            && host.contains('.')
            && !host.starts_with(['.', '[', '-'])
            && !host.ends_with('.')
            && address.chars().all(|c| !c.is_whitespace() && !matches!(c, '<' | '>' | '"' | ',' | ';'))
    });
    if fits { Ok(address) } else { Err(Error::invalid(field, "NOT_AN_ADDRESS", "This is not an e-mail address.")) }
}

/// Text as it is searched: lower case, no diacritics, single spaces. Done here, because databases disagree on it.
pub fn searchable(text: &str) -> String {
    super::answer::normalise(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The id that a client gives to what it creates: 1 to 64 visible ASCII characters.
pub fn client_id(text: &str) -> Result<String> {
    if text.is_empty() || text.len() > 64 || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Error::invalid("clientId", "NOT_A_CLIENT_ID", "A client id is 1 to 64 visible ASCII characters."));
    }
    Ok(text.to_owned())
}

/// A colour as `#rrggbb`, in lower case.
pub fn colour(field: &'static str, text: &str) -> Result<String> {
    let text = text.trim().to_lowercase();
    let fits = text.len() == 7 && text.starts_with('#') && text.bytes().skip(1).all(|b| b.is_ascii_hexdigit());
    if fits { Ok(text) } else { Err(Error::invalid(field, "NOT_A_COLOUR", "A colour is written as #rrggbb.")) }
}

/// A web origin as browsers send it: scheme, host, port if it is not the usual one.
pub fn origin(field: &'static str, text: &str) -> Result<String> {
    let refused =
        || Error::invalid(field, "NOT_AN_ORIGIN", format!("“{text}” is not an origin like https://example.com."));
    let text = text.trim().trim_end_matches('/').to_lowercase();
    let (scheme, rest) = text.split_once("://").ok_or_else(refused)?;
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse::<u16>().map_err(|_| refused())?)),
        None => (rest, None),
    };
    let host_fits = !host.is_empty()
        && host.len() <= 253
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    if !matches!(scheme, "http" | "https") || !host_fits {
        return Err(refused());
    }
    Ok(match port {
        Some(port) if (scheme, port) != ("https", 443) && (scheme, port) != ("http", 80) => {
            format!("{scheme}://{host}:{port}")
        }
        _ => format!("{scheme}://{host}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_one_way() {
        fn check(text: &str, expected: Option<&str>) {
            assert_eq!(origin("origins", text).ok().as_deref(), expected, "{text}");
        }
        check("https://Example.com/", Some("https://example.com"));
        check("https://example.com:443", Some("https://example.com"));
        check("http://example.com:8081", Some("http://example.com:8081"));
        check("https://example.com/path", None);
        check("javascript://example.com", None);
        check("example.com", None);
        check("https://exa mple.com; script-src *", None);
        check("https://", None);
    }

    #[test]
    fn addresses_are_checked_and_normalised() {
        fn check(text: &str, expected: Option<&str>) {
            assert_eq!(email("email", text).ok().as_deref(), expected, "{text}");
        }
        check(" Jo@Example.COM ", Some("jo@example.com"));
        check("jo@example", None);
        check("jo@[127.0.0.1]", None);
        check("jo@@example.com", None);
        check("a b@example.com", None);
        check("jo@example.com\r\nBcc: x@y.z", None);
    }

    #[test]
    fn control_and_direction_characters_go() {
        assert_eq!(line("name", "a\u{0}b\u{202e}c\n d", 20).unwrap_or_default(), "abc d");
        assert_eq!(block("text", "one\r\n\ttwo\u{7}", 20).unwrap_or_default(), "one\n\ttwo");
        assert!(line("name", " \u{200e}\u{202e} ", 20).is_ok_and(|text| text == "\u{200e}"));
        assert!(line("name", "   ", 20).is_err());
        assert!(line("name", "abc", 2).is_err());
    }
}
