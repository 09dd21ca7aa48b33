-- Who covers whose live chats when: staff of the agency, in an organization, in certain hours. `active` and `next_at` are what
-- was last told to everybody who is connected: whether it covers, and when that changes.
create table coverages (
    id text collate "C" not null primary key,
    agency_id text collate "C" not null,
    organization_id text collate "C" not null,
    name text collate "C" not null,
    role text collate "C" not null,
    schedule text collate "C" not null,
    starts_at bigint not null,
    ends_at bigint,
    active boolean not null,
    next_at bigint,
    created_by text collate "C" not null,
    created_at bigint not null,
    ended_at bigint,
    unique (agency_id, id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id),
    foreign key (agency_id, created_by) references users (agency_id, id)
);
create index coverages_of_organization on coverages (agency_id, organization_id, id);
create index coverages_due on coverages (next_at);

create table coverage_users (
    agency_id text collate "C" not null,
    coverage_id text collate "C" not null,
    user_id text collate "C" not null,
    primary key (coverage_id, user_id),
    foreign key (agency_id, coverage_id) references coverages (agency_id, id),
    foreign key (agency_id, user_id) references users (agency_id, id)
);
create index coverages_of_user on coverage_users (user_id);

-- A synthetic visitor who runs the whole path. What comes of it is read from the conversation itself.
create table rehearsals (
    id text collate "C" not null primary key,
    agency_id text collate "C" not null,
    organization_id text collate "C" not null,
    ai_agent_id text collate "C" not null,
    conversation_id text collate "C" not null,
    started_by text collate "C" not null,
    started_at bigint not null,
    ends_at bigint not null,
    ended_at bigint,
    unique (agency_id, id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id),
    foreign key (agency_id, ai_agent_id) references ai_agents (agency_id, id),
    foreign key (agency_id, conversation_id) references conversations (agency_id, id),
    foreign key (agency_id, started_by) references users (agency_id, id)
);
create index rehearsals_of_ai_agent on rehearsals (agency_id, ai_agent_id, id);
create index rehearsals_running on rehearsals (ended_at, ends_at);
