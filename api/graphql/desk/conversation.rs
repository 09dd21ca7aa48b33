//! Conversations and what is said in them.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, Result, SimpleObject};

use super::agency::{Organization, viewer_can};
use super::agent::AiAgent;
use super::file::{Attachment, FileOffer};
use super::handoff::Handoff;
use super::identity::User;
use super::note::Note;
use super::routing::{Looker, Transfer};
use super::{asking, loaders, services};
use crate::domain::agent::{mask_email, mask_phone};
use crate::domain::conversation as domain;
use crate::domain::file::Attachment as Carried;
use crate::domain::permission::Permission;
use crate::error::Error;
use crate::graphql::wire::{
    AuthorKind, ConversationState, MessageKind, Signal, Time, Via, connection, count, id, ids_in_order, optional_id,
    page_by_weight, requires, time_cursor,
};
use crate::service::conversation::{self, Seen};
use crate::service::{ending, file, note, routing, stream, words};

/// Whoever chats through a widget.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("conversation.read".to_owned()))]
pub struct Visitor {
    /// The id: `vis_...`.
    pub id: ID,
    /// Name, if given.
    pub name: Option<String>,
    /// Address, if given; masked without `visitor.read_contact`.
    pub email: Option<String>,
    /// Telephone number, if given; masked without `visitor.read_contact`.
    pub phone: Option<String>,
    /// When first seen.
    pub first_seen_at: Time,
    /// The page the widget was last opened on.
    pub page_url: Option<String>,
    /// The browser, in a few words.
    pub browser: Option<String>,
    /// The language of the browser, such as `de` or `pt-BR`.
    pub language: Option<String>,
    /// The IANA zone that the browser says, such as `Europe/Berlin`.
    pub time_zone: Option<String>,
    /// Where the visitor came from to the page.
    pub referrer: Option<String>,
    /// What the client's site says of the visitor, by name.
    pub attributes: Vec<VisitorAttribute>,
    /// Whether the client's site has signed for who this is.
    pub verified: bool,
    /// What it has signed for: `id`, `name`, `email`, `phone`.
    pub verified_fields: Vec<String>,
    /// Since when nothing of them is taken; null while they may write.
    pub blocked_at: Option<Time>,
}

/// One thing that the client's site says of a visitor.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("conversation.read".to_owned()))]
pub struct VisitorAttribute {
    /// What it is.
    pub name: String,
    /// What is said of it. Never to be trusted: a visitor's page says it.
    pub value: String,
}

/// Most attributes that are shown of one visitor.
const ATTRIBUTES: usize = 100;

fn attributes(json: &str) -> Vec<VisitorAttribute> {
    let Ok(serde_json::Value::Object(found)) = serde_json::from_str(json) else { return Vec::new() };
    let text = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    };
    found.into_iter().take(ATTRIBUTES).map(|(name, value)| VisitorAttribute { name, value: text(value) }).collect()
}

/// Who wrote an entry.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("conversation.read".to_owned()))]
pub struct Author {
    /// Visitor, AI, operator or the house itself.
    pub kind: AuthorKind,
    /// The name: an operator's, or the AI agent's.
    pub name: Option<String>,
    /// The operator's id.
    pub user_id: Option<ID>,
}

/// One numbered entry of a conversation.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex, directive = requires::apply("conversation.read".to_owned()))]
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
    /// Whether the visitor was offered a human with it.
    pub offers_human: bool,
    /// Titles of the knowledge entries that it quotes.
    pub sources: Vec<String>,
    /// By which way it came.
    pub via: Via,
    #[graphql(skip)]
    files: Vec<Carried>,
    /// When its text was last changed.
    pub edited_at: Option<Time>,
    /// When it was taken back; its text is empty then.
    pub deleted_at: Option<Time>,
}

