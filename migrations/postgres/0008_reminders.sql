-- When somebody is to be reminded, the address of their calendar, and the links by which e-mails are stopped. Nothing here
-- is about health; tokens are here as hashes alone.

create table reminder (
    account_id      uuid    not null primary key references account (id),
    -- Minutes after midnight, as the clocks of the zone show them.
    minute          bigint  not null,
    -- A bit for each day of the week: 1 for Monday to 64 for Sunday.
    days            bigint  not null,
    -- "Europe/London" (IANA).
    zone            text    not null,
    -- When the next e-mail goes, in milliseconds since 1970, UTC; none where none does.
    due_at          bigint,
    -- Counts the changes, for the calendar and for whoever is about to send.
    revision        bigint  not null,
    changed_at      bigint  not null
);

create index reminder_due on reminder (due_at);

-- A calendar that programs subscribe to, by an address that is a secret.
create table reminder_calendar (
    account_id      uuid    not null primary key references account (id),
    token_hash      bytea   not null unique,
    -- The event's: stays when the address changes.
    id              uuid    not null,
    made_at         bigint  not null
);

-- A link in each e-mail, by which they are stopped.
create table reminder_link (
    token_hash      bytea   not null primary key,
    account_id      uuid    not null references account (id),
    expires_at      bigint  not null
);

create index reminder_link_account on reminder_link (account_id);
