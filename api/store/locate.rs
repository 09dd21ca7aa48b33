//! Whose a thing is, and nothing more: the only look-ups without a scope. What they give is asked of `policy`.

use super::{Reads, fail, on};
use crate::domain::access::Place;
use crate::domain::id::{AgencyId, AiAgentId, ConversationId, HandoffId, KnowledgeEntryId, OrganizationId, WidgetId};
use crate::error::Result;

type Whereabouts = (AgencyId, Option<OrganizationId>, Option<AiAgentId>);

fn place((agency, organization, ai_agent): Whereabouts) -> Place {
    Place { agency, organization, ai_agent }
}

macro_rules! locate {
    ($($(#[$doc:meta])* $name:ident($id:ty) $sql:literal;)*) => {$(
        $(#[$doc])*
        pub async fn $name(db: &mut impl Reads, id: $id) -> Result<Option<Place>> {
            let found: Option<Whereabouts> =
                on!(db, c => sqlx::query_as($sql).bind(id).fetch_optional(&mut *c).await).map_err(fail)?;
            Ok(found.map(place))
        }
    )*};
}

locate! {
    /// Where an organization stands.
    organization(OrganizationId)
        "select agency_id, id, cast(null as text) from organizations where id = $1";
    /// Where an AI agent stands.
    ai_agent(AiAgentId)
        "select agency_id, organization_id, id from ai_agents where id = $1";
    /// Where a widget stands: with its AI agent.
    widget(WidgetId)
        "select a.agency_id, a.organization_id, a.id from widgets w join ai_agents a on a.id = w.ai_agent_id where w.id = $1";
    /// Where a knowledge entry stands: with its AI agent.
    knowledge_entry(KnowledgeEntryId)
        "select a.agency_id, a.organization_id, a.id from knowledge_entries k join ai_agents a on a.id = k.ai_agent_id where k.id = $1";
    /// Where a conversation stands.
    conversation(ConversationId)
        "select agency_id, organization_id, ai_agent_id from conversations where id = $1";
}

/// Where a handoff stands, and which conversation it is of.
pub async fn handoff(db: &mut impl Reads, id: HandoffId) -> Result<Option<(Place, ConversationId)>> {
    let found: Option<(AgencyId, Option<OrganizationId>, Option<AiAgentId>, ConversationId)> =
        on!(db, c => sqlx::query_as(
        "select agency_id, organization_id, ai_agent_id, conversation_id from handoffs where id = $1")
        .bind(id).fetch_optional(&mut *c).await)
        .map_err(fail)?;
    Ok(found
        .map(|(agency, organization, ai_agent, conversation)| (place((agency, organization, ai_agent)), conversation)))
}

/// The agency that a host belongs to, by its name without port, in lower case.
pub async fn host(db: &mut impl Reads, host: &str) -> Result<Option<AgencyId>> {
    let found: Option<(AgencyId,)> = on!(db, c => sqlx::query_as("select agency_id from domains where host = $1")
        .bind(host).fetch_optional(&mut *c).await)
    .map_err(fail)?;
    Ok(found.map(|(agency,)| agency))
}
