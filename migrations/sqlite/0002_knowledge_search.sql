-- Words arrive normalised (lower case, no diacritics), so that both engines match the same ones.
create virtual table knowledge_search using fts5 (
    entry_id unindexed,
    agency_id unindexed,
    ai_agent_id unindexed,
    words,
    tokenize = 'unicode61 remove_diacritics 2'
);
