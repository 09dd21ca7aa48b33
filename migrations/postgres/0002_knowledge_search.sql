-- Words arrive normalised (lower case, no diacritics), so that both engines match the same ones.
create table knowledge_search (
    entry_id text collate "C" not null primary key,
    agency_id text collate "C" not null,
    ai_agent_id text collate "C" not null,
    words text not null,
    document tsvector generated always as (to_tsvector('simple', words)) stored
);
create index knowledge_search_words on knowledge_search using gin (document);
create index knowledge_search_of on knowledge_search (ai_agent_id);
