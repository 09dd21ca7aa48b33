-- API keys: by which programs act in an agency or in one of its organizations, with a role like anybody's.

-- The secret is kept as its hash alone; `hint` is how it begins. `organization_id` is null for a key of the agency itself.
create table api_keys (
    id text not null primary key,
    agency_id text not null,
    organization_id text,
    name text not null,
    role text not null,
    secret_hash text not null unique,
    hint text not null,
    created_by text not null,
    created_at bigint not null,
    expires_at bigint,
    last_used_at bigint,
    revoked_by text,
    revoked_at bigint,
    unique (agency_id, id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id),
    foreign key (agency_id, created_by) references users (agency_id, id),
    foreign key (agency_id, revoked_by) references users (agency_id, id)
);
create index api_keys_of_place on api_keys (agency_id, organization_id);
