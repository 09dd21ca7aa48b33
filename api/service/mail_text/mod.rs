//! The words that an agency chooses for its mails: looked at, tried, kept, and left aside where they cannot be used.

mod example;

use serde_json::json;

use super::letter::{self, Look, Reader};
use super::{By, Services, doer_of};
use crate::domain::access::Actor;
use crate::domain::mail_text::{KINDS, Kind, MailText, Problem, Words, parse};
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::store::{Reads, mail_text};

/// A kind of letter with its words.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Which.
    pub kind: &'static Kind,
    /// The original words.
    pub original: Words,
    /// The agency's own, where it has chosen some.
    pub own: Option<MailText>,
}

/// What a mail would be with some words.
#[derive(Debug, Clone)]
pub struct Preview {
    /// What it is about.
    pub subject: String,
    /// With its looks.
    pub html: String,
    /// In plain text.
    pub text: String,
}

fn known(kind: &str) -> Result<&'static Kind> {
    Kind::of(kind).ok_or_else(|| Error::invalid("kind", "NOT_EDITABLE", "The words of these mails cannot be changed."))
}

fn changed_meanwhile() -> Error {
    Error::conflict("CHANGED_MEANWHILE", "Somebody else has changed this text meanwhile. Look at it again.")
}

/// All kinds of letters whose words may be chosen.
pub async fn all(s: &Services, actor: &Actor) -> Result<Vec<Shown>> {
    let scope = super::sender::allowed(s, actor)?;
    let mut own = mail_text::all(&mut s.store.read().await?, &scope, letter::LANGUAGE).await?;
    KINDS
        .iter()
        .map(|kind| {
            let place = own.iter().position(|text| text.kind == kind.kind);
            let own = place.map(|place| own.swap_remove(place));
            Ok(Shown { kind, original: letter::original_words(kind.kind)?, own })
        })
        .collect()
}

/// Words that may be kept, or all that is wrong with them: as they stand, and in any example of their kind.
fn tried(
    kind: &'static Kind,
    words: &Words,
    look: &Look,
    reader: &Reader,
) -> Result<Result<(Words, Preview), Vec<Problem>>> {
    let words = match parse(kind, words) {
        Ok(words) => words,
        Err(problems) => return Ok(Err(problems)),
    };
    let look = Look { own: Some(words.clone()), ..look.clone() };
    let mut first = None;
    for letter in example::letters(kind.kind) {
        let rendered = letter::render(&letter, &look, reader)?;
        if let Some(problem) = rendered.trouble {
            return Ok(Err(vec![problem]));
        }
        first = first.or(Some(Preview {
            subject: rendered.subject.as_str().to_owned(),
            html: rendered.html,
            text: rendered.text,
        }));
    }
    let preview = first.ok_or_else(|| Error::internal(format!("no example of {}", kind.kind)))?;
    Ok(Ok((words, preview)))
}

async fn look_and_reader(s: &Services, read: &mut impl Reads, scope: &Scope) -> Result<(Look, Reader)> {
    let look = super::mail::look(s, read, scope).await?;
    Ok((look, Reader { address: "jo@example.com".to_owned(), ..Reader::default() }))
}

/// What a mail of that kind would be with those words, or all that is wrong with them. Nothing is kept and nothing is sent.
pub async fn preview(s: &Services, actor: &Actor, kind: &str, words: &Words) -> Result<Result<Preview, Vec<Problem>>> {
    let scope = super::sender::allowed(s, actor)?;
    let kind = known(kind)?;
    let (look, reader) = look_and_reader(s, &mut s.store.read().await?, &scope).await?;
    Ok(tried(kind, words, &look, &reader)?.map(|(_, preview)| preview))
}

/// Keeps words for a kind of letter, in place of those of version `before`; 0 where there are none.
pub async fn save(s: &Services, actor: &Actor, kind: &str, before: i64, words: &Words) -> Result<Shown> {
    let scope = super::sender::allowed(s, actor)?;
    let user = doer_of(actor)?;
    let kind = known(kind)?;
    let mut unit = s.store.write().await?;
    let (look, reader) = look_and_reader(s, &mut unit, &scope).await?;
    let words = match tried(kind, words, &look, &reader)? {
        Ok((words, _)) => words,
        Err(problems) => {
            let first = problems.into_iter().next().ok_or_else(|| Error::internal("no problem"))?;
            return Err(Error::invalid(first.field, first.reason, first.message));
        }
    };
    let kept = mail_text::one(&mut unit, &scope, kind.kind, letter::LANGUAGE).await?;
    let after = MailText {
        agency: scope.agency(),
        kind: kind.kind.to_owned(),
        language: letter::LANGUAGE.to_owned(),
        subject: words.subject,
        heading: words.heading,
        body: words.body,
        button: words.button,
        after: words.after,
        version: before + 1,
        updated_at: s.clock.now(),
        trouble: None,
        trouble_at: None,
    };
    let done = match (&kept, before) {
        (None, 0) => mail_text::insert(&mut unit, &scope, &after).await?,
        (Some(_), _) => mail_text::update(&mut unit, &scope, &after, before).await?,
        (None, _) => false,
    };
    if !done {
        return Err(changed_meanwhile());
    }
    let by = By { actor: &user, organization: None };
    let detail = json!({
        "kind": kind.kind, "title": kind.title, "before": kept.as_ref().map(audited), "after": audited(&after),
    });
    s.note(&mut unit, &scope, &by, "mail_text.save", scope.agency(), detail).await?;
    unit.commit().await?;
    Ok(Shown { kind, original: letter::original_words(kind.kind)?, own: Some(after) })
}

fn audited(text: &MailText) -> serde_json::Value {
    json!({
        "subject": text.subject, "heading": text.heading, "body": text.body, "button": text.button, "after": text.after,
    })
}

/// Forgets the agency's words for a kind of letter: the original ones are used from then on.
pub async fn restore(s: &Services, actor: &Actor, kind: &str, before: i64) -> Result<Shown> {
    let scope = super::sender::allowed(s, actor)?;
    let user = doer_of(actor)?;
    let kind = known(kind)?;
    let mut unit = s.store.write().await?;
    let kept = mail_text::one(&mut unit, &scope, kind.kind, letter::LANGUAGE).await?;
    if let Some(kept) = kept {
        if !mail_text::delete(&mut unit, &scope, kind.kind, letter::LANGUAGE, before).await? {
            return Err(changed_meanwhile());
        }
        let by = By { actor: &user, organization: None };
        let detail = json!({ "kind": kind.kind, "title": kind.title, "before": audited(&kept) });
        s.note(&mut unit, &scope, &by, "mail_text.restore", scope.agency(), detail).await?;
    }
    unit.commit().await?;
    Ok(Shown { kind, original: letter::original_words(kind.kind)?, own: None })
}

/// Says that words could not be used for a mail that is going out with the original ones.
pub(super) async fn could_not_be_used(s: &Services, scope: &Scope, text: &MailText, problem: &Problem) -> Result<()> {
    tracing::warn!(agency = %scope.agency(), kind = text.kind, field = problem.field, reason = problem.reason,
        "the words of an agency could not be used for a mail");
    let mut unit = s.store.write().await?;
    mail_text::set_trouble(&mut unit, scope, text, &problem.message, s.clock.now()).await?;
    unit.commit().await
}
