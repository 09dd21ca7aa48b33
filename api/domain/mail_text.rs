//! The words of mails that an agency may choose itself. Only words: the layout, the links, where the button leads and the
//! foot stay ours, and so do mails that keep accounts safe.
//!
//! What is written there knows values and conditions and nothing else. There are no loops, no filters and no sums, so that
//! no text can be made to work long, to grow, or to reach for what is not its letter's.

use super::id::AgencyId;
use super::time::Time;

/// Longest subject, heading, body, label of the button, and small print, in characters.
const LENGTHS: [(&str, usize); 5] =
    [("subject", 160), ("heading", 200), ("body", 4_000), ("button", 60), ("after", 1_000)];

/// How deep conditions may lie in each other.
const DEEPEST: usize = 8;

/// A value that a letter has: what stands between the braces, and what it is.
pub type Value = (&'static str, &'static str);

/// A kind of letter whose words an agency may choose.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// The word for it, as [`Letter::kind`](super::mail::Letter::kind) has it.
    pub kind: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// What its letters have besides what all have.
    own: &'static [Value],
    /// The value that has to be read in a field of it.
    pub needs: Option<(&'static str, &'static str)>,
}

/// What all letters have.
const ALWAYS: &[Value] = &[
    ("brand", "The name of your agency"),
    ("recipient", "The address that is written to"),
    ("support", "Your address of support, if there is one"),
];

const NOTICE: &[Value] = &[
    ("visitor", "What the visitor is called"),
    ("place", "The organization"),
    ("ai_agent", "The AI agent"),
    ("info", "What else is known of the visitor"),
    ("preview", "What the visitor said, for whoever may read it"),
    ("minutes", "For how many minutes they have waited"),
];

const fn kind(kind: &'static str, title: &'static str, own: &'static [Value]) -> Kind {
    Kind { kind, title, own, needs: None }
}

/// Every kind that may be edited, in the order in which they are shown.
pub const KINDS: &[Kind] = &[
    kind(
        "invitation",
        "Invitation",
        &[
            ("inviter", "Who invites, if it is not the platform"),
            ("place", "The organization or agency"),
            ("role", "The role"),
            ("expires", "Until when it can be accepted"),
        ],
    ),
    kind(
        "member_added",
        "Somebody was added",
        &[("by", "Who added them"), ("place", "The organization or agency"), ("role", "The role")],
    ),
    kind("account_created", "An account was made", &[("by", "Who made it"), ("place", "The organization or agency")]),
    kind("handoff_requested", "A visitor asks for a person", NOTICE),
    kind("handoff_waiting", "A visitor is still waiting", NOTICE),
    kind("message_unseen", "A message was not seen", NOTICE),
    kind("handoff_missed", "A request was missed", NOTICE),
    kind("offline_query_received", "An offline query was left", NOTICE),
    kind("offline_query_replied", "An offline query was answered by mail", NOTICE),
    Kind {
        kind: "offline_answer",
        title: "The answer to an offline query",
        own: &[
            ("text", "The answer; it has to stay"),
            ("by", "Who answers"),
            ("place", "The organization"),
            ("question", "What the visitor had written"),
            ("answerable", "Whether the mail can be answered"),
            ("expires", "Until when the link works"),
        ],
        needs: Some(("body", "text")),
    },
    kind(
        "transcript",
        "The transcript of a chat",
        &[
            ("place", "Whom the visitor chatted with"),
            ("started", "When the chat began"),
            ("cut", "Whether there was more before"),
        ],
    ),
    Kind {
        kind: "told",
        title: "Another notification",
        own: &[
            ("title", "What happened; it has to stay"),
            ("preview", "The visitor's words, for whoever may read them"),
        ],
        needs: Some(("heading", "title")),
    },
    kind("summary", "What happened in quiet hours", &[("count", "How many things happened")]),
    kind(
        "digest",
        "The digest",
        &[
            ("weekly", "Whether it is of a week"),
            ("count", "How many organizations it is about"),
            ("lines[0].who", "The first organization"),
            ("from", "From when"),
            ("until", "Until when"),
        ],
    ),
];

