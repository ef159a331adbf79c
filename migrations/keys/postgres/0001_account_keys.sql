-- The key store: in a database of its own, which no backup of the site holds.

create table key_store (
    -- Always 1: there is one row.
    one             bigint  not null primary key,
    -- The master key that wraps new account keys. Whoever writes one confirms it in the same transaction, so that no key
    -- is wrapped by a master key that a rotation is about to throw away.
    current_master  text    not null,
    -- Where the one backup of the key store was written last.
    backup_path     text    not null
);

-- Rows are only added, and overwritten in place by others of the same length: no copy of a key is left behind in the file
-- where SQLite would otherwise move rows about.
create table account_key (
    account_id      uuid    not null primary key,
    -- The master key that wraps it.
    master          text    not null,
    -- A nonce of 24 bytes, then XChaCha20-Poly1305 of the account's key; all zeros once the key is destroyed.
    wrapped         bytea   not null,
    created_at      bigint  not null
);
