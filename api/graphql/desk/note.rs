//! Notes of the desk.

use async_graphql::{Context, ID, Object, Result, SimpleObject};

use super::identity::User;
use super::{asking, services};
use crate::domain::id::UserId;
use crate::graphql::wire::{Time, id, optional_ids, requires};
use crate::service::note::{self, Mentioning};

/// What people of the desk say to each other in a conversation. No visitor ever sees one.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("conversation.note".to_owned()))]
pub struct Note {
    /// The id: `nte_...`.
    pub id: ID,
    /// After which entry of the thread it is shown.
    pub after_seq: i64,
    /// What it says. A mention stands in it as `@` and the name.
    pub text: String,
    /// The name of whoever wrote it.
    pub author_name: String,
    /// Whether the viewer wrote it, and may change and remove it.
    pub own: bool,
    /// Whom it mentions.
    pub mentions: Vec<User>,
    /// When it was written.
    pub created_at: Time,
    /// When its text was last changed.
    pub edited_at: Option<Time>,
}

impl Note {
    /// Wraps one as its viewer sees it.
    pub fn of(ctx: &Context<'_>, found: Mentioning) -> crate::error::Result<Self> {
        let Mentioning { note, mentions } = found;
        let own = asking(ctx)?.actor.person().is_some_and(|person| person.user == note.author);
        Ok(Self {
            id: note.id.to_string().into(),
            after_seq: note.after_seq,
            text: note.body,
            author_name: note.author_name,
            own,
            mentions: mentions.into_iter().map(User::of).collect(),
            created_at: note.created_at.into(),
            edited_at: note.edited_at.map(Into::into),
        })
    }
}

fn people(ids: Option<&[ID]>) -> crate::error::Result<Vec<UserId>> {
    Ok(optional_ids("mentionIds", ids)?.unwrap_or_default())
}

/// Queries around notes.
#[derive(Default)]
pub struct NoteQuery;

#[Object]
impl NoteQuery {
    /// Who can be mentioned in a conversation: people who may read it and its notes. By name, at most twenty.
    #[graphql(directive = requires::apply("conversation.note".to_owned()))]
    async fn mentionable(&self, ctx: &Context<'_>, conversation_id: ID, search: Option<String>) -> Result<Vec<User>> {
        let id = id("conversationId", &conversation_id)?;
        let found = note::mentionable(services(ctx)?, &asking(ctx)?.actor, id, search.as_deref()).await?;
        Ok(found.into_iter().map(User::of).collect())
    }
}

/// Changes of notes.
#[derive(Default)]
pub struct NoteMutation;

#[Object]
impl NoteMutation {
    /// Adds a note after what was last said. A retry with the same `clientId` adds none. INVALID with NOT_MENTIONABLE for
    /// people who may not read the conversation.
    #[graphql(directive = requires::apply("conversation.note".to_owned()))]
    async fn add_note(
        &self,
        ctx: &Context<'_>,
        client_id: String,
        conversation_id: ID,
        text: String,
        mention_ids: Option<Vec<ID>>,
    ) -> Result<Note> {
        let id = id("conversationId", &conversation_id)?;
        let mentions = people(mention_ids.as_deref())?;
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        let added = note::add(services, actor, &client_id, id, &text, &mentions).await?;
        Ok(Note::of(ctx, added)?)
    }

    /// Changes the viewer's own note. FORBIDDEN with NOT_YOUR_NOTE for anybody else's.
    #[graphql(directive = requires::apply("conversation.note".to_owned()))]
    async fn edit_note(
        &self,
        ctx: &Context<'_>,
        note_id: ID,
        text: String,
        mention_ids: Option<Vec<ID>>,
    ) -> Result<Note> {
        let id = id("noteId", &note_id)?;
        let mentions = people(mention_ids.as_deref())?;
        let changed = note::edit(services(ctx)?, &asking(ctx)?.actor, id, &text, &mentions).await?;
        Ok(Note::of(ctx, changed)?)
    }

    /// Removes the viewer's own note.
    #[graphql(directive = requires::apply("conversation.note".to_owned()))]
    async fn delete_note(&self, ctx: &Context<'_>, note_id: ID) -> Result<bool> {
        let id = id("noteId", &note_id)?;
        note::delete(services(ctx)?, &asking(ctx)?.actor, id).await?;
        Ok(true)
    }
}
