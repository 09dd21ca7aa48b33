-- The roles that agencies make themselves. A row never goes: its version only rises, so that whoever remembers a role can
-- tell which of two memories is the newer one. What a role allows is kept by name, for the bits move with the catalogue.
create table agency_roles (
    id text not null primary key,
    agency_id text not null references agencies (id),
    level text not null,
    name text not null,
    description text not null,
    version bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    deleted_at bigint,
    unique (agency_id, id)
);

create table agency_role_permissions (
    agency_id text not null,
    role_id text not null,
    permission text not null,
    primary key (role_id, permission),
    foreign key (agency_id, role_id) references agency_roles (agency_id, id)
);
create index memberships_of_role on memberships (agency_id, role);

-- Settings: what the agency says for all of its organizations, and what is said in one of them. No row: the platform's default.
create table agency_settings (
    agency_id text not null references agencies (id),
    key text not null,
    mode text not null,
    value text,
    minimum bigint,
    maximum bigint,
    choices text,
    primary key (agency_id, key)
);

-- mode is the agency's word on this organization alone, with its value and bounds; none: as everywhere. own_value is the
-- organization's.
create table organization_settings (
    agency_id text not null,
    organization_id text not null,
    key text not null,
    mode text,
    value text,
    minimum bigint,
    maximum bigint,
    choices text,
    own_value text,
    primary key (organization_id, key),
    foreign key (agency_id, organization_id) references organizations (agency_id, id)
);
create index organization_settings_of_agency on organization_settings (agency_id, key);

-- The chats that somebody has, for whoever loses the right to them.
create index conversations_claimed on conversations (agency_id, assignee_id);
