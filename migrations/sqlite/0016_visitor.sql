-- Visitors that the client's site signs for, visitors who became one, who is kept out, and who wants to be forgotten.
alter table visitors add column verified text not null default '';
alter table visitors add column signed_attributes text not null default '{}';
alter table visitors add column address text;
alter table visitors add column challenge_passed_at bigint;
alter table visitors add column forgotten_at bigint;

-- Since when the visitor goes on in another thread.
alter table conversations add column left_at bigint;
create index conversations_of_visitor_now on conversations (agency_id, visitor_id, left_at);

-- The key with which a client's site signs for its visitors: sealed, and two at a time while one takes the other's place.
create table widget_secrets (
    agency_id text not null,
    widget_id text not null,
    number bigint not null,
    sealed text not null,
    hint text not null,
    created_at bigint not null,
    retires_at bigint,
    primary key (agency_id, widget_id, number),
    foreign key (agency_id, widget_id) references widgets (agency_id, id)
);

-- Who is who: one visitor for each name that a site gives, for each widget, and apart for each organization that the widget
-- has worked for. `place` is that organization, or the AI agent while it works for none.
create table visitor_identities (
    agency_id text not null,
    widget_id text not null,
    place text not null,
    external_id text not null,
    visitor_id text not null,
    seen_at bigint not null,
    primary key (agency_id, widget_id, place, external_id),
    foreign key (agency_id, widget_id) references widgets (agency_id, id),
    foreign key (agency_id, visitor_id) references visitors (agency_id, id)
);
create index identities_of_visitor on visitor_identities (agency_id, visitor_id);

-- An anonymous visitor who turned out to be another. Whoever still holds a token of theirs has nothing.
create table visitor_merges (
    agency_id text not null,
    visitor_id text not null,
    into_id text not null,
    merged_at bigint not null,
    primary key (agency_id, visitor_id),
    foreign key (agency_id, visitor_id) references visitors (agency_id, id),
    foreign key (agency_id, into_id) references visitors (agency_id, id)
);

-- Of whom nothing is taken: a visitor, or everybody behind a network address.
create table blocks (
    id text not null primary key,
    agency_id text not null,
    organization_id text not null,
    visitor_id text,
    address text,
    reason text not null,
    created_by text not null,
    created_at bigint not null,
    unique (agency_id, id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id),
    foreign key (agency_id, visitor_id) references visitors (agency_id, id),
    foreign key (agency_id, created_by) references users (agency_id, id)
);
create index blocks_of_organization on blocks (agency_id, organization_id, id);
create index blocks_of_address on blocks (agency_id, address);
