//! Letters get their words, their language and their brand: what somebody reads in the end.
//!
//! The words stand in `letters/`, a file for each language; the layout is MJML and becomes HTML once, when the first
//! mail is written. Values are put in afterwards and escaped, so that no name of anybody is ever read as a template or as
//! markup.

use std::io;
use std::sync::LazyLock;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use minijinja::{AutoEscape, Environment, ErrorKind, Output, State, UndefinedBehavior, Value, context};
use serde::Deserialize;

use crate::domain::brand::{Brand, Picture, picture_path, text_on};
use crate::domain::conversation::preview_of;
use crate::domain::digest::Figures;
use crate::domain::mail::{ChatNotice, DigestOf, HeaderText, Letter, SecurityChange, Told};
use crate::domain::mail_text::{self, Kind, Problem};
use crate::domain::time::Time;
use crate::error::{Error, Result};

/// Longest subject, in characters.
const SUBJECT: usize = 160;
/// How much work a template may be: far more than ours are.
const FUEL: u64 = 100_000;
/// The same for the words of agencies.
const OWN_FUEL: u64 = 20_000;
/// Most that the words of an agency may become with their values, in bytes.
const OWN_SIZE: usize = 100_000;
/// The language under which agencies' own words are kept. They go to every reader: an agency knows whom it writes to. What it
/// left as it was follows the reader.
pub const LANGUAGE: &str = "en";

/// What mails say, by the tag of the language; the first is for whoever reads none of them.
const LANGUAGES: [(&str, &str); 8] = [
    ("en", include_str!("letters/en.toml")),
    ("de", include_str!("letters/de.toml")),
    ("fr", include_str!("letters/fr.toml")),
    ("es", include_str!("letters/es.toml")),
    ("it", include_str!("letters/it.toml")),
    ("nl", include_str!("letters/nl.toml")),
    ("pl", include_str!("letters/pl.toml")),
    ("pt", include_str!("letters/pt.toml")),
];

/// The first of some wishes in which there are words: `de` for `de-AT` (RFC 4647, 3.4); none where there is none.
pub fn spoken<'a>(wishes: impl IntoIterator<Item = Option<&'a str>>) -> Option<&'static str> {
    let known = |wish: &str| {
        let primary = wish.split(['-', '_']).next().unwrap_or_default();
        LANGUAGES.iter().map(|(tag, _)| *tag).find(|tag| tag.eq_ignore_ascii_case(primary))
    };
    wishes.into_iter().flatten().find_map(known)
}

/// Who reads a letter.
#[derive(Debug, Clone, Default)]
pub struct Reader {
    /// The address that is written to.
    pub address: String,
    /// Their time zone, by its IANA name, if it is known.
    pub zone: Option<String>,
    /// Their language, if it is known.
    pub language: Option<String>,
    /// The path at which they want no more of its kind, where that is theirs to choose.
    pub unsubscribe: Option<String>,
}

/// How letters of an agency look, and where their links lead.
#[derive(Debug, Clone)]
pub struct Look {
    /// The brand.
    pub brand: Brand,
    /// Where links lead: `https://host`, without a slash at the end.
    pub base: String,
    /// The agency's logo, if it brought one. Otherwise its name is drawn.
    pub logo: Option<Logo>,
    /// The agency's own words for the letter, where it has chosen some.
    pub own: Option<mail_text::Words>,
}

/// A logo as letters show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    address: String,
    width: u32,
    height: u32,
}

impl Logo {
    /// The widest that a letter shows, in its pixels; the picture has more of them.
    const WIDTH: u32 = 240;
    /// The highest.
    const HEIGHT: u32 = 36;

    /// That picture, served at `base`. Both sides are said: some readers know no style, and would show it as large as it is.
    pub fn new(picture: &Picture, base: &str) -> Self {
        let (width, height) = (picture.width.max(1), picture.height.max(1));
        let shown = height.min(Self::HEIGHT).min(height.saturating_mul(Self::WIDTH) / width).max(1);
        Self {
            address: format!("{base}{}", picture_path(picture.id)),
            width: (width.saturating_mul(shown) / height).clamp(1, Self::WIDTH),
            height: shown,
        }
    }

