-- What an operator has at hand in a chat: canned replies, notes, earlier texts of messages, tags, suggestions of a model.

-- `place` is the organization, or the agency for what all of its organizations have: a shortcut is taken once in each.
create table canned_replies (
    id text not null primary key,
    agency_id text not null references agencies (id),
    organization_id text,
    place text not null,
    shortcut text not null,
    title text not null,
    body text not null,
    tags text not null,
    position bigint not null,
    updated_at bigint not null,
    unique (agency_id, id),
    unique (agency_id, place, shortcut),
    foreign key (agency_id, organization_id) references organizations (agency_id, id)
);
create index canned_replies_of_place on canned_replies (agency_id, place, position, id);

-- Notes are no messages: what a visitor's thread is read from has no row of theirs, and its numbers no gap.
create table notes (
    id text not null primary key,
    agency_id text not null,
    conversation_id text not null,
    after_seq bigint not null,
    author_id text not null,
    author_name text not null,
    body text not null,
    created_at bigint not null,
    edited_at bigint,
    unique (agency_id, id),
    foreign key (agency_id, conversation_id) references conversations (agency_id, id),
    foreign key (agency_id, author_id) references users (agency_id, id)
);
create index notes_of_conversation on notes (agency_id, conversation_id, id);

create table note_mentions (
    agency_id text not null,
    note_id text not null,
    user_id text not null,
    primary key (note_id, user_id),
    foreign key (agency_id, note_id) references notes (agency_id, id),
    foreign key (agency_id, user_id) references users (agency_id, id)
);
create index note_mentions_of_user on note_mentions (user_id, note_id);

-- What a message said before it was changed or taken back.
create table message_texts (
    agency_id text not null,
    conversation_id text not null,
    message_id text not null,
    version bigint not null,
    body text not null,
    changed_by text not null,
    changed_by_name text not null,
    changed_at bigint not null,
    primary key (message_id, version),
    foreign key (agency_id, conversation_id) references conversations (agency_id, id)
);
create index message_texts_of_conversation on message_texts (agency_id, conversation_id);
create index messages_changed on messages (conversation_id, seq) where edited_at is not null or deleted_at is not null;

-- The same tags stand in the conversation's row, where they are read; here they are found by.
create table conversation_tags (
    agency_id text not null,
    conversation_id text not null,
    tag text not null,
    primary key (conversation_id, tag),
    foreign key (agency_id, conversation_id) references conversations (agency_id, id)
);
create index conversation_tags_by_tag on conversation_tags (agency_id, tag, conversation_id);

create table suggestions (
    id text not null primary key,
    agency_id text not null,
    conversation_id text not null,
    user_id text not null,
    kind text not null,
    state text not null,
    body text not null,
    created_at bigint not null,
    settled_at bigint,
    unique (agency_id, id),
    foreign key (agency_id, conversation_id) references conversations (agency_id, id),
    foreign key (agency_id, user_id) references users (agency_id, id)
);
create index suggestions_of_user on suggestions (user_id, created_at);
create index suggestions_of_conversation on suggestions (agency_id, conversation_id);

-- How many signals a conversation has: what it is sorted by when the most worrying one comes first.
alter table conversations add column signal_weight bigint not null default 0;
create index conversations_by_signals on conversations (agency_id, signal_weight, last_activity_at, id) where signal_weight > 0;
