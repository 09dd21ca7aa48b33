-- Organizations that sleep or are in the bin, the audit log as a chain, views as a client, agencies that are suspended or
-- handed over.
alter table agencies add column suspended_at bigint;
alter table agencies add column suspension_reason text;

-- `search` is the name as it is searched and sorted: made by the server, which fills it where it is empty when it starts.
alter table organizations add column state text not null default 'ACTIVE';
alter table organizations add column search text collate "C" not null default '';
alter table organizations add column language text not null default 'en';
alter table organizations add column time_zone text not null default 'UTC';
alter table organizations add column suspended_at bigint;
alter table organizations add column suspension_reason text;
alter table organizations add column deleted_at bigint;
alter table organizations add column purge_at bigint;
create index organizations_by_name on organizations (agency_id, search, id);
create index organizations_by_state on organizations (state, purge_at);

alter table ai_agents add column deleted_at bigint;

-- Why the house itself ended a request or a chat.
alter table handoffs add column closed_because text;
create index handoffs_of_ai_agent on handoffs (agency_id, ai_agent_id, state);

-- A member of staff who looks through a client's eyes. The session is the staff member's own.
create table viewings (
    session_id text collate "C" not null primary key references sessions (id),
    agency_id text collate "C" not null,
    parent_session_id text collate "C" not null references sessions (id),
    user_id text collate "C" not null,
    membership_id text collate "C" not null,
    reason text not null,
    created_at bigint not null,
    foreign key (agency_id, user_id) references users (agency_id, id)
);

-- An agency that waits for its new owner.
create table hand_overs (
    agency_id text collate "C" not null primary key references agencies (id),
    email text not null,
    created_at bigint not null
);

-- The audit log is a chain: each entry's hash covers the entry and the hash before it, and the head says how long it is.
alter table audit_entries add column seq bigint;
alter table audit_entries add column as_actor text collate "C";
alter table audit_entries add column hash text;
alter table audit_entries add column search text collate "C" not null default '';
create index audit_in_order on audit_entries (agency_id, seq);
create index audit_of_organization on audit_entries (agency_id, organization_id, id);

create table audit_heads (
    agency_id text collate "C" not null primary key references agencies (id),
    entries bigint not null,
    hash text not null
);

-- Entries from before the chain get their place in it once, when the server starts; nothing is ever changed after that.
create function audit_is_only_added_to() returns trigger as $$
begin
    raise exception 'the audit log is only added to';
end
$$ language plpgsql;
create trigger audit_entries_unchanged before update on audit_entries
    for each row when (old.hash is not null) execute function audit_is_only_added_to();
create trigger audit_entries_kept before delete on audit_entries
    for each row execute function audit_is_only_added_to();
create trigger audit_entries_not_emptied before truncate on audit_entries
    for each statement execute function audit_is_only_added_to();
create trigger audit_heads_kept before delete on audit_heads
    for each row execute function audit_is_only_added_to();