    fn values(&self) -> Value {
        context! { address => &self.address, width => self.width, height => self.height }
    }
}

/// A letter as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// What it is about.
    pub subject: HeaderText,
    /// With its looks.
    pub html: String,
    /// In plain text.
    pub text: String,
    /// Why the agency's own words could not be used, if they could not: these are the original ones then.
    pub trouble: Option<Problem>,
}

#[derive(Deserialize)]
struct Words {
    subject: String,
    preview: String,
    heading: String,
    body: Vec<String>,
    button: Option<String>,
    after: Vec<String>,
    #[serde(default)]
    what: toml::Table,
}

#[derive(Deserialize)]
struct Common {
    /// How a day and an hour are written: `{day}`, `{month}`, `{year}`, `{time}`.
    date: String,
    months: [String; 12],
    /// Whoever has said no name.
    visitor: String,
    fallback: String,
    support: String,
    footer: String,
    unsubscribe: String,
    ignore: String,
}

/// What mails say in one language.
struct Language {
    tag: &'static str,
    common: Common,
    letters: toml::Table,
}

impl Language {
    fn read(tag: &'static str, file: &str) -> Result<Self> {
        let mut letters: toml::Table = file.parse().map_err(Error::internal)?;
        let common = letters.remove("common").ok_or_else(|| Error::internal("no common words"))?;
        Ok(Self { tag, common: common.try_into().map_err(Error::internal)?, letters })
    }

    /// An instant as people read it: `27 November 2026, 14:05 (UTC)`; to the second, as a transcript has it, when `time` says so.
    fn instant(&self, at: Time, zone: Option<&str>, time: &str) -> String {
        let (at, name) = zoned(at, zone);
        let month = usize::try_from(at.month() - 1).ok().and_then(|month| self.common.months.get(month));
        let parts = [
            ("{day}", at.day().to_string()),
            ("{month}", month.cloned().unwrap_or_default()),
            ("{year}", at.year().to_string()),
            ("{time}", at.strftime(time).to_string()),
        ];
        let date = parts.iter().fold(self.common.date.clone(), |date, (name, value)| date.replace(name, value));
        format!("{date} ({name})")
    }

    fn words(&self, kind: &str) -> Result<Words> {
        let words = self.letters.get(kind).cloned();
        let words = words.ok_or_else(|| Error::internal(format!("no words for {kind} in {}", self.tag)))?;
        words.try_into().map_err(Error::internal)
    }
}

/// All that is made once.
struct Press {
    languages: Vec<Language>,
    templates: Environment<'static>,
    /// Where agencies' words are filled: nothing can be reached from there.
    own: Environment<'static>,
}

static PRESS: LazyLock<Result<Press, String>> =
    LazyLock::new(|| Press::set_up().map_err(|error| format!("{error}: {:?}", error.cause)));

impl Press {
    fn set_up() -> Result<Self> {
        let languages = LANGUAGES.iter().map(|(tag, file)| Language::read(tag, file)).collect::<Result<_>>()?;
        let layout =
            mrml::parse(include_str!("letters/layout.mjml")).map_err(|error| Error::internal(error.to_string()))?;
        let html = layout
            .element
            .render(&mrml::prelude::render::RenderOptions::default())
            .map_err(|error| Error::internal(error.to_string()))?;
        let mut templates = Environment::empty();
        templates.set_fuel(Some(FUEL));
        templates.set_undefined_behavior(UndefinedBehavior::Strict);
        templates.set_auto_escape_callback(|name| match name {
            "letter.html" => AutoEscape::Html,
            _ => AutoEscape::None,
        });
        templates.set_formatter(escape);
        templates.add_template_owned("letter.html", html).map_err(Error::internal)?;
        templates.add_template("letter.txt", include_str!("letters/plain.txt")).map_err(Error::internal)?;
        let mut own = Environment::empty();
        own.set_fuel(Some(OWN_FUEL));
        own.set_undefined_behavior(UndefinedBehavior::Strict);
        own.set_formatter(escape);
        own.set_auto_escape_callback(|_| AutoEscape::None);
        Ok(Self { languages, templates, own })
    }

