-- The words that an agency has chosen for a kind of mail, in place of the original ones. Who chose them, the audit log knows. `trouble` says why they could not be
-- used for the mail of `trouble_at`, which went out with the original words.
create table mail_texts (
    agency_id text collate "C" not null references agencies (id),
    kind text collate "C" not null,
    language text collate "C" not null,
    subject text collate "C" not null,
    heading text collate "C" not null,
    body text collate "C" not null,
    button text collate "C",
    after text collate "C" not null,
    version bigint not null,
    updated_at bigint not null,
    trouble text collate "C",
    trouble_at bigint,
    primary key (agency_id, kind, language)
);
