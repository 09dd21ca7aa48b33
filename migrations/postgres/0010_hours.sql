-- Business hours: at most one row for the agency itself, for each organization and for each AI agent. place_id is the id of
-- whichever it is. The nearest row that is enabled counts; nothing enabled anywhere: always open. week and exceptions are JSON
-- that the server reads as a whole.
create table business_hours (
    place_id text collate "C" not null primary key,
    agency_id text collate "C" not null references agencies (id),
    organization_id text collate "C",
    ai_agent_id text collate "C",
    enabled boolean not null,
    time_zone text collate "C" not null,
    week text collate "C" not null,
    exceptions text collate "C" not null,
    rev bigint not null,
    updated_at bigint not null,
    unique (agency_id, place_id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id),
    foreign key (agency_id, ai_agent_id) references ai_agents (agency_id, id)
);
create index business_hours_of_organization on business_hours (agency_id, organization_id);

-- Holidays of an agency, as its calendars were when they were imported; holidays is JSON, each occurrence by itself.
create table holiday_calendars (
    id text collate "C" not null primary key,
    agency_id text collate "C" not null references agencies (id),
    name text collate "C" not null,
    holidays text collate "C" not null,
    rev bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    unique (agency_id, id)
);

-- Which calendars close which hours.
create table business_hours_calendars (
    agency_id text collate "C" not null,
    place_id text collate "C" not null,
    calendar_id text collate "C" not null,
    primary key (place_id, calendar_id),
    foreign key (agency_id, place_id) references business_hours (agency_id, place_id),
    foreign key (agency_id, calendar_id) references holiday_calendars (agency_id, id)
);
create index business_hours_of_calendar on business_hours_calendars (agency_id, calendar_id);
