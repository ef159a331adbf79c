-- Links by which a patient shows the summary of a period to a clinician, and who opened them. The token in a link is here as
-- a hash alone.

create table share_link (
    id              blob    not null primary key,
    account_id      blob    not null references account (id),
    token_hash      blob    not null unique,
    -- The days that it shows: "2026-11-22".
    from_day        text    not null,
    to_day          text    not null,
    -- What the patient chose to be called by, under the account's key; it may be empty.
    sealed          blob    not null,
    -- Milliseconds since 1970, UTC.
    created_at      bigint  not null,
    expires_at      bigint  not null,
    -- When it was ended before that; none if it was not.
    revoked_at      bigint
);

create index share_link_account on share_link (account_id);

-- One row for each network and hour: nobody fills the table by opening a link.
create table share_access (
    link_id         blob    not null references share_link (id),
    -- As in the audit log, without the last part.
    network         text    not null,
    -- Hours since 1970, UTC.
    hour            bigint  not null,
    last_at         bigint  not null,
    times           bigint  not null,
    primary key (link_id, network, hour)
);
