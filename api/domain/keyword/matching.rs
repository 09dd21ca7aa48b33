//! What of some terms stands in a text, and where.

use std::ops::Range;

use regex::{Regex, RegexBuilder};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};

use super::{Term, TermKind};
use crate::domain::answer::plain;

/// Longest word or phrase, in characters.
const WORDS: usize = 100;
/// Longest pattern, in characters.
const PATTERN: usize = 200;
/// How deep a pattern may be nested.
const NEST: u32 = 20;
/// Bytes that a pattern may take when it is compiled: what repeats what repeats a thousand times is refused.
const SIZE: usize = 256 * 1024;

/// Why something cannot be looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Finer than INVALID, in capitals.
    pub reason: &'static str,
    /// One sentence for a person.
    pub message: String,
    /// At which character of a pattern, counted from 1, where that is known.
    pub at: Option<usize>,
}

impl Fault {
    fn new(reason: &'static str, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), at: None }
    }
}

/// One place where a term stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which of the terms.
    pub term: usize,
    /// From which byte of the text to which.
    pub at: Range<usize>,
}

enum Compiled {
    Word(Vec<char>),
    Phrase(Vec<Vec<char>>),
    Pattern(Regex),
}

/// Terms, ready to be looked for in any number of texts: each under its number.
pub struct Matcher(Vec<(usize, Compiled)>);

impl Matcher {
    /// Of these terms.
    ///
    /// # Errors
    /// Which of them cannot be looked for, and why.
    pub fn new(terms: &[Term]) -> Result<Self, (usize, Fault)> {
        let compiled = terms.iter().enumerate().map(|(at, term)| match compile(term) {
            Ok(compiled) => Ok((at, compiled)),
            Err(fault) => Err((at, fault)),
        });
        compiled.collect::<Result<_, _>>().map(Self)
    }

    /// Of those of these terms that can be looked for.
    pub fn of_those_that_can(terms: &[Term]) -> Self {
        Self(terms.iter().enumerate().filter_map(|(at, term)| Some((at, compile(term).ok()?))).collect())
    }

    /// Where they stand in a text, each at most `most` times; in the order of the text.
    pub fn find(&self, text: &str, most: usize) -> Vec<Found> {
        let folded = Folded::of(text);
        let mut found: Vec<Found> = Vec::new();
        for (term, compiled) in &self.0 {
            let places: Vec<Range<usize>> = match compiled {
                Compiled::Word(word) => folded.places(most, |at| folded.has(at, word)),
                Compiled::Phrase(words) => folded.places(most, |at| folded.has_all(at, words)),
                Compiled::Pattern(pattern) => {
                    let places = pattern.find_iter(text).map(|one| one.range()).filter(|one| !one.is_empty());
                    places.take(most).collect()
                }
            };
            found.extend(places.into_iter().map(|at| Found { term: *term, at }));
        }
        found.sort_by_key(|one| (one.at.start, one.at.end));
        found
    }
}

fn compile(term: &Term) -> Result<Compiled, Fault> {
    let most = if term.kind == TermKind::Pattern { PATTERN } else { WORDS };
    if term.text.is_empty() {
        return Err(Fault::new("EMPTY", "This cannot be empty."));
    }
    if term.text.chars().count() > most {
        return Err(Fault::new("TOO_LONG", format!("At most {most} characters are allowed here.")));
    }
    match term.kind {
        TermKind::Word => {
            if term.text.contains(char::is_whitespace) {
                return Err(Fault::new("NOT_ONE_WORD", "This is more than one word. Make it a phrase."));
            }
            let word = Folded::of(&term.text).chars;
            if word.is_empty() {
                return Err(Fault::new("EMPTY", "Nothing of this can be seen."));
            }
            Ok(Compiled::Word(word))
        }
        TermKind::Phrase => {
            let chars = Folded::of(&term.text).chars;
            let words = chars.split(|c| !is_of_word(*c)).filter(|word| !word.is_empty());
            let words: Vec<Vec<char>> = words.map(<[char]>::to_vec).collect();
            if words.is_empty() {
                return Err(Fault::new("NO_WORDS", "There is no word in this."));
            }
            Ok(Compiled::Phrase(words))
        }
        TermKind::Pattern => pattern(&term.text).map(Compiled::Pattern),
    }
}

fn pattern(text: &str) -> Result<Regex, Fault> {
    let built = RegexBuilder::new(text).case_insensitive(true).nest_limit(NEST).size_limit(SIZE).build();
    let compiled = built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => too_complex(),
        error => fault_of(&error.to_string()),
    })?;
    if compiled.is_match("") {
        let message = "This pattern is found in every message, for it is content with nothing.";
        return Err(Fault::new("MATCHES_EVERYTHING", message));
    }
    Ok(compiled)
}

fn too_complex() -> Fault {
    Fault::new("TOO_COMPLEX", "This pattern is too complex. Repeat fewer things, or make several terms of it.")
}

