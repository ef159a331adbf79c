-- Who did what, to which account or setting, when and from where: see docs/ARCHITECTURE.md, "The audit log". Rows are only
-- ever added, each with a hash over itself and the one before it, so that a changed or removed row shows. No health data,
-- e-mail address or whole network address.

create table audit_event (
    -- 1, 2, 3 … without a gap.
    number    bigint not null primary key,
    -- Milliseconds since 1970, UTC.
    at        bigint not null,
    -- An account's id, "command-line" or "nobody". No reference: the log outlives the account.
    actor     text   not null,
    action    text   not null,
    -- An id, a name, or an id and a name.
    target    text,
    -- A network, /24 or /48.
    origin    text,
    -- The hash of the row before; zeros for the first. SHA-256, in hexadecimal.
    previous  text   not null,
    hash      text   not null
);

-- Everything that one account did, and that was done to it.
create index audit_event_actor on audit_event (actor);
create index audit_event_target on audit_event (substr(target, 1, 36));

-- The last row's number and hash, so that a removed tail shows. Updating it comes first and makes writers take turns.
create table audit_head (
    id        bigint not null primary key check (id = 1),
    number    bigint not null,
    hash      text   not null
);

insert into audit_head (id, number, hash)
values (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
