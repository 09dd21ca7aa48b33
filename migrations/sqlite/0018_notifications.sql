-- What people are told of: the bell, what each has chosen, and what was decided for whom by which way.

-- The bell's entries. What is the same kind of thing about the same subject is one entry until it is read, and counts.
create table notifications (
    id text not null primary key,
    agency_id text not null,
    user_id text not null,
    organization_id text,
    ai_agent_id text,
    conversation_id text,
    kind text not null,
    subject text not null,
    title text not null,
    preview text,
    link text not null,
    count bigint not null,
    created_at bigint not null,
    happened_at bigint not null,
    read_at bigint,
    unique (agency_id, id),
    foreign key (agency_id, user_id) references users (agency_id, id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id),
    foreign key (agency_id, conversation_id) references conversations (agency_id, id)
);
create unique index notifications_unread on notifications (agency_id, user_id, kind, subject) where read_at is null;
create index notifications_of_user on notifications (agency_id, user_id, happened_at, id);
create index notifications_of_conversation on notifications (agency_id, conversation_id);

-- What somebody has chosen for an organization, or for what is the agency's own: `place` is either.
create table notification_preferences (
    agency_id text not null,
    user_id text not null,
    place text not null,
    choices text not null,
    updated_at bigint not null,
    primary key (agency_id, user_id, place),
    foreign key (agency_id, user_id) references users (agency_id, id)
);

-- What counts in an organization for whoever has chosen nothing there.
create table notification_defaults (
    agency_id text not null,
    organization_id text not null,
    choices text not null,
    updated_at bigint not null,
    primary key (agency_id, organization_id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id)
);

-- What was decided when something had happened, for each person and way: `verdict` as planned, `reason` where nothing is sent, be
-- it decided then or when the message was about to leave. `mail_id` leads to what the mail server said, `notification_id` to
-- the bell's entry about the same.
create table notification_decisions (
    id text not null primary key,
    agency_id text not null,
    event_id text not null,
    user_id text not null,
    through text not null,
    organization_id text,
    conversation_id text,
    kind text not null,
    verdict text not null,
    reason text,
    due_at bigint not null,
    mail_id text,
    notification_id text,
    at bigint not null,
    unique (agency_id, id),
    unique (agency_id, event_id, user_id, through),
    foreign key (agency_id, user_id) references users (agency_id, id),
    foreign key (agency_id, organization_id) references organizations (agency_id, id),
    foreign key (agency_id, conversation_id) references conversations (agency_id, id)
);
create index notification_decisions_of_conversation on notification_decisions (agency_id, conversation_id, id);
create index notification_decisions_of_user on notification_decisions (agency_id, user_id, id);
create index notification_decisions_of_mail on notification_decisions (agency_id, mail_id);
