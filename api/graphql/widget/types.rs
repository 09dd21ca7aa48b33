//! What visitors get to see.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Result, SimpleObject, Union};

use super::{Attachment, FileOffer, asking, services};
use crate::domain::access::Actor;
use crate::domain::brand::BrandImageKind;
use crate::domain::conversation as domain;
use crate::domain::file::Attachment as Carried;
use crate::domain::id::{AgencyId, ConversationId};
use crate::error::Error;
use crate::graphql::wire::{
    AuthorKind, ConversationState, MessageKind, Time, Via, WidgetPosition, WidgetUnavailable, connection, count,
    owner_only, public,
};
use crate::service::visitor::{self, Opened};
use crate::service::widget::{self, Shown};
use crate::service::{Services, ending, file, handoff, routing, stream, transcript, visitor_of};

/// What a widget shows before anybody has written.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = public::apply())]
pub struct WidgetConfig {
    /// The id: `wid_...`.
    pub widget_id: ID,
    /// The line at its top.
    pub title: String,
    /// What it says first.
    pub greeting: String,
    /// Its colour, `#rrggbb`.
    pub accent: String,
    /// The colour that reads on it.
    pub accent_text: String,
    /// Where the launcher stands.
    pub position: WidgetPosition,
    /// Corner radius in pixels.
    pub radius: i32,
    /// A line at its foot, if the agency wants one.
    pub powered_by: Option<String>,
    /// Where that line leads.
    pub powered_by_url: Option<String>,
    /// The name of the brand that it wears.
    pub brand: String,
    /// Path of the brand's picture, on the host that serves the widget.
    pub logo: Option<String>,
    /// Whether a human can be asked for, and how.
    pub handoff: HandoffOffer,
    /// Whether there is anybody behind it at all.
    pub available: bool,
    /// Why there is nobody; null when there is.
    pub unavailable_reason: Option<WidgetUnavailable>,
}

impl WidgetConfig {
    /// What that widget shows.
    pub fn of(shown: &Shown, now: crate::domain::time::Time) -> Self {
        let brand = &shown.agency.brand;
        let offer = shown.offer(now);
        let way = shown.agent.offer();
        Self {
            widget_id: shown.widget.id.to_string().into(),
            title: shown.widget.title.clone(),
            greeting: shown.widget.greeting.clone(),
            accent: shown.accent().to_owned(),
            accent_text: shown.accent_text().to_owned(),
            position: shown.widget.position.into(),
            radius: i32::from(shown.agency.brand.radius),
            brand: brand.name.clone(),
            logo: brand.path(BrandImageKind::Round).or_else(|| brand.path(BrandImageKind::Logo)),
            powered_by: brand.powered_by().map(|(text, _)| text.to_owned()),
            powered_by_url: brand.powered_by().and_then(|(_, url)| url).map(str::to_owned),
            handoff: HandoffOffer {
                available: offer.available,
                ask_contact: shown.agent.ask_contact,
                button_after_messages: shown.agent.button_after_messages,
                open: offer.open,
                opens_at: offer.opens_at.map(Into::into),
                changes_at: offer.changes_at.map(Into::into),
                offline_text: shown.offline_text.clone(),
                offline_form: shown.offline_form,
                popup: way.popup,
                fixed_popup: way.fixed_popup,
                button_text: way.button_text,
                popup_text: way.popup_text,
                waiting_text: way.waiting_text,
                block_input: way.block_input,
            },
            available: shown.available(),
            unavailable_reason: shown.unavailable.map(Into::into),
        }
    }
}

