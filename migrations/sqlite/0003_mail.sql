-- Mails: kept in the unit of what they tell of, and sent by a job. What a mail says is sealed, for it may hold a link that
-- opens an account; only its hash opens anything once it was used.
create table mails (
    id text not null primary key,
    agency_id text not null references agencies (id),
    organization_id text,
    recipient text not null,
    kind text not null,
    letter text not null,
    state text not null,
    attempts bigint not null,
    trouble text,
    created_at bigint not null,
    settled_at bigint,
    unique (agency_id, id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id)
);
create index mails_of_agency on mails (agency_id, id);
