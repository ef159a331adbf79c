-- The library of pictures. An article names a picture by its id and shows its newest version, so that a replaced picture is
-- replaced wherever it is shown. The files themselves are in the data folder, named by what is in them.
create table media (
    id              uuid    primary key not null,
    -- What the staff call it; readers do not see it.
    title           text    not null,
    -- What it shows, for who cannot see it. Empty for what is decorative, and until somebody has described it.
    alt             text    not null,
    decorative      boolean not null,
    -- Whom readers are told that it is by; may be empty.
    credit          text    not null,
    -- The version that is shown.
    version         bigint  not null,
    added_at        bigint  not null,
    archived_at     bigint
);

create table media_version (
    media_id        uuid    not null references media (id),
    number          bigint  not null,
    -- In pixels.
    width           bigint  not null,
    height          bigint  not null,
    -- JSON: each with its name, format, width in pixels and bytes.
    files           text    not null,
    added_at        bigint  not null,
    -- Nothing once the account is deleted.
    added_by        uuid    references account (id),
    primary key (media_id, number)
);

create index media_version_added_by on media_version (added_by);
