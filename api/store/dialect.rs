//! Where the two engines cannot share a text: each split stands here, and a test counts them (ten is the ceiling).

use super::{Db, Reads, Write, fail};
use crate::domain::id::{AiAgentId, ConversationId, KnowledgeEntryId, OrganizationId};
use crate::error::Result;
use crate::policy::Scope;

/// Finds the knowledge entries of an AI agent that fit any of the normalised words, as prefixes: best first, with how well
/// they fit. FTS5 on SQLite, `tsvector` on PostgreSQL; the ranks of the two cannot be compared.
pub(super) async fn rank_knowledge(
    db: &mut impl Reads,
    scope: &Scope,
    ai_agent: AiAgentId,
    words: &[String],
    most: usize,
) -> Result<Vec<(KnowledgeEntryId, f64)>> {
    // Nobody's text becomes syntax: letters and digits are all that is left of a word.
    let clean = |words: &[String], write: fn(String) -> String, between: &str| {
        let plain = words.iter().map(|word| word.chars().filter(|c| c.is_alphanumeric()).collect::<String>());
        plain.filter(|word| !word.is_empty()).map(write).collect::<Vec<_>>().join(between)
    };
    let ranked = match db.db().await? {
        Db::Sqlite(connection) => {
            sqlx::query_as(
                "select entry_id, -bm25(knowledge_search) as rank from knowledge_search \
                 where ai_agent_id = $1 and agency_id = $2 and knowledge_search match $3 \
                 order by rank desc, entry_id limit $4",
            )
            .bind(ai_agent)
            .bind(scope.agency())
            .bind(clean(words, |word| format!("\"{word}\"*"), " OR "))
            .bind(most as i64)
            .fetch_all(&mut *connection)
            .await
        }
        Db::Postgres(connection) => {
            sqlx::query_as(
                "select entry_id, ts_rank(document, to_tsquery('simple', $3))::double precision as rank from knowledge_search \
                 where ai_agent_id = $1 and agency_id = $2 and document @@ to_tsquery('simple', $3) \
                 order by rank desc, entry_id limit $4",
            )
            .bind(ai_agent)
            .bind(scope.agency())
            .bind(clean(words, |word| format!("'{word}':*"), " | "))
            .bind(most as i64)
            .fetch_all(&mut *connection)
            .await
        }
    };
    ranked.map_err(fail)
}

/// Whether the organization is at work and the AI agent is assigned to it; and keeps both so until the unit ends. SQLite has
/// one writer, so that looking is enough; on PostgreSQL both rows are shared out: many may begin a chat there at once, and
/// whoever suspends or unassigns waits for them.
pub(super) async fn hold_open(
    db: &mut Write,
    scope: &Scope,
    organization: OrganizationId,
    ai_agent: AiAgentId,
) -> Result<bool> {
    const LOOK: &str = "select 1 from organizations o join ai_agents a on a.agency_id = o.agency_id and a.organization_id = o.id \
                        where o.agency_id = $1 and o.id = $2 and a.id = $3 and o.state = 'ACTIVE' and a.deleted_at is null";
    const HOLD: &str = "select 1 from organizations where agency_id = $1 and id = $2 and state = 'ACTIVE' for share";
    const HOLD_TOO: &str = "select 1 from ai_agents where agency_id = $1 and organization_id = $2 and id = $3 \
                            and deleted_at is null for share";
    let found = match db.db().await? {
        Db::Sqlite(connection) => {
            let look = sqlx::query(LOOK).bind(scope.agency()).bind(organization).bind(ai_agent);
            look.fetch_optional(&mut *connection).await.map(|row| row.is_some())
        }
        Db::Postgres(connection) => {
            let held = sqlx::query(HOLD).bind(scope.agency()).bind(organization).fetch_optional(&mut *connection).await;
            match held {
                Ok(Some(_)) => {
                    let too = sqlx::query(HOLD_TOO).bind(scope.agency()).bind(organization).bind(ai_agent);
                    too.fetch_optional(&mut *connection).await.map(|row| row.is_some())
                }
                other => other.map(|row| row.is_some()),
            }
        }
    };
    found.map_err(fail)
}

/// Keeps a conversation as it is until the unit ends. SQLite has one writer; on PostgreSQL whoever changes it waits.
pub(super) async fn hold_conversation(db: &mut Write, scope: &Scope, id: ConversationId) -> Result<()> {
    match db.db().await? {
        Db::Sqlite(_) => Ok(()),
        Db::Postgres(connection) => {
            let hold = sqlx::query("select 1 from conversations where agency_id = $1 and id = $2 for share");
            hold.bind(scope.agency()).bind(id).execute(&mut *connection).await.map(|_| ()).map_err(fail)
        }
    }
}