impl Message {
    /// Wraps one.
    pub fn of(message: &domain::Message) -> Self {
        let user = message.author_id.clone().filter(|id| id.starts_with("usr_"));
        Self {
            id: message.id.to_string().into(),
            seq: message.seq,
            kind: message.kind.into(),
            author: Author {
                kind: message.author_kind.into(),
                name: message.author_name.clone(),
                user_id: user.map(ID::from),
            },
            text: message.text.clone(),
            created_at: message.created_at.into(),
            client_id: message.client_id.clone(),
            offers_human: message.offers_human,
            sources: message.sources.lines().map(str::to_owned).collect(),
            via: message.via.into(),
            files: message.attachments.clone(),
            edited_at: message.edited_at.map(Into::into),
            deleted_at: message.deleted_at.map(Into::into),
        }
    }
}

#[ComplexObject]
impl Message {
    /// The files that it carries, each with an address that is good for at most five minutes.
    #[graphql(directive = requires::apply("conversation.read".to_owned()))]
    async fn attachments(&self, ctx: &Context<'_>) -> Result<Vec<Attachment>> {
        Attachment::all(ctx, &self.files)
    }
}

connection!(MessageConnection, MessageEdge, Message, "messages", requires::apply("conversation.read".to_owned()));

/// One thread between a visitor and the AI agent or an operator, as far as the viewer may see it.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(complex, directive = requires::apply("conversation.read".to_owned()))]
pub struct Conversation {
    /// The id: `cnv_...`.
    pub id: ID,
    /// Who owns it.
    pub state: ConversationState,
    /// Raised by each change of owner.
    pub version: i64,
    /// Raised by each change of anything: of two copies the one with the greater `rev` is the newer.
    pub rev: i64,
    /// When the visitor first wrote.
    pub started_at: Time,
    /// When anything was last said or changed.
    pub last_activity_at: Time,
    /// When the visitor last wrote.
    pub last_visitor_message_at: Option<Time>,
    /// Whether the visitor is there: connected, or heard of within two minutes, and the conversation has not ended.
    pub live: bool,
    /// Whether the viewer may see what is said. False for a stub: somebody else has the chat.
    pub content_visible: bool,
    /// The visitor's last words, cut to 140 characters; null for a stub.
    pub preview: Option<String>,
    /// Entries that nobody of the organization has read.
    pub unread: i64,
    /// Up to where the visitor has read.
    pub visitor_read_seq: i64,
    /// Up to where the organization has read.
    pub operator_read_seq: i64,
    /// Number of the newest entry.
    pub last_seq: i64,
    /// What it is filed under; nothing for a stub.
    pub tags: Vec<String>,
    /// The language it is held in, as two or three letters; null for a stub, and while nobody knows.
    pub language: Option<String>,
    /// Raised by each change of its notes: whoever shows them asks for them again.
    pub notes_rev: i64,
    /// Since when a chat that a person has counts as idle: nobody says anything any more. Null while it does not.
    pub idle_at: Option<Time>,
    /// Whether it is a synthetic visitor's, who tries the path to a person.
    pub rehearsal: bool,
    #[graphql(skip)]
    seen: Arc<Seen>,
}

impl Conversation {
    /// Wraps one as its viewer may see it.
    pub fn of(seen: Seen) -> Self {
        let row = &seen.conversation;
        Self {
            id: row.id.to_string().into(),
            state: row.state.into(),
            version: row.version,
            rev: row.rev,
            started_at: row.started_at.unwrap_or(row.opened_at).into(),
            last_activity_at: row.last_activity_at.into(),
            last_visitor_message_at: row.last_visitor_message_at.map(Into::into),
            live: seen.live,
            content_visible: seen.content,
            preview: row.preview.clone().filter(|_| seen.content),
            unread: row.unread(),
            visitor_read_seq: row.visitor_read_seq,
            operator_read_seq: row.operator_read_seq,
            last_seq: row.last_seq,
            tags: row.tags.lines().filter(|_| seen.content).map(str::to_owned).collect(),
            language: row.language.clone().filter(|_| seen.content),
            notes_rev: row.notes_rev,
            idle_at: row.idle_at.map(Into::into),
            rehearsal: row.rehearsal,
            seen: Arc::new(seen),
        }
    }
}

