-- Keyword alerts: what an organization watches for in its conversations, and where it was found.

-- `ai_agents` and `users` are empty where all are meant; each word of a list stands between spaces, so that it can be looked for.
create table keyword_alerts (
    id text collate "C" not null primary key,
    agency_id text collate "C" not null,
    organization_id text collate "C" not null,
    name text collate "C" not null,
    terms text collate "C" not null,
    ai_agents text collate "C" not null,
    speakers text collate "C" not null,
    users text collate "C" not null,
    through text collate "C" not null,
    cooldown bigint not null,
    enabled boolean not null,
    created_at bigint not null,
    unique (agency_id, id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id)
);
create index keyword_alerts_of_organization on keyword_alerts (agency_id, organization_id);

-- One for each message in which an alert found something; `told` where people were told, and it was not silent yet.
create table keyword_hits (
    id text collate "C" not null primary key,
    agency_id text collate "C" not null,
    alert_id text collate "C" not null,
    conversation_id text collate "C" not null,
    seq bigint not null,
    speaker text collate "C" not null,
    terms text collate "C" not null,
    at bigint not null,
    told boolean not null,
    unique (agency_id, id),
    unique (agency_id, alert_id, conversation_id, seq),
    foreign key (agency_id, alert_id) references keyword_alerts (agency_id, id),
    foreign key (agency_id, conversation_id) references conversations (agency_id, id)
);
create index keyword_hits_of_alert on keyword_hits (agency_id, alert_id, id);
create index keyword_hits_of_conversation on keyword_hits (agency_id, conversation_id);
create index keyword_hits_by_time on keyword_hits (at);
