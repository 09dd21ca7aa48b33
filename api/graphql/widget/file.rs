//! Files that are sent in a conversation, as its visitor sees them.

use async_graphql::{Context, ID, Result, SimpleObject};

use super::services;
use crate::domain::file as domain;
use crate::domain::id::AgencyId;
use crate::graphql::wire::{Time, owner_only, public};
use crate::service::file as service;

/// A file of a message.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = public::apply())]
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

    /// The files of a message at that agency. Not whose request it is: `session` opens for whoever the token to go on names.
    pub fn all(ctx: &Context<'_>, agency: AgencyId, attachments: &[domain::Attachment]) -> Result<Vec<Self>> {
        let services = services(ctx)?;
        Ok(attachments.iter().map(|one| Self::of(one, service::address(services, agency, one.id))).collect())
    }
}

/// Where the visitor may bring the file that they announced.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = owner_only::apply())]
pub struct Upload {
    /// The id of the file: `fil_...`. `sendMessage` takes it once its bytes are there.
    pub file_id: ID,
    /// Where its bytes are put, by PUT and nothing else; a path on this host.
    pub url: String,
    /// Until when they may begin to come. A retry of `prepareUpload` gives a fresh address.
    pub expires_at: Time,
}

impl Upload {
    /// Wraps one.
    pub fn of(upload: service::Upload) -> Self {
        Self { file_id: upload.file.to_string().into(), url: upload.url, expires_at: upload.expires_at.into() }
    }
}

/// Whether files can be sent, and how large.
#[derive(SimpleObject, Debug, Clone)]
#[graphql(directive = public::apply())]
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
