-- Who is there, who belongs to which team, and to whom a request is offered.

-- What somebody chose to be, and when they were last heard of. `lost` counts the chats that went back to the queue meanwhile.
create table presences (
    agency_id text collate "C" not null,
    user_id text collate "C" not null,
    choice text collate "C" not null,
    since bigint not null,
    seen_at bigint not null,
    lost bigint not null,
    primary key (agency_id, user_id),
    foreign key (agency_id, user_id) references users (agency_id, id)
);

create table teams (
    id text collate "C" not null primary key,
    agency_id text collate "C" not null,
    organization_id text collate "C" not null,
    name text collate "C" not null,
    topics text collate "C" not null,
    created_at bigint not null,
    unique (agency_id, id),
    unique (organization_id, name),
    foreign key (agency_id, organization_id) references organizations (agency_id, id)
);

create table team_members (
    agency_id text collate "C" not null,
    team_id text collate "C" not null,
    user_id text collate "C" not null,
    primary key (team_id, user_id),
    foreign key (agency_id, team_id) references teams (agency_id, id),
    foreign key (agency_id, user_id) references users (agency_id, id)
);
create index team_members_of_user on team_members (agency_id, user_id);

-- Which way a request goes: its team, who is offered it until when, and who was offered it before, one id a line.
create table handoff_routes (
    agency_id text collate "C" not null,
    handoff_id text collate "C" not null,
    team_id text collate "C",
    offered_to text collate "C",
    offered_until bigint,
    tried text collate "C" not null,
    requeued boolean not null,
    primary key (agency_id, handoff_id),
    foreign key (agency_id, handoff_id) references handoffs (agency_id, id),
    foreign key (agency_id, team_id) references teams (agency_id, id),
    foreign key (agency_id, offered_to) references users (agency_id, id)
);
create index handoff_routes_offered on handoff_routes (agency_id, offered_to);
create index handoff_routes_of_team on handoff_routes (agency_id, team_id);

-- When somebody was last offered or given a chat of an organization: whose turn it is outlives the process.
create table rotations (
    agency_id text collate "C" not null,
    organization_id text collate "C" not null,
    user_id text collate "C" not null,
    last_at bigint not null,
    primary key (organization_id, user_id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id),
    foreign key (agency_id, user_id) references users (agency_id, id)
);

-- A chat that went to a colleague or a team, by the entry that tells the visitor. The note is for the team alone.
create table transfers (
    agency_id text collate "C" not null,
    conversation_id text collate "C" not null,
    seq bigint not null,
    from_user text collate "C" not null,
    to_user text collate "C",
    to_team text collate "C",
    team_name text collate "C",
    note text collate "C" not null,
    created_at bigint not null,
    primary key (conversation_id, seq),
    foreign key (agency_id, conversation_id) references conversations (agency_id, id),
    foreign key (agency_id, from_user) references users (agency_id, id),
    foreign key (agency_id, to_user) references users (agency_id, id)
);

create index conversations_held on conversations (assignee_id) where state = 'HUMAN';
create index handoffs_open on handoffs (requested_at) where state = 'REQUESTED';
create index handoffs_answered on handoffs (agency_id, organization_id, accepted_at);
