//! The visitor's wish to be forgotten: what is known of them, and what was said with them, is gone for good.

use serde_json::json;

use super::block;
use crate::domain::access::Actor;
use crate::domain::change::Change;
use crate::domain::conversation::{EntryKind, Move, after};
use crate::domain::id::{OrganizationId, VisitorId};
use crate::domain::permission::Permission;
use crate::domain::tenant::Closure;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::service::handoff::{Announcement, change};
use crate::service::{By, Services, doer_of, visitor_of};
use crate::store::{conversation, file, handoff, visitor, webhook};

/// What stands where words stood.
pub const REMOVED: &str = "Removed at the visitor's wish.";
/// What ends a chat that runs.
const ENDED: &str = "This chat has ended: the visitor asked for their data to be removed.";

/// The visitor wants to be forgotten. Their tokens open nothing from then on.
pub async fn forget_me(s: &Services, actor: &Actor) -> Result<()> {
    let who = visitor_of(actor)?;
    // They reach one conversation; what they want erased is all that is theirs.
    let scope = Scope::system(who.agency, "a visitor wants to be forgotten");
    forget(s, &scope, who.visitor, &who.visitor.to_string(), who.organization).await
}

/// Somebody of the desk does what a visitor asked them for.
///
/// # Errors
/// NOT_FOUND outside the person's reach; FORBIDDEN without `conversation.delete`.
pub async fn forget_visitor(s: &Services, actor: &Actor, id: VisitorId) -> Result<()> {
    let user = doer_of(actor)?;
    let (_, place) = block::allowed(s, actor, Permission::ConversationDelete, id).await?;
    let scope = Scope::system(place.agency, "a visitor wants to be forgotten");
    forget(s, &scope, id, &user, place.organization).await
}

async fn forget(
    s: &Services,
    scope: &Scope,
    id: VisitorId,
    by: &str,
    organization: Option<OrganizationId>,
) -> Result<()> {
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    // Whoever identifies as them waits from here on, and begins anew.
    if !visitor::erase(&mut unit, scope, id, now).await? {
        return unit.undo().await;
    }
    let mut files = Vec::new();
    for row in conversation::all_of_visitor(&mut unit, scope, id).await? {
        let mut row = row;
        // A chat that runs ends, whoever changes it meanwhile.
        while after(row.owner(), Move::Forget).is_ok() && row.started_at.is_some() {
            let words = Announcement::of(EntryKind::Completed, ENDED);
            match change(s, &mut unit, scope, &row, Move::Forget, None, words, now).await {
                Ok(changed) => row = changed,
                Err(error) if error.reason == "CHANGED_MEANWHILE" => {
                    let again = conversation::conversation(&mut unit, scope, row.id).await?;
                    row = again.ok_or_else(|| Error::not_found("conversation"))?;
                }
                Err(error) => return Err(error),
            }
        }
        if let Some(open) = row.handoff {
            handoff::close(&mut unit, scope, open, Closure::VisitorForgotten, now).await?;
        }
        files.extend(file::discard_of_conversation(&mut unit, scope, row.id).await?);
        webhook::forget(&mut unit, scope, row.id, now).await?;
        visitor::erase_words(&mut unit, scope, row.id, REMOVED).await?;
        conversation::leave(&mut unit, scope, row.id, now).await?;
        unit.note(Change::Left(row.id));
        unit.note(Change::Erased(row.id));
    }
    visitor::erase_creations(&mut unit, scope, id).await?;
    let by = By { actor: by, organization };
    s.note(&mut unit, scope, &by, "visitor.forget", id, json!({})).await?;
    unit.commit().await?;
    // No row names their bytes any more; should this end here, the sweeping finds them.
    for file in files {
        if let Some(blob) = &file.blob {
            s.blobs.remove(file.agency, file.organization, blob).await?;
        }
    }
    Ok(())
}
