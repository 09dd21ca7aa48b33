-- Ids, instants (microseconds since 1970 in UTC) and words are kept alike on both engines. Every tenant table carries
-- agency_id in its keys, so that a reference across tenants cannot be written.

-- Lists of ids are handed to statements as one JSON text. SQLite has json_each(text); this gives PostgreSQL the same.
create function json_each(list text) returns table (value text) as $$
    select jsonb_array_elements_text(list::jsonb)
$$ language sql immutable;

create table meta (
    name text collate "C" not null primary key,
    value bigint not null
);

create table agencies (
    id text collate "C" not null primary key,
    name text not null,
    brand text not null,
    created_at bigint not null
);

create table domains (
    host text collate "C" not null primary key,
    agency_id text collate "C" not null references agencies (id)
);

create table organizations (
    id text collate "C" not null primary key,
    agency_id text collate "C" not null references agencies (id),
    name text not null,
    created_at bigint not null,
    unique (agency_id, id)
);

create table users (
    id text collate "C" not null primary key,
    agency_id text collate "C" not null references agencies (id),
    email text collate "C" not null,
    name text not null,
    password_hash text not null,
    created_at bigint not null,
    unique (agency_id, id),
    unique (agency_id, email)
);

create table sessions (
    id text collate "C" not null primary key,
    agency_id text collate "C" not null,
    user_id text collate "C" not null,
    refresh_hash text collate "C" not null,
    previous_hash text collate "C",
    rotated_at bigint not null,
    created_at bigint not null,
    last_used_at bigint not null,
    expires_at bigint not null,
    ended_at bigint,
    browser text not null,
    address text not null,
    foreign key (agency_id, user_id) references users (agency_id, id)
);
create index sessions_of_user on sessions (user_id, ended_at);

create table memberships (
    id text collate "C" not null primary key,
    agency_id text collate "C" not null,
    organization_id text collate "C",
    user_id text collate "C" not null,
    role text collate "C" not null,
    all_organizations boolean not null,
    all_ai_agents boolean not null,
    created_at bigint not null,
    unique (agency_id, id),
    foreign key (agency_id, user_id) references users (agency_id, id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id)
);
create index memberships_of_user on memberships (user_id);
create index memberships_of_organization on memberships (agency_id, organization_id);

create table membership_organizations (
    agency_id text collate "C" not null,
    membership_id text collate "C" not null,
    organization_id text collate "C" not null,
    primary key (membership_id, organization_id),
    foreign key (agency_id, membership_id) references memberships (agency_id, id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id)
);

create table ai_agents (
    id text collate "C" not null primary key,
    agency_id text collate "C" not null references agencies (id),
    organization_id text collate "C",
    name text not null,
    instructions text not null,
    handoff_enabled boolean not null,
    ask_contact boolean not null,
    button_after_messages bigint not null,
    created_at bigint not null,
    unique (agency_id, id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id)
);
create index ai_agents_of_organization on ai_agents (agency_id, organization_id, id);

create table membership_ai_agents (
    agency_id text collate "C" not null,
    membership_id text collate "C" not null,
    ai_agent_id text collate "C" not null,
    primary key (membership_id, ai_agent_id),
    foreign key (agency_id, membership_id) references memberships (agency_id, id),
    foreign key (agency_id, ai_agent_id) references ai_agents (agency_id, id)
);

create table widgets (
    id text collate "C" not null primary key,
    agency_id text collate "C" not null,
    ai_agent_id text collate "C" not null unique,
    title text not null,
    greeting text not null,
    accent text,
    position text not null,
    allowed_origins text not null,
    rev bigint not null,
    created_at bigint not null,
    unique (agency_id, id),
    foreign key (agency_id, ai_agent_id) references ai_agents (agency_id, id)
);

create table knowledge_entries (
    id text collate "C" not null primary key,
    agency_id text collate "C" not null,
    ai_agent_id text collate "C" not null,
    title text not null,
    body text not null,
    created_at bigint not null,
    updated_at bigint not null,
    unique (agency_id, id),
    foreign key (agency_id, ai_agent_id) references ai_agents (agency_id, id)
);
create index knowledge_of_ai_agent on knowledge_entries (agency_id, ai_agent_id, id);

