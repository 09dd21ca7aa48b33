-- Brand and domains: the version that changes of a brand are conditional on, the pictures that were drawn anew, and what
-- each claim of a host goes through.
alter table agencies add column brand_version bigint not null default 1;

-- One picture of each kind for an agency, one for each organization.
create table images (
    id text not null primary key,
    agency_id text not null references agencies (id),
    organization_id text,
    kind text not null,
    width bigint not null,
    height bigint not null,
    bytes blob not null,
    created_at bigint not null,
    unique (agency_id, id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id)
);
create unique index images_of_agency on images (agency_id, kind) where organization_id is null;
create unique index images_of_organization on images (agency_id, organization_id) where organization_id is not null;

-- A host may be claimed by several agencies, and is held by the one that proved it. What the platform gave needs no proof.
create table agency_domains (
    id text not null primary key,
    agency_id text not null references agencies (id),
    host text not null,
    state text not null,
    served boolean not null,
    granted boolean not null,
    is_primary boolean not null,
    proof text not null,
    found text,
    problem text,
    checking boolean not null,
    version bigint not null,
    created_at bigint not null,
    last_checked_at bigint,
    next_check_at bigint,
    active_since bigint,
    failing_since bigint,
    released_at bigint,
    unique (agency_id, id)
);
create unique index domains_held on agency_domains (host) where state in ('ACTIVE', 'FAILING');
create unique index domains_claimed on agency_domains (agency_id, host) where state <> 'RELEASED';
create index domains_by_host on agency_domains (host);
create index domains_to_check on agency_domains (next_check_at);

-- The hosts that the platform gave before there were claims stay as they are; the old table is read by nobody any more.
insert into agency_domains (id, agency_id, host, state, served, granted, is_primary, proof, checking, version,
    created_at, active_since)
select 'dom_0' || substr(lower(hex(randomblob(16))), 1, 25), d.agency_id, d.host, 'ACTIVE', true, true,
    d.host = (select min(o.host) from domains o where o.agency_id = d.agency_id), lower(hex(randomblob(16))), false, 1,
    a.created_at, a.created_at
from domains d join agencies a on a.id = d.agency_id;