impl Kind {
    /// The kind of that word, if its words may be chosen.
    pub fn of(word: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.kind == word)
    }

    /// All values that a letter of this kind has.
    pub fn values(&self) -> impl Iterator<Item = Value> {
        self.own.iter().chain(ALWAYS).copied()
    }
}

/// The words of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    /// What it is about.
    pub subject: String,
    /// What stands above it.
    pub heading: String,
    /// A paragraph in each line.
    pub body: String,
    /// What stands on the button; the original when nothing does.
    pub button: Option<String>,
    /// The small print, a paragraph in each line.
    pub after: String,
}

/// The words that an agency has chosen for a kind of letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailText {
    /// Whose they are.
    pub agency: AgencyId,
    /// Of which kind of letter.
    pub kind: String,
    /// In which language.
    pub language: String,
    /// What it is about.
    pub subject: String,
    /// What stands above it.
    pub heading: String,
    /// A paragraph in each line.
    pub body: String,
    /// What stands on the button.
    pub button: Option<String>,
    /// The small print.
    pub after: String,
    /// Rises with each change.
    pub version: i64,
    /// When they were changed.
    pub updated_at: Time,
    /// Why they could not be used, if they could not.
    pub trouble: Option<String>,
    /// When that was.
    pub trouble_at: Option<Time>,
}

impl MailText {
    /// What it says.
    pub fn words(&self) -> Words {
        Words {
            subject: self.subject.clone(),
            heading: self.heading.clone(),
            body: self.body.clone(),
            button: self.button.clone(),
            after: self.after.clone(),
        }
    }
}

/// Why words cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// In which field.
    pub field: &'static str,
    /// The word for it.
    pub reason: &'static str,
    /// In a sentence.
    pub message: String,
    /// In which line of the field, from one.
    pub line: Option<usize>,
}

impl Problem {
    /// That problem of a field.
    pub fn new(field: &'static str, reason: &'static str, message: impl Into<String>) -> Self {
        Self { field, reason, message: message.into(), line: None }
    }
}

/// The words as they are kept, or all that is wrong with them.
///
/// # Errors
/// One problem for each field that has one.
pub fn parse(kind: &Kind, words: &Words) -> Result<Words, Vec<Problem>> {
    let text = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
    let kept = Words {
        subject: text(&words.subject),
        heading: text(&words.heading),
        body: text(&words.body),
        button: words.button.as_deref().map(text).filter(|label| !label.is_empty()),
        after: text(&words.after),
    };
    let fields = [&kept.subject, &kept.heading, &kept.body, kept.button.as_ref().unwrap_or(&kept.subject), &kept.after];
    let mut problems = Vec::new();
    for ((field, most), text) in LENGTHS.into_iter().zip(fields) {
        if field == "button" && kept.button.is_none() {
            continue;
        }
        problems.extend(check(kind, field, most, text).err());
    }
    if problems.is_empty() { Ok(kept) } else { Err(problems) }
}