    fn language(&self, wanted: Option<&str>) -> Result<&Language> {
        let wanted = spoken([wanted]);
        let found = self.languages.iter().find(|language| Some(language.tag) == wanted);
        let found = found.or_else(|| self.languages.first());
        found.ok_or_else(|| Error::internal("there are no words"))
    }

    fn fill(&self, template: &str, values: &Value) -> Result<String> {
        self.templates.render_str(template, values).map_err(Error::internal)
    }
}

/// Writes a value. The engine's own way escapes slashes too, which readers show in links.
fn escape(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), minijinja::Error> {
    if value.is_none() {
        return Ok(());
    }
    if *state.auto_escape() != AutoEscape::Html {
        return minijinja::escape_formatter(out, state, value);
    }
    if value.is_undefined() {
        return Err(minijinja::Error::from(minijinja::ErrorKind::UndefinedError));
    }
    out.write_str(&escaped(&value.to_string())).map_err(minijinja::Error::from)
}

/// Text that can stand in HTML, between elements and in attributes.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

fn zoned(at: Time, zone: Option<&str>) -> (Zoned, String) {
    let known = zone.and_then(|name| TimeZone::get(name).ok().map(|zone| (zone, name)));
    let (zone, name) = known.unwrap_or((TimeZone::UTC, "UTC"));
    (Timestamp::from_microsecond(at.micros()).unwrap_or_default().to_zoned(zone), name.replace('_', " "))
}

const TO_THE_MINUTE: &str = "%H:%M";
const TO_THE_SECOND: &str = "%H:%M:%S";

/// The whole address of a path on the agency's own host. What is no path leads to its front door.
fn link(base: &str, path: &str) -> String {
    let plain = path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'"' | b'<' | b'>' | b'`'));
    if plain { format!("{base}{path}") } else { format!("{base}/") }
}

/// What happened in one organization, in words: what did not happen is not mentioned.
fn digest_line(words: &Words, of: &DigestOf) -> Result<Value> {
    let Figures { chats, requests, answered, missed, queries, open_queries } = of.figures;
    let counts = [
        ("chats", chats),
        ("requests", requests),
        ("answered", answered),
        ("missed", missed),
        ("queries", queries),
        ("open_queries", open_queries),
    ];
    let mut said = Vec::new();
    for (name, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
        let key = format!("{name}_{}", if count == 1 { "one" } else { "many" });
        let template = words.what.get(&key).and_then(toml::Value::as_str);
        let template = template.ok_or_else(|| Error::internal(format!("no words for {key}")))?;
        said.push(press()?.fill(template, &context! { count })?);
    }
    Ok(context! { who => &of.place, at => "", text => said.join(", ") })
}

fn what(words: &Words, change: SecurityChange) -> Result<String> {
    let key = serde_json::to_value(change).map_err(Error::internal)?;
    let found = words.what.get(key.as_str().unwrap_or_default()).and_then(toml::Value::as_str);
    found.map(str::to_owned).ok_or_else(|| Error::internal(format!("no words for {key}")))
}

