//! Canned replies: what operators say again and again, with places for what differs.

use super::access::Place;
use super::id::{AgencyId, CannedReplyId, OrganizationId};
use super::text;
use super::time::Time;
use crate::error::{Error, Result};

/// A reply that is kept ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannedReply {
    /// Its id.
    pub id: CannedReplyId,
    /// The agency it belongs to.
    pub agency: AgencyId,
    /// The organization whose it is; none for what all organizations of the agency have.
    pub organization: Option<OrganizationId>,
    /// What one types after the slash to find it.
    pub shortcut: String,
    /// What it is for, in a few words.
    pub title: String,
    /// The reply itself, with its variables.
    pub body: String,
    /// What it is filed under: one tag a line.
    pub tags: String,
    /// Where it stands among the others: the smallest first.
    pub position: i64,
    /// When it was last changed.
    pub updated_at: Time,
}

impl CannedReply {
    /// Where it stands, for the policy.
    pub fn place(&self) -> Place {
        match self.organization {
            Some(organization) => Place::organization(self.agency, organization),
            None => Place::agency(self.agency),
        }
    }

    /// The organization, or the agency, as the text under which a shortcut is taken once.
    pub fn key(&self) -> String {
        self.organization.map_or_else(|| self.agency.to_string(), |organization| organization.to_string())
    }
}

/// What a reply may leave open: `{visitor.name}`, or `{visitor.name|there}` with what stands there when it is not known.
pub const VARIABLES: &[&str] = &["visitor.name", "topic", "operator.name", "ai_agent.name"];

/// Longest shortcut, title, reply, in characters.
const SHORTCUT: usize = 32;
const TITLE: usize = 80;
const BODY: usize = 4_000;
/// Most tags of one reply.
const TAGS: usize = 10;

/// A reply as somebody writes it.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What one types after the slash.
    pub shortcut: String,
    /// What it is for.
    pub title: String,
    /// The reply itself.
    pub body: String,
    /// What it is filed under.
    pub tags: Vec<String>,
}

/// The same, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What one types after the slash.
    pub shortcut: String,
    /// What it is for.
    pub title: String,
    /// The reply itself.
    pub body: String,
    /// What it is filed under: one tag a line.
    pub tags: String,
}

impl Draft {
    /// Checks what somebody wrote.
    ///
    /// # Errors
    /// INVALID with UNKNOWN_VARIABLE, naming it, UNCLOSED_VARIABLE, NOT_A_SHORTCUT, TOO_MANY, or for lengths.
    pub fn check(&self) -> Result<Checked> {
        let shortcut = text::line("shortcut", self.shortcut.trim_start_matches('/'), SHORTCUT)?.to_lowercase();
        if !shortcut.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.')) {
            return Err(Error::invalid(
                "shortcut",
                "NOT_A_SHORTCUT",
                "A shortcut has letters, digits, hyphens, underscores and dots only.",
            ));
        }
        let body = text::block("text", &self.body, BODY)?;
        check_variables(&body)?;
        let tags = tags("tags", &self.tags, TAGS)?;
        Ok(Checked { shortcut, title: text::line("title", &self.title, TITLE)?, body, tags: tags.join("\n") })
    }
}

fn check_variables(body: &str) -> Result<()> {
    let mut rest = body;
    while let Some(at) = rest.find('{') {
        rest = &rest[at + 1..];
        let Some(end) = rest.find('}') else {
            return Err(Error::invalid("text", "UNCLOSED_VARIABLE", "A variable that begins with { must end with }."));
        };
        let name = rest[..end].split('|').next().unwrap_or_default().trim();
        if !VARIABLES.contains(&name) {
            return Err(Error::invalid(
                "text",
                "UNKNOWN_VARIABLE",
                format!(
                    "There is no variable {{{}}}. There are: {}.",
                    name.chars().take(40).collect::<String>(),
                    VARIABLES.iter().map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(", ")
                ),
            ));
        }
        rest = &rest[end + 1..];
    }
    Ok(())
}

/// Longest tag, in characters.
const TAG: usize = 40;

/// Tags as they are kept: in lower case, each once, in the order given; those that are empty are left out.
///
/// # Errors
/// INVALID with TOO_MANY or TOO_LONG.
pub fn tags(field: &'static str, given: &[String], most: usize) -> Result<Vec<String>> {
    let mut kept: Vec<String> = Vec::new();
    for tag in given {
        let Some(tag) = text::optional_line(field, Some(tag), TAG)? else { continue };
        let tag = tag.to_lowercase();
        if !kept.contains(&tag) {
            kept.push(tag);
        }
    }
    if kept.len() > most {
        return Err(Error::invalid(field, "TOO_MANY", format!("At most {most} tags are allowed here.")));
    }
    Ok(kept)
}

/// What a new organization begins with (A02, A03): shortcut, title, reply.
pub const STARTERS: &[(&str, &str, &str)] = &[
    (
        "hello",
        "Greeting",
        "Hello {visitor.name|there}, this is {operator.name}. I have read what you wrote to {ai_agent.name}. How can I help?",
    ),
    ("looking", "I am looking into it", "Thank you, I am looking into {topic|it} right now. Please give me a moment."),
    ("confirm", "Confirm", "Just to be sure that I understand: this is about {topic|your question}, is that right?"),
    ("solve", "Solve", "I have found the answer for you, {visitor.name|and here it is}:"),
    ("check", "Check", "Does that solve it for you, or is there anything else about {topic|your question}?"),
    (
        "thanks",
        "Thank",
        "Thank you for writing to us, {visitor.name|and have a good day}. All the best, {operator.name}",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(body: &str) -> Draft {
        Draft { shortcut: "/Hello".to_owned(), title: "Greeting".to_owned(), body: body.to_owned(), tags: Vec::new() }
    }

    #[test]
    fn variables_are_known_or_refused() {
        fn check(body: &str, reason: Option<&str>) {
            assert_eq!(draft(body).check().err().map(|error| error.reason), reason, "{body}");
        }
        check("Hello {visitor.name}", None);
        check("Hello {visitor.name|there}, {operator.name} of {ai_agent.name} on {topic}", None);
        check("No variable at all", None);
        check("Hello {visitor.email}", Some("UNKNOWN_VARIABLE"));
        check("Hello {}", Some("UNKNOWN_VARIABLE"));
        check("Hello {Visitor.Name}", Some("UNKNOWN_VARIABLE"));
        check("Hello {visitor.name", Some("UNCLOSED_VARIABLE"));
        check("  ", Some("EMPTY"));
    }

    #[test]
    fn shortcuts_and_tags_are_written_one_way() {
        let checked = Draft { tags: vec!["Orders ".into(), "orders".into(), " ".into()], ..draft("x") }.check();
        let checked = checked.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((checked.shortcut.as_str(), checked.tags.as_str()), ("hello", "orders"));
        let spaced = Draft { shortcut: "two words".into(), ..draft("x") };
        assert_eq!(spaced.check().err().map(|error| error.reason), Some("NOT_A_SHORTCUT"));
    }

    #[test]
    fn the_starter_pack_is_good() {
        for (shortcut, title, body) in STARTERS {
            let one = Draft {
                shortcut: (*shortcut).to_owned(),
                title: (*title).to_owned(),
                body: (*body).to_owned(),
                tags: Vec::new(),
            };
            assert!(one.check().is_ok(), "{shortcut}");
        }
    }
}
