-- Push: the keys by which push services know an agency, the devices that people registered, and what goes to each of them.
create table push_keys (
    agency_id text not null primary key,
    private_key text not null,
    public_key text not null,
    created_at bigint not null,
    foreign key (agency_id) references agencies (id)
);

-- `endpoint` is sealed: whoever knows it can try to write there. It is recognised by its hash.
create table push_subscriptions (
    id text not null primary key,
    agency_id text not null,
    user_id text not null,
    session_id text not null,
    endpoint_hash text not null,
    endpoint text not null,
    p256dh text not null,
    auth text not null,
    browser text not null,
    created_at bigint not null,
    seen_at bigint not null,
    sent_at bigint,
    trouble text,
    unique (agency_id, id),
    unique (agency_id, endpoint_hash),
    foreign key (agency_id, user_id) references users (agency_id, id),
    foreign key (session_id) references sessions (id)
);
create index push_subscriptions_of_user on push_subscriptions (agency_id, user_id);
create index push_subscriptions_of_session on push_subscriptions (session_id);

-- What goes to a device: what it says is the bell's entry that the decision names. `plain` says that it was too long, and goes
-- without the visitor's words.
create table push_messages (
    id text not null primary key,
    agency_id text not null,
    decision_id text not null,
    subscription_id text not null,
    browser text not null,
    state text not null,
    attempts bigint not null,
    plain boolean not null,
    trouble text,
    created_at bigint not null,
    expires_at bigint not null,
    settled_at bigint,
    unique (agency_id, id),
    foreign key (agency_id, decision_id) references notification_decisions (agency_id, id)
);
create index push_messages_of_decision on push_messages (agency_id, decision_id);
