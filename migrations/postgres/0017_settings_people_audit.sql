-- What administrators set of the site: every save whole, of which the last counts. None where nobody saved any: then what the
-- process was started with counts. Nothing here is ever changed or deleted, but whose save it was once the account is gone.
create table site_settings (
    number          bigint  not null primary key,
    -- As JSON, whole.
    settings        text    not null,
    -- Milliseconds since 1970, UTC; so are the times below.
    saved_at        bigint  not null,
    -- None for what the process was started with, which the first save keeps, and where the account is gone.
    saved_by        uuid,
    -- The earlier save that it was begun from; none where it was not.
    begun_from      bigint
);

-- Who was asked onto the staff and has not answered yet. Whether the address has an account is nobody's business here.
create table invitation (
    id              uuid    not null primary key,
    -- Of the link in the letter.
    token_hash      bytea   not null unique,
    -- As it was typed, and in lower case.
    email           text    not null,
    email_key       text    not null,
    role            text    not null,
    invited_by      uuid    not null references account (id),
    invited_at      bigint  not null,
    expires_at      bigint  not null,
    -- Asked again, it is another link.
    unique (email_key, role)
);

create index invitation_invited_by on invitation (invited_by);

-- The log is read by who, about what, by what was done, and by day, always from the newest back.
drop index audit_event_actor;
drop index audit_event_target;
create index audit_event_at on audit_event (at, number);
create index audit_event_action on audit_event (action, at, number);
create index audit_event_actor on audit_event (actor, at, number);
create index audit_event_actor_action on audit_event (actor, action, at, number);
create index audit_event_target on audit_event (substr(target, 1, 36), at, number);
