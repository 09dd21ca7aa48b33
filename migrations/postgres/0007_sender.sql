-- An agency's own sender: one row each. The password is sealed; what was found in the DNS is kept as JSON.
create table senders (
    agency_id text collate "C" not null primary key references agencies (id),
    version bigint not null,
    from_name text not null,
    from_address text not null,
    reply_to text,
    host text not null,
    port bigint not null,
    security text not null,
    username text not null,
    password text,
    fallback text not null,
    state text not null,
    proof text not null,
    proofs text not null,
    trouble text,
    checked_at bigint
);

-- What a mail is about stays when its letter is gone.
alter table mails add column subject text not null default '';
create index mails_by_state on mails (agency_id, state, id);
create index mails_by_kind on mails (agency_id, kind, id);