#[ComplexObject]
impl Conversation {
    /// The organization it belongs to; null while the AI agent is not assigned.
    #[graphql(directive = requires::apply("conversation.read".to_owned()))]
    async fn organization(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        match self.seen.conversation.organization {
            Some(id) => Ok(Some(Organization::of(loaders(ctx)?.one(id, "organization").await?))),
            None => Ok(None),
        }
    }

    /// The AI agent that answers in it.
    #[graphql(directive = requires::apply("conversation.read".to_owned()))]
    async fn ai_agent(&self, ctx: &Context<'_>) -> Result<AiAgent> {
        Ok(AiAgent::of(loaders(ctx)?.one(self.seen.conversation.ai_agent, "AI agent").await?))
    }

    /// The visitor. Contact data is masked without `visitor.read_contact`, and left out of a stub.
    #[graphql(directive = requires::apply("conversation.read".to_owned()))]
    async fn visitor(&self, ctx: &Context<'_>) -> Result<Visitor> {
        let visitor = loaders(ctx)?.one(self.seen.conversation.visitor, "visitor").await?;
        let (content, contact) = (self.seen.content, self.seen.contact);
        let masked = |value: Option<String>, mask: fn(&str) -> String| {
            value.filter(|_| content).map(|value| if contact { value } else { mask(&value) })
        };
        Ok(Visitor {
            id: visitor.id.to_string().into(),
            name: visitor.name,
            email: masked(visitor.email, mask_email),
            phone: masked(visitor.phone, mask_phone),
            first_seen_at: visitor.first_seen_at.into(),
            page_url: visitor.page_url.filter(|_| content),
            browser: visitor.browser.filter(|_| content),
            language: visitor.language.filter(|_| content),
            time_zone: visitor.time_zone.filter(|_| content),
            referrer: visitor.referrer.filter(|_| content),
            attributes: if content { attributes(&visitor.attributes) } else { Vec::new() },
            verified: !visitor.verified.is_empty(),
            verified_fields: visitor.verified.split_whitespace().map(str::to_owned).collect(),
            blocked_at: visitor.blocked_at.map(Into::into),
        })
    }

    /// The handoff that is open, or the last one.
    #[graphql(directive = requires::apply("live_chat.view_queue".to_owned()))]
    async fn handoff(&self, ctx: &Context<'_>) -> Result<Option<Handoff>> {
        match self.seen.conversation.handoff {
            Some(id) => Ok(Some(Handoff::of(ctx, loaders(ctx)?.one(id, "handoff").await?)?)),
            None => Ok(None),
        }
    }

    /// The operator who has it.
    #[graphql(directive = requires::apply("conversation.read".to_owned()))]
    async fn assignee(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        match self.seen.conversation.assignee {
            Some(id) => Ok(Some(User::of(loaders(ctx)?.one(id, "user").await?))),
            None => Ok(None),
        }
    }

    /// Who else looks at it now; empty for a stub. Never told to visitors.
    #[graphql(directive = requires::apply("conversation.read".to_owned()))]
    async fn lookers(&self, ctx: &Context<'_>) -> Result<Vec<Looker>> {
        let found = conversation::lookers(services(ctx)?, &asking(ctx)?.actor, &self.seen);
        Ok(found.into_iter().map(Looker::of).collect())
    }

    /// How it went from hand to hand, each with its note for the team; empty for a stub.
    #[graphql(directive = requires::apply("conversation.read".to_owned()))]
    async fn transfers(&self, ctx: &Context<'_>) -> Result<Vec<Transfer>> {
        let found = routing::transfers(services(ctx)?, &self.seen).await?;
        // What colleagues said to each other with it is a note, and guarded as notes are.
        let place = self.seen.conversation.place();
        let notes = services(ctx)?.policy.may(&asking(ctx)?.actor, Permission::ConversationNote, &place);
        Ok(found.into_iter().map(|transfer| Transfer::of(transfer, notes)).collect())
    }

    /// Whether whoever completes it has to say how it was resolved.
    #[graphql(directive = requires::apply("conversation.read".to_owned()))]
    async fn asks_resolution(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(ending::asks_resolution(services(ctx)?, &self.seen.conversation).await?)
    }

