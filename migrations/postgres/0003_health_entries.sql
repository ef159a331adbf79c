-- What a patient logged, sealed: nothing about health can be read here without the account's key, which is kept elsewhere.

create table health_entry (
    account_id      uuid    not null,
    -- Made by the client, so that the same entry sent twice is one entry.
    id              uuid    not null,
    -- The day that it is about (YYYY-MM-DD), "standing" or "deleted": never what it says. Not sealed, and bound to what is.
    about           text    not null,
    -- The account's writings, counted: whoever has seen one asks for those after it.
    revision        bigint  not null,
    -- A nonce of 24 bytes, then XChaCha20-Poly1305 of the entry, padded.
    sealed          bytea   not null,
    saved_at        bigint  not null,
    primary key (account_id, id)
);

create unique index health_entry_revision on health_entry (account_id, revision);
create index health_entry_about on health_entry (account_id, about);