create table visitors (
    id text collate "C" not null primary key,
    agency_id text collate "C" not null,
    widget_id text collate "C" not null,
    name text,
    email text,
    phone text,
    page_url text,
    browser text,
    search text not null,
    first_seen_at bigint not null,
    unique (agency_id, id),
    foreign key (agency_id, widget_id) references widgets (agency_id, id)
);

create table conversations (
    id text collate "C" not null primary key,
    agency_id text collate "C" not null,
    organization_id text collate "C",
    ai_agent_id text collate "C" not null,
    widget_id text collate "C" not null,
    visitor_id text collate "C" not null,
    state text not null,
    version bigint not null,
    rev bigint not null,
    last_seq bigint not null,
    assignee_id text collate "C",
    handoff_id text collate "C",
    opened_at bigint not null,
    started_at bigint,
    last_activity_at bigint not null,
    last_visitor_message_at bigint,
    preview text,
    search text not null,
    visitor_messages bigint not null,
    visitor_read_seq bigint not null,
    operator_read_seq bigint not null,
    unique (agency_id, id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id),
    foreign key (agency_id, ai_agent_id) references ai_agents (agency_id, id),
    foreign key (agency_id, widget_id) references widgets (agency_id, id),
    foreign key (agency_id, visitor_id) references visitors (agency_id, id),
    foreign key (agency_id, assignee_id) references users (agency_id, id)
);
create index conversations_of_visitor on conversations (visitor_id);
create index conversations_by_activity on conversations (agency_id, organization_id, last_activity_at, id);

create table messages (
    conversation_id text collate "C" not null,
    seq bigint not null,
    id text collate "C" not null unique,
    agency_id text collate "C" not null,
    kind text not null,
    author_kind text not null,
    author_id text collate "C",
    author_name text,
    text text not null,
    offers_human boolean not null,
    sources text not null,
    client_id text collate "C",
    created_at bigint not null,
    primary key (conversation_id, seq),
    foreign key (agency_id, conversation_id) references conversations (agency_id, id)
);
create unique index messages_once on messages (author_id, client_id) where client_id is not null;

create table handoffs (
    id text collate "C" not null primary key,
    agency_id text collate "C" not null,
    organization_id text collate "C" not null,
    ai_agent_id text collate "C" not null,
    conversation_id text collate "C" not null,
    state text not null,
    reason text,
    requested_at bigint not null,
    accepted_at bigint,
    accepted_by text collate "C",
    ended_at bigint,
    unique (agency_id, id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id),
    foreign key (agency_id, conversation_id) references conversations (agency_id, id),
    foreign key (agency_id, accepted_by) references users (agency_id, id)
);
create index handoffs_waiting on handoffs (agency_id, organization_id, state, requested_at, id);

-- What was created under a client's id: a retry finds it here.
create table creations (
    actor text collate "C" not null,
    client_id text collate "C" not null,
    agency_id text collate "C" not null,
    fingerprint text collate "C" not null,
    result text collate "C" not null,
    created_at bigint not null,
    primary key (actor, client_id)
);

create table jobs (
    id text collate "C" not null primary key,
    agency_id text collate "C" not null,
    kind text collate "C" not null,
    subject text collate "C" not null,
    payload text not null,
    run_at bigint not null,
    attempts bigint not null,
    fence bigint not null,
    leased_until bigint,
    dead_at bigint,
    last_error text,
    created_at bigint not null,
    unique (kind, subject)
);
create index jobs_due on jobs (dead_at, run_at);

create table audit_entries (
    id text collate "C" not null primary key,
    agency_id text collate "C" not null,
    organization_id text collate "C",
    actor text collate "C" not null,
    action text collate "C" not null,
    object text collate "C" not null,
    detail text not null,
    address text not null,
    created_at bigint not null
);
create index audit_of_agency on audit_entries (agency_id, id);

insert into meta (name, value) values ('epoch', 1), ('authority', 1);