/// Whether a human can be asked for, and how.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = public::apply())]
pub struct HandoffOffer {
    /// Whether one can be now.
    pub available: bool,
    /// Whether name, address and reason are asked for first.
    pub ask_contact: bool,
    /// How many messages the visitor writes before the button shows; 0 means at once.
    pub button_after_messages: i64,
    /// False outside of business hours, and only then: where nobody can be asked for at all, it is true.
    pub open: bool,
    /// When it opens again; null while it is open, and when it does not open within three years.
    pub opens_at: Option<Time>,
    /// When it opens or closes next: what is said here is so until then. Null when it never does.
    pub changes_at: Option<Time>,
    /// What to say while it is closed.
    pub offline_text: String,
    /// Whether a query can be left while it is closed.
    pub offline_form: bool,
    /// Whether it is shown in the chat that one can be: with an answer, and as a button.
    pub popup: bool,
    /// Whether it always stands at the top of the chat.
    pub fixed_popup: bool,
    /// What the button says.
    pub button_text: String,
    /// What is said beside the button.
    pub popup_text: String,
    /// What the visitor reads while they wait.
    pub waiting_text: String,
    /// Whether the visitor cannot write while they wait: CONFLICT with INPUT_BLOCKED.
    pub block_input: bool,
}

/// A visitor's session.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = public::apply())]
pub struct VisitorSession {
    /// Goes into `Authorization: Bearer`, and into `connection_init` as `token`. Good for an hour.
    pub token: String,
    /// When the token ends.
    pub expires_at: Time,
    /// Renews the session; good for ninety days. To be kept by the widget's frame alone.
    pub resume: String,
    /// The visitor's conversation.
    pub conversation: Conversation,
    /// What the widget shows.
    pub config: WidgetConfig,
}

impl VisitorSession {
    /// Wraps one. Whoever has just opened it may read it in the same request.
    pub async fn of(ctx: &Context<'_>, opened: Opened) -> Result<Self> {
        let services = services(ctx)?;
        let shown = match &opened.actor {
            Actor::Visitor(visitor) => widget::shown(services, visitor.widget).await?,
            _ => return Err(Error::internal("a session of nobody").into()),
        };
        Ok(Self {
            conversation: Conversation::of(services, &opened.actor, &opened.conversation).await?,
            token: opened.token,
            expires_at: opened.expires_at.into(),
            resume: opened.resume,
            config: WidgetConfig::of(&shown, services.clock.now()),
        })
    }
}

/// Something that the page knows of the visitor.
#[derive(InputObject, Debug, Clone)]
pub struct AttributeInput {
    /// What it is: at most 64 characters.
    pub name: String,
    /// What it says: at most 500 characters; nothing when empty.
    pub value: String,
}

/// The kinds of challenges.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengeKind {
    /// Find a text `answer` so that the SHA-256 hash of `token:answer` begins with `bits` bits that are nought.
    ProofOfWork,
}

/// Something to solve before the first word.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = owner_only::apply())]
pub struct Challenge {
    /// Of which kind.
    pub kind: ChallengeKind,
    /// What to solve.
    pub token: String,
    /// How many bits have to be nought.
    pub bits: i64,
}

impl From<visitor::challenge::Challenge> for Challenge {
    fn from(given: visitor::challenge::Challenge) -> Self {
        let kind = match given.kind {
            visitor::challenge::Kind::ProofOfWork => ChallengeKind::ProofOfWork,
        };
        Self { kind, token: given.token, bits: given.bits.into() }
    }
}

/// The visitor's thread.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex, directive = public::apply())]
pub struct Conversation {
    /// The id: `cnv_...`.
    pub id: ID,
    /// Who owns it.
    pub state: ConversationState,
    /// Raised by each change: of two copies the one with the greater `rev` is the newer.
    pub rev: i64,
    /// The place in the queue, from one; null when not waiting.
    pub queue_position: Option<i64>,
    /// The operator who has it.
    pub operator_name: Option<String>,
    /// Up to where the organization has read.
    pub read_by_operator_seq: i64,
    /// Number of the newest entry.
    pub last_seq: i64,
    /// Whether the visitor is to be asked how it was: a person wrote in the handoff that has ended, and nothing was said of it.
    pub ask_rating: bool,
    /// Whether the visitor can have what was said sent to an address.
    pub can_email_transcript: bool,
    /// Where its history is now: `events(after:)` goes on from here.
    pub cursor: String,
    #[graphql(skip)]
    of: (ConversationId, Actor),
    #[graphql(skip)]
    row: Arc<domain::Conversation>,
}

