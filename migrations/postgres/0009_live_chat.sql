-- What live chat needs of what was there before: columns without references. What refers to something else has tables of its
-- own in the migrations after this one.
alter table conversations add column language text collate "C";
alter table conversations add column idle_at bigint;
alter table conversations add column failures bigint not null default 0;
alter table conversations add column signals text collate "C" not null default '';
alter table conversations add column tags text collate "C" not null default '';
alter table conversations add column notes_rev bigint not null default 0;
alter table conversations add column rehearsal boolean not null default false;

alter table messages add column via text collate "C" not null default 'CHAT';
alter table messages add column edited_at bigint;
alter table messages add column deleted_at bigint;

alter table handoffs add column intent text collate "C" not null default 'BUTTON';
alter table handoffs add column first_response_at bigint;

alter table visitors add column external_id text collate "C";
alter table visitors add column attributes text collate "C" not null default '{}';
alter table visitors add column language text collate "C";
alter table visitors add column time_zone text collate "C";
alter table visitors add column referrer text collate "C";
alter table visitors add column blocked_at bigint;