/// What the engine complains of: it writes the pattern, carets under what is wrong, and a line with the reason.
fn fault_of(said: &str) -> Fault {
    const INDENT: usize = 4;
    let carets = said.lines().find(|line| line.trim_start().starts_with('^'));
    let at = carets.and_then(|line| line.find('^')).and_then(|column| column.checked_sub(INDENT)).map(|at| at + 1);
    let why = said.lines().rev().find_map(|line| line.strip_prefix("error: ")).unwrap_or("it cannot be read");
    let place = at.map(|at| format!(" at character {at}")).unwrap_or_default();
    let fault = if why.contains("look-around") {
        Fault::new("LOOK_AROUND", format!("Look-around, such as (?=…) or (?<!…), is not supported{place}."))
    } else if why.contains("backreference") {
        Fault::new("BACKREFERENCE", format!("Backreferences, such as \\1, are not supported{place}."))
    } else if why.contains("nested") {
        too_complex()
    } else {
        Fault::new("NOT_A_PATTERN", format!("This pattern cannot be read{place}: {why}."))
    };
    Fault { at, ..fault }
}

/// A text as it is compared, and from where in it each letter comes.
struct Folded {
    chars: Vec<char>,
    from: Vec<usize>,
    until: Vec<usize>,
}

impl Folded {
    fn of(text: &str) -> Self {
        let mut folded = Self { chars: Vec::with_capacity(text.len()), from: Vec::new(), until: Vec::new() };
        for (at, c) in text.char_indices() {
            let end = at + c.len_utf8();
            let before = folded.chars.len();
            if !is_unseen(c) {
                // A syllable of Hangul is one letter here, not the two or three that it is made of.
                if matches!(c, '\u{ac00}'..='\u{d7a3}') {
                    folded.chars.push(c);
                } else {
                    let letters = std::iter::once(c).nfkd().flat_map(char::to_lowercase);
                    letters.filter(|c| !is_accent(*c)).for_each(|c| folded.push(c));
                }
            }
            folded.from.resize(folded.chars.len(), at);
            folded.until.resize(folded.chars.len(), end);
            // An accent of its own belongs to the letter before it.
            if folded.chars.len() == before
                && let Some(last) = folded.until.last_mut()
            {
                *last = end;
            }
        }
        folded
    }

    fn push(&mut self, c: char) {
        match c {
            'ς' => self.chars.push('σ'),
            '‘' | '’' | 'ʼ' | '`' | '´' => self.chars.push('\''),
            '‐'..='―' | '−' => self.chars.push('-'),
            c => match plain(c) {
                Some(letters) => self.chars.extend(letters.chars()),
                None => self.chars.push(c),
            },
        }
    }

    /// Where something stands that `end` finds the end of; what begins in something else that was found is none.
    fn places(&self, most: usize, end: impl Fn(usize) -> Option<usize>) -> Vec<Range<usize>> {
        let mut places = Vec::new();
        let mut at = 0;
        while at < self.chars.len() && places.len() < most {
            match end(at) {
                Some(end) => {
                    places.push(self.from[at]..self.until[end - 1]);
                    at = end;
                }
                None => at += 1,
            }
        }
        places
    }

    /// The end of a word that stands there whole.
    fn has(&self, at: usize, word: &[char]) -> Option<usize> {
        let end = at + word.len();
        (self.chars[at..].starts_with(word) && self.is_border(at) && self.is_border(end)).then_some(end)
    }

    /// The end of words that stand there one after another.
    fn has_all(&self, at: usize, words: &[Vec<char>]) -> Option<usize> {
        let (first, rest) = words.split_first()?;
        let mut end = self.has(at, first)?;
        for word in rest {
            let gap = self.chars[end..].iter().take_while(|c| !is_of_word(**c)).count();
            end = self.has(end + gap, word)?;
        }
        Some(end)
    }

    /// Whether a word can begin or end before that letter.
    fn is_border(&self, at: usize) -> bool {
        let (Some(after), Some(before)) = (self.chars.get(at), at.checked_sub(1).map(|at| self.chars[at])) else {
            return true;
        };
        let after = *after;
        if is_combining_mark(after) {
            return false;
        }
        !(is_of_word(before) && is_of_word(after)) || is_unspaced(before) || is_unspaced(after)
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || is_combining_mark(c)
}

/// What is no letter of its own in Latin, Greek, Cyrillic, Hebrew and Arabic. The vowels of Indic scripts, the marks that make
/// other sounds of kana, and tones are.
fn is_accent(c: char) -> bool {
    is_combining_mark(c) && matches!(canonical_combining_class(c), 1 | 10..=36 | 200..=240)
}

/// What nobody sees: soft hyphens, joiners, marks of direction, selectors of variants, the Arabic stretch.
const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{640}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// Letters of scripts that have no spaces between words: Thai, Lao, Burmese, Khmer, kana, Han.
const fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What it says.
    pub text: String,
    /// Whether it was found.
    pub found: bool,
}

/// A text in pieces: what was found, and what is between.
pub fn pieces(text: &str, found: &[Found]) -> Vec<Piece> {
    let mut merged: Vec<Range<usize>> = Vec::new();
    for Found { at, .. } in found {
        match merged.last_mut() {
            Some(last) if at.start < last.end => last.end = last.end.max(at.end),
            _ => merged.push(at.clone()),
        }
    }
    let mut pieces = Vec::new();
    let mut add = |text: &str, found: bool| {
        if !text.is_empty() {
            pieces.push(Piece { text: text.to_owned(), found });
        }
    };
    let mut rest = 0;
    for at in merged {
        add(&text[rest..at.start], false);
        rest = at.end;
        add(&text[at], true);
    }
    add(&text[rest..], false);
    pieces
}
