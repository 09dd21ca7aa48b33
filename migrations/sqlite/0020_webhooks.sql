-- Webhooks: what integrators are told of, with which secrets it is signed, and what became of each delivery.

-- `url` is sealed: addresses such as Slack's are secrets. `organization_id` is null for one that tells of the whole agency.
create table webhooks (
    id text not null primary key,
    agency_id text not null,
    organization_id text,
    name text not null,
    url text not null,
    host text not null,
    format text not null,
    events text not null,
    created_at bigint not null,
    disabled_at bigint,
    disabled_because text,
    failing_since bigint,
    delivered_at bigint,
    trouble text,
    deleted_at bigint,
    unique (agency_id, id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id)
);
create index webhooks_of_place on webhooks (agency_id, organization_id);

-- One that was replaced signs beside the new one until `retires_at`.
create table webhook_secrets (
    agency_id text not null,
    webhook_id text not null,
    number bigint not null,
    sealed text not null,
    created_at bigint not null,
    retires_at bigint,
    primary key (agency_id, webhook_id, number),
    foreign key (agency_id, webhook_id) references webhooks (agency_id, id)
);

-- One row for all attempts. `organization_id` says where it happened, `subject` names what: to one webhook it is told once.
create table webhook_deliveries (
    id text not null primary key,
    agency_id text not null,
    webhook_id text not null,
    organization_id text,
    conversation_id text,
    event text not null,
    subject text not null,
    body text not null,
    state text not null,
    attempts bigint not null,
    tries bigint not null,
    status bigint,
    answer text,
    trouble text,
    created_at bigint not null,
    attempted_at bigint,
    next_at bigint,
    settled_at bigint,
    unique (agency_id, id),
    unique (agency_id, webhook_id, subject),
    foreign key (agency_id, webhook_id) references webhooks (agency_id, id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id),
    foreign key (agency_id, conversation_id) references conversations (agency_id, id)
);
create index webhook_deliveries_of_webhook on webhook_deliveries (agency_id, webhook_id, id);
create index webhook_deliveries_of_conversation on webhook_deliveries (agency_id, conversation_id);
create index webhook_deliveries_of_organization on webhook_deliveries (agency_id, organization_id);
create index webhook_deliveries_settled on webhook_deliveries (settled_at);