/// What a letter says, as values for its words.
fn values(letter: &Letter, look: &Look, reader: &Reader, words: &Words, language: &Language) -> Result<Value> {
    let zone = reader.zone.as_deref();
    let at = |time: &Time| language.instant(*time, zone, TO_THE_MINUTE);
    let own = match letter {
        Letter::Invitation { inviter, place, role, link: to, expires_at } => {
            context! { inviter, place, role, link => link(&look.base, to), expires => at(expires_at) }
        }
        Letter::AccountCreated { by, place, link: to } => context! { by, place, link => link(&look.base, to) },
        Letter::MemberAdded { by, place, role, link: to } => {
            context! { by, place, role, link => link(&look.base, to) }
        }
        Letter::PasswordReset { link: to, expires_at, browser } => {
            context! { link => link(&look.base, to), expires => at(expires_at), browser }
        }
        Letter::AddressChange { old, new, link: to, expires_at } => {
            context! { old, new, link => link(&look.base, to), expires => at(expires_at) }
        }
        Letter::SecurityNotice { change, at: when, browser } => {
            context! { what => what(words, *change)?, at => at(when), browser }
        }
        Letter::SenderTest { by } => context! { by },
        Letter::Transcript { place, started_at, lines, cut, zone: own, .. } => {
            let zone = zone.or(own.as_deref());
            let lines: Vec<Value> = lines
                .iter()
                .map(|line| {
                    let at = language.instant(line.at, zone, TO_THE_SECOND);
                    context! { who => &line.who, at, text => &line.text }
                })
                .collect();
            context! { place, started => language.instant(*started_at, zone, TO_THE_MINUTE), lines, cut }
        }
        Letter::AccessChanged { by, place, role } => context! { by, place, role },
        Letter::HandoffRequested(notice)
        | Letter::HandoffWaiting(notice)
        | Letter::MessageUnseen(notice)
        | Letter::HandoffMissed(notice)
        | Letter::OfflineQueryReceived(notice)
        | Letter::OfflineQueryReplied(notice) => {
            let ChatNotice { place, visitor, info, ai_agent, preview, minutes, .. } = &**notice;
            let info = info.join(" · ");
            let visitor = if visitor.is_empty() { &language.common.visitor } else { visitor };
            context! { place, visitor, info, ai_agent, preview, minutes, link => link(&look.base, &notice.link) }
        }
        Letter::Told(told) => {
            let Told { title, preview, link: to } = &**told;
            context! { title, preview, link => link(&look.base, to) }
        }
        Letter::Summary { lines } => {
            let count = lines.len();
            let lines: Vec<Value> = lines
                .iter()
                .map(|(when, told)| {
                    let text = told.preview.as_deref().map(preview_of).unwrap_or_default();
                    context! { who => &told.title, at => at(when), text }
                })
                .collect();
            context! { count, lines, link => link(&look.base, "/notifications") }
        }
        Letter::Digest { weekly, from, until, places } => {
            let lines: Vec<Value> = places.iter().map(|one| digest_line(words, one)).collect::<Result<_>>()?;
            context! { weekly, count => places.len(), from => at(from), until => at(until), lines, link => link(&look.base, "/") }
        }
        Letter::OfflineAnswer { by, place, text, question, link: to, expires_at, reply, .. } => {
            let question = question.split_whitespace().collect::<Vec<_>>().join(" ");
            let answerable = reply.is_some();
            context! { by, place, text, question, answerable, link => link(&look.base, to), expires => at(expires_at) }
        }
    };
    let brand = &look.brand;
    Ok(context! {
        brand => &brand.name, recipient => &reader.address, support => &brand.support_email, ignore => &language.common.ignore, ..own
    })
}

fn press() -> Result<&'static Press> {
    PRESS.as_ref().map_err(|problem| Error::internal(problem.clone()))
}

/// The words of a letter with its values.
#[derive(Debug)]
struct Filled {
    subject: HeaderText,
    heading: String,
    body: Vec<String>,
    button: Option<String>,
    after: Vec<String>,
}

/// Several lines are several paragraphs; what has nothing to say is none.
fn paragraphs(text: &str) -> impl Iterator<Item = String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned)
}

/// The original words.
fn original(press: &Press, words: &Words, values: &Value) -> Result<Filled> {
    let fill = |template: &String| press.fill(template, values);
    let all = |templates: &[String]| -> Result<Vec<String>> {
        let filled = templates.iter().map(fill).collect::<Result<Vec<_>>>()?;
        Ok(filled.iter().flat_map(|text| paragraphs(text)).collect())
    };
    Ok(Filled {
        subject: HeaderText::tamed(&fill(&words.subject)?, SUBJECT),
        heading: fill(&words.heading)?,
        body: all(&words.body)?,
        button: words.button.as_ref().map(fill).transpose()?,
        after: all(&words.after)?,
    })
}

