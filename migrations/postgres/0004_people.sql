-- People: invitations, limits and suspensions of memberships, second factors, and links that may be used once.

alter table agencies add column demands_second_factor boolean not null default false;

-- `search` is the normalised name and address, written by the server: lists are ordered by it and searched in it. Accounts
-- from before are found by their address until their name is next changed.
alter table users add column search text collate "C" not null default '';
alter table users add column language text;
alter table users add column time_zone text;
alter table users add column must_change_password boolean not null default false;
update users set search = email;

alter table memberships add column suspended_at bigint;

-- An invitation keeps its own hash: that it was used and that it was accepted is one fact, written once. `place` is the
-- organization, or the agency for staff.
create table invitations (
    id text collate "C" not null primary key,
    agency_id text collate "C" not null references agencies (id),
    organization_id text collate "C",
    place text collate "C" not null,
    email text collate "C" not null,
    name text,
    role text collate "C" not null,
    all_organizations boolean not null,
    all_ai_agents boolean not null,
    invited_by text collate "C",
    token_hash text collate "C" not null unique,
    state text collate "C" not null,
    created_at bigint not null,
    sent_at bigint not null,
    expires_at bigint not null,
    settled_at bigint,
    unique (agency_id, id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id),
    foreign key (agency_id, invited_by) references users (agency_id, id)
);
create unique index invitations_open on invitations (place, email) where state = 'OPEN';
create index invitations_of_place on invitations (agency_id, place, id);

create table invitation_organizations (
    agency_id text collate "C" not null,
    invitation_id text collate "C" not null,
    organization_id text collate "C" not null,
    primary key (invitation_id, organization_id),
    foreign key (agency_id, invitation_id) references invitations (agency_id, id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id)
);

create table invitation_ai_agents (
    agency_id text collate "C" not null,
    invitation_id text collate "C" not null,
    ai_agent_id text collate "C" not null,
    primary key (invitation_id, ai_agent_id),
    foreign key (agency_id, invitation_id) references invitations (agency_id, id),
    foreign key (agency_id, ai_agent_id) references ai_agents (agency_id, id)
);

-- Links that may be used once, by their hash alone: for a new password, and for both ends of a change of address, which
-- belong together by `pair`.
create table tokens (
    hash text collate "C" not null primary key,
    agency_id text collate "C" not null,
    user_id text collate "C" not null,
    purpose text collate "C" not null,
    pair text collate "C" not null,
    email text collate "C" not null,
    created_at bigint not null,
    expires_at bigint not null,
    spent_at bigint,
    foreign key (agency_id, user_id) references users (agency_id, id)
);
create index tokens_of_user on tokens (user_id, purpose);

create table second_factors (
    user_id text collate "C" not null primary key,
    agency_id text collate "C" not null,
    secret text not null,
    last_step bigint not null,
    created_at bigint not null,
    confirmed_at bigint,
    foreign key (agency_id, user_id) references users (agency_id, id)
);

create table recovery_codes (
    user_id text collate "C" not null,
    hash text collate "C" not null,
    agency_id text collate "C" not null,
    spent_at bigint,
    primary key (user_id, hash),
    foreign key (agency_id, user_id) references users (agency_id, id)
);

create index conversations_of_assignee on conversations (assignee_id) where assignee_id is not null;
