//! Keyword alerts.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};

use super::notification::NotificationWay;
use super::{asking, services};
use crate::domain::keyword as domain;
use crate::graphql::wire::{Time, connection, id, mirror, optional_ids, page_by_id, requires};
use crate::service::keyword::{self, Seen, SeenHit, Trial};

mirror! {
    /// How a term of a keyword alert is looked for.
    KeywordTermKind = crate::domain::keyword::TermKind {
        /// As a whole word, whatever its case and accents. In scripts without spaces between words, wherever it stands.
        Word,
        /// As words in that order, with nothing but white space and punctuation between them.
        Phrase,
        /// As a regular expression, whatever the case: RE2's syntax, without look-around and backreferences.
        Pattern,
    }
}

mirror! {
    /// Whose words count for a keyword alert.
    KeywordSpeaker = crate::domain::keyword::Speaker {
        /// The visitor's.
        Visitor,
        /// The AI agent's.
        AiAgent,
        /// Those of operators.
        Operator,
    }
}

/// What a keyword alert looks for.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("keyword_alert.edit".to_owned()))]
pub struct KeywordTerm {
    /// How it is looked for.
    pub kind: KeywordTermKind,
    /// The word, the phrase or the pattern.
    pub text: String,
}

/// What an organization watches for in its conversations, and who is told when it is said.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("keyword_alert.edit".to_owned()))]
pub struct KeywordAlert {
    /// The id: `kwa_...`.
    pub id: ID,
    /// What people call it.
    pub name: String,
    /// What it looks for.
    pub terms: Vec<KeywordTerm>,
    /// With which AI agents; none means all of the organization's.
    pub ai_agent_ids: Vec<ID>,
    /// In whose words.
    pub speakers: Vec<KeywordSpeaker>,
    /// Whom it tells; none means everybody who works for the organization and may read the conversation.
    pub user_ids: Vec<ID>,
    /// By which ways it tells besides the bell, as far as each of them chose so.
    pub through: Vec<NotificationWay>,
    /// For how many minutes it keeps silent of a conversation after it has told of it. What it finds is kept nevertheless.
    pub cooldown_minutes: i64,
    /// Whether it is on.
    pub enabled: bool,
    /// When it was made.
    pub created_at: Time,
    /// In how many messages of the last thirty days it found something.
    pub hits: i64,
    /// When it last did.
    pub last_hit_at: Option<Time>,
}

impl KeywordAlert {
    fn of(seen: Seen) -> Self {
        let Seen { alert, hits, last_hit_at } = seen;
        let terms = alert.terms.into_iter().map(|term| KeywordTerm { kind: term.kind.into(), text: term.text });
        Self {
            id: alert.id.to_string().into(),
            name: alert.name,
            terms: terms.collect(),
            ai_agent_ids: alert.ai_agents.into_iter().map(|id| id.to_string().into()).collect(),
            speakers: alert.speakers.into_iter().map(Into::into).collect(),
            user_ids: alert.users.into_iter().map(|id| id.to_string().into()).collect(),
            through: alert.through.into_iter().map(Into::into).collect(),
            cooldown_minutes: alert.cooldown,
            enabled: alert.enabled,
            created_at: alert.created_at.into(),
            hits,
            last_hit_at: last_hit_at.map(Into::into),
        }
    }
}

/// One message in which a keyword alert found something.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("keyword_alert.edit".to_owned()))]
pub struct KeywordHit {
    /// The id: `kwh_...`.
    pub id: ID,
    /// Which of its terms, as they were written then.
    pub terms: Vec<String>,
    /// In whose words.
    pub speaker: KeywordSpeaker,
    /// When.
    pub at: Time,
    /// Whether people were told; not where the alert kept silent yet.
    pub told: bool,
    /// In which conversation; none for whoever may not read it.
    pub conversation_id: Option<ID>,
    /// What the visitor is called, for whoever may read the conversation.
    pub visitor_name: Option<String>,
}

impl KeywordHit {
    fn of(seen: SeenHit) -> Self {
        let SeenHit { hit, readable, visitor } = seen;
        Self {
            id: hit.id.to_string().into(),
            terms: hit.terms,
            speaker: hit.speaker.into(),
            at: hit.at.into(),
            told: hit.told,
            conversation_id: readable.then(|| hit.conversation.to_string().into()),
            visitor_name: visitor,
        }
    }
}