/// What the words of an agency become, for as long as it is not too much.
struct Bounded<'a> {
    text: Vec<u8>,
    left: &'a mut usize,
}

impl io::Write for Bounded<'_> {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        *self.left = self.left.checked_sub(more.len()).ok_or(io::ErrorKind::FileTooLarge)?;
        self.text.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The agency's words, or why they cannot be used. They are looked at as when they were kept: whatever stands there, nothing
/// but values and conditions is ever filled.
fn chosen(
    press: &Press,
    kind: &'static Kind,
    own: &mail_text::Words,
    words: &Words,
    values: &Value,
) -> Result<Filled, Problem> {
    let unread = |field| Problem::new(field, "SYNTAX", "This cannot be read as the words of a mail.");
    let own = mail_text::parse(kind, own);
    let own = &own.map_err(|problems| problems.into_iter().next().unwrap_or_else(|| unread("body")))?;
    let mut left = OWN_SIZE;
    let mut fill = |field: &'static str, template: &str| -> Result<String, Problem> {
        let mut out = Bounded { text: Vec::new(), left: &mut left };
        let filled =
            press.own.template_from_str(template).and_then(|it| it.render_captured_to(values, &mut out).map(drop));
        filled.map_err(|error| match error.kind() {
            ErrorKind::WriteFailure => Problem::new(field, "TOO_LONG", "With its values this is too long for a mail."),
            ErrorKind::OutOfFuel => Problem::new(field, "TOO_MUCH_WORK", "This is too much work for a mail."),
            ErrorKind::SyntaxError => unread(field),
            _ => Problem::new(field, "MISSING_VALUE", "A value that it asks for is not there."),
        })?;
        String::from_utf8(out.text).map_err(|_| unread(field))
    };
    let subject = HeaderText::tamed(&fill("subject", &own.subject)?, SUBJECT);
    let heading = fill("heading", &own.heading)?.trim().to_owned();
    let body: Vec<String> = paragraphs(&fill("body", &own.body)?).collect();
    let after = paragraphs(&fill("after", &own.after)?).collect();
    // A button leads where the letter's does, and there is none where the letter has none.
    let label = own.button.as_ref().or(words.button.as_ref()).filter(|_| words.button.is_some());
    let button = label.map(|label| fill("button", label)).transpose()?.map(|label| label.trim().to_owned());
    for (field, is_empty) in [
        ("subject", subject.as_str().is_empty()),
        ("heading", heading.is_empty()),
        ("button", button.as_ref().is_some_and(String::is_empty)),
    ] {
        if is_empty {
            return Err(Problem::new(field, "EMPTY", "With its values nothing is left of this."));
        }
    }
    if let Some((field, value)) = kind.needs {
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let needed = values.get_attr(value).map(|value| plain(&value.to_string())).unwrap_or_default();
        let said = if field == "body" { plain(&body.join(" ")) } else { plain(&heading) };
        if !said.contains(&needed) {
            let message = format!("{{{{ {value} }}}} has to stay in it, whatever else is so.");
            return Err(Problem::new(field, "MISSING_VALUE", message));
        }
    }
    Ok(Filled { subject, heading, body, button, after })
}

fn filled(press: &Press, kind: &str, look: &Look, words: &Words, values: &Value) -> Result<(Filled, Option<Problem>)> {
    let own = look.own.as_ref().zip(Kind::of(kind));
    match own.map(|(own, kind)| chosen(press, kind, own, words, values)) {
        Some(Ok(filled)) => Ok((filled, None)),
        Some(Err(problem)) => Ok((original(press, words, values)?, Some(problem))),
        None => Ok((original(press, words, values)?, None)),
    }
}