impl Conversation {
    /// Wraps one for its visitor.
    pub async fn of(services: &Services, actor: &Actor, row: &domain::Conversation) -> Result<Self> {
        let operator_name = match row.assignee {
            Some(operator) => visitor::operator_name(services, actor, operator).await?,
            None => None,
        };
        Ok(Self {
            id: row.id.to_string().into(),
            state: row.state.into(),
            rev: row.rev,
            queue_position: handoff::queue_position(services, actor, row).await?,
            operator_name,
            read_by_operator_seq: row.operator_read_seq,
            last_seq: row.last_seq,
            ask_rating: ending::asks_rating(services, actor, row).await?,
            can_email_transcript: row.started_at.is_some() && transcript::offered(services, actor).await?,
            cursor: stream::cursor_of(services, row).await?.to_string(),
            of: (row.id, actor.clone()),
            row: Arc::new(row.clone()),
        })
    }
}

#[ComplexObject]
impl Conversation {
    /// Whether files can be sent in it, and how large.
    #[graphql(directive = public::apply())]
    async fn files(&self, ctx: &Context<'_>) -> Result<FileOffer> {
        let visitor = visitor_of(&self.of.1)?;
        Ok(FileOffer::of(file::offer(services(ctx)?, visitor.agency, visitor.organization).await?))
    }

    /// In how many seconds somebody will probably join, from what visitors waited lately and who is there now; null when it
    /// cannot be known.
    #[graphql(directive = public::apply())]
    async fn estimated_wait_seconds(&self, ctx: &Context<'_>) -> Result<Option<i64>> {
        let wait = routing::estimated_wait(services(ctx)?, &self.of.1, &self.row).await?;
        Ok(wait.map(|wait| i64::try_from(wait.as_secs()).unwrap_or(i64::MAX)))
    }

    /// What was said: the last entries before `before`, oldest first.
    #[graphql(directive = public::apply())]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<MessageConnection> {
        let before = before
            .map(|before| before.parse::<i64>())
            .transpose()
            .map_err(|_| Error::invalid("before", "NOT_A_CURSOR", "This is not a cursor that we gave."))?;
        debug_assert!(asking(ctx).is_ok());
        let found = visitor::messages(services(ctx)?, &self.of.1, before, count("last", last)?).await?;
        let agency = visitor_of(&self.of.1)?.agency;
        let rows = found.rows.iter().map(|row| (row.seq.to_string(), Message::of(agency, row))).collect();
        Ok(MessageConnection::page(rows, before.is_some(), found.more))
    }
}

/// Who wrote an entry.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = public::apply())]
pub struct Author {
    /// Visitor, AI, operator or the house itself.
    pub kind: AuthorKind,
    /// The name: an operator's, or the AI agent's.
    pub name: Option<String>,
}

/// One numbered entry of a conversation.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex, directive = public::apply())]
pub struct Message {
    /// The id: `msg_...`.
    pub id: ID,
    /// Its number in the conversation: 1, 2, 3 without gaps.
    pub seq: i64,
    /// What it is.
    pub kind: MessageKind,
    /// Who wrote it.
    pub author: Author,
    /// What was said; for all kinds but TEXT the announcement.
    pub text: String,
    /// When it was kept.
    pub created_at: Time,
    /// The id that its sender gave it.
    pub client_id: Option<String>,
    /// Whether a human is offered with it.
    pub offers_human: bool,
    /// Titles of the knowledge entries that it quotes.
    pub sources: Vec<String>,
    /// By which way it came.
    pub via: Via,
    #[graphql(skip)]
    files: (AgencyId, Vec<Carried>),
    /// When its text was last changed.
    pub edited_at: Option<Time>,
    /// When it was taken back; its text is empty then.
    pub deleted_at: Option<Time>,
}