connection!(
    KeywordHitConnection,
    KeywordHitEdge,
    KeywordHit,
    "hits of a keyword alert",
    requires::apply("keyword_alert.edit".to_owned())
);

/// What became of one term when it was tried.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("keyword_alert.edit".to_owned()))]
pub struct KeywordTermTrial {
    /// Whether it was found.
    pub found: bool,
    /// Why it cannot be looked for: EMPTY, TOO_LONG, NOT_ONE_WORD, NO_WORDS, NOT_A_PATTERN, LOOK_AROUND, BACKREFERENCE,
    /// TOO_COMPLEX or MATCHES_EVERYTHING.
    pub reason: Option<String>,
    /// The same, for people.
    pub message: Option<String>,
    /// At which character of a pattern, counted from 1.
    pub position: Option<i64>,
}

/// A piece of a text in which terms were tried.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("keyword_alert.edit".to_owned()))]
pub struct KeywordPiece {
    /// What it says.
    pub text: String,
    /// Whether it was found.
    pub found: bool,
}

/// What some terms would find in a text.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("keyword_alert.edit".to_owned()))]
pub struct KeywordTrial {
    /// What became of each term, in their order.
    pub terms: Vec<KeywordTermTrial>,
    /// The text in pieces: what was found, and what is between.
    pub pieces: Vec<KeywordPiece>,
}

impl KeywordTrial {
    fn of(trial: Trial) -> Self {
        let terms = trial.terms.into_iter().map(|term| match term {
            Ok(found) => KeywordTermTrial { found, reason: None, message: None, position: None },
            Err(fault) => KeywordTermTrial {
                found: false,
                reason: Some(fault.reason.to_owned()),
                message: Some(fault.message),
                position: fault.at.map(|at| at as i64),
            },
        });
        let pieces = trial.pieces.into_iter().map(|piece| KeywordPiece { text: piece.text, found: piece.found });
        Self { terms: terms.collect(), pieces: pieces.collect() }
    }
}

/// What a keyword alert is to look for.
#[derive(InputObject, Debug, Clone)]
pub struct KeywordTermInput {
    /// How it is looked for.
    pub kind: KeywordTermKind,
    /// The word, the phrase or the pattern: at most 100 characters, 200 for a pattern.
    pub text: String,
}

impl KeywordTermInput {
    fn term(self) -> domain::Term {
        domain::Term { kind: self.kind.into(), text: self.text }
    }
}

/// What somebody wants a keyword alert to be.
#[derive(InputObject, Debug, Clone)]
pub struct KeywordAlertInput {
    /// What people call it.
    pub name: String,
    /// What it looks for: 1 to 50 terms.
    pub terms: Vec<KeywordTermInput>,
    /// With which AI agents; none means all of the organization's.
    pub ai_agent_ids: Option<Vec<ID>>,
    /// In whose words; the visitor's when nothing is said.
    pub speakers: Option<Vec<KeywordSpeaker>>,
    /// Whom it tells; none means everybody who works for the organization and may read the conversation.
    pub user_ids: Option<Vec<ID>>,
    /// By which ways it tells besides the bell: EMAIL, PUSH.
    pub through: Option<Vec<NotificationWay>>,
    /// For how many minutes it keeps silent of a conversation after it has told of it: 0 to 1440.
    #[graphql(default = 10)]
    pub cooldown_minutes: i64,
}

impl KeywordAlertInput {
    fn draft(self) -> Result<domain::Draft> {
        let speakers = self.speakers.unwrap_or_else(|| vec![KeywordSpeaker::Visitor]);
        Ok(domain::Draft {
            name: self.name,
            terms: self.terms.into_iter().map(KeywordTermInput::term).collect(),
            ai_agents: optional_ids("aiAgentIds", self.ai_agent_ids.as_deref())?.unwrap_or_default(),
            speakers: speakers.into_iter().map(Into::into).collect(),
            users: optional_ids("userIds", self.user_ids.as_deref())?.unwrap_or_default(),
            through: self.through.unwrap_or_default().into_iter().map(Into::into).collect(),
            cooldown: self.cooldown_minutes,
        })
    }
}

/// Queries of keyword alerts.
#[derive(Default)]
pub struct KeywordAlertQuery;

