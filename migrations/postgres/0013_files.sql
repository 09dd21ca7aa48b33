-- Files that visitors and operators send: whose they are, what they are, and how much room each organization has used. Their
-- bytes are not here but where LIVERY_FILES_URL says; a row names them by `blob`.
alter table messages add column attachments text collate "C" not null default '';

create table files (
    id text collate "C" not null primary key,
    agency_id text collate "C" not null,
    organization_id text collate "C" not null,
    conversation_id text collate "C" not null,
    uploader text collate "C" not null,
    name text not null,
    promised bigint not null,
    size bigint not null,
    state text collate "C" not null,
    media_type text collate "C" not null,
    width bigint,
    height bigint,
    blob text collate "C",
    hash text collate "C",
    source_hash text collate "C",
    message_id text collate "C",
    created_at bigint not null,
    expires_at bigint,
    unique (agency_id, id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id),
    foreign key (agency_id, conversation_id) references conversations (agency_id, id)
);
create index files_of_organization on files (agency_id, organization_id, id);
create index files_of_conversation on files (agency_id, conversation_id, id);
create index files_expiring on files (expires_at);

-- One row that everybody who wants room in an organization must get past.
create table file_rooms (
    organization_id text collate "C" not null primary key,
    agency_id text collate "C" not null,
    used bigint not null,
    foreign key (agency_id, organization_id) references organizations (agency_id, id)
);
