-- Waiting, and nobody answers: who is told when, what came of each step, and what visitors leave when nobody comes.
create table agency_ladders (
    agency_id text collate "C" not null primary key references agencies (id),
    ladder text collate "C" not null,
    updated_at bigint not null
);

create table organization_ladders (
    agency_id text collate "C" not null,
    organization_id text collate "C" not null,
    ladder text collate "C" not null,
    updated_at bigint not null,
    primary key (agency_id, organization_id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id)
);

-- What a step of a ladder came to. `round` is the version of the conversation with which the waiting began.
create table handoff_steps (
    agency_id text collate "C" not null,
    handoff_id text collate "C" not null,
    round bigint not null,
    step bigint not null,
    channel text collate "C" not null,
    at bigint not null,
    whom text collate "C" not null,
    address text collate "C",
    outcome text collate "C" not null,
    people bigint not null,
    primary key (agency_id, handoff_id, round, step, channel),
    foreign key (agency_id, handoff_id) references handoffs (agency_id, id)
);

-- Up to where somebody was written about what a visitor said to them and they had not seen.
create table unseen_notices (
    agency_id text collate "C" not null,
    conversation_id text collate "C" not null,
    user_id text collate "C" not null,
    seq bigint not null,
    at bigint not null,
    primary key (agency_id, conversation_id, user_id),
    foreign key (agency_id, conversation_id) references conversations (agency_id, id),
    foreign key (agency_id, user_id) references users (agency_id, id)
);

create table offline_queries (
    id text collate "C" not null primary key,
    agency_id text collate "C" not null,
    organization_id text collate "C" not null,
    ai_agent_id text collate "C" not null,
    conversation_id text collate "C" not null,
    visitor_id text collate "C" not null,
    email text collate "C" not null,
    name text collate "C",
    message text collate "C" not null,
    seq bigint not null,
    state text collate "C" not null,
    rev bigint not null,
    created_at bigint not null,
    changed_at bigint not null,
    unique (agency_id, id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id),
    foreign key (agency_id, conversation_id) references conversations (agency_id, id),
    foreign key (agency_id, visitor_id) references visitors (agency_id, id)
);
create index offline_queries_in_order on offline_queries (agency_id, organization_id, state, created_at, id);
create index offline_queries_of_conversation on offline_queries (agency_id, conversation_id, id);

-- What was done with a query, by whom.
create table offline_query_steps (
    agency_id text collate "C" not null,
    offline_query_id text collate "C" not null,
    rev bigint not null,
    what text collate "C" not null,
    actor_id text collate "C",
    actor_name text collate "C",
    at bigint not null,
    primary key (agency_id, offline_query_id, rev),
    foreign key (agency_id, offline_query_id) references offline_queries (agency_id, id)
);

-- Links in answers, with which a visitor goes on with their chat: the hash of each is all that is kept.
create table resume_links (
    token_hash text collate "C" not null primary key,
    agency_id text collate "C" not null,
    offline_query_id text collate "C" not null,
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint,
    revoked_at bigint,
    foreign key (agency_id, offline_query_id) references offline_queries (agency_id, id)
);
create index resume_links_of_query on resume_links (agency_id, offline_query_id);

-- Mails of visitors that were taken: each once, by its Message-ID.
create table inbound_mails (
    agency_id text collate "C" not null,
    conversation_id text collate "C" not null,
    message_hash text collate "C" not null,
    at bigint not null,
    primary key (agency_id, conversation_id, message_hash),
    foreign key (agency_id, conversation_id) references conversations (agency_id, id)
);