#[Object]
impl KeywordAlertQuery {
    /// The keyword alerts of an organization, the newest first: at most 50.
    #[graphql(directive = requires::apply("keyword_alert.edit".to_owned()))]
    async fn keyword_alerts(&self, ctx: &Context<'_>, organization_id: ID) -> Result<Vec<KeywordAlert>> {
        let organization = id("organizationId", &organization_id)?;
        let found = keyword::alerts(services(ctx)?, &asking(ctx)?.actor, organization).await?;
        Ok(found.into_iter().map(KeywordAlert::of).collect())
    }

    /// In which messages of the last thirty days a keyword alert found something, the newest first.
    #[graphql(directive = requires::apply("keyword_alert.edit".to_owned()))]
    async fn keyword_hits(
        &self,
        ctx: &Context<'_>,
        keyword_alert_id: ID,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<KeywordHitConnection> {
        let id = id("keywordAlertId", &keyword_alert_id)?;
        let page = page_by_id(first, after.as_deref())?;
        let found = keyword::hits(services(ctx)?, &asking(ctx)?.actor, id, &page).await?;
        let rows = found.rows.into_iter().map(|one| (one.hit.id.to_string(), KeywordHit::of(one)));
        Ok(KeywordHitConnection::page(rows.collect(), found.more, page.after.is_some()))
    }

    /// What some terms would find in a text of at most 4,000 characters, with the engine that looks at messages. Nothing of it is
    /// kept.
    #[graphql(directive = requires::apply("keyword_alert.edit".to_owned()))]
    async fn try_keyword_alert(
        &self,
        ctx: &Context<'_>,
        terms: Vec<KeywordTermInput>,
        text: String,
    ) -> Result<KeywordTrial> {
        let terms = terms.into_iter().map(KeywordTermInput::term).collect();
        Ok(KeywordTrial::of(keyword::try_terms(services(ctx)?, &asking(ctx)?.actor, terms, &text).await?))
    }
}

/// Changes of keyword alerts.
#[derive(Default)]
pub struct KeywordAlertMutation;

#[Object]
impl KeywordAlertMutation {
    /// Sets a keyword alert of an organization. INVALID `terms` with NONE, TOO_MANY or the reasons of `KeywordTermTrial`, `speakers`
    /// with NONE, `aiAgentIds` or `userIds` with NOT_THERE; CONFLICT with TOO_MANY.
    #[graphql(directive = requires::apply("keyword_alert.edit".to_owned()))]
    async fn create_keyword_alert(
        &self,
        ctx: &Context<'_>,
        client_id: String,
        organization_id: ID,
        input: KeywordAlertInput,
    ) -> Result<KeywordAlert> {
        let organization = id("organizationId", &organization_id)?;
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        Ok(KeywordAlert::of(keyword::create(services, actor, &client_id, organization, input.draft()?).await?))
    }

    /// Changes a keyword alert. What was said before is not looked at again.
    #[graphql(directive = requires::apply("keyword_alert.edit".to_owned()))]
    async fn update_keyword_alert(
        &self,
        ctx: &Context<'_>,
        keyword_alert_id: ID,
        input: KeywordAlertInput,
    ) -> Result<KeywordAlert> {
        let id = id("keywordAlertId", &keyword_alert_id)?;
        Ok(KeywordAlert::of(keyword::update(services(ctx)?, &asking(ctx)?.actor, id, input.draft()?).await?))
    }

    /// Switches a keyword alert on or off. What is said while it is off is not looked at later.
    #[graphql(directive = requires::apply("keyword_alert.edit".to_owned()))]
    async fn set_keyword_alert_enabled(
        &self,
        ctx: &Context<'_>,
        keyword_alert_id: ID,
        enabled: bool,
    ) -> Result<KeywordAlert> {
        let id = id("keywordAlertId", &keyword_alert_id)?;
        Ok(KeywordAlert::of(keyword::set_enabled(services(ctx)?, &asking(ctx)?.actor, id, enabled).await?))
    }

    /// Deletes a keyword alert, and what it found.
    #[graphql(directive = requires::apply("keyword_alert.edit".to_owned()))]
    async fn delete_keyword_alert(&self, ctx: &Context<'_>, keyword_alert_id: ID) -> Result<bool> {
        let id = id("keywordAlertId", &keyword_alert_id)?;
        keyword::delete(services(ctx)?, &asking(ctx)?.actor, id).await?;
        Ok(true)
    }
}
