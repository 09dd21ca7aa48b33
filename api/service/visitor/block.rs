//! Of whom nothing is taken any more, and who says so.

use serde_json::json;

use crate::domain::access::{Actor, Place};
use crate::domain::block::Block;
use crate::domain::change::Change;
use crate::domain::id::{BlockId, OrganizationId, VisitorId};
use crate::domain::page::{Page, Rows};
use crate::domain::permission::Permission;
use crate::domain::text;
use crate::error::{Error, Result};
use crate::policy::Scope;
use crate::service::{By, Services, doer_of, user_of};
use crate::store::{Write, block, conversation, locate, visitor};

/// Blocks a visitor, and with `network` everybody who comes from where they last came from. Gives what was made.
///
/// # Errors
/// NOT_FOUND outside the person's reach; FORBIDDEN without `live_chat.supervise`; CONFLICT with NO_ADDRESS when it is not
/// known where they come from, and with AI_AGENT_UNASSIGNED where nobody can write anyway.
pub async fn block_visitor(
    s: &Services,
    actor: &Actor,
    id: VisitorId,
    reason: &str,
    network: bool,
) -> Result<Vec<Block>> {
    let user = user_of(actor)?;
    let reason = text::line("reason", reason, 300)?;
    let (scope, place) = allowed(s, actor, Permission::LiveChatSupervise, id).await?;
    let organization = place.organization.ok_or_else(|| {
        Error::conflict(
            "AI_AGENT_UNASSIGNED",
            "The AI agent is not assigned to an organization: nobody can write there.",
        )
    })?;
    let now = s.clock.now();
    let mut unit = s.store.write().await?;
    let new = |visitor, address| Block {
        id: s.ids.next(now),
        organization,
        visitor,
        address,
        reason: reason.clone(),
        created_by: user,
        created_at: now,
    };
    // A second block of the same visitor says why anew.
    block::remove_of_visitor(&mut unit, &scope, id).await?;
    let mut made = vec![new(Some(id), None)];
    if network {
        let address = visitor::address_of(&mut unit, &scope, id).await?.ok_or_else(|| {
            Error::conflict("NO_ADDRESS", "It is not known from where this visitor comes; they can be blocked alone.")
        })?;
        made.push(new(None, Some(address)));
    }
    for block in &made {
        block::insert(&mut unit, &scope, block).await?;
    }
    visitor::set_blocked(&mut unit, &scope, id, Some(now)).await?;
    show_again(&mut unit, &scope, id).await?;
    let by = By { actor: &user.to_string(), organization: place.organization };
    s.note(&mut unit, &scope, &by, "visitor.block", id, json!({ "reason": reason, "network": network })).await?;
    unit.commit().await?;
    Ok(made)
}

/// Lifts every block of a visitor; one of a network stays, and is lifted by its own id.
pub async fn unblock_visitor(s: &Services, actor: &Actor, id: VisitorId) -> Result<()> {
    let user = doer_of(actor)?;
    let (scope, place) = allowed(s, actor, Permission::LiveChatSupervise, id).await?;
    let mut unit = s.store.write().await?;
    lift(s, &mut unit, &scope, &place, id, &user).await?;
    unit.commit().await
}

async fn lift(s: &Services, unit: &mut Write, scope: &Scope, place: &Place, id: VisitorId, user: &str) -> Result<()> {
    if block::remove_of_visitor(unit, scope, id).await? > 0 {
        let by = By { actor: user, organization: place.organization };
        s.note(unit, scope, &by, "visitor.unblock", id, json!({})).await?;
    }
    visitor::set_blocked(unit, scope, id, None).await?;
    show_again(unit, scope, id).await
}

/// Lifts one block, of a visitor or of a network.
///
/// # Errors
/// NOT_FOUND when there is none within the person's reach.
pub async fn lift_block(s: &Services, actor: &Actor, id: BlockId) -> Result<()> {
    let user = doer_of(actor)?;
    let absent = || Error::not_found("block");
    s.policy.may_somewhere(actor, Permission::LiveChatSupervise)?;
    let mut read = s.store.read().await?;
    let place = locate::block(&mut read, id).await?.ok_or_else(absent)?;
    drop(read);
    let scope = s.policy.allow(actor, Permission::LiveChatSupervise, &place, "block")?;
    let mut unit = s.store.write().await?;
    let found = block::block(&mut unit, &scope, id).await?.ok_or_else(absent)?;
    match found.visitor {
        Some(visitor) => lift(s, &mut unit, &scope, &place, visitor, &user).await?,
        None => {
            block::remove(&mut unit, &scope, id).await?;
            let by = By { actor: &user, organization: place.organization };
            s.note(&mut unit, &scope, &by, "visitor.unblock", id, json!({ "network": true })).await?;
        }
    }
    unit.commit().await
}

/// Blocks within the person's reach, the newest first; of one organization, if one is named.
pub async fn blocks(
    s: &Services,
    actor: &Actor,
    organization: Option<OrganizationId>,
    page: &Page<BlockId>,
) -> Result<Rows<Block>> {
    let scope = crate::service::reach(s, actor, Permission::LiveChatSupervise, organization).await?;
    let mut read = s.store.read().await?;
    block::blocks(&mut read, &scope, organization, page).await
}

/// What may be touched of a visitor, and where they stand.
pub(super) async fn allowed(
    s: &Services,
    actor: &Actor,
    permission: Permission,
    id: VisitorId,
) -> Result<(Scope, Place)> {
    s.policy.may_somewhere(actor, permission)?;
    let mut read = s.store.read().await?;
    let place = locate::visitor(&mut read, id).await?.ok_or_else(|| Error::not_found("visitor"))?;
    Ok((s.policy.allow(actor, permission, &place, "visitor")?, place))
}

/// Whoever shows a conversation of the visitor is told to show them anew.
pub(super) async fn show_again(unit: &mut Write, scope: &Scope, id: VisitorId) -> Result<()> {
    for row in conversation::open_of_visitor(unit, scope, id).await? {
        if row.started_at.is_some()
            && let Some(row) = conversation::show_anew(unit, scope, row.id).await?
        {
            unit.note(Change::Conversation { conversation: row.into(), message: None });
        }
    }
    Ok(())
}
