-- Accounts and how people come into them. Tokens, codes and passwords are here as hashes alone.

create table account (
    id              uuid    not null primary key,
    -- As its owner writes it.
    email           text    not null,
    -- What tells two addresses apart.
    email_key       text    not null unique,
    -- Argon2id, in the PHC format; empty until one is chosen.
    password_hash   text    not null,
    -- "editor reviewer admin", or none: whoever has an account is a patient.
    roles           text    not null,
    created_at      bigint  not null
);

-- Asked for, and not yet confirmed by whoever reads the address's mail.
create table sign_up (
    token_hash      bytea   not null primary key,
    email           text    not null,
    email_key       text    not null,
    password_hash   text    not null,
    expires_at      bigint  not null
);

create index sign_up_email on sign_up (email_key);

create table session (
    token_hash      bytea   not null primary key,
    -- For its owner's list: says nothing of the token.
    id              uuid    not null unique,
    account_id      uuid    not null references account (id),
    -- "half" until the second step is done, then "full".
    stage           text    not null,
    -- Whether something beside the password was shown.
    strong          boolean not null,
    remember        boolean not null,
    -- "Firefox on Android".
    device          text    not null,
    created_at      bigint  not null,
    seen_at         bigint  not null,
    expires_at      bigint  not null,
    -- When the password or a passkey was last shown.
    confirmed_at    bigint  not null
);

create index session_account on session (account_id);

-- Devices on which somebody signed in before: an attacker's failures do not slow them down.
create table known_device (
    token_hash      bytea   not null,
    account_id      uuid    not null references account (id),
    seen_at         bigint  not null,
    primary key (account_id, token_hash)
);

-- Links in e-mails.
create table mail_token (
    token_hash      bytea   not null primary key,
    account_id      uuid    not null references account (id),
    -- "password" or "email".
    purpose         text    not null,
    -- The new address, where that is what it is for.
    email           text,
    expires_at      bigint  not null
);

create index mail_token_account on mail_token (account_id);

-- An authenticator app.
create table totp (
    account_id      uuid    not null primary key references account (id),
    -- The shared secret, under the account's key.
    sealed          bytea   not null,
    -- When a first code showed that the app has it; none until then.
    confirmed_at    bigint,
    -- The half minute of the last code that was taken: none is taken twice.
    last_step       bigint  not null
);

create table recovery_code (
    account_id      uuid    not null references account (id),
    code_hash       bytea   not null,
    primary key (account_id, code_hash)
);

create table passkey (
    account_id      uuid    not null references account (id),
    id              uuid    not null,
    credential_id   bytea   not null unique,
    name            text    not null,
    -- As webauthn-rs writes it: the public key and the counter.
    passkey         text    not null,
    created_at      bigint  not null,
    used_at         bigint,
    primary key (account_id, id)
);

-- What somebody agreed to, in which words. Rows are added and withdrawn, never changed otherwise.
create table consent (
    account_id      uuid    not null references account (id),
    id              uuid    not null,
    -- "entries", "reminders", "sharing".
    kind            text    not null,
    version         bigint  not null,
    given_at        bigint  not null,
    withdrawn_at    bigint,
    primary key (account_id, id)
);
