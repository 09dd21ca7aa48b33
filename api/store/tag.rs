//! What conversations are filed under, for finding them by it.

use super::{Reads, Write, fail, on};
use crate::domain::id::{ConversationId, OrganizationId};
use crate::error::Result;
use crate::policy::Scope;

/// Files a conversation under exactly these tags.
pub async fn file(db: &mut Write, scope: &Scope, conversation: ConversationId, tags: &[String]) -> Result<()> {
    on!(db, c => sqlx::query("delete from conversation_tags where agency_id = $1 and conversation_id = $2")
        .bind(scope.agency()).bind(conversation).execute(&mut *c).await.map(|_| ()))
    .map_err(fail)?;
    for tag in tags {
        on!(db, c => sqlx::query("insert into conversation_tags (agency_id, conversation_id, tag) values ($1, $2, $3)")
            .bind(scope.agency()).bind(conversation).bind(tag).execute(&mut *c).await.map(|_| ()))
        .map_err(fail)?;
    }
    Ok(())
}

/// The tags that conversations within the scope have, each with of how many: the most used first.
pub async fn tags(
    db: &mut impl Reads,
    scope: &Scope,
    organization: Option<OrganizationId>,
    most: i64,
) -> Result<Vec<(String, i64)>> {
    let reach = super::types::reach(scope);
    on!(db, c => sqlx::query_as(
        "select t.tag, count(*) as used from conversation_tags t join conversations v \
         on v.agency_id = t.agency_id and v.id = t.conversation_id where t.agency_id = $1 \
         and ($2 is null or v.organization_id in (select value from json_each($2)) or v.ai_agent_id in (select value from json_each($2)) \
             or v.organization_id || '/' || v.ai_agent_id in (select value from json_each($2))) \
         and ($3 is null or v.organization_id = $3) \
         and (v.organization_id is null or v.organization_id not in \
             (select id from organizations where agency_id = $1 and state = 'DELETED')) \
         group by t.tag order by used desc, t.tag limit $4")
        .bind(scope.agency()).bind(&reach).bind(organization).bind(most).fetch_all(&mut *c).await)
    .map_err(fail)
}