/// The original words of a kind of letter, as they can be edited.
pub fn original_words(kind: &str) -> Result<mail_text::Words> {
    let words = press()?.language(None)?.words(kind)?;
    Ok(mail_text::Words {
        subject: words.subject,
        heading: words.heading,
        body: words.body.join("\n"),
        button: words.button,
        after: words.after.join("\n"),
    })
}

/// What the letter is about: its subject.
pub fn subject(letter: &Letter, look: &Look, reader: &Reader) -> Result<HeaderText> {
    let press = press()?;
    let language = press.language(reader.language.as_deref())?;
    let words = language.words(letter.kind())?;
    let values = values(letter, look, reader, &words, language)?;
    Ok(filled(press, letter.kind(), look, &words, &values)?.0.subject)
}

/// The letter as it is read.
pub fn render(letter: &Letter, look: &Look, reader: &Reader) -> Result<Rendered> {
    let press = press()?;
    let language = press.language(reader.language.as_deref())?;
    let words = language.words(letter.kind())?;
    let values = values(letter, look, reader, &words, language)?;
    let fill = |template: &String| press.fill(template, &values);
    let (said, trouble) = filled(press, letter.kind(), look, &words, &values)?;
    // What mail readers show beside the subject is the beginning of the agency's words, where there are some.
    let own = look.own.as_ref().filter(|_| trouble.is_none()).and(said.body.first().cloned());
    let preview = own.map_or_else(|| fill(&words.preview), Ok)?;
    let brand = &look.brand;
    let support_line = brand.support_email.as_ref().map(|_| fill(&language.common.support)).transpose()?;
    let page = context! {
        lang => language.tag,
        heading => said.heading,
        preview,
        body => said.body,
        button => said.button,
        link => values.get_attr("link").ok().filter(|link| !link.is_undefined()).unwrap_or_default(),
        after => said.after,
        lines => values.get_attr("lines").ok().filter(|lines| !lines.is_undefined()).unwrap_or_else(|| Value::from(false)),
        fallback => fill(&language.common.fallback)?,
        footer => fill(&language.common.footer)?,
        support_line,
        unsubscribe => reader.unsubscribe.as_deref().map(|path| link(&look.base, path)),
        unsubscribe_words => fill(&language.common.unsubscribe)?,
        brand => &brand.name,
        initial => brand.initial().to_string(),
        logo => look.logo.as_ref().map(Logo::values),
        accent => &brand.accent,
        accent_text => text_on(&brand.accent),
        accent_dark => &brand.accent_dark,
        radius => brand.radius,
        font => brand.font_families(),
    };
    let template = |name| press.templates.get_template(name).and_then(|template| template.render(&page));
    Ok(Rendered {
        subject: said.subject,
        html: template("letter.html").map_err(Error::internal)?,
        text: template("letter.txt").map_err(Error::internal)?,
        trouble,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_for_people() {
        let at = Time::from_micros(1_795_182_453_123_456);
        let english = press().expect("a press").language(None).expect("words");
        let instant = |at, zone| english.instant(at, zone, TO_THE_MINUTE);
        assert_eq!(instant(at, None), "20 November 2026, 13:47 (UTC)");
        assert_eq!(instant(at, Some("Europe/Berlin")), "20 November 2026, 14:47 (Europe/Berlin)");
        assert_eq!(instant(at, Some("America/New_York")), "20 November 2026, 08:47 (America/New York)");
        assert_eq!(instant(at, Some("Moon/Base")), "20 November 2026, 13:47 (UTC)");
    }

    #[test]
    fn links_lead_nowhere_else() {
        fn check(path: &str, expected: &str) {
            assert_eq!(link("https://a.example", path), expected, "{path}");
        }
        check("/invitation?token=abc", "https://a.example/invitation?token=abc");
        for path in
            ["//evil.example/", "@evil.example/", ".evil.example", "https://evil.example", "/\\evil", "/a b", ""]
        {
            check(path, "https://a.example/");
        }
    }
}
