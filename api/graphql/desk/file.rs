//! Files that are sent in conversations.

use async_graphql::{Context, ID, Object, Result, SimpleObject};

use super::{asking, services};
use crate::domain::file as domain;
use crate::graphql::wire::{Time, id, requires};
use crate::service::file as service;

/// A file of a message.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("conversation.read".to_owned()))]
pub struct Attachment {
    /// The id: `fil_...`.
    pub id: ID,
    /// What it is called.
    pub name: String,
    /// What its bytes say that it is. Only `image/png` and `image/jpeg` with a width are pictures to show.
    pub media_type: String,
    /// In bytes.
    pub size: i64,
    /// Of a picture, in pixels; null for everything else.
    pub width: Option<i64>,
    /// Of a picture, in pixels.
    pub height: Option<i64>,
    /// Where to fetch it, on this host: good for at most five minutes, and always as a download. `file` gives a fresh one.
    pub url: String,
}

impl Attachment {
    /// Wraps one with its address.
    pub fn of(attachment: &domain::Attachment, url: String) -> Self {
        Self {
            id: attachment.id.to_string().into(),
            name: attachment.name.clone(),
            media_type: attachment.media_type.clone(),
            size: attachment.size,
            width: attachment.width,
            height: attachment.height,
            url,
        }
    }

    /// The files of a message that the asker may see.
    pub fn all(ctx: &Context<'_>, attachments: &[domain::Attachment]) -> Result<Vec<Self>> {
        if attachments.is_empty() {
            return Ok(Vec::new());
        }
        let services = services(ctx)?;
        let agency = crate::service::agency_of(&asking(ctx)?.actor)?;
        Ok(attachments.iter().map(|one| Self::of(one, service::address(services, agency, one.id))).collect())
    }
}

/// Where somebody may bring the file that they announced.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("live_chat.respond".to_owned()))]
pub struct Upload {
    /// The id of the file: `fil_...`. `sendMessage` takes it once its bytes are there.
    pub file_id: ID,
    /// Where its bytes are put, by PUT and nothing else; a path on this host.
    pub url: String,
    /// Until when they may begin to come. A retry of `prepareUpload` gives a fresh address.
    pub expires_at: Time,
}

/// Whether files can be sent, and how large.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("conversation.read".to_owned()))]
pub struct FileOffer {
    /// Whether they can.
    pub enabled: bool,
    /// How large one may be, in bytes.
    pub largest_bytes: i64,
    /// How many go into one message.
    pub at_most: i32,
}

impl FileOffer {
    /// Wraps one.
    pub fn of(offer: service::Offer) -> Self {
        Self { enabled: offer.enabled, largest_bytes: offer.largest, at_most: domain::AT_MOST as i32 }
    }
}

/// How much room the files of an organization have.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = requires::apply("handoff.read".to_owned()))]
pub struct FileRoom {
    /// What they take, in megabytes.
    pub used_megabytes: f64,
    /// What they may take, in megabytes.
    pub quota_megabytes: i64,
}

impl FileRoom {
    /// Wraps one.
    pub fn of(room: service::Room) -> Self {
        let tenths = room.used as f64 / domain::MEGABYTE as f64 * 10.0;
        Self { used_megabytes: tenths.ceil() / 10.0, quota_megabytes: room.quota / domain::MEGABYTE }
    }
}

/// Queries of files.
#[derive(Default)]
pub struct FileQuery;

#[Object]
impl FileQuery {
    /// One attachment with a fresh address. NOT_FOUND for any other, whether or not it exists; FORBIDDEN with
    /// CLAIMED_BY_OTHER while somebody else has the chat.
    #[graphql(directive = requires::apply("conversation.read".to_owned()))]
    async fn file(&self, ctx: &Context<'_>, #[graphql(name = "id")] file_id: ID) -> Result<Attachment> {
        let found = service::one(services(ctx)?, &asking(ctx)?.actor, id("id", &file_id)?).await?;
        Ok(Attachment::of(&found.attachment, found.url))
    }
}

/// What is done to files.
#[derive(Default)]
pub struct FileMutation;

#[Object]
impl FileMutation {
    /// Announces a file for a chat that is the viewer's: takes room for it, and says where to PUT its bytes, exactly as many as
    /// were announced. A retry with the same `clientId` gives the same file with a fresh address. What is not sent within an
    /// hour goes again. CONFLICT with FILES_OFF, NO_ROOM or NOT_YOURS; INVALID with EMPTY_FILE or TOO_LARGE.
    #[graphql(directive = requires::apply("live_chat.respond".to_owned()))]
    async fn prepare_upload(
        &self,
        ctx: &Context<'_>,
        client_id: String,
        conversation_id: ID,
        name: String,
        size: i64,
    ) -> Result<Upload> {
        let id = id("conversationId", &conversation_id)?;
        let (services, actor) = (services(ctx)?, &asking(ctx)?.actor);
        let upload = service::prepare(services, actor, Some(id), &client_id, &name, size).await?;
        Ok(Upload { file_id: upload.file.to_string().into(), url: upload.url, expires_at: upload.expires_at.into() })
    }
}
