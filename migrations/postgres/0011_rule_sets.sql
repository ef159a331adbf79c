-- Rule sets on the desk: their drafts, what their checks found, and which were published, when and by whom. Nothing here is ever
-- deleted.

create table rule_set (
    id              uuid    not null primary key,
    -- "draft", "in-review" or "published", which it stays: another version is another rule set.
    stage           text    not null default 'draft',
    -- What editors work on, and what was published.
    newest_revision bigint  not null default 0,
    begun_at        bigint  not null,
    -- Who asked for it to be published; none where nobody did, and where the account is gone.
    asked_by        uuid,
    asked_at        bigint
);

create table rule_set_revision (
    rule_set_id     uuid    not null,
    number          bigint  not null,
    -- Both as TOML, whole.
    rules           text    not null,
    vignettes       text    not null,
    -- The SHA-256 of both, in hex: what is checked and published is exactly this.
    digest          text    not null,
    -- As the text says; empty where it cannot be read.
    version         text    not null,
    -- Milliseconds since 1970, UTC; so are the times below.
    saved_at        bigint  not null,
    -- None for what came with the program or lay in the data folder, and where the account is gone.
    saved_by        uuid,
    note            text    not null default '',
    primary key (rule_set_id, number),
    foreign key (rule_set_id) references rule_set (id)
);

-- What the checks of one text found, against what it would replace.
create table rule_set_check (
    digest          text    not null,
    -- The SHA-256 of what it was compared with: the rule set in use, and the program's own.
    against         text    not null,
    begun_at        bigint  not null,
    -- When whoever runs them was last heard of: a check that stopped is begun again.
    seen_at         bigint  not null,
    done            bigint  not null default 0,
    total           bigint  not null default 0,
    -- None while they run.
    finished_at     bigint,
    passed          boolean not null default false,
    -- As JSON; empty while they run.
    report          text    not null default '',
    primary key (digest, against)
);

-- What servers are to decide by: the last row. A rule set that was rolled back to has another row.
create table rule_set_publication (
    number          bigint  not null primary key,
    rule_set_id     uuid    not null,
    revision        bigint  not null,
    published_at    bigint  not null,
    -- None where it came with the program, and where the account is gone.
    published_by    uuid,
    -- Of the reviewer: they stay. Empty for the program's.
    name            text    not null default '',
    registration    text    not null default '',
    -- Whether the reviewer signed off the whole rule set, and not the change alone.
    signed_off      boolean not null default false,
    -- Why it was rolled back to; none where it was not.
    rollback_reason text,
    foreign key (rule_set_id, revision) references rule_set_revision (rule_set_id, number)
);