impl Message {
    /// Wraps one of that agency's.
    pub fn of(agency: AgencyId, message: &domain::Message) -> Self {
        let own = message.author_kind == domain::AuthorKind::Visitor;
        Self {
            id: message.id.to_string().into(),
            seq: message.seq,
            kind: message.kind.into(),
            author: Author { kind: message.author_kind.into(), name: message.author_name.clone() },
            text: message.text.clone(),
            created_at: message.created_at.into(),
            client_id: message.client_id.clone().filter(|_| own),
            offers_human: message.offers_human,
            sources: message.sources.lines().map(str::to_owned).collect(),
            via: message.via.into(),
            files: (agency, message.attachments.clone()),
            edited_at: message.edited_at.map(Into::into),
            deleted_at: message.deleted_at.map(Into::into),
        }
    }
}

#[ComplexObject]
impl Message {
    /// The files that it carries, each with an address that is good for at most five minutes.
    #[graphql(directive = public::apply())]
    async fn attachments(&self, ctx: &Context<'_>) -> Result<Vec<Attachment>> {
        Attachment::all(ctx, self.files.0, &self.files.1)
    }
}

connection!(MessageConnection, MessageEdge, Message, "messages", public::apply());

/// What a visitor left when nobody answered.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = owner_only::apply())]
pub struct OfflineQuery {
    /// The id: `ofq_...`.
    pub id: ID,
    /// Where they are answered.
    pub email: String,
    /// What they call themselves.
    pub name: Option<String>,
    /// What they want.
    pub message: String,
    /// Its number in the conversation.
    pub seq: i64,
    /// When it was kept.
    pub created_at: Time,
}

impl OfflineQuery {
    /// Wraps one.
    pub fn of(query: crate::domain::offline::OfflineQuery) -> Self {
        Self {
            id: query.id.to_string().into(),
            email: query.email,
            name: query.name,
            message: query.message,
            seq: query.seq,
            created_at: query.created_at.into(),
        }
    }
}

/// A new entry.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = owner_only::apply())]
pub struct MessageAdded {
    /// Where the subscriber is after it: go on from here after a break.
    pub cursor: String,
    /// The entry.
    pub message: Message,
}

/// An entry that was told before says something else now, or nothing any more. Told again after every break: whoever has it
/// so already changes nothing.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = owner_only::apply())]
pub struct MessageChanged {
    /// As it is now.
    pub message: Message,
}

/// The conversation changed, or this is how it is now.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = owner_only::apply())]
pub struct ConversationChanged {
    /// As it is now.
    pub conversation: Conversation,
}

/// Somebody types, or has stopped. Not kept; to be forgotten after six seconds.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = owner_only::apply())]
pub struct TypingChanged {
    /// Visitor or operator.
    pub author: AuthorKind,
    /// An operator's name.
    pub name: Option<String>,
    /// Whether they do.
    pub typing: bool,
}

/// How far the AI is with an answer. Not kept.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = owner_only::apply())]
pub struct AnswerProgress {
    /// The id that its message will have.
    pub answer_id: ID,
    /// All of the text so far.
    pub text: String,
}

/// The cursor cannot be gone on from: read the conversation anew, and go on from this one.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = owner_only::apply())]
pub struct Resync {
    /// Where the history is now.
    pub cursor: String,
    /// EPOCH: the database was restored. FUTURE: it never got that far. TOO_OLD: more than 500 entries behind. ERASED:
    /// what was said was removed.
    pub reason: String,
}

/// Something that happened in the conversation.
#[derive(Union, Debug, Clone)]
pub enum Event {
    /// A new entry.
    MessageAdded(MessageAdded),
    /// An entry was changed or taken back.
    MessageChanged(MessageChanged),
    /// The conversation changed.
    ConversationChanged(ConversationChanged),
    /// Somebody types.
    TypingChanged(TypingChanged),
    /// The AI writes.
    AnswerProgress(AnswerProgress),
    /// Read the conversation anew.
    Resync(Resync),
}
