-- The words that an agency has chosen for a kind of mail, in place of the original ones. Who chose them, the audit log knows. `trouble` says why they could not be
-- used for the mail of `trouble_at`, which went out with the original words.
create table mail_texts (
    agency_id text not null references agencies (id),
    kind text not null,
    language text not null,
    subject text not null,
    heading text not null,
    body text not null,
    button text,
    after text not null,
    version bigint not null,
    updated_at bigint not null,
    trouble text,
    trouble_at bigint,
    primary key (agency_id, kind, language)
);
