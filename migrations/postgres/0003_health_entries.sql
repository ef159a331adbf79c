-- What a patient logged, sealed: nothing about health can be read here without the account's key, which is kept elsewhere.

create table health_entry (
    account_id      uuid    not null,
    -- Made by the client, so that the same entry sent twice is one entry.
    id              uuid    not null,
    -- What sort of thing it is ("check-in"), never what it says: this is not sealed, and bound to what is.
    kind            text    not null,
    -- A nonce of 24 bytes, then XChaCha20-Poly1305 of the entry, padded.
    sealed          bytea   not null,
    saved_at        bigint  not null,
    primary key (account_id, id)
);
