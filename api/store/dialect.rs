//! Where the two engines cannot share a text: each split is one macro here, and a test counts them (ten is the ceiling).

/// Finds the best knowledge entries of an AI agent for a query of normalised words.
///
/// Binds: `$1` AI agent, `$2` agency, `$3` the query as [`any_of`] writes it, `$4` how many.
/// Gives: `entry_id`, and `rank`, higher is better.
macro_rules! search_knowledge {
    (sqlite) => {
        "select entry_id, -bm25(knowledge_search) as rank from knowledge_search \
         where ai_agent_id = $1 and agency_id = $2 and knowledge_search match $3 \
         order by rank desc, entry_id limit $4"
    };
    (postgres) => {
        "select entry_id, ts_rank(document, to_tsquery('simple', $3))::double precision as rank from knowledge_search \
         where ai_agent_id = $1 and agency_id = $2 and document @@ to_tsquery('simple', $3) \
         order by rank desc, entry_id limit $4"
    };
}
pub(crate) use search_knowledge;

/// How each engine writes "any of these words". The words are alphanumeric; whatever else comes is dropped here, so that
/// nobody's text becomes syntax.
pub(crate) mod any_of {
    fn clean(words: &[String]) -> impl Iterator<Item = String> {
        words
            .iter()
            .map(|word| word.chars().filter(|c| c.is_alphanumeric()).collect::<String>())
            .filter(|word| !word.is_empty())
    }

    pub(crate) fn sqlite(words: &[String]) -> String {
        clean(words).map(|word| format!("\"{word}\"*")).collect::<Vec<_>>().join(" or ").replace(" or ", " OR ")
    }

    pub(crate) fn postgres(words: &[String]) -> String {
        clean(words).map(|word| format!("'{word}':*")).collect::<Vec<_>>().join(" | ")
    }
}
