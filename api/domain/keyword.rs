//! Keyword alerts: what somebody watches for, and what of it stands in a text. Pure.
//!
//! Words and phrases are compared without case, accents and what is not seen; a word is whole where its script has spaces
//! between words. Patterns are read by an engine that takes linear time, whatever the pattern and the text.

mod matching;

use serde::{Deserialize, Serialize};

use super::conversation::{AuthorKind, EntryKind, Message, preview_of, words};
use super::id::{AgencyId, AiAgentId, KeywordAlertId, KeywordHitId, OrganizationId, UserId};
use super::notification::Through;
use super::text;
use super::time::Time;
use crate::error::{Error, Result};

pub use matching::{Fault, Found, Matcher, Piece, pieces};

words! {
    /// How a term is looked for.
    TermKind {
        /// As a whole word.
        Word "WORD",
        /// As words in that order, whatever is between them that is no word.
        Phrase "PHRASE",
        /// As a regular expression.
        Pattern "PATTERN",
    }
}

words! {
    /// Whose words count.
    Speaker {
        /// The visitor's.
        Visitor "VISITOR",
        /// The AI agent's.
        AiAgent "AI_AGENT",
        /// Those of operators.
        Operator "OPERATOR",
    }
}

impl Speaker {
    /// Whose words an entry has, if it has anybody's.
    pub const fn of(entry: &Message) -> Option<Self> {
        match (entry.kind, entry.author_kind) {
            (EntryKind::Text | EntryKind::OfflineQuery, AuthorKind::Visitor) => Some(Self::Visitor),
            (EntryKind::Text, AuthorKind::Ai) => Some(Self::AiAgent),
            (EntryKind::Text, AuthorKind::Operator) => Some(Self::Operator),
            _ => None,
        }
    }
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// How.
    pub kind: TermKind,
    /// The word, the phrase or the pattern, as somebody wrote it.
    pub text: String,
}

/// A term as it is kept.
#[derive(Serialize, Deserialize)]
struct KeptTerm {
    kind: String,
    text: String,
}

/// Terms as the text that they are kept as.
pub fn terms_to_text(terms: &[Term]) -> String {
    let kept = terms.iter().map(|term| KeptTerm { kind: term.kind.as_str().to_owned(), text: term.text.clone() });
    serde_json::to_string(&kept.collect::<Vec<_>>()).unwrap_or_default()
}

/// The terms of such a text. What is known no more is left out.
pub fn terms_of_text(text: String) -> Vec<Term> {
    let kept: Vec<KeptTerm> = serde_json::from_str(&text).unwrap_or_default();
    kept.into_iter().filter_map(|term| Some(Term { kind: TermKind::parse(&term.kind)?, text: term.text })).collect()
}

/// Words as one text, each between spaces, so that one of them can be looked for; nothing where there are none.
pub fn listed(words: impl IntoIterator<Item = impl ToString>) -> String {
    let mut text: String = words.into_iter().flat_map(|word| [" ".to_owned(), word.to_string()]).collect();
    if !text.is_empty() {
        text.push(' ');
    }
    text
}

/// A keyword alert.
#[derive(Debug, Clone)]
pub struct KeywordAlert {
    /// Its id.
    pub id: KeywordAlertId,
    /// The agency it belongs to.
    pub agency: AgencyId,
    /// The organization whose it is.
    pub organization: OrganizationId,
    /// What people call it.
    pub name: String,
    /// What it looks for.
    pub terms: Vec<Term>,
    /// With which AI agents; none means all.
    pub ai_agents: Vec<AiAgentId>,
    /// In whose words.
    pub speakers: Vec<Speaker>,
    /// Whom it tells; none means everybody who may read the conversation.
    pub users: Vec<UserId>,
    /// By which ways besides the bell.
    pub through: Vec<Through>,
    /// For how many minutes it keeps silent of a conversation after it has told of it.
    pub cooldown: i64,
    /// Whether it is on.
    pub enabled: bool,
    /// When it was made.
    pub created_at: Time,
}

/// One message in which an alert found something.
#[derive(Debug, Clone)]
pub struct KeywordHit {
    /// Its id.
    pub id: KeywordHitId,
    /// Which alert.
    pub alert: KeywordAlertId,
    /// In which conversation.
    pub conversation: super::id::ConversationId,
    /// The number of the message there.
    pub seq: i64,
    /// In whose words.
    pub speaker: Speaker,
    /// Which of its terms, as they were written then.
    pub terms: Vec<String>,
    /// When.
    pub at: Time,
    /// Whether people were told, or it kept silent yet.
    pub told: bool,
}

/// An alert as somebody wants it.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What people call it.
    pub name: String,
    /// What it looks for.
    pub terms: Vec<Term>,
    /// With which AI agents; none means all.
    pub ai_agents: Vec<AiAgentId>,
    /// In whose words.
    pub speakers: Vec<Speaker>,
    /// Whom it tells; none means everybody who may read the conversation.
    pub users: Vec<UserId>,
    /// By which ways besides the bell.
    pub through: Vec<Through>,
    /// For how many minutes it keeps silent of a conversation after it has told of it.
    pub cooldown: i64,
}