    /// Where its history is now: `conversationEvents(after:)` goes on from here.
    #[graphql(directive = requires::apply("conversation.read".to_owned()))]
    async fn cursor(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(stream::cursor_of(services(ctx)?, &self.seen.conversation).await?.to_string())
    }

    /// What was said: the last entries before `before`, oldest first. FORBIDDEN with CLAIMED_BY_OTHER for a stub.
    #[graphql(directive = requires::apply("conversation.read".to_owned()))]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<MessageConnection> {
        let before = before.map(|before| before.parse::<i64>().map_err(|_| not_a_cursor())).transpose()?;
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        let found = conversation::messages(services, actor, &self.seen, before, count("last", last)?).await?;
        let rows = found.rows.iter().map(|row| (row.seq.to_string(), Message::of(row))).collect();
        Ok(MessageConnection::page(rows, before.is_some(), found.more))
    }

    /// Whether files can be sent in it, and how large.
    #[graphql(directive = requires::apply("conversation.read".to_owned()))]
    async fn files(&self, ctx: &Context<'_>) -> Result<FileOffer> {
        let row = &self.seen.conversation;
        Ok(FileOffer::of(file::offer(services(ctx)?, row.agency, row.organization).await?))
    }

    /// What speaks for an intervention, the weightiest first; nothing unless the AI has the conversation alone.
    #[graphql(directive = requires::apply("conversation.read".to_owned()))]
    async fn signals(&self, ctx: &Context<'_>) -> Result<Vec<Signal>> {
        let found = words::signals(services(ctx)?, &self.seen.conversation);
        Ok(found.into_iter().filter(|_| self.seen.content).map(Into::into).collect())
    }

    /// What people of the desk wrote to each other here, oldest first; no visitor ever sees it. FORBIDDEN with
    /// CLAIMED_BY_OTHER for a stub.
    #[graphql(directive = requires::apply("conversation.note".to_owned()))]
    async fn notes(&self, ctx: &Context<'_>) -> Result<Vec<Note>> {
        let found = note::notes(services(ctx)?, &asking(ctx)?.actor, &self.seen).await?;
        Ok(found.into_iter().map(|note| Note::of(ctx, note)).collect::<crate::error::Result<_>>()?)
    }

    /// The other conversations of the same visitor that the viewer may see, the newest first; at most twenty.
    #[graphql(directive = requires::apply("conversation.read".to_owned()))]
    async fn previous_conversations(&self, ctx: &Context<'_>) -> Result<Vec<Conversation>> {
        let found = words::previous(services(ctx)?, &asking(ctx)?.actor, &self.seen).await?;
        Ok(found.into_iter().map(Conversation::of).collect())
    }

    /// Whether the viewer may do that here. For showing and hiding; every act is asked about again.
    #[graphql(directive = requires::apply("conversation.read".to_owned()))]
    async fn viewer_can(&self, ctx: &Context<'_>, permission: String) -> Result<bool> {
        viewer_can(ctx, &permission, &self.seen.conversation.place())
    }
}

fn not_a_cursor() -> Error {
    Error::invalid("before", "NOT_A_CURSOR", "This is not a cursor that we gave.")
}

connection!(
    ConversationConnection,
    ConversationEdge,
    Conversation,
    "conversations",
    requires::apply("conversation.read".to_owned())
);

/// What a list of conversations is narrowed to.
#[derive(InputObject, Debug, Clone, Default)]
pub struct ConversationFilter {
    /// Only those whose visitor is there, or only those whose is not known to be.
    pub live: Option<bool>,
    /// Only those in one of these states.
    pub states: Option<Vec<ConversationState>>,
    /// Only those with these words in the visitor's name, address or last message.
    pub search: Option<String>,
    /// Only those filed under this tag.
    pub tag: Option<String>,
    /// Only those that the AI has alone and that something speaks for intervening in; those with most signals first.
    pub signals: Option<bool>,
    /// Only those that the visitor rated with one of these numbers of stars. Needs `rating.view`.
    pub ratings: Option<Vec<i64>>,
}

