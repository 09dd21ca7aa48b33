//! Where the two engines cannot share a text: each split stands here, and a test counts them (ten is the ceiling).

use super::{Db, Reads, fail};
use crate::domain::id::{AiAgentId, KnowledgeEntryId};
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
