//! The words that an agency chooses for its mails.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};

use super::{asking, services};
use crate::domain::mail_text as rules;
use crate::graphql::wire::{Time, requires};
use crate::service::mail_text;

/// The words of a mail, with `{{ values }}` and `{% if conditions %}`.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("sender.manage".to_owned()))]
pub struct MailWords {
    /// What it is about.
    pub subject: String,
    /// What stands above it.
    pub heading: String,
    /// A paragraph in each line.
    pub body: String,
    /// What stands on the button; null where there is none, or where it is the original.
    pub button: Option<String>,
    /// The small print, a paragraph in each line.
    pub after: String,
}

impl MailWords {
    fn of(words: rules::Words) -> Self {
        let rules::Words { subject, heading, body, button, after } = words;
        Self { subject, heading, body, button, after }
    }
}

/// Words for a mail: values and conditions, and nothing else that is a template.
#[derive(InputObject, Debug, Clone)]
pub struct MailWordsInput {
    /// What it is about; up to 160 characters.
    pub subject: String,
    /// What stands above it; up to 200 characters.
    pub heading: String,
    /// A paragraph in each line; up to 4,000 characters.
    pub body: String,
    /// What stands on the button, up to 60 characters; the original when it is left out.
    pub button: Option<String>,
    /// The small print, a paragraph in each line; up to 1,000 characters.
    pub after: String,
}

impl From<MailWordsInput> for rules::Words {
    fn from(words: MailWordsInput) -> Self {
        let MailWordsInput { subject, heading, body, button, after } = words;
        Self { subject, heading, body, button, after }
    }
}

/// A value that a letter has.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("sender.manage".to_owned()))]
pub struct MailTextValue {
    /// What stands between the braces.
    pub name: String,
    /// What it is.
    pub what: String,
}

/// A kind of mail whose words an agency may choose.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("sender.manage".to_owned()))]
pub struct MailText {
    /// The word for the kind of letter: `invitation`.
    pub kind: String,
    /// What people call it.
    pub title: String,
    /// The original words.
    pub original: MailWords,
    /// The agency's own; null while it has chosen none.
    pub own: Option<MailWords>,
    /// Rises with each change; 0 while there are no own words.
    pub version: i32,
    /// What can be put into the words.
    pub values: Vec<MailTextValue>,
    /// When the own words were changed.
    pub updated_at: Option<Time>,
    /// Why the own words could not be used, if they could not: that mail went out with the original ones.
    pub trouble: Option<String>,
    /// When that was.
    pub trouble_at: Option<Time>,
}

impl MailText {
    fn of(shown: mail_text::Shown) -> Self {
        let own = shown.own.as_ref();
        Self {
            kind: shown.kind.kind.to_owned(),
            title: shown.kind.title.to_owned(),
            original: MailWords::of(shown.original),
            own: own.map(|own| MailWords::of(own.words())),
            version: own.map_or(0, |own| i32::try_from(own.version).unwrap_or(i32::MAX)),
            values: shown
                .kind
                .values()
                .map(|(name, what)| MailTextValue { name: name.to_owned(), what: what.to_owned() })
                .collect(),
            updated_at: own.map(|own| own.updated_at.into()),
            trouble: own.and_then(|own| own.trouble.clone()),
            trouble_at: own.and_then(|own| own.trouble_at).map(Time::from),
        }
    }
}

/// Why words cannot be used.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("sender.manage".to_owned()))]
pub struct MailTextProblem {
    /// In which field: `subject`, `heading`, `body`, `button`, `after`.
    pub field: String,
    /// `SYNTAX`, `UNKNOWN_VALUE`, `MISSING_VALUE`, `TOO_LONG`, `TOO_MUCH_WORK`, `CONTROL_CHARACTER` or `EMPTY`.
    pub reason: String,
    /// In a sentence.
    pub message: String,
    /// In which line of the field, from one.
    pub line: Option<i32>,
}

/// A mail with example values, or why there can be none.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("sender.manage".to_owned()))]
pub struct MailTextPreview {
    /// What it is about; empty when there are problems.
    pub subject: String,
    /// With its looks. To be shown in a sandbox alone.
    pub html: String,
    /// In plain text.
    pub text: String,
    /// What is wrong with the words.
    pub problems: Vec<MailTextProblem>,
}

impl MailTextPreview {
    fn of(tried: Result<mail_text::Preview, Vec<rules::Problem>>) -> Self {
        match tried {
            Ok(mail_text::Preview { subject, html, text }) => Self { subject, html, text, problems: Vec::new() },
            Err(problems) => Self {
                subject: String::new(),
                html: String::new(),
                text: String::new(),
                problems: problems
                    .into_iter()
                    .map(|problem| MailTextProblem {
                        field: problem.field.to_owned(),
                        reason: problem.reason.to_owned(),
                        message: problem.message,
                        line: problem.line.and_then(|line| i32::try_from(line).ok()),
                    })
                    .collect(),
            },
        }
    }
}

/// Queries of the words of mails.
#[derive(Default)]
pub struct MailTextQuery;

#[Object]
impl MailTextQuery {
    /// The kinds of mails whose words the agency may choose. Those that keep accounts safe are not among them.
    #[graphql(directive = requires::apply("sender.manage".to_owned()))]
    async fn mail_texts(&self, ctx: &Context<'_>) -> Result<Vec<MailText>> {
        let all = mail_text::all(services(ctx)?, &asking(ctx)?.actor).await?;
        Ok(all.into_iter().map(MailText::of).collect())
    }

    /// What a mail of that kind would be with those words, in the agency's looks and with example values. INVALID
    /// NOT_EDITABLE for other kinds.
    #[graphql(directive = requires::apply("sender.manage".to_owned()))]
    async fn mail_text_preview(
        &self,
        ctx: &Context<'_>,
        kind: String,
        words: MailWordsInput,
    ) -> Result<MailTextPreview> {
        let actor = &asking(ctx)?.actor;
        Ok(MailTextPreview::of(mail_text::preview(services(ctx)?, actor, &kind, &words.into()).await?))
    }
}

/// Changes of the words of mails.
#[derive(Default)]
pub struct MailTextMutation;

#[Object]
impl MailTextMutation {
    /// Chooses words for a kind of mail. INVALID as the preview says; CONFLICT CHANGED_MEANWHILE when they have another
    /// version.
    #[graphql(directive = requires::apply("sender.manage".to_owned()))]
    async fn save_mail_text(
        &self,
        ctx: &Context<'_>,
        kind: String,
        version: i32,
        words: MailWordsInput,
    ) -> Result<MailText> {
        let actor = &asking(ctx)?.actor;
        Ok(MailText::of(mail_text::save(services(ctx)?, actor, &kind, i64::from(version), &words.into()).await?))
    }

    /// Restores the original words of a kind of mail. CONFLICT CHANGED_MEANWHILE when they have another version.
    #[graphql(directive = requires::apply("sender.manage".to_owned()))]
    async fn restore_mail_text(&self, ctx: &Context<'_>, kind: String, version: i32) -> Result<MailText> {
        let actor = &asking(ctx)?.actor;
        Ok(MailText::of(mail_text::restore(services(ctx)?, actor, &kind, i64::from(version)).await?))
    }
}