fn check(kind: &Kind, field: &'static str, most: usize, text: &str) -> Result<(), Problem> {
    let may_break = matches!(field, "body" | "after");
    if text.is_empty() && matches!(field, "subject" | "heading") {
        return Err(Problem::new(field, "EMPTY", "This cannot be empty."));
    }
    if text.chars().count() > most {
        return Err(Problem::new(field, "TOO_LONG", format!("This can have {most} characters.")));
    }
    let foreign = |c: char| {
        (c.is_control() && !(may_break && c == '\n'))
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.chars().any(foreign) {
        return Err(Problem::new(field, "CONTROL_CHARACTER", "There is a character in it that cannot be shown."));
    }
    tags(kind, text).map_err(|(at, reason, message)| {
        let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
        let message = if may_break { format!("{message} (line {line})") } else { message };
        Problem { field, reason, message, line: Some(line) }
    })?;
    match kind.needs {
        Some((of, value)) if of == field && !prints(text, value) => {
            Err(Problem::new(field, "MISSING_VALUE", format!("{{{{ {value} }}}} has to stay in it.")))
        }
        _ => Ok(()),
    }
}

/// Whether a value is written somewhere.
fn prints(text: &str, value: &str) -> bool {
    text.split("{{").skip(1).any(|rest| rest.split("}}").next().is_some_and(|inner| inner.trim() == value))
}

type Wrong = (usize, &'static str, String);

/// Looks at everything between braces: values that the letter has, and conditions on them.
fn tags(kind: &Kind, text: &str) -> Result<(), Wrong> {
    let known = |at: usize, name: &str| -> Result<(), Wrong> {
        if kind.values().any(|(value, _)| value == name) {
            return Ok(());
        }
        let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
        Err(if plain {
            (at, "UNKNOWN_VALUE", format!("This mail has no value {name}."))
        } else {
            (at, "SYNTAX", "Only the name of a value can stand between the braces.".to_owned())
        })
    };
    let mut open: Vec<(usize, bool)> = Vec::new();
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find('{')) {
        let at = from + found;
        let rest = text.get(at..).unwrap_or_default();
        let (end, is_value) = match rest.as_bytes().get(1) {
            Some(b'{') => ("}}", true),
            Some(b'%') => ("%}", false),
            Some(b'#') => return Err((at, "SYNTAX", "Comments cannot be used here.".to_owned())),
            _ => {
                from = at + 1;
                continue;
            }
        };
        let inner = rest.get(2..).and_then(|inner| inner.split_once(end)).map(|(inner, _)| inner);
        let inner = inner.ok_or_else(|| (at, "SYNTAX", format!("What begins here never ends: {end} is missing.")))?;
        from = at + 2 + inner.len() + 2;
        if is_value {
            known(at, inner.trim())?;
            continue;
        }
        let said: Vec<&str> = inner.split_whitespace().collect();
        let deep = open.len();
        match (said.as_slice(), open.last_mut()) {
            (["if", ..], _) if deep == DEEPEST => {
                return Err((at, "SYNTAX", format!("At most {DEEPEST} conditions can lie in each other.")));
            }
            (["if", condition @ ..], _) => {
                known(at, of_condition(at, condition)?)?;
                open.push((at, false));
            }
            (["elif", condition @ ..], Some((_, false))) => known(at, of_condition(at, condition)?)?,
            (["else"], Some((_, other @ false))) => *other = true,
            (["endif"], Some(_)) => drop(open.pop()),
            (["elif", ..] | ["else"] | ["endif"], _) => {
                return Err((at, "SYNTAX", "There is no condition here that this belongs to.".to_owned()));
            }
            _ => return Err((at, "SYNTAX", "Only values and conditions can be used.".to_owned())),
        }
    }
    match open.first() {
        Some((at, _)) => Err((*at, "SYNTAX", "This condition has no end: {% endif %} is missing.".to_owned())),
        None => Ok(()),
    }
}

/// The value that a condition asks for: `info`, `not info`, `count == 1`.
fn of_condition<'a>(at: usize, condition: &[&'a str]) -> Result<&'a str, Wrong> {
    match condition {
        [value] | ["not", value] => Ok(value),
        [value, "==", number] if number.len() < 10 && number.bytes().all(|byte| byte.is_ascii_digit()) => Ok(value),
        _ => Err((at, "SYNTAX", "A condition asks for one value: if info, if not info, if count == 1.".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(kind: &str, body: &str) -> Option<(&'static str, Option<usize>)> {
        let words =
            Words { subject: "A".to_owned(), heading: "B".to_owned(), body: body.to_owned(), ..Words::default() };
        let problems = parse(Kind::of(kind).expect("a kind"), &words).err()?;
        problems.first().map(|problem| (problem.reason, problem.line))
    }

    #[test]
    fn values_and_conditions_are_all_there_is() {
        for fine in [
            "Hello {{ visitor }}, {{brand}}.",
            "{% if info %}{{ info }}{% else %}{% if not preview %}x{% endif %}{% endif %}",
            "{% if minutes == 1 %}a{% elif info %}b{% else %}c{% endif %} { } {} <b>",
        ] {
            assert_eq!(reason("handoff_requested", fine), None, "{fine}");
        }
        for wrong in [
            "{% for a in info %}{% endfor %}",
            "{% set a = info %}",
            "{% include 'letter.html' %}",
            "{% macro a() %}{% endmacro %}",
            "{{ info * 1000000 }}",
            "{{ info ~ info }}",
            "{{ info|upper }}",
            "{{ range(9) }}",
            "{{ 'x' }}",
            "{{ }}",
            "{{ info",
            "{%- if info %}{% endif %}",
            "{# info #}",
            "{% if info %}",
            "{% else %}",
            "{% endif %}",
            "{% if info %}{% else %}{% else %}{% endif %}",
            "{% if info == info %}{% endif %}",
            "{% raw %}{{ info }}{% endraw %}",
            "{{{ info }}}",
            "{{- info -}}",
            "{% if info -%}{% endif %}",
            "{% import 'letter.html' as a %}",
            "{% extends 'letter.html' %}",
            "{% block a %}{% endblock %}",
            "{% do range(1000000000) %}",
            "{{ 'a' * 1e9 }}",
            "{{ info() }}",
            "{{ info[0] }}",
            "{% if range(1e9) %}{% endif %}",
        ] {
            assert_eq!(reason("handoff_requested", wrong).map(|(reason, _)| reason), Some("SYNTAX"), "{wrong}");
        }
        assert_eq!(reason("handoff_requested", "a\nb\n{{ secret }}"), Some(("UNKNOWN_VALUE", Some(3))));
        assert_eq!(reason("handoff_requested", "{{ info.a }}"), Some(("UNKNOWN_VALUE", Some(1))));
        assert_eq!(reason("handoff_requested", "{{ link }}"), Some(("UNKNOWN_VALUE", Some(1))));
        assert_eq!(reason("digest", "{{ lines[0].who }}"), None);
    }

    #[test]
    fn conditions_lie_in_each_other_only_so_deep() {
        let nested = |deep: usize| format!("{}x{}", "{% if info %}".repeat(deep), "{% endif %}".repeat(deep));
        assert_eq!(reason("handoff_requested", &nested(DEEPEST)), None);
        assert_eq!(reason("handoff_requested", &nested(DEEPEST + 1)), Some(("SYNTAX", Some(1))));
        assert_eq!(reason("handoff_requested", &"{% if info %}".repeat(300)), Some(("SYNTAX", Some(1))));
    }

    #[test]
    fn what_a_letter_is_for_stays_in_it() {
        assert_eq!(reason("offline_answer", "Thanks."), Some(("MISSING_VALUE", None)));
        assert_eq!(reason("offline_answer", "{% if text %}Thanks.{% endif %}"), Some(("MISSING_VALUE", None)));
        assert_eq!(reason("offline_answer", "{{ text }}"), None);
        assert_eq!(reason("told", "Thanks."), Some(("MISSING_VALUE", None)));
    }

    #[test]
    fn texts_have_a_length_and_no_control_characters() {
        assert_eq!(reason("summary", &"ä".repeat(4_000)), None);
        assert_eq!(reason("summary", &"ä".repeat(4_001)), Some(("TOO_LONG", None)));
        assert_eq!(reason("summary", "a\r\nb\nc"), None);
        assert_eq!(reason("summary", "a\u{0}b"), Some(("CONTROL_CHARACTER", None)));
        for mark in
            ['\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}']
        {
            assert_eq!(reason("summary", &format!("a{mark}b")), Some(("CONTROL_CHARACTER", None)), "{mark:?}");
        }
        let words = Words { subject: "A\nBcc: x@y.z".to_owned(), heading: String::new(), ..Words::default() };
        let problems = parse(Kind::of("summary").expect("a kind"), &words).expect_err("refused");
        let said: Vec<_> = problems.iter().map(|problem| (problem.field, problem.reason)).collect();
        assert_eq!(said, [("subject", "CONTROL_CHARACTER"), ("heading", "EMPTY")]);
    }

    #[test]
    fn mails_that_keep_accounts_safe_are_not_among_them() {
        for kind in ["password_reset", "address_change", "security_notice", "access_changed", "sender_test", ""] {
            assert_eq!(Kind::of(kind), None, "{kind}");
        }
    }
}
