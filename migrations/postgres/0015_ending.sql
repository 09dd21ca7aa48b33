-- The end of a chat: what somebody said of it who completed it, and what the visitor said; and what AI agents say of their own of
-- how a person is offered.
alter table ai_agents add column handoff_own text not null default '{}';

-- What led to a human being offered or asked for details, until the request is made.
alter table conversations add column calling text;
create index conversations_quiet on conversations (last_activity_at) where state = 'HUMAN';

create table handoff_endings (
    handoff_id text collate "C" not null primary key,
    agency_id text collate "C" not null,
    organization_id text collate "C" not null,
    conversation_id text collate "C" not null,
    resolution text,
    note text,
    completed_by text collate "C",
    completed_at bigint not null,
    foreign key (agency_id, handoff_id) references handoffs (agency_id, id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id),
    foreign key (agency_id, conversation_id) references conversations (agency_id, id),
    foreign key (agency_id, completed_by) references users (agency_id, id)
);
create index handoff_endings_organization on handoff_endings (agency_id, organization_id);

create table handoff_ratings (
    handoff_id text collate "C" not null primary key,
    agency_id text collate "C" not null,
    organization_id text collate "C" not null,
    ai_agent_id text collate "C" not null,
    conversation_id text collate "C" not null,
    operator_id text collate "C",
    rating bigint not null,
    text text,
    rated_at bigint not null,
    changed_at bigint not null,
    foreign key (agency_id, handoff_id) references handoffs (agency_id, id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id),
    foreign key (agency_id, ai_agent_id) references ai_agents (agency_id, id),
    foreign key (agency_id, conversation_id) references conversations (agency_id, id),
    foreign key (agency_id, operator_id) references users (agency_id, id)
);
create index handoff_ratings_organization on handoff_ratings (agency_id, organization_id, rating);