/// Queries of conversations.
#[derive(Default)]
pub struct ConversationQuery;

#[Object]
impl ConversationQuery {
    /// Conversations within the viewer's reach, newest activity first.
    #[graphql(directive = requires::apply("conversation.read".to_owned()))]
    async fn conversations(
        &self,
        ctx: &Context<'_>,
        organization_id: Option<ID>,
        filter: Option<ConversationFilter>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<ConversationConnection> {
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        let filter = filter.unwrap_or_default();
        let live_since = services.clock.now().minus(domain::LIVE_FOR);
        let filter = crate::domain::page::ConversationFilter {
            organization: optional_id("organizationId", organization_id.as_ref())?,
            states: filter.states.map(|states| states.into_iter().map(Into::into).collect()),
            live_since: filter.live.filter(|live| *live).map(|_| live_since),
            search: filter.search.map(|search| search.chars().take(200).collect()),
            tag: filter.tag.map(|tag| tag.trim().to_lowercase().chars().take(200).collect()),
            signals: filter.signals == Some(true),
            ratings: filter.ratings.map(|stars| stars.into_iter().take(5).collect()),
        };
        let page = page_by_weight(first, after.as_deref())?;
        let found = conversation::conversations(services, actor, &filter, &page).await?;
        let rows = found
            .rows
            .into_iter()
            .map(|seen| {
                let row = &seen.conversation;
                let place = time_cursor(row.last_activity_at, row.id);
                let weight = row.signals.split_whitespace().count();
                (if filter.signals { format!("{weight}~{place}") } else { place }, Conversation::of(seen))
            })
            .collect();
        Ok(ConversationConnection::page(rows, found.more, page.after.is_some()))
    }

    /// A conversation within the viewer's reach. NOT_FOUND for any other, whether or not it exists.
    #[graphql(directive = requires::apply("conversation.read".to_owned()))]
    async fn conversation(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "id")] conversation_id: ID,
    ) -> Result<Conversation> {
        let id = id("id", &conversation_id)?;
        Ok(Conversation::of(conversation::conversation(services(ctx)?, &asking(ctx)?.actor, id).await?))
    }
}

/// What is said, typed and read.
#[derive(Default)]
pub struct ConversationMutation;

#[Object]
impl ConversationMutation {
    /// Says something in a chat that is the viewer's, with up to ten files that the viewer has brought to it; with files the
    /// text may be empty. A retry with the same `clientId` gives the first result. CONFLICT with NOT_YOURS, naming the holder,
    /// WRONG_STATE, NOT_UPLOADED or ALREADY_SENT.
    #[graphql(directive = requires::apply("live_chat.respond".to_owned()))]
    async fn send_message(
        &self,
        ctx: &Context<'_>,
        client_id: String,
        conversation_id: ID,
        text: String,
        file_ids: Option<Vec<ID>>,
    ) -> Result<Message> {
        let id = id("conversationId", &conversation_id)?;
        let files = ids_in_order("fileIds", file_ids.as_deref())?;
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        Ok(Message::of(&conversation::operator_sends(services, actor, id, &client_id, &text, &files).await?))
    }

    /// Tells the visitor that the viewer types, or has stopped. Not kept.
    #[graphql(directive = requires::apply("live_chat.respond".to_owned()))]
    async fn set_typing(&self, ctx: &Context<'_>, conversation_id: ID, typing: bool) -> Result<bool> {
        let id = id("conversationId", &conversation_id)?;
        conversation::operator_types(services(ctx)?, &asking(ctx)?.actor, id, typing).await?;
        Ok(typing)
    }

    /// Notes that everything up to a number was read. Never backwards.
    #[graphql(directive = requires::apply("conversation.read".to_owned()))]
    async fn mark_read(&self, ctx: &Context<'_>, conversation_id: ID, seq: i64) -> Result<Conversation> {
        let id = id("conversationId", &conversation_id)?;
        Ok(Conversation::of(conversation::operator_reads(services(ctx)?, &asking(ctx)?.actor, id, seq).await?))
    }
}