/// Most terms of one alert.
pub const TERMS: usize = 50;
/// Longest name, in characters.
const NAME: usize = 80;
/// Most AI agents and people that an alert can name.
const NAMED: usize = 50;
/// Longest silence, in minutes: a day.
const COOLDOWN: i64 = 24 * 60;

impl Draft {
    /// The same, checked: without control characters, each thing once.
    ///
    /// # Errors
    /// INVALID `terms` with NONE, TOO_MANY or the reason of a [`Fault`]; `speakers` with NONE; `cooldownMinutes` with OUT_OF_RANGE.
    pub fn check(self) -> Result<Self> {
        let name = text::line("name", &self.name, NAME)?;
        let terms = tidy(&self.terms)?;
        Matcher::new(&terms).map_err(|(at, fault)| {
            let message = format!("Term {} (“{}”): {}", at + 1, terms[at].text, fault.message);
            Error::invalid("terms", fault.reason, message)
        })?;
        let speakers: Vec<Speaker> =
            Speaker::ALL.iter().copied().filter(|speaker| self.speakers.contains(speaker)).collect();
        if speakers.is_empty() {
            return Err(Error::invalid("speakers", "NONE", "Choose whose words count."));
        }
        if !(0..=COOLDOWN).contains(&self.cooldown) {
            let message = format!("Choose 0 to {COOLDOWN} minutes.");
            return Err(Error::invalid("cooldownMinutes", "OUT_OF_RANGE", message));
        }
        let through = [Through::Email, Through::Push].into_iter().filter(|way| self.through.contains(way)).collect();
        let (ai_agents, users) = (once("aiAgentIds", self.ai_agents)?, once("userIds", self.users)?);
        Ok(Self { name, terms, ai_agents, speakers, users, through, cooldown: self.cooldown })
    }
}

fn once<T: Ord>(field: &'static str, mut ids: Vec<T>) -> Result<Vec<T>> {
    ids.sort_unstable();
    ids.dedup();
    if ids.len() > NAMED {
        return Err(Error::invalid(
            field,
            "TOO_MANY",
            format!("At most {NAMED} can be named. Leave all out to mean everybody."),
        ));
    }
    Ok(ids)
}

/// Terms without control characters, each once, in the order given.
///
/// # Errors
/// INVALID `terms` with NONE or TOO_MANY.
pub fn tidy(terms: &[Term]) -> Result<Vec<Term>> {
    let mut tidied: Vec<Term> = Vec::with_capacity(terms.len());
    for term in terms {
        // A pattern's spaces mean something; those between words do not.
        let text = match term.kind {
            TermKind::Pattern => text::optional_block("terms", &term.text, usize::MAX)?,
            TermKind::Word | TermKind::Phrase => {
                text::optional_line("terms", Some(&term.text), usize::MAX)?.unwrap_or_default()
            }
        };
        let term = Term { kind: term.kind, text };
        if !tidied.contains(&term) {
            tidied.push(term);
        }
    }
    if tidied.is_empty() {
        return Err(Error::invalid("terms", "NONE", "Say at least one word, phrase or pattern to watch for."));
    }
    if tidied.len() > TERMS {
        return Err(Error::invalid("terms", "TOO_MANY", format!("At most {TERMS} terms are allowed in one alert.")));
    }
    Ok(tidied)
}

/// How many of the words that were found are said in a title.
const SAID: usize = 3;
/// Characters of the longest word that is said whole there.
const LONGEST_SAID: usize = 40;
/// Characters before what was found that a preview shows.
const BEFORE: usize = 40;

/// What people are told when an alert has found something: its name, who said it, and the words.
pub fn title(alert: &str, who: &str, text: &str, found: &[Found]) -> String {
    let mut said: Vec<String> = Vec::new();
    for one in found {
        let word = text[one.at.clone()].split_whitespace().collect::<Vec<_>>().join(" ");
        let word = match word.char_indices().nth(LONGEST_SAID) {
            Some((cut, _)) => format!("{}…", &word[..cut]),
            None => word,
        };
        if !said.iter().any(|other| other.to_lowercase() == word.to_lowercase()) {
            said.push(word);
        }
    }
    let more = said.len().saturating_sub(SAID);
    let quoted: Vec<String> = said.iter().take(SAID).map(|word| format!("“{word}”")).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{alert}: {who} said {}{more}", quoted.join(", "))
}

/// The part of a text around what was found first.
pub fn excerpt(text: &str, found: &Found) -> String {
    let before = &text[..found.at.start];
    match before.char_indices().rev().nth(BEFORE) {
        Some((cut, _)) => format!("…{}", preview_of(&text[cut..])),
        None => preview_of(text),
    }
}

#[cfg(test)]
mod tests;
